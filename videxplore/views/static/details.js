// All that is known of one segment.
import { el, keepKeys, openChannel, openPosters, openTold, listen, message, formatLength } from "./common.js";
import { section, hierarchy, transcript, attributes, neighbours, provenance, wordsToMark } from "./details_parts.js";
import { openNote, openTags } from "./notes.js";

/** What other authors noted. */
function remarks(item) {
  return item.remarks.map((one) => el("div", { class: "vx-remark" }, el("b", { text: one.author || "without a name" }),
    ...one.tags.map((tag) => el("span", { class: "vx-chip" }, el("bdi", { text: tag }))), one.note ? el("div", { class: "vx-remark-note", text: one.note }) : null));
}

/** What was noted of the segment; kept from one segment to the next, so that nothing typed is lost. */
function openNotes(model) {
  const note = openNote((id, value) => model.send({ kind: "note", id, value }));
  const tags = openTags((id, value) => model.send({ kind: "tags", id, value }));
  const others = el("div");
  const element = section("Notes and tags", note.status, tags.element, note.element, others);
  return {
    element,
    answered() {
      const said = model.get("_saved");
      if (said.kind) ({ note, tags })[said.kind].answered(said);
    },
    draw(item) {
      const takes = (kind) => item.annotatable && model.get("_takes").includes(kind);
      note.draw(item, takes("note"));
      tags.draw(item, takes("tags"));
      others.replaceChildren(...remarks(item));
      element.hidden = note.element.hidden && tags.element.hidden && !item.remarks.length;
    },
    close: note.close,
  };
}

function render({ model, el: root }) {
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const facts = openTold(model);
  const notes = openNotes(model);
  const head = el("header", { class: "vx-det-title" });
  const above = el("div", { class: "vx-det-column" });
  const below = el("div", { class: "vx-det-column" });
  const said = el("div");
  const body = el("div", { class: "vx-det-body" }, above, below);
  const told = el("div", { class: "vx-det-told" });
  const folded = el("details", { class: "vx-det-section vx-det-fold" }, el("summary", { text: "Where it comes from" }));
  const app = el("section", { class: "vx vx-details", "aria-label": "Details of the segment", tabindex: -1 }, told, head, body);
  keepKeys(app);
  root.replaceChildren(app);
  let shown = "";
  let cues = null;

  const choose = (id) => model.send({ kind: "choose", id, play: true });
  function drawSaid() {
    const item = facts.get("_details");
    if (!item.id) return;
    const seek = model.get("_seeks") ? (time) => model.send({ kind: "seek", id: item.id, time }) : null;
    said.replaceChildren(transcript(item, wordsToMark(model.get("query")), cues, seek));
  }
  function askCues(item) {
    if (!item.transcript || !model.get("_playable")) return;
    channel.order("cues", item.id).then((found) => { if (item.id === shown) { cues = found.cues; drawSaid(); } }, () => {}); // without times the words are there all the same
  }
  function wait() {
    app.dataset.busy = String(model.get("_waits"));
    app.setAttribute("aria-busy", String(model.get("_waits")));
  }
  function drawTold() {
    const problem = model.get("_problem");
    const some = Boolean(facts.get("_details").id);
    head.hidden = body.hidden = !some;
    told.replaceChildren(...(problem ? [message("error", "The details cannot be shown", problem)]
      : some || facts.waits("_details") ? [] : [message("empty", "Nothing selected", "Choose a point, a result or a segment to read what is known of it.")]));
  }
  function draw() {
    const item = facts.get("_details");
    drawTold();
    if (!item.id) { notes.close(); shown = ""; return; }
    const same = item.id === shown;
    notes.draw(item);
    if (same) return; // only notes and tags of what is shown change
    const inside = app.contains(document.activeElement);
    shown = item.id;
    cues = null;
    head.replaceChildren(posters.image(item, "vx-det-poster"), el("div", { class: "vx-det-name" },
      el("h3", { text: item.name, title: item.path || item.name }),
      el("div", { class: "vx-det-where" }, el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }), el("span", { text: item.time }),
        el("span", { class: "vx-muted", text: formatLength(item.seconds) }),
        item.transcript ? null : el("span", { class: "vx-muted", text: "nothing is said" }),
        item.label ? el("span", { class: "vx-det-label", text: item.label, title: "Alike segments of a video share this label" }) : null)));
    drawSaid();
    folded.replaceChildren(folded.firstChild, provenance(item));
    const [crumbs, parts] = hierarchy(item, choose);
    above.replaceChildren(section("Place", null, crumbs, ...(parts ? [parts] : [])), ...(item.transcript ? [section("What is said", null, said)] : []), notes.element, section("What sets it apart", null, attributes(item)));
    below.replaceChildren(section("What is like it", el("span", { class: "vx-muted", text: item.neighbours.length ? "cosine" : "" }), neighbours(item, posters, choose)), folded);
    app.scrollTop = 0;
    if (inside && !app.contains(document.activeElement)) app.focus({ preventScroll: true }); // what had the focus is gone
    askCues(item);
  }
  const stop = listen(model, {
    _problem: drawTold, _waits: wait, query: drawSaid, _seeks: drawSaid, _saved: notes.answered,
    _takes: () => { if (facts.get("_details").id) notes.draw(facts.get("_details")); },
  });
  const deafen = listen(facts, { _details: draw });
  draw();
  wait();
  return () => { notes.close(); stop(); deafen(); facts.close(); posters.close(); channel.close(); };
}

export default { render };
