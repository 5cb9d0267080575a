// The moments behind the figures of a report: looked at figure by figure, or judged blind, one by one.
import { el, svg, keepKeys, hideTwin, openChannel, openPosters, listen, commit, openTurns, message, stepIndex } from "./common.js";
import { openPlayback } from "./playback.js";

const SHAPES = { green: "M8 1a7 7 0 1 0 .01 0zM4.6 8.4 7 11l4.5-5.4", amber: "M8 1 15.6 15H.4zM8 6v4.4M8 12v1.4", red: "M1 1h14v14H1zM5 5l6 6m0-6-6 6", none: "M8 1.5a6.5 6.5 0 1 0 .01 0z" };

function lamp(color) {
  const picture = svg("svg", { viewBox: "0 0 16 16", width: 14, height: 14, "aria-hidden": "true", class: "vx-review-lamp" });
  picture.append(svg("path", { d: SHAPES[color] }));
  return picture;
}

/** Index of the next piece without an answer after `index`, round the end, or -1 where all have one. */
export function nextUnanswered(pieces, index) {
  for (let step = 1; step <= pieces.length; step += 1) {
    const at = (index + step) % pieces.length;
    if (!pieces[at].answer) return at;
  }
  return -1;
}

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const playable = model.get("_playable");
  const stages = [openPlayback(channel, { playable }), openPlayback(channel, { playable })];
  const answers = model.get("_answers");
  const turns = openTurns(model, () => draw());
  const pending = new Map(); // answers on their way to the kernel, by piece
  let at = 0;
  let turn = -1;
  let reviewing = false; // looking again at what is judged
  let eager = false; // a figure was chosen: its first moment is to play

  const head = model.get("_head");
  const mode = (blind, text) => el("button", { class: "vx-button", type: "button", text, data: { blind }, on: { click: () => commit(model, { blind }) } });
  const verdict = el("span", { class: "vx-review-verdict" }, lamp(head.color), el("b", { text: head.outcome }));
  const modes = [mode(false, "Look"), mode(true, "Judge blind")];
  const who = el("input", { class: "vx-review-who", type: "text", placeholder: "who judges", "aria-label": "Analyst", autocomplete: "off", spellcheck: "false", maxlength: 80, value: model.get("analyst"), on: { change: () => commit(model, { analyst: who.value.trim() }) } });
  const progress = el("span", { class: "vx-muted vx-review-progress" });
  const list = el("div", { class: "vx-review-list", role: "group", "aria-label": "Figures" });
  const problem = el("div", { class: "vx-review-problem", role: "alert", hidden: true });
  const claim = el("h3", { class: "vx-review-claim" });
  const about = el("p", { class: "vx-muted vx-review-about" });
  const captions = stages.map(() => el("div", { class: "vx-review-caption" }));
  const films = stages.map((stage, i) => el("div", { class: "vx-review-film" }, stage.element, captions[i]));
  const buttons = answers.map((answer, i) => el("button", { class: "vx-review-answer", type: "button", "aria-pressed": "false", "aria-keyshortcuts": String(i + 1), data: { answer }, on: { click: () => { turns.act(() => say(answer)); app.focus(); } } },
    el("kbd", { text: i + 1, "aria-hidden": "true" }), el("span", { text: answer })));
  const note = el("input", { class: "vx-review-note", type: "text", placeholder: "a note", "aria-label": "Note", autocomplete: "off", maxlength: 500, on: { change: () => noted() } });
  const scale = el("div", { class: "vx-review-scale", role: "group", "aria-label": "Does the moment show this?" }, ...buttons, note);
  const strip = el("div", { class: "vx-review-strip", role: "group", "aria-label": "Moments" });
  const done = el("div", { class: "vx-review-done", role: "status", hidden: true });
  const empty = message("empty", "No evidence", "No figure of this report has a moment to look at.");
  const hints = el("div", { class: "vx-review-hints", "aria-hidden": "true" });
  const told = el("div", { class: "vx-sr", "aria-live": "polite" });
  const body = el("div", { class: "vx-review-body" }, claim, about, el("div", { class: "vx-review-films" }, ...films), scale, problem, strip);
  const app = el("section", { class: "vx vx-review", tabindex: 0, "aria-label": "Review of the evidence", "aria-keyshortcuts": "1 2 3 ArrowLeft ArrowRight Space u n" },
    el("div", { class: "vx-review-head" },
      el("div", { class: "vx-review-title", data: { color: head.color } }, verdict, el("span", { class: "vx-muted", text: head.title })),
      el("div", { class: "vx-review-tools" }, progress, ...modes, who)),
    el("div", { class: "vx-review-columns" }, list, el("div", { class: "vx-review-right" }, empty, done, body)),
    el("div", { class: "vx-review-foot" }, hints, el("span", { class: "vx-muted", text: `answers are kept in ${head.kept}` })), told);
  keepKeys(app);
  root.replaceChildren(app);

  const sheet = () => model.get("_sheet");
  const blind = () => model.get("blind");
  const spoken = () => model.get("_spoken");
  /** Whether the moments shown are those of who judges: the kernel puts them into an order of their own first. */
  const ready = () => blind() && Boolean(model.get("analyst")) && spoken().who === model.get("analyst");
  const pieces = () => (sheet().pieces ?? []).map((one) => {
    const [answer, note] = spoken().own[one.name] ?? ["", ""];
    return { ...one, answer: pending.get(one.name) ?? answer, note };
  });
  const place = () => Math.max(0, Math.min(at, pieces().length - 1));

  function say(answer) {
    const one = pieces()[place()];
    if (!one || !ready() || !done.hidden) return;
    pending.set(one.name, answer);
    model.send({ kind: "answer", name: one.name, answer });
    const next = nextUnanswered(pieces(), place());
    if (next >= 0) go(next, true);
    else draw();
  }
  function noted() {
    const one = pieces()[place()];
    if (one && note.value !== one.note) model.send({ kind: "answer", name: one.name, answer: one.answer, note: note.value });
  }
  function go(index, play = false) {
    const count = pieces().length;
    if (!count) return;
    at = Math.max(0, Math.min(count - 1, index));
    draw(play);
  }
  function drawList() {
    const held = root.getRootNode().activeElement;
    const key = held?.closest?.(".vx-review-row")?.dataset.key;
    list.replaceChildren(...model.get("_rows").map((row) => {
      const on = !blind() && row.key === model.get("chosen");
      const words = blind() ? [el("span", { class: "vx-muted", text: `${row.judged} of ${row.total} judged` })]
        : [el("b", { text: row.shown }), el("span", { class: "vx-muted", text: row.interval || row.reason }), ...(row.color ? [el("span", { class: "vx-review-word", data: { color: row.color } }, lamp(row.color), row.word)] : [])];
      const inside = [el("span", { class: "vx-review-name", text: row.title }), el("span", { class: "vx-review-figure" }, ...words)];
      if (blind()) return el("div", { class: "vx-review-row", data: { key: row.key } }, ...inside);
      return el("button", { class: `vx-review-row${on ? " vx-on" : ""}`, type: "button", "aria-pressed": String(on), tabindex: on ? 0 : -1, data: { key: row.key }, on: { click: () => pick(row.key) } }, ...inside);
    }));
    list.hidden = !list.childElementCount;
    list.tabIndex = blind() ? 0 : -1; // without buttons in it the list itself is scrolled by keys
    const chosen = list.querySelector(".vx-on");
    if (chosen) {
      const top = chosen.offsetTop;
      if (top < list.scrollTop) list.scrollTop = top;
      else if (top + chosen.offsetHeight > list.scrollTop + list.clientHeight) list.scrollTop = top + chosen.offsetHeight - list.clientHeight;
    }
    if (key) list.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
  }
  function drawPiece(one, index, count, play) {
    claim.textContent = blind() ? `Does this show: ${one.title}?` : one.title;
    about.textContent = one.about;
    films.forEach((film, i) => {
      const moment = one.moments[i];
      film.hidden = !moment;
      stages[i].show(moment ?? null, Boolean(moment) && play);
      if (moment) captions[i].replaceChildren(el("b", { text: moment.side }), ` ${moment.time} `, el("span", { class: "vx-muted", text: moment.name }), ...(moment.note ? [el("div", { text: moment.note })] : []));
    });
    scale.hidden = !blind();
    for (const node of buttons) node.setAttribute("aria-pressed", String(node.dataset.answer === one.answer));
    for (const node of [...buttons, note]) node.disabled = !ready();
    if (root.getRootNode().activeElement !== note || note.dataset.name !== one.name) note.value = one.note;
    note.dataset.name = one.name;
    const words = `${index + 1} of ${count}, ${one.title}${one.answer ? `, ${one.answer}` : ""}`;
    if (told.textContent !== words) told.textContent = words;
  }
  function drawStrip(all, here) {
    if (strip.childElementCount !== all.length || [...strip.children].some((node, i) => node.dataset.name !== all[i].name)) {
      strip.replaceChildren(...all.map((one, i) => el("button", { class: "vx-review-cell", type: "button", tabindex: -1, data: { name: one.name }, on: { click: () => { reviewing = true; go(i, true); } } },
        ...one.moments.map((moment) => posters.image(moment)), el("span", { class: "vx-review-mark", "aria-hidden": "true" }))));
    }
    all.forEach((one, i) => {
      const node = strip.children[i];
      node.classList.toggle("vx-on", i === here);
      node.setAttribute("aria-label", `Moment ${i + 1}${blind() ? `, ${one.answer || "not judged"}` : `, ${one.moments[0].time}`}`);
      if (i === here) node.setAttribute("aria-current", "true"); else node.removeAttribute("aria-current");
      node.lastChild.textContent = { agree: "✓", disagree: "✕", unsure: "?" }[one.answer] ?? "";
      node.tabIndex = i === here ? 0 : -1;
      if (i !== here) return;
      const left = node.offsetLeft - strip.offsetLeft; // only the strip moves, never the page
      if (left < strip.scrollLeft) strip.scrollLeft = left;
      else if (left + node.offsetWidth > strip.scrollLeft + strip.clientWidth) strip.scrollLeft = left + node.offsetWidth - strip.clientWidth;
    });
  }
  function drawDone(found) {
    const line = (text) => el("div", { text });
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...["figure", "confirmed", "disputed", "judged"].map((text) => el("th", { scope: "col", text })))),
      el("tbody", {}, ...found.rows.map((row) => el("tr", {}, el("th", { scope: "row", text: row.title }), el("td", { text: `${row.confirmed} of ${row.total}` }), el("td", { text: row.disputed }), el("td", { text: `${row.judged} of ${row.total}` })))));
    done.replaceChildren(el("strong", { text: `All ${found.total} moments are judged by ${model.get("analyst")}` }),
      ...(found.pairs.length ? found.pairs.map(line) : [line("Nobody else has judged them yet: agreement needs two.")]),
      line(`${found.confirmed} of ${found.total} moments are confirmed by all who judged them, ${found.disputed} are disputed.`),
      el("div", { class: "vx-muted", text: "The moments were picked as the most telling: this share says whether the kit saw rightly there, and nothing about the archive." }),
      table, el("button", { class: "vx-button", type: "button", text: "Look at the answers again", on: { click: () => { reviewing = true; go(0); app.focus(); } } }));
  }
  function draw(play = false) {
    const state = spoken();
    if (!sheet().pieces) return;
    if (state.turn[0] !== turn) { [turn, at] = state.turn; pending.clear(); reviewing = false; }
    for (const [name, answer] of pending) if (state.own[name]?.[0] === answer) pending.delete(name);
    const all = pieces();
    const found = model.get("_result");
    const finished = blind() && Boolean(found.total);
    done.hidden = !finished || reviewing;
    empty.hidden = all.length > 0;
    body.hidden = !all.length || !done.hidden;
    for (const node of modes) node.setAttribute("aria-pressed", String((node.dataset.blind === "true") === blind()));
    if (root.getRootNode().activeElement !== who) who.value = model.get("analyst");
    who.hidden = !blind();
    verdict.hidden = blind(); // what the kit says is no business of who judges it
    hints.hidden = !all.length;
    problem.textContent = model.get("_problem") || (blind() && !model.get("analyst") ? "Say who judges, above: answers are kept by name." : "");
    problem.hidden = !problem.textContent;
    const judged = state.total - state.left + [...pending.keys()].filter((name) => !state.own[name]?.[0]).length;
    progress.textContent = blind() ? `${judged} of ${state.total} judged` : "";
    const keys = blind() ? [["1 2 3", "answer"], ["n", "note"], ["u", "undo"], ["← →", "move"], ["space", "play"]] : [["↑ ↓", "figure"], ["← →", "moment"], ["space", "play"]];
    hints.replaceChildren(...keys.map(([key, word]) => el("span", {}, el("kbd", { text: key }), word)));
    drawList();
    if (finished && !done.hidden) drawDone(found);
    if (!all.length) { for (const stage of stages) stage.show(null); return; }
    const here = place();
    if (!body.hidden) drawPiece(all[here], here, all.length, play);
    else for (const stage of stages) stage.show(null);
    drawStrip(all, here);
  }
  function choose(key) {
    const rows = model.get("_rows");
    const index = rows.findIndex((row) => row.key === model.get("chosen"));
    const to = rows[stepIndex(index, rows.length, key)];
    if (!to || to.key === model.get("chosen")) return;
    pick(to.key);
  }
  /** Show the moments of a figure and play the first. */
  function pick(key) {
    eager = true;
    if (key === model.get("chosen")) go(0, true);
    else commit(model, { chosen: key });
  }
  const toggle = () => films.forEach((film, i) => { if (!film.hidden && !body.hidden) stages[i].toggle(); });
  const acts = { ArrowLeft: () => { reviewing = true; go(place() - 1, true); }, ArrowRight: () => { reviewing = true; go(place() + 1, true); }, " ": toggle, u: () => turns.leave({ kind: "undo" }), n: () => { if (!scale.hidden) note.focus(); } };
  app.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const on = event.target;
    if (on === note || on === who) {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      if (event.key === "Escape") on.value = on === who ? model.get("analyst") : pieces()[place()].note;
      on.blur();
      app.focus();
      event.preventDefault();
      return;
    }
    if (on instanceof HTMLSelectElement || (on instanceof HTMLInputElement && event.key.startsWith("Arrow"))) return;
    if (on instanceof HTMLButtonElement && (event.key === " " || event.key === "Enter")) return;
    const answer = answers[Number(event.key) - 1];
    const act = answer && blind() ? () => say(answer) : !blind() && /^Arrow(Up|Down)$/.test(event.key) ? () => choose(event.key) : acts[event.key];
    if (!act) return;
    turns.act(act);
    event.preventDefault();
  });
  const anew = () => { const play = eager && sheet().pieces?.[0]?.measure === model.get("chosen"); if (play) eager = false; draw(play); };
  const stop = listen(model, { _sheet: anew, _spoken: anew, _rows: anew, _result: anew, _problem: () => { pending.clear(); anew(); }, analyst: anew, blind: anew, chosen: anew });
  draw();
  return () => { stop(); turns.close(); posters.close(); stages.forEach((stage) => stage.close()); channel.close(); };
}

export default { render };
