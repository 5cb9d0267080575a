// Plotly's own widget, asked for once per page: its five megabytes would else be part of every saved notebook.
import { el, message } from "./common.js";

const PATIENCE_MS = 60_000;

/** Ask the kernel for one thing and wait until its answer is there. */
function ask(model, kind) {
  return new Promise((resolve, reject) => {
    const end = (settle, value) => {
      clearTimeout(timer);
      model.off("msg:custom", onAnswer);
      settle(value);
    };
    const onAnswer = (answer, buffers) => { if (answer.kind === kind) end(resolve, [buffers, answer]); };
    const timer = setTimeout(() => end(reject, new Error("The kernel does not answer.")), PATIENCE_MS);
    model.on("msg:custom", onAnswer);
    model.send({ kind });
  });
}

async function fetchLibrary(model) {
  const [[packed]] = await ask(model, "library");
  const source = await new Response(new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try { return await import(url); } finally { URL.revokeObjectURL(url); }
}

/** Plotly's widget module; where the figure that asked for it is gone meanwhile, the next one asks again. */
async function openLibrary(model) {
  try {
    return await (globalThis.videxplorePlotly ??= fetchLibrary(model));
  } catch {
    return (globalThis.videxplorePlotly = fetchLibrary(model));
  }
}

/** What a message tells of the figure: its arrays are put where plotly's widget looks for them. */
export function factsOf({ facts, paths }, buffers) {
  paths.forEach((path, i) => {
    const place = path.slice(0, -1).reduce((at, key) => at[key], facts);
    const { buffer, byteOffset, byteLength } = buffers[i];
    place[path.at(-1)] = new DataView(buffer.slice(byteOffset, byteOffset + byteLength)); // plotly reads it from its first byte
  });
  return facts;
}

// What plotly made of the figure by itself: as large as the figure, and the kernel has no use for it.
const UNTOLD = ["_js2py_traceDeltas", "_js2py_widget_layoutDelta"];

/**
 * The model as plotly's widget sees it. The figure and its changes, which are messages of the kernel's, are held
 * here: what the model itself holds is saved with the notebook.
 */
export function modelWith(model, held) {
  const told = new Map();
  model.on("msg:custom", (answer, buffers) => {
    if (answer.kind !== "change") return;
    for (const [name, change] of Object.entries(factsOf(answer, buffers))) {
      held[name] = change;
      for (const listener of told.get(`change:${name}`) ?? []) listener();
      held[name] = null;
    }
  });
  // Plotly draws two pixels for one by itself: without a graphics card most of a frame's time, and nothing to be seen.
  const config = { ...model.get("_config"), plotGlPixelRatio: globalThis.devicePixelRatio || 1 };
  return {
    get: (name) => (name in held ? held[name] : name === "_config" ? config : model.get(name)),
    set(name, value) { if (!UNTOLD.includes(name)) model.set(name, value); },
    on(event, listener) {
      if (event.startsWith("change:_py2js_")) told.set(event, [...(told.get(event) ?? []), listener]);
      else model.on(event, listener);
    },
    save_changes: () => model.save_changes(),
  };
}

/** A function that brings plotly's widget up to date, whenever it is to draw, and returns it. */
async function begin(model) {
  const held = { _widget_data: [], _widget_layout: {} };
  const widget = await (await openLibrary(model)).default();
  await widget.initialize?.({ model: modelWith(model, held) }); // from here on it hears of changes
  return async () => {
    const [buffers, answer] = await ask(model, "figure"); // those before it are made up for
    Object.assign(held, factsOf(answer, buffers));
    return widget;
  };
}

export default () => {
  let own = null;
  let begun = null;
  return {
    initialize({ model }) { own = model; },
    async render({ model, el: root, ...rest }) {
      const waiting = el("div", { class: "vx-figure-waiting", role: "status", text: "Drawing…" });
      root.replaceChildren(waiting);
      let widget;
      try {
        const current = await (begun ??= begin(own ?? model));
        widget = await current();
      } catch (error) {
        begun = null;
        root.replaceChildren(message("error", "The map cannot be drawn", error.message, "Run the cell again."));
        return undefined;
      }
      waiting.remove();
      return widget.render({ model, el: root, ...rest });
    },
  };
};
