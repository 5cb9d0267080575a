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
    const onAnswer = (answer, buffers) => { if (answer.kind === kind) end(resolve, buffers); };
    const timer = setTimeout(() => end(reject, new Error("The kernel does not answer.")), PATIENCE_MS);
    model.on("msg:custom", onAnswer);
    model.send({ kind });
  });
}

async function fetchLibrary(model) {
  const [packed] = await ask(model, "library");
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

async function begin(model) {
  const widget = await (await openLibrary(model)).default();
  await widget.initialize?.({ model }); // from here on it hears of changes
  await ask(model, "figure"); // those before it are made up for
  return widget;
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
        widget = await (begun ??= begin(own ?? model));
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
