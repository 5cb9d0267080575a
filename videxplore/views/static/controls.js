// Sliders, lists and switches of a lab. While one is dragged, only its latest place is asked for.
import { el, keepKeys, hideTwin, listen } from "./common.js";
import { openWishes } from "./wishes.js";

function render({ model, el: root }) {
  hideTwin(model, root);
  const app = el("form", { class: "vx vx-controls", "aria-label": "Settings" });
  app.addEventListener("submit", (event) => event.preventDefault());
  keepKeys(app);
  root.replaceChildren(app);
  const wishes = openWishes(model, (busy) => app.setAttribute("aria-busy", String(busy)));
  const set = (name, value) => wishes.ask({ _places: { ...wishes.last("_places"), [name]: value } });

  /** One control: what it looks like and how it shows a place among its options. */
  function control(one) {
    const id = `vx-${crypto.randomUUID()}`;
    const label = el("label", { for: id, text: one.label });
    if (one.kind === "switch") {
      const box = el("input", { id, type: "checkbox", on: { change: () => set(one.name, Number(box.checked)) } });
      return { node: el("div", { class: "vx-control" }, label, box), show: (at) => { box.checked = Boolean(at); } };
    }
    if (one.kind === "list") {
      const list = el("select", { id, on: { change: () => set(one.name, list.selectedIndex) } }, ...one.words.map((word) => el("option", { text: word })));
      return { node: el("div", { class: "vx-control" }, label, list), show: (at) => { list.selectedIndex = at; } };
    }
    const said = el("output", { for: id });
    const slider = el("input", { id, type: "range", min: 0, max: one.words.length - 1, step: 1 });
    const show = (at) => {
      slider.value = at;
      said.textContent = one.words[at];
      slider.setAttribute("aria-valuetext", one.words[at]);
    };
    slider.addEventListener("input", () => { const at = Number(slider.value); show(at); set(one.name, at); });
    return { node: el("div", { class: "vx-control" }, label, said, slider), show };
  }
  const controls = model.get("_controls").map((one) => [one.name, control(one)]);
  app.replaceChildren(...controls.map(([, made]) => made.node));
  const show = () => {
    const places = wishes.last("_places");
    for (const [name, made] of controls) made.show(places[name]);
  };
  const stop = listen(model, { _places: show });
  show();
  return () => { stop(); wishes.close(); };
}

export default { render };
