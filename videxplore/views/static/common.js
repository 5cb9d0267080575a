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

/** A number with two decimals and a true minus sign; `signed` writes the plus too. */
export function formatScore(value, signed = false) {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  const text = Math.abs(value).toFixed(2);
  if (Number(text) === 0) return signed ? "±0.00" : "0.00";
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

/** Keep JupyterLab's and the notebook's own shortcuts out of the widget. */
export function keepKeys(root) {
  root.dataset.lmSuppressShortcuts = "true";
  root.addEventListener("keydown", (event) => event.stopPropagation());
}

/** A still copy printed before the widget serves exports; where the widget lives, it steps aside. */
export function hideTwin(model) {
  const id = model.get("_twin");
  const twin = id ? document.getElementById(id) : null;
  if (!twin) return;
  twin.hidden = true;
  const output = twin.closest(".jp-OutputArea-child");
  if (output) output.style.display = "none";
}

/** Ask the kernel for bytes by id; answers are kept as Blob URLs until `close`. */
export function openChannel(model) {
  const waiting = new Map();
  const kept = new Map();
  const onMessage = (message, buffers) => {
    const key = `${message.kind}:${message.id}`;
    const ask = waiting.get(key);
    if (!ask) return;
    waiting.delete(key);
    if (!message.ok) {
      kept.delete(key);
      ask.reject(new Error(message.reason));
      return;
    }
    ask.resolve(URL.createObjectURL(new Blob([buffers[0]], { type: message.type })));
  };
  model.on("msg:custom", onMessage);
  return {
    /** Promise of a Blob URL of `kind` ("poster" or "clip") for segment `id`. */
    ask(kind, id) {
      const key = `${kind}:${id}`;
      if (!kept.has(key)) {
        const answer = new Promise((resolve, reject) => waiting.set(key, { resolve, reject }));
        kept.set(key, answer);
        model.send({ kind, id });
      }
      return kept.get(key);
    },
    close() {
      model.off("msg:custom", onMessage);
      for (const answer of kept.values()) answer.then((url) => URL.revokeObjectURL(url), () => {});
      kept.clear();
      waiting.clear();
    },
  };
}

/** Fill posters when they come into view. The space is reserved, so nothing moves when the picture arrives. */
export function openPosters(channel) {
  const load = (image) =>
    channel.ask("poster", image.dataset.segment).then(
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

/** The two lines that name a segment wherever one is shown. */
export function caption(item) {
  return el("span", { class: "vx-caption" },
    el("span", { class: "vx-name", text: item.name, title: item.name }),
    el("span", { class: "vx-where" },
      el("span", { class: "vx-level", text: item.level, data: { tier: item.tier } }),
      el("span", { class: "vx-time", text: item.time })));
}

/** One sentence that names a segment, for screen readers. */
export function spoken(item) {
  return `${item.name}, ${item.level}, ${item.time}`;
}

/** A stage that plays exactly one segment: a clip of it is fetched when wanted, time is shown on the video's clock. */
export function openPlayback(channel, { onTime = () => {}, playable = true } = {}) {
  let item = null;
  let wanted = 0;
  let frame = 0;
  const poster = el("img", { class: "vx-stage-poster", alt: "" });
  const video = el("video", { class: "vx-stage-video", playsinline: true, preload: "auto", hidden: true });
  const big = el("button", { class: "vx-stage-play", type: "button", "aria-label": "Play segment", on: { click: () => toggle() } }, el("span", { class: "vx-icon-play", "aria-hidden": "true" }));
  const note = el("div", { class: "vx-stage-note", role: "status", hidden: true });
  const play = el("button", { class: "vx-button vx-play", type: "button", "aria-label": "Play", disabled: true, on: { click: () => toggle() } }, el("span", { class: "vx-icon-play", "aria-hidden": "true" }));
  const scrub = el("input", { class: "vx-scrub", type: "range", min: 0, max: 1, step: 0.001, value: 0, disabled: true, "aria-label": "Time within the segment", on: { input: () => seekTo(Number(scrub.value)) } });
  const clock = el("span", { class: "vx-clock", text: "–" });
  const loop = el("button", { class: "vx-button", type: "button", "aria-pressed": "true", text: "Loop", title: "Start again at the end (L)", on: { click: () => press(loop) } });
  const mute = el("button", { class: "vx-button", type: "button", "aria-pressed": "false", text: "Mute", title: "Sound off (M)", on: { click: () => { press(mute); video.muted = isOn(mute); } } });
  const stage = el("div", { class: "vx-stage" }, poster, video, big, note);
  const element = el("div", { class: "vx-playback", data: { state: "empty" } }, stage, el("div", { class: "vx-controls" }, play, scrub, clock, loop, mute));

  const isOn = (button) => button.getAttribute("aria-pressed") === "true";
  const press = (button) => button.setAttribute("aria-pressed", String(!isOn(button)));
  const length = () => (item ? item.end - item.start : 0);
  const state = (name, text = "") => {
    element.dataset.state = name;
    note.textContent = text;
    note.hidden = !text;
    big.hidden = !(name === "idle" && playable);
    play.disabled = name === "empty" || name === "error" || !playable;
    scrub.disabled = name !== "ready";
  };
  function report(final) {
    const now = Math.min(video.currentTime, length());
    if (!video.seeking || final) scrub.value = String(now);
    scrub.setAttribute("aria-valuetext", formatTime(item.start + now));
    clock.textContent = `${formatTime(item.start + now)} / ${formatTime(item.end)}`;
    onTime(item.start + now, final);
  }
  function tick() {
    frame = 0;
    if (!item || video.paused) return;
    if (video.currentTime >= length() - 0.005) { finish(); return; }
    report(false);
    frame = requestAnimationFrame(tick);
  }
  function finish() {
    if (isOn(loop)) { video.currentTime = 0; video.play().catch(() => {}); }
    else { video.pause(); report(true); }
  }
  function buttons() {
    const playing = !video.paused && !video.ended;
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    play.firstChild.className = playing ? "vx-icon-pause" : "vx-icon-play";
    element.dataset.playing = String(playing);
  }
  video.addEventListener("play", () => { buttons(); if (!frame) frame = requestAnimationFrame(tick); });
  video.addEventListener("pause", () => { buttons(); if (item && element.dataset.state === "ready") report(true); });
  video.addEventListener("ended", finish);
  video.addEventListener("seeked", () => { if (item && video.paused) report(true); });
  video.addEventListener("error", () => { if (video.getAttribute("src")) state("error", "The browser cannot play this clip."); });

  function seekTo(within) {
    if (element.dataset.state !== "ready") return;
    video.currentTime = Math.max(0, Math.min(length(), within));
    report(false);
  }
  async function load(autoplay) {
    const ticket = ++wanted;
    state("loading", "Preparing the clip…");
    try {
      const url = await channel.ask("clip", item.id);
      if (ticket !== wanted) return;
      video.src = url;
      await new Promise((resolve, reject) => {
        video.addEventListener("loadeddata", resolve, { once: true });
        video.addEventListener("error", () => reject(new Error("The browser cannot play this clip.")), { once: true });
      });
      if (ticket !== wanted) return;
      video.hidden = false;
      state("ready");
      report(true);
      if (autoplay) await video.play().catch(() => buttons());
    } catch (error) {
      if (ticket === wanted) state("error", `Cannot play: ${error.message}`);
    }
  }
  function toggle() {
    if (!item || !playable) return;
    if (element.dataset.state === "ready") {
      if (!video.paused) { video.pause(); return; }
      if (video.ended || video.currentTime >= length() - 0.01) video.currentTime = 0;
      video.play().catch(() => {});
    } else if (element.dataset.state === "idle") load(true);
  }
  function show(next, autoplay = false) {
    const again = item && next && item.id === next.id;
    if (again) { if (autoplay && video.paused) toggle(); return; }
    wanted += 1;
    item = next;
    video.pause();
    video.removeAttribute("src");
    video.load();
    video.hidden = true;
    poster.removeAttribute("src");
    if (!item) { clock.textContent = "–"; state("empty"); return; }
    const id = item.id;
    channel.ask("poster", id).then((url) => { if (item && item.id === id) poster.src = url; }, () => {});
    scrub.max = String(length());
    scrub.value = "0";
    clock.textContent = `${formatTime(item.start)} / ${formatTime(item.end)}`;
    state("idle");
    if (autoplay && playable) load(true);
  }
  /** Keys of a player: space, arrows (a tenth of a second with shift), L, M. Returns whether the key was used. */
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const onButton = event.target instanceof HTMLButtonElement;
    const step = event.shiftKey ? 0.1 : 1;
    if (event.key === " " && !onButton) toggle();
    else if (event.key === "k" || event.key === "K") toggle();
    else if (event.key === "ArrowLeft" || event.key === "j") seekTo(video.currentTime - step);
    else if (event.key === "ArrowRight") seekTo(video.currentTime + step);
    else if (event.key === "l" || event.key === "L") press(loop);
    else if (event.key === "m" || event.key === "M") mute.click();
    else return false;
    event.preventDefault();
    return true;
  }
  state("empty");
  return {
    element, show, toggle, key,
    /** Go to a time on the video's clock. */
    seek(time) { if (item) seekTo(time - item.start); },
    close() { wanted += 1; cancelAnimationFrame(frame); video.pause(); video.removeAttribute("src"); video.load(); },
  };
}
