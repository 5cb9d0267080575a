// Plays exactly one segment and names it: file, level, time, what is said.
import { el, keepKeys, hideTwin, openChannel, listen, message, formatLength } from "./common.js";
import { openPlayback } from "./playback.js";

const REPORT_EVERY_MS = 400;

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  let reported = 0;
  const playback = openPlayback(channel, {
    playable: model.get("_playable"),
    onPart: model.get("_linked") ? (id) => model.send({ kind: "choose", id, play: true }) : null,
    onTime(time, final) {
      model.set("current_time", time);
      const now = performance.now();
      if (!final && now - reported < REPORT_EVERY_MS) return;
      reported = now;
      model.save_changes();
    },
  });
  const name = el("div", { class: "vx-player-name" });
  const where = el("div", { class: "vx-player-where" });
  const said = el("div", { class: "vx-player-said" });
  const empty = message("empty", "Nothing selected", "Choose a point, a result or a segment to play it.");
  const panel = el("section", { class: "vx vx-player", "aria-label": "Segment player", "aria-keyshortcuts": "Space K J L Enter ArrowLeft ArrowRight", tabindex: 0 },
    playback.element, el("div", { class: "vx-player-text", "aria-live": "polite" }, name, where, said), empty);
  keepKeys(panel);
  panel.addEventListener("keydown", (event) => playback.key(event));
  root.replaceChildren(panel);

  function show() {
    const item = model.get("_item");
    const some = item && item.id;
    panel.dataset.empty = String(!some);
    empty.hidden = Boolean(some);
    name.textContent = some ? item.name : "";
    where.replaceChildren();
    said.textContent = some ? (item.transcript ? `“${item.transcript}”` : "Nothing is said here.") : "";
    said.dataset.silent = String(!(some && item.transcript));
    if (some) where.append(
      el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }),
      el("span", { text: item.time }), el("span", { class: "vx-muted", text: formatLength(item.end - item.start) }));
    playback.show(some ? item : null);
  }
  const stop = listen(model, {
    _item: show,
    _play: () => { const item = model.get("_item"); if (item && item.id) playback.show(item, true); },
    _seek: () => playback.seek(model.get("_seek")),
  });
  show();
  if (model.get("autoplay") && model.get("_item").id) playback.show(model.get("_item"), true);
  return () => { stop(); playback.close(); channel.close(); };
}

export default { render };
