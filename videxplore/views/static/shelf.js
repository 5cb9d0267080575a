// Clips in lanes. A click plays one in its place, so that several play next to each other; the last has its sound.
import { el, keepKeys, hideTwin, openChannel, openPosters, listen, caption, spoken, playableFormats, stepIndex } from "./common.js";

function render({ model, el: root }) {
  hideTwin(model, root);
  const channel = openChannel(model);
  const posters = openPosters(channel);
  const app = el("section", { class: "vx vx-lesson vx-shelf", "aria-label": "Clips" });
  keepKeys(app);
  root.replaceChildren(app);
  let stops = [];
  let focus = 0;

  function tile(item) {
    const picture = el("span", { class: "vx-tile-picture" }, posters.image(item));
    const note = el("span", { class: "vx-tile-note", text: item.note, "aria-live": "polite" });
    const words = item.note ? `${spoken(item)}, ${item.note}` : spoken(item);
    const node = el("button", { class: "vx-tile", type: "button", tabindex: -1, "aria-pressed": "false", "aria-label": `Play ${words}`, title: `${item.name} ${item.time}`, data: { id: item.id } }, picture, note, caption(item));
    const index = stops.push(node) - 1;
    let video = null;
    const still = () => {
      node.setAttribute("aria-pressed", "false");
      video?.remove();
      video = null;
    };
    async function play() {
      node.setAttribute("aria-pressed", "true");
      const found = await channel.order("clip", item.id, { formats: playableFormats(), served: false }).catch((error) => error);
      if (node.getAttribute("aria-pressed") !== "true") return;
      if (!found.url) {
        still();
        note.classList.add("vx-tile-problem");
        note.textContent = found.message;
        return;
      }
      for (const other of app.querySelectorAll("video")) other.muted = true;
      video = el("video", { loop: true, playsinline: true, src: found.url });
      picture.append(video);
      video.play().catch(() => { if (video) { video.muted = true; video.play().catch(still); } });
    }
    node.addEventListener("click", () => {
      move(index, false);
      if (node.getAttribute("aria-pressed") === "true") { channel.cancel("clip", item.id); still(); } else play();
    });
    return node;
  }
  function draw() {
    stops = [];
    app.replaceChildren(...model.get("_lanes").map((lane) => el("div", { class: "vx-lane" },
      el("div", { class: "vx-lane-head", role: "heading", "aria-level": 4 },
        el("span", { class: "vx-state", data: { state: lane.state }, text: lane.title }),
        el("span", { class: "vx-lane-count", text: String(lane.items.length) })),
      el("div", { class: "vx-lane-tiles" }, ...(lane.items.length ? lane.items.map(tile) : [el("div", { class: "vx-lane-none", text: lane.empty })])))));
    move(Math.min(focus, Math.max(0, stops.length - 1)), false);
  }
  function move(index, focused) {
    focus = index;
    stops.forEach((node, i) => { node.tabIndex = i === focus ? 0 : -1; });
    if (focused) stops[focus]?.focus();
  }
  app.addEventListener("keydown", (event) => {
    const next = stepIndex(focus, stops.length, event.key);
    if (next >= 0 && next !== focus) { move(next, true); event.preventDefault(); }
  });
  const stop = listen(model, { _lanes: draw });
  draw();
  return () => { stop(); posters.close(); channel.close(); };
}

export default { render };
