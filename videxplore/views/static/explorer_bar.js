// What concerns the explorer as a whole: steps back, panels to fold, the view kept, the selection to write.
import { el, keepKeys, hideTwin, keepFocus, listen, commit } from "./common.js";

const TYPED = "textarea, [contenteditable], input:not([type=range], [type=checkbox], [type=radio], [type=button])";

/** Which way a key leads through what was done: "back", "forward", or "". */
export function stepOf(event, apple) {
  const held = apple ? event.metaKey : event.ctrlKey;
  if (!held || event.altKey) return "";
  const key = event.key.toLowerCase();
  if (key === "z") return event.shiftKey ? "forward" : "back";
  return key === "y" && !apple && !event.shiftKey ? "forward" : "";
}

/** What was folded by one click on a panel's name. */
export function folding(folded, name) {
  return folded.includes(name) ? folded.filter((other) => other !== name) : [...folded, name];
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const apple = /Mac|iPhone|iPad/.test(navigator.platform);
  const combination = apple ? "⌘" : "Ctrl+";
  const press = (text, title, click) => el("button", { class: "vx-button", type: "button", text, title, on: { click } });
  const back = press("↶ Undo", `${combination}Z takes back the last query or choice`, () => model.send({ kind: "back" }));
  const forward = press("↷ Redo", apple ? "⇧⌘Z" : "Ctrl+Y or Ctrl+Shift+Z", () => model.send({ kind: "forward" }));
  const steps = el("div", { class: "vx-bar-group", role: "group", "aria-label": "Steps" }, back, forward);
  const panels = el("div", { class: "vx-bar-panels", role: "group", "aria-label": "Panels shown" });
  const shape = el("select", { class: "vx-bar-shape", "aria-label": "The segment tree is drawn as" },
    el("option", { value: "timeline", text: "Tree: time line" }), el("option", { value: "sunburst", text: "Tree: rings" }));
  shape.addEventListener("change", () => commit(model, { shape: shape.value }));
  const kept = press("", "Query, selection and colours as they were when the library was last explored", () => model.send({ kind: "restore" }));
  const menu = press("", "Files, clips or a library of the chosen segments", () => open(sheet.hidden));
  const said = el("span", { class: "vx-bar-said", role: "status" });
  const counted = el("span", { class: "vx-sr", role: "status" });
  const title = el("b", { class: "vx-bar-title" });
  const sheet = el("form", { class: "vx-bar-sheet", hidden: true, "aria-label": "Write the selection" });
  const notices = el("div", { class: "vx-bar-notices" });
  const row = el("div", { class: "vx-bar-row" }, title, steps,
    panels, shape, menu, kept, said, counted);
  const app = el("section", { class: "vx vx-explorer-tools", "aria-label": "Explorer" }, row, sheet, notices);
  keepKeys(app);
  root.replaceChildren(app);

  // The sheet in which the selection is written.
  const outlet = el("select", { "aria-label": "What to write" });
  const place = el("input", { type: "text", class: "vx-bar-place", "aria-label": "Where to", spellcheck: "false", autocomplete: "off" });
  const write = el("button", { class: "vx-button vx-bar-write", type: "submit", text: "Write" });
  const hint = el("span", { class: "vx-muted vx-bar-hint" });
  const share = el("progress", { "aria-label": "Progress", max: 1, hidden: true });
  const told = el("div", { class: "vx-bar-told", role: "status" });
  const failed = el("div", { class: "vx-bar-failed", role: "alert" });
  sheet.append(outlet, place, write, hint, share, told, failed);
  outlet.replaceChildren(...model.get("_outlets").map(([kind, label]) => el("option", { value: kind, text: label })));
  const chosenOutlet = () => model.get("_outlets").find(([kind]) => kind === outlet.value);
  function offer() {
    const [, , path, text] = chosenOutlet() ?? ["", "", "", ""];
    place.value = path;
    hint.textContent = text;
  }
  outlet.addEventListener("change", offer);
  sheet.addEventListener("submit", (event) => {
    event.preventDefault();
    model.send({ kind: "write", outlet: outlet.value, place: place.value });
  });
  sheet.addEventListener("keydown", (event) => { if (event.key === "Escape") { open(false); menu.focus(); } });
  function open(wanted) {
    sheet.hidden = !wanted;
    menu.setAttribute("aria-expanded", String(wanted));
    if (wanted) outlet.focus();
  }
  menu.setAttribute("aria-expanded", "false");
  offer();

  function draw() {
    const folded = model.get("folded");
    panels.replaceChildren(...model.get("_panels").map(([name, text]) => el("button", {
      class: "vx-button", type: "button", text, "aria-pressed": String(!folded.includes(name)),
      title: folded.includes(name) ? `Show: ${text}` : `Fold away: ${text}`,
      on: { click: () => { commit(model, { folded: folding(model.get("folded"), name) }); } },
    })));
    shape.value = model.get("shape");
    shape.hidden = folded.includes("tree") || model.get("_empty");
    panels.hidden = steps.hidden = model.get("_empty");
    fold();
  }
  /** The panels stand beside this bar, in widgets of their own: style sheets hide what is folded. */
  function fold() {
    const whole = app.closest(".vx-explorer");
    if (!whole) return;
    whole.dataset.folded = model.get("folded").join(" ");
    whole.dataset.empty = String(model.get("_empty"));
  }
  function count() {
    const chosen = model.get("_chosen");
    menu.textContent = `Selection (${chosen}) ▾`;
    counted.textContent = chosen > 1 ? `${chosen} segments chosen` : "";
    menu.hidden = !model.get("_outlets").length || model.get("_empty");
    const running = model.get("_task").state === "running";
    menu.disabled = !chosen && !running && sheet.hidden;
    write.disabled = !chosen || running;
    back.disabled = !model.get("_back");
    forward.disabled = !model.get("_forward");
    kept.hidden = !model.get("_kept");
    kept.textContent = model.get("_kept");
    said.textContent = model.get("_said");
    title.textContent = model.get("_title");
    title.title = model.get("_title");
  }
  function tell() {
    const task = model.get("_task");
    share.hidden = task.state !== "running";
    if (task.share === null || task.share === undefined) share.removeAttribute("value");
    else share.value = task.share;
    told.textContent = task.state === "failed" ? "" : task.text ?? "";
    failed.textContent = task.state === "failed" ? task.text : "";
    count();
  }
  function notify() {
    notices.replaceChildren(...model.get("_notices").map((notice) => {
      const head = el("span", { text: notice.title });
      const lines = notice.lines.map((line) => el("li", { text: line }));
      return el("details", { class: "vx-bar-notice", data: { error: String(notice.error) }, open: model.get("_empty") },
        el("summary", {}, head), el("ul", {}, ...lines));
    }));
  }
  const keep = (redraw) => () => keepFocus(app, redraw, () => menu);
  const stop = listen(model, {
    folded: keep(draw), shape: keep(draw), _panels: keep(draw), _chosen: keep(count), _back: keep(count), _forward: keep(count),
    _kept: keep(count), _said: count, _title: count, _task: keep(tell), _notices: notify,
  });
  draw();
  tell();
  notify();

  // The bar is put into the page before it has its place among the panels.
  let whole = null;
  const onKey = (event) => {
    const way = stepOf(event, apple);
    if (!way || event.target.closest?.(TYPED)) return; // a text field takes back its own letters
    event.preventDefault();
    event.stopPropagation();
    model.send({ kind: way });
  };
  const settle = setTimeout(() => {
    fold();
    whole = app.closest(".vx-explorer");
    whole?.addEventListener("keydown", onKey, { capture: true });
  }, 0);
  return () => {
    stop();
    clearTimeout(settle);
    whole?.removeEventListener("keydown", onKey, { capture: true });
  };
}

export default { render };
