// Below a map of very many points: the key of their colours, how many are chosen, how far to trust the map.
import { el, listen, tellTheme } from "./common.js";

function dot(color, size = 9) {
  const mark = el("i", { "aria-hidden": "true" });
  mark.style.cssText = `background:${color};width:${size}px;height:${size}px`;
  return mark;
}

function drawKey(key) {
  const painted = Boolean(key.title);
  const sizes = [7, 9, 11, 14];
  const levels = key.levels.map(({ name, tier, n }) => el("span", { class: "vx-key-group" },
    dot(painted ? "var(--vx-muted)" : `var(--vx-level-${tier})`, sizes[tier]),
    el("span", { text: `${name} (${n.toLocaleString("en")})` })));
  if (!painted) return levels;
  const title = el("strong", { text: key.title });
  if (key.shades) {
    const scale = el("i", { class: "vx-key-scale", "aria-hidden": "true" });
    scale.style.background = `linear-gradient(to right, ${key.shades.join(", ")})`;
    return [...levels, title, el("span", { text: key.low }), scale, el("span", { text: key.high })];
  }
  const group = (name, color) => el("span", { class: "vx-key-group", title: name }, dot(color), el("span", { text: name }));
  const rest = key.more ? [group(`${key.more} more`, "var(--vx-line)")] : [];
  return [...levels, title, ...key.groups.map((name, i) => group(name, `var(--vx-category-${i})`)), ...rest];
}

function render({ model, el: root }) {
  const key = el("div", { class: "vx-scatter-key" });
  const chosen = el("span", { class: "vx-scatter-chosen", role: "status" });
  const caption = el("p", { class: "vx-scatter-caption" });
  const app = el("section", { class: "vx vx-scatter-foot", "aria-label": "About the map" }, key, chosen, caption);
  root.replaceChildren(app);

  function draw() {
    key.replaceChildren(...drawKey(model.get("_key")));
    caption.textContent = model.get("_caption");
    const n = model.get("_chosen");
    chosen.textContent = n ? `${n.toLocaleString("en")} ${n === 1 ? "segment" : "segments"} selected` : "Drag with the lasso to select";
  }

  const stopTheme = tellTheme(model, app); // the points are drawn in colours that the kernel sends
  const stop = listen(model, { _key: draw, _chosen: draw, _caption: draw });
  draw();
  return () => {
    stop();
    stopTheme();
  };
}

export default { render };
