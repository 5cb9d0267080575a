// Marks hits one by one with the keyboard. Nothing says which system found what, or where it stood.
import { el, keepKeys, hideTwin, openChannel, openPosters, listen, commit, openTurns, message, caption, spoken, formatScore } from "./common.js";
import { openPlayback } from "./playback.js";

/** Index of the next item without a mark after `index`, round the end, or -1 where all have one. */
export function nextOpen(items, index) {
  for (let step = 1; step <= items.length; step += 1) {
    const at = (index + step) % items.length;
    if (items[at].gain === null) return at;
  }
  return -1;
}

/** Index of the nearest query in direction `by` that has something left, else the nearest at all. */
export function nextQuery(queries, index, by) {
  const around = queries.map((_, step) => (index + by * (step + 1) + 2 * queries.length) % queries.length);
  return around.find((at) => at !== index && queries[at].judged < queries[at].total) ?? around[0] ?? index;
}

/** What came out of all judging, one line per fact. */
export function agreementLines(found) {
  if (!found.items) return ["Agreement between judges can be told once a second judge has marked these hits."];
  const share = `${found.judges} judges, ${found.items} hits marked by at least two: ${Math.round(100 * found.exact)} % the same mark`;
  if (found.alpha === null) return [share, "Krippendorff's alpha is not defined: all marks are the same."];
  const range = found.low === null ? "" : ` (95 % interval ${formatScore(found.low)} to ${formatScore(found.high)})`;
  return [share, `Krippendorff's alpha ${formatScore(found.alpha)}${range}: 1 is full agreement, 0 is chance`];
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const playback = openPlayback(channel, { playable: model.get("_playable") });
  const turns = openTurns(model, () => draw());
  const pending = new Map(); // marks on their way to the kernel, by segment id
  const grades = model.get("_grades");
  let at = 0; // the page is ahead of the kernel: keys come faster than marks are saved
  let turn = -1; // the last time the kernel said where to be
  let marked = ""; // what screen readers hear of the last mark, before the next hit
  let reviewing = false; // looking at what is judged, after all is

  const progress = el("span", { class: "vx-muted" });
  const bar = el("div", { class: "vx-done-fill" });
  const asked = el("h3", { class: "vx-asked" });
  const notes = el("div", { class: "vx-muted vx-notes" });
  const problem = el("div", { class: "vx-problem", role: "alert", hidden: true });
  const item = el("div", { class: "vx-item" });
  const said = el("p", { class: "vx-said" });
  const buttons = grades.map((word, gain) => el("button", { class: "vx-grade", type: "button", tabindex: -1, "aria-pressed": "false", "aria-keyshortcuts": String(gain), data: { gain }, on: { click: () => { turns.act(() => mark(gain)); app.focus(); } } },
    el("kbd", { text: gain, "aria-hidden": "true" }), el("span", { text: word })));
  const scale = el("div", { class: "vx-scale", role: "group", "aria-label": "How well does this answer the query?" }, ...buttons);
  const onward = el("button", { class: "vx-button vx-onward", type: "button", tabindex: -1, on: { click: () => { turns.act(() => page(1)); app.focus(); } } }, el("kbd", { text: "n", "aria-hidden": "true" }), el("span", {}));
  const strip = el("div", { class: "vx-strip", role: "group", "aria-label": "Hits of this query" });
  const body = el("div", { class: "vx-body" }, playback.element, el("div", { class: "vx-side" }, item, said, scale, problem, onward));
  const done = el("div", { class: "vx-finished", role: "status" });
  const foot = el("div", { class: "vx-foot", "aria-hidden": "true" });
  const hints = el("div", { class: "vx-hints" },
    ...[["0–3", "grade"], ["space", "play"], ["← →", "move"], ["u", "undo"], ["n", "next query"]].map(([key, word]) => el("span", {}, el("kbd", { text: key }), word)));
  foot.append(hints, el("div", { class: "vx-asleep", text: "Click here to judge with the keyboard." }));
  const told = el("div", { class: "vx-sr", "aria-live": "polite" });
  const empty = message("empty", "Nothing to judge", "No query has a hit. Give other queries, or fill the library first.");
  const app = el("section", { class: "vx vx-judge", tabindex: 0, "aria-label": "Judging of hits", "aria-keyshortcuts": "0 1 2 3 ArrowLeft ArrowRight Space u n" },
    el("div", { class: "vx-head" }, el("div", { class: "vx-line" }, asked, progress), el("div", { class: "vx-done", "aria-hidden": "true" }, bar), notes),
    empty, done, body, strip, foot, told);
  keepKeys(app);
  root.replaceChildren(app);

  const sheet = () => model.get("_sheet");
  const items = () => sheet().items.map((one) => (pending.has(one.id) ? { ...one, gain: pending.get(one.id) } : one));
  const place = () => Math.min(at, sheet().items.length - 1);
  const total = (name) => model.get("_queries").reduce((sum, query) => sum + query[name], 0);

  function mark(gain) {
    const one = items()[place()];
    if (!one || !done.hidden) return;
    pending.set(one.id, gain);
    model.send({ kind: "mark", query: sheet().query, id: one.id, gain });
    const next = nextOpen(items(), place());
    marked = `${grades[gain]}. ${next < 0 ? "All hits of this query are judged. " : ""}`;
    if (next >= 0) go(next);
    else draw();
  }
  function go(index) {
    const count = items().length;
    if (!count) return;
    at = Math.max(0, Math.min(count - 1, index));
    commit(model, { position: at });
    draw();
  }
  /** To the next query with something left, or back. */
  function page(by) {
    const index = nextQuery(model.get("_queries"), sheet().query, by);
    if (index === sheet().query) return;
    reviewing = reviewing || !done.hidden;
    turns.leave({ kind: "query", index });
  }
  function drawItem(one, index, count) {
    const where = `${index + 1} of ${count}`;
    item.replaceChildren(el("span", { class: "vx-muted vx-where-in", text: where }), caption(one));
    said.textContent = one.transcript ? `“${one.transcript}”` : "Nothing is said here.";
    said.dataset.silent = String(!one.transcript);
    for (const node of buttons) node.setAttribute("aria-pressed", String(Number(node.dataset.gain) === one.gain));
    playback.show(!body.hidden && one.end > one.start ? one : null);
    const words = `${where}, ${spoken(one)}, ${one.gain === null ? "not judged" : grades[one.gain]}`;
    if (item.dataset.words === words) return;
    item.dataset.words = words;
    app.setAttribute("aria-description", words);
    told.textContent = marked + words;
    marked = "";
  }
  function drawStrip(all, here) {
    if (strip.childElementCount !== all.length || [...strip.children].some((node, i) => node.dataset.id !== all[i].id)) {
      strip.replaceChildren(...all.map((one, i) => el("button", { class: "vx-cell", type: "button", tabindex: -1, data: { id: one.id }, on: { click: () => { reviewing = true; go(i); app.focus(); } } },
        posters.image(one, "vx-cell-poster"), el("span", { class: "vx-badge", "aria-hidden": "true" }))));
    }
    all.forEach((one, i) => {
      const node = strip.children[i];
      node.classList.toggle("vx-on", i === here);
      node.setAttribute("aria-label", `${i + 1}: ${spoken(one)}, ${one.gain === null ? "not judged" : grades[one.gain]}`);
      if (i === here) node.setAttribute("aria-current", "true"); else node.removeAttribute("aria-current");
      node.dataset.gain = one.gain ?? "";
      node.lastChild.textContent = one.gain ?? "";
      if (i !== here) return;
      const left = node.offsetLeft - strip.offsetLeft; // only the strip moves, never the page
      if (left < strip.scrollLeft) strip.scrollLeft = left;
      else if (left + node.offsetWidth > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = left + node.offsetWidth - strip.clientWidth;
    });
  }
  function drawDone(found) {
    const most = Math.max(1, ...found.counts);
    done.replaceChildren(el("strong", { text: `All ${total("total")} hits of ${model.get("_queries").length} ${model.get("_queries").length === 1 ? "query" : "queries"} are judged` }),
      el("div", { class: "vx-counts" }, ...found.counts.flatMap((count, gain) => {
        const fill = el("span", { class: "vx-count-fill" });
        fill.style.width = `${(100 * count) / most}%`;
        return [el("span", { text: grades[gain] }), el("span", { class: "vx-count-bar", "aria-hidden": "true" }, fill), el("b", { text: count })];
      })),
      ...agreementLines(found).map((line) => el("div", { text: line })),
      el("div", { class: "vx-muted", text: "vx.evaluate(library) measures the systems with them. The arrow keys look again, u takes the last mark back." }));
  }
  function draw() {
    if (!sheet().items) return;
    if (sheet().turn[0] !== turn) { [turn, at] = sheet().turn; pending.clear(); }
    for (const one of sheet().items) if (pending.get(one.id) === one.gain) pending.delete(one.id);
    const queries = model.get("_queries");
    const all = items();
    const here = place();
    const some = all.length > 0;
    const found = model.get("_agreement");
    const finished = some && Boolean(found.counts);
    if (!finished) reviewing = false;
    const unsaved = [...pending.keys()].filter((id) => sheet().items.find((one) => one.id === id)?.gain === null).length;
    const count = total("judged") + unsaved;
    empty.hidden = some;
    done.hidden = !finished || reviewing;
    body.hidden = !some || !done.hidden;
    for (const node of [strip, asked, progress, foot, bar.parentElement]) node.hidden = !some;
    problem.textContent = model.get("_problem");
    problem.hidden = !problem.textContent;
    notes.replaceChildren(...model.get("_notes").map((note) => el("div", { text: note })));
    notes.hidden = !model.get("_notes").length;
    if (!some) return;
    asked.replaceChildren(queries[sheet().query].text);
    const who = model.get("judge");
    progress.textContent = `${queries.length > 1 ? `query ${sheet().query + 1} of ${queries.length} · ` : ""}${count} of ${total("total")} judged${who ? ` by ${who}` : ""}`;
    bar.style.width = `${(100 * count) / total("total")}%`;
    drawItem(all[here], here, all.length);
    drawStrip(all, here);
    const closed = nextOpen(all, here) < 0;
    onward.lastChild.textContent = count < total("total") ? "Next query" : "Look at the next query";
    onward.hidden = queries.length < 2;
    onward.dataset.ready = String(closed && count < total("total"));
    if (finished) drawDone(found);
  }
  function failed() { pending.clear(); draw(); }
  const acts = {
    ArrowLeft: () => { reviewing = !done.hidden || reviewing; go(place() - 1); },
    ArrowRight: () => { reviewing = !done.hidden || reviewing; go(place() + 1); },
    " ": () => { if (!body.hidden) playback.toggle(); },
    u: () => turns.leave({ kind: "undo" }),
    n: () => page(1), N: () => page(-1),
  };
  app.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target;
    if (on instanceof HTMLSelectElement) return;
    if (on instanceof HTMLInputElement && event.key.startsWith("Arrow")) return;
    if (on instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
    const gain = Number(event.key);
    const act = /^[0-9]$/.test(event.key) ? (gain < grades.length ? () => mark(gain) : null) : acts[event.key];
    if (!act) return;
    turns.act(act);
    event.preventDefault();
  });
  const stop = listen(model, { _sheet: draw, _queries: draw, _agreement: draw, _notes: draw, judge: draw, _problem: failed });
  draw();
  return () => { stop(); turns.close(); posters.close(); playback.close(); channel.close(); };
}

export default { render };
