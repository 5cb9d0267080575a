// What the widgets share: building the page from text, asking the kernel for pixels, and small arithmetic.
// Data become text nodes or attributes, never markup.

/** Build an element. Keys of `attributes`: `text`, `on` ({event: listener}), `data`, or any attribute. */
export function el(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = value;
    else if (key === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (key === "data") Object.assign(node.dataset, value);
    else node.setAttribute(key, value === true ? "" : String(value));
  }
  node.append(...children.filter((child) => child !== null && child !== undefined));
  return node;
}

/** Build an SVG element. */
export function svg(tag, attributes = {}) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  return node;
}

/** Seconds as m:ss.s, h:mm:ss.s from one hour on. */
export function formatTime(seconds) {
  const tenths = Math.round(Math.abs(seconds) * 10);
  const sign = seconds < 0 && tenths > 0 ? "-" : "";
  const two = (n) => String(n).padStart(2, "0");
  const minutes = Math.floor(tenths / 600);
  const head = minutes >= 60 ? `${Math.floor(minutes / 60)}:${two(minutes % 60)}` : `${minutes}`;
  return `${sign}${head}:${two(Math.floor((tenths % 600) / 10))}.${tenths % 10}`;
}

/** A length of time: in seconds, from one minute on as m:ss.s. */
export function formatLength(seconds) {
  return seconds < 60 ? `${(Math.round(10 * seconds) / 10).toFixed(1)} s` : formatTime(seconds);
}

/** A number with two decimals, or as many as asked for, and a true minus sign; `signed` writes the plus too. */
export function formatScore(value, signed = false, digits = 2) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return signed ? `±${text}` : text;
  return (value < 0 ? "−" : signed ? "+" : "") + text;
}

/** Share of a bar in percent, from zero to the largest score shown. */
export function barWidth(value, largest) {
  if (!(largest > 0) || !(value > 0)) return 0;
  return Math.min(100, (100 * value) / largest);
}

/** Index of the item that an arrow key leads to, kept inside the list. */
export function stepIndex(index, count, key) {
  if (count === 0) return -1;
  const to = { ArrowDown: index + 1, ArrowUp: index - 1, ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: count - 1 };
  return key in to ? Math.max(0, Math.min(count - 1, to[key])) : index;
}

/** Whether a click or a key takes something into the choice, or out of it, instead of choosing it alone. */
export const adds = (event) => event.key === " " || event.ctrlKey || event.metaKey || event.shiftKey;

/** Keep JupyterLab's and the notebook's own shortcuts out of the widget. */
export function keepKeys(root) {
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => event.stopPropagation());
}

const usable = (node) => node.isConnected && !node.disabled && node.checkVisibility();
const named = (node) => `${node.tagName} ${node.getAttribute("aria-label") ?? node.textContent}`;

/** Redraw and leave the focus where it is: on its node, else on the one of the same name, else on `spare()`. */
export function keepFocus(root, redraw, spare = () => null) {
  const held = root.getRootNode().activeElement;
  const name = held && root.contains(held) ? named(held) : null;
  redraw();
  if (name === null || usable(held)) return;
  const twin = [...root.querySelectorAll("button, select, input, [tabindex]")].find((node) => named(node) === name && usable(node));
  (twin ?? spare())?.focus({ preventScroll: true });
}

function hideOutput(node) {
  const output = node.closest(".jp-OutputArea-child");
  if (output) output.style.display = "none";
}

/** Call back once an element stands on the page. */
function onceThere(node, callback, frames = 600) {
  if (node.isConnected) callback();
  else if (frames) requestAnimationFrame(() => onceThere(node, callback, frames - 1));
}

/**
 * A still copy printed before the widget serves exports; where the widget lives, it steps aside. A widget that was saved
 * with the notebook, and has no kernel behind it, steps aside for the copy.
 */
export function hideTwin(model, root) {
  const id = model.get("_twin");
  const twin = id ? document.getElementById(id) : null;
  if (!twin) return;
  if (model.get("layout")?.comm_live === false) { onceThere(root, () => hideOutput(root)); return; }
  twin.hidden = true;
  hideOutput(twin);
}

const CLIPS_HELD = 16;

/** Formats that this browser plays, best first. VS Code says that it plays AAC and does not: it gets MP3. */
export function playableFormats() {
  const inVsCode = location.protocol === "vscode-webview:" || document.body.dataset.vscodeThemeKind !== undefined;
  const video = document.createElement("video");
  const known = [["mp4", 'video/mp4; codecs="avc1.42E01E, mp4a.40.2"'], ["webm", 'video/webm; codecs="vp8, opus"']];
  const plays = known.filter(([, type]) => video.canPlayType(type)).map(([name]) => name);
  return inVsCode ? ["mp4-mp3", ...plays] : plays;
}

/** Ask the kernel for what belongs to a segment; answers are kept, bytes as Blob URLs, until `close`. */
export function openChannel(model) {
  const waiting = new Map();
  const kept = new Map();
  const forget = (key) => {
    kept.get(key)?.then((found) => { if (found.url) URL.revokeObjectURL(found.url); }, () => {});
    kept.delete(key);
  };
  const onMessage = (message, buffers) => {
    const key = message.key ?? `${message.kind}:${message.id}`;
    const ask = waiting.get(key);
    if (!ask) return;
    waiting.delete(key);
    if (!message.ok) {
      kept.delete(key);
      ask.reject(new Error(message.reason));
      return;
    }
    const [content, times] = buffers ?? [];
    const url = content?.byteLength ? URL.createObjectURL(new Blob([content], { type: message.type })) : null;
    const copy = times ? times.buffer.slice(times.byteOffset, times.byteOffset + times.byteLength) : new ArrayBuffer(0);
    ask.resolve({ ...message, url, times: new Float64Array(copy) });
  };
  /** Promise of the answer to a request; the same request is made once. */
  function order(kind, id, options = {}) {
    const key = `${kind}:${id}${options.served ? ":served" : ""}`;
    const known = kept.get(key);
    if (known) kept.delete(key); // and to the end of the line: it was used just now
    else model.send({ kind, id, key, ...options });
    const answer = known ?? new Promise((resolve, reject) => waiting.set(key, { resolve, reject }));
    kept.set(key, answer);
    const clips = [...kept.keys()].filter((name) => !name.startsWith("poster:") && !waiting.has(name));
    for (const old of clips.slice(0, Math.max(0, clips.length - CLIPS_HELD))) forget(old);
    return answer;
  }
  /** Give up what is still being made. */
  function cancel(kind, id, options = {}) {
    const key = `${kind}:${id}${options.served ? ":served" : ""}`;
    const ask = waiting.get(key);
    if (!ask) return;
    waiting.delete(key);
    kept.delete(key);
    ask.reject(new Error("given up"));
    model.send({ kind: "cancel", id, key });
  }
  model.on("msg:custom", onMessage);
  return {
    order, cancel,
    /** Promise of a Blob URL of a poster. */
    poster: (id) => order("poster", id).then((found) => found.url),
    close() {
      model.off("msg:custom", onMessage);
      for (const key of waiting.keys()) if (!key.startsWith("poster:")) model.send({ kind: "cancel", id: "", key });
      for (const key of [...kept.keys()]) forget(key);
      waiting.clear();
    },
  };
}

/** Fill posters when they come into view. The space is reserved, so nothing moves when the picture arrives. */
export function openPosters(channel) {
  const load = (image) =>
    channel.poster(image.dataset.segment).then(
      (url) => { image.src = url; },
      (error) => { image.dataset.missing = "true"; image.title = error.message; },
    );
  const observer = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      observer.unobserve(entry.target);
      load(entry.target);
    }
  }, { rootMargin: "200px", scrollMargin: "200px" });
  return {
    /** An image of segment `item`, decorative: the text beside it says the same. */
    image(item, className = "") {
      const node = el("img", { class: `vx-poster ${className}`, alt: "", width: 160, height: 90, decoding: "async", data: { segment: item.id } });
      observer.observe(node);
      return node;
    },
    close() { observer.disconnect(); },
  };
}

/** A framed message for empty and failed states. */
export function message(kind, title, ...lines) {
  const box = el("div", { class: "vx-message", data: { kind }, role: kind === "error" ? "alert" : "status" }, el("strong", { text: title }));
  for (const line of lines.filter(Boolean)) box.append(el("div", { text: line }));
  return box;
}

/** "Not understood" line for a query, or an empty text. */
export function unknownWords(query) {
  return query.unknown.length ? `Not understood: ${query.unknown.join(", ")}.` : "";
}

/** Listen to several traits; returns a function that stops. */
export function listen(model, handlers) {
  for (const [trait, handler] of Object.entries(handlers)) model.on(`change:${trait}`, handler);
  return () => {
    for (const [trait, handler] of Object.entries(handlers)) model.off(`change:${trait}`, handler);
  };
}

/** Set traits and send them to the kernel. */
export function commit(model, traits) {
  for (const [trait, value] of Object.entries(traits)) model.set(trait, value);
  model.save_changes();
}

/**
 * What the kernel tells in messages, since a saved notebook would grow with it: read and listened to as a model's traits
 * are. What is not there yet is an empty object, and `waits(name)` says so.
 */
export function openTold(model) {
  const told = new Map();
  const listeners = new Map();
  const listening = (event) => listeners.get(event) ?? new Set();
  function hear({ kind, facts }) {
    if (kind !== "told") return;
    for (const [name, value] of Object.entries(facts)) told.set(name, value);
    for (const name of Object.keys(facts)) for (const listener of listening(`change:${name}`)) listener();
  }
  model.on("msg:custom", hear);
  model.send({ kind: "tell" });
  return {
    get: (name) => told.get(name) ?? model.get(name) ?? {},
    waits: (name) => !told.has(name) && model.get(name) === undefined,
    on(event, listener) { listeners.set(event, listening(event).add(listener)); model.on(event, listener); },
    off(event, listener) { listening(event).delete(listener); model.off(event, listener); },
    close() { model.off("msg:custom", hear); },
  };
}

/** What was sent and not yet done: `count()` is how often the kernel has done such a thing. */
export function openCount(count) {
  let awaited = 0;
  return { sent() { awaited = Math.max(awaited, count()) + 1; }, there: () => count() >= awaited };
}

/**
 * What is pressed while the kernel still leads elsewhere waits, and is done there: `leave()` asks, `act(f)` does, `arrive()` shows.
 * `count()`: how often the kernel has led somewhere, which changes with the trait `name`.
 */
export function openTurns(model, arrive, name = "_turned", count = () => model.get("_turned")) {
  const { sent, there } = openCount(count);
  let held = [];
  const goOn = () => {
    if (held.length && there()) arrive(); // before the listeners of this page, which may hear of it later
    while (held.length && there()) held.shift()();
  };
  model.on(`change:${name}`, goOn);
  return {
    leave(message) { sent(); model.send(message); },
    act(press) { if (there()) press(); else held.push(press); },
    close() { held = []; model.off(`change:${name}`, goOn); },
  };
}

/** Whether the page behind an element is dark, from the colour of its text as the style sheet resolved it. */
export function isDark(color) {
  const numbers = (color.match(/[\d.]+/g) ?? []).slice(0, 3).map(Number);
  if (numbers.length < 3) return false;
  const scale = Math.max(...numbers) > 1 ? 255 : 1;
  return (0.2126 * numbers[0] + 0.7152 * numbers[1] + 0.0722 * numbers[2]) / scale > 0.5;
}

/** Call back whenever the theme of the page may have changed, JupyterLab's or the browser's; returns a function that stops. */
export function onTheme(callback) {
  const themes = new MutationObserver(callback);
  themes.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "class"] });
  const media = window.matchMedia("(prefers-color-scheme: dark)");
  media.addEventListener("change", callback);
  return () => {
    themes.disconnect();
    media.removeEventListener("change", callback);
  };
}

/** Tell the kernel, which cannot see it, whether the page behind `app` is dark; returns a function that stops. */
export function tellTheme(model, app) {
  const tell = () => {
    const dark = isDark(getComputedStyle(app).color);
    if (dark !== model.get("_dark")) commit(model, { _dark: dark });
  };
  const settle = setTimeout(tell, 0);
  const stop = onTheme(tell);
  return () => {
    clearTimeout(settle);
    stop();
  };
}

/** Colours as the style sheet resolves them for the theme of the page, by name of their token. */
export function readColours(app, names) {
  const probe = app.ownerDocument.createElement("span");
  app.append(probe);
  const found = {};
  for (const name of names) {
    probe.style.color = `var(--vx-${name})`;
    found[name] = getComputedStyle(probe).color;
  }
  probe.remove();
  return found;
}

/** The two lines that name a segment wherever one is shown. */
export function caption(item) {
  return el("span", { class: "vx-caption" },
    el("span", { class: "vx-name", text: item.name, title: item.name }),
    el("span", { class: "vx-where" },
      el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }),
      el("span", { class: "vx-time", text: item.time }),
      ...(item.also ? [also(item.also)] : [])));
}

/** What an item stands for; where there is little room only its numbers are shown. */
function also(text) {
  return el("span", { class: "vx-also", title: `${text}: matches as well; shown once` },
    el("span", { class: "vx-also-words", text }),
    el("span", { class: "vx-also-numbers", text: (text.match(/\+\d+/g) ?? [text]).join(" "), hidden: true }));
}

/** One sentence that names a segment, for screen readers. */
export function spoken(item) {
  return `${item.name}, ${item.level}, ${item.time}`;
}
