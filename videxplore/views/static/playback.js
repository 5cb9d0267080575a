// A stage that plays exactly one segment: its clip, a preview of a long one, or the film from the server.
import { el, svg, formatTime, keepFocus, playableFormats } from "./common.js";

const RATES = [0.25, 0.5, 1, 1.5, 2, 4];
const NOTE_AFTER_MS = 250; // a cached clip is there sooner: no flicker
const ICONS = {
  play: "M4 2.5v11l9-5.5z", pause: "M4 2.5h3v11H4zM9 2.5h3v11H9z",
  back: "M10.5 3v10L4 8zM12 3h1.6v10H12z", forward: "M5.5 3v10L12 8zM2.4 3H4v10H2.4z",
  loop: "M4 5h6V2.6L14 6l-4 3.4V7H5.5v2.5h-2V5.5zM12 11H6v2.4L2 10l4-3.4V9h4.5V6.5h2v4z",
  sound: "M2 6h2.6L8 3v10L4.6 10H2zM9.6 5.2a3.6 3.6 0 0 1 0 5.6zM10.8 2.9a6 6 0 0 1 0 10.2l-.6-1.3a4.7 4.7 0 0 0 0-7.6z",
  mute: "M2 6h2.6L8 3v10L4.6 10H2zM9.4 6.4l.9-.9 1.6 1.6 1.6-1.6.9.9L12.8 8l1.6 1.6-.9.9-1.6-1.6-1.6 1.6-.9-.9L11 8z",
};

/** Number of the picture shown at `time`: the last one that has appeared. */
export function pictureAt(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle] <= time + 1e-4) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** A time at which picture `number` is surely shown: the middle of its stay. */
export function middleOf(times, number, end) {
  const next = number + 1 < times.length ? times[number + 1] : Math.max(end, times[number]);
  return (times[number] + next) / 2;
}

/** Texts of the subtitles shown at `time`, one per line. */
export function saidAt(cues, time) {
  return cues.filter(([start, end]) => start <= time && time < end).map(([, , text]) => text).join("\n");
}

/** Address of a file on the notebook's server, below whatever prefix it runs, or null where there is none. */
export function servedAddress(parts, page = document, place = location) {
  if (!/^https?:$/.test(place.protocol)) return null;
  let base = page.body.dataset.baseUrl;
  try {
    base = JSON.parse(page.getElementById("jupyter-config-data").textContent).baseUrl ?? base;
  } catch { /* no such page: not a Jupyter server's */ }
  if (!base) return null;
  const path = `files/${parts.map(encodeURIComponent).join("/")}`;
  const address = new URL(path, new URL(base, place.href));
  return address.origin === place.origin ? address.href : null;
}

/** Whether the server hands out the very file that the kernel means, in parts. */
async function isServed(address, size) {
  const answer = await fetch(address, { headers: { Range: "bytes=0-0" }, credentials: "same-origin" });
  answer.body?.cancel();
  return answer.status === 206 && answer.headers.get("Content-Range") === `bytes 0-0/${size}`;
}

function icon(name) {
  const picture = svg("svg", { viewBox: "0 0 16 16", width: 16, height: 16, "aria-hidden": "true" });
  picture.append(svg("path", { d: ICONS[name], fill: "currentColor" }));
  return picture;
}

/** Open a stage. `onTime(time, final)` hears the time on the video's clock, `onPart(id)` the choice of a part. */
export function openPlayback(channel, { onTime = () => {}, onPart = null, playable = true } = {}) {
  let item = null;
  let clip = null; // what is on the stage: times, pace, preview, base (start of the segment in the medium)
  let wanted = 0;
  let stopper = 0;
  let noteTimer = 0;
  let cues = [];
  let aim = null; // number of the picture that a step leads to
  let busy = null; // what is being made: [kind, served]
  const unserved = new Set();
  const button = (name, label, action, more = {}) => el("button", { class: `vx-button vx-${name}`, type: "button", "aria-label": label, title: label, on: { click: action }, ...more }, ICONS[name] ? icon(name) : null);
  const poster = el("img", { class: "vx-stage-poster", alt: "" });
  const video = el("video", { class: "vx-stage-video", playsinline: true, preload: "auto", hidden: true, tabindex: -1 });
  const said = el("div", { class: "vx-stage-said", hidden: true });
  const big = el("button", { class: "vx-stage-play", type: "button", "aria-label": "Play segment", on: { click: () => toggle() } }, el("span", {}, icon("play")));
  const note = el("div", { class: "vx-stage-note", role: "status" });
  const badgeText = el("span", {});
  const whole = el("button", { class: "vx-stage-whole", type: "button", text: "Prepare in full", on: { click: () => load(true, "whole") } });
  const badge = el("div", { class: "vx-stage-badge", hidden: true }, badgeText, whole);
  const play = button("play", "Play (space)", () => toggle(), { disabled: true });
  const scrub = el("input", { class: "vx-scrub", type: "range", min: 0, max: 1, step: 0.001, value: 0, disabled: true, "aria-label": "Time within the segment", on: { input: () => seekTo(Number(scrub.value)) } });
  const ticks = el("div", { class: "vx-ticks", "aria-hidden": "true" });
  const clock = el("span", { class: "vx-clock", text: "–" });
  const back = button("back", "One picture back (←)", () => step(-1), { disabled: true });
  const forward = button("forward", "One picture on (→)", () => step(1), { disabled: true });
  const rate = el("select", { class: "vx-select vx-rate", "aria-label": "Speed", title: "Speed", on: { change: () => { video.playbackRate = Number(rate.value); } } },
    ...RATES.map((value) => el("option", { value, text: `${value}×`, selected: value === 1 })));
  const captions = el("button", { class: "vx-button vx-captions", type: "button", "aria-pressed": "true", text: "CC", "aria-label": "Captions", title: "Captions (C)", hidden: true, on: { click: () => { press(captions); sayNow(); } } });
  const loop = button("loop", "Loop (R)", () => { press(loop); loopNow(); }, { "aria-pressed": "true" });
  const mute = button("sound", "Mute (M)", () => { press(mute); video.muted = isOn(mute); mute.replaceChildren(icon(isOn(mute) ? "mute" : "sound")); }, { "aria-pressed": "false" });
  const parts = el("div", { class: "vx-stage-parts", role: "group", "aria-label": "Parts of the segment", hidden: true });
  const stage = el("div", { class: "vx-stage" }, poster, video, said, big, badge, note);
  const element = el("div", { class: "vx-playback", data: { state: "empty" } }, stage,
    el("div", { class: "vx-controls" }, play, el("div", { class: "vx-scrub-box" }, ticks, scrub), clock),
    el("div", { class: "vx-controls vx-more" }, back, forward, rate, el("span", { class: "vx-gap" }), captions, loop, mute), parts);

  const isOn = (node) => node.getAttribute("aria-pressed") === "true";
  const press = (node) => node.setAttribute("aria-pressed", String(!isOn(node)));
  const length = () => (item ? item.end - item.start : 0);
  const pace = () => clip?.pace ?? 1;
  const base = () => clip?.base ?? 0;
  const mediumEnd = () => base() + length() / pace();
  const within = () => Math.max(0, Math.min((video.currentTime - base()) * pace(), length()));
  const ready = () => element.dataset.state === "ready";
  /** Change what is there to be used; a control that goes leaves the focus to the play button. */
  function change(redraw) { keepFocus(element, redraw, () => play); }
  function state(name, text = "") {
    clearTimeout(noteTimer);
    element.dataset.state = name;
    const tell = () => { note.textContent = text; }; // empty it takes no room; hidden it would not be heard
    if (name === "loading") { note.textContent = ""; noteTimer = setTimeout(tell, NOTE_AFTER_MS); } else tell();
    play.disabled = name === "empty" || !playable;
    change(() => {
      big.hidden = !(name === "idle" && playable);
      for (const node of [scrub, back, forward]) node.disabled = name !== "ready";
      if (name !== "ready") badge.hidden = true;
    });
  }
  function loopNow() { video.loop = isOn(loop) && base() === 0; }
  function sayNow() {
    const text = item && ready() && isOn(captions) ? saidAt(cues, item.start + within()) : "";
    if (said.textContent !== text) said.textContent = text;
    said.hidden = !text;
  }
  function report(final) {
    if (!item) return;
    const now = video.ended ? length() : within();
    if (!video.seeking || final) scrub.value = String(now);
    scrub.setAttribute("aria-valuetext", formatTime(item.start + now));
    const stepped = video.paused && !video.ended && clip?.times.length && !clip.preview;
    clock.textContent = `${formatTime(item.start + now)} / ${formatTime(item.end)}`;
    clock.title = stepped ? `Picture ${pictureAt(clip.times, video.currentTime) + 1} of ${clip.times.length}` : "";
    sayNow();
    onTime(item.start + now, final);
  }
  const watch = video.requestVideoFrameCallback
    ? (hear) => video.requestVideoFrameCallback((_, facts) => hear(facts.mediaTime))
    : (hear) => requestAnimationFrame(() => hear(video.currentTime));
  function tick(mediaTime) {
    if (!item || !clip || video.paused) return;
    report(false);
    // A clip ends by itself. In the film the last picture of the segment is left to stand its time, and no more.
    const left = mediumEnd() - mediaTime;
    if (base() > 0 && left <= 1.5 / clip.fps && !stopper) stopper = setTimeout(finish, (1000 * Math.max(left, 0)) / video.playbackRate);
    watch(tick);
  }
  function finish() {
    clearTimeout(stopper);
    stopper = 0;
    if (!item || !clip || base() === 0) { report(true); return; }
    if (isOn(loop)) { begin(); return; }
    video.pause();
    video.currentTime = mediumEnd() - 0.5 / clip.fps;
  }
  /** To the first picture, and play. */
  function begin() {
    if (base() > 0 || video.currentTime > 0) video.currentTime = base() + (base() > 0 ? 0.25 / clip.fps : 0);
    video.play().catch(() => buttons());
  }
  function buttons() {
    const playing = !video.paused && !video.ended;
    play.setAttribute("aria-label", playing ? "Pause (space)" : "Play (space)");
    play.replaceChildren(icon(playing ? "pause" : "play"));
    element.dataset.playing = String(playing);
  }
  video.addEventListener("play", () => { aim = null; buttons(); watch(tick); });
  video.addEventListener("pause", () => { clearTimeout(stopper); stopper = 0; buttons(); if (ready()) report(true); });
  video.addEventListener("ended", () => { buttons(); report(true); });
  video.addEventListener("seeked", () => { if (video.paused && ready()) report(true); });
  video.addEventListener("error", () => { if (video.getAttribute("src") && ready()) state("error", "The browser cannot play this clip."); });
  video.addEventListener("click", () => toggle());

  function seekTo(time) {
    if (!ready()) return;
    aim = null;
    const end = mediumEnd() - (clip.fps ? 0.5 / clip.fps : 0.001);
    video.currentTime = Math.max(base(), Math.min(end, base() + time / pace()));
    report(false);
  }
  function step(by) {
    if (!ready()) return;
    video.pause();
    if (!clip.times.length) { seekTo(within() + by / (clip.fps || 25)); return; }
    const from = aim ?? (video.ended ? clip.times.length - 1 : pictureAt(clip.times, video.currentTime));
    aim = Math.max(0, Math.min(clip.times.length - 1, from + by));
    video.currentTime = middleOf(clip.times, aim, mediumEnd());
    report(false);
  }
  function giveUp() {
    if (busy && item) channel.cancel(busy[0], item.id, { served: busy[1] });
    busy = null;
  }
  async function order(kind) {
    const served = kind === "clip" && !unserved.has(item.id) && Boolean(servedAddress([]));
    busy = [kind, served];
    const found = await channel.order(kind, item.id, { served, formats: playableFormats() });
    busy = null;
    return found;
  }
  /** The medium of the segment: [address, what is known of it]. A file that turns out not to be served is left. */
  async function find(kind) {
    const found = await order(kind);
    if (!found.served) return [found.url, { times: found.times, pace: found.pace ?? 1, preview: Boolean(found.preview), base: 0, fps: 0 }];
    const { path, size, type, fps } = found.served;
    const address = servedAddress(path);
    if (video.canPlayType(type) && await isServed(address, size).catch(() => false)) {
      return [address, { times: [], pace: 1, preview: false, base: item.start, fps }];
    }
    unserved.add(item.id);
    return find(kind);
  }
  /** Load a medium and stand on the first picture of the segment, which is `at` seconds into it. */
  async function settle(address, at) {
    const happens = (name) => new Promise((resolve, reject) => {
      const end = (act, value) => { video[`on${name}`] = video.onerror = null; act(value); };
      video[`on${name}`] = () => end(resolve);
      video.onerror = () => end(reject, new Error("the browser cannot play this clip"));
    });
    const loaded = happens("loadeddata");
    video.src = address;
    await loaded;
    if (!(at > 0)) return;
    // The film opens on its own first picture, which must not be seen: wait until the right one is there.
    const shown = new Promise((resolve) => { watch(resolve); setTimeout(resolve, 500); });
    const sought = happens("seeked");
    video.currentTime = at;
    await sought;
    await shown;
  }
  async function load(autoplay, kind = "clip") {
    const ticket = ++wanted;
    giveUp();
    if (kind === "clip") clip = null;
    video.pause();
    state("loading", kind === "whole" ? "Preparing the whole segment…" : "Preparing the clip…");
    try {
      const [address, known] = await find(kind);
      if (ticket !== wanted) return;
      await settle(address, known.base && known.base + 0.25 / known.fps).catch((error) => {
        if (known.base === 0 || ticket !== wanted) throw error;
        unserved.add(item.id); // the browser cannot play the film after all: a clip of it, then
      });
      if (ticket !== wanted) return;
      if (known.base > 0 && unserved.has(item.id)) { load(autoplay, kind); return; }
      clip = known;
      open(autoplay);
    } catch (error) {
      if (ticket === wanted) state("error", `Cannot play: ${error.message.replace(/\.$/, "")}. Press play to try again.`);
    }
  }
  function open(autoplay) {
    video.hidden = false;
    video.playbackRate = Number(rate.value);
    loopNow();
    state("ready");
    change(() => {
      badge.hidden = !clip.preview;
      parts.hidden = !(clip.preview && parts.childElementCount);
      whole.hidden = !(clip.preview && length() <= 300);
    });
    badgeText.textContent = clip.preview ? `Preview: ${clip.times.length} pictures, ${Math.max(1, Math.round(clip.pace))}× as fast, no sound` : "";
    report(true);
    if (autoplay) begin();
  }
  function toggle() {
    if (!item || !playable) return;
    if (ready()) {
      if (!video.paused) { video.pause(); return; }
      if (video.ended || video.currentTime >= mediumEnd() - (clip.fps ? 0.6 / clip.fps : 0.001)) begin();
      else video.play().catch(() => buttons());
    } else if (element.dataset.state === "idle" || element.dataset.state === "error") load(true);
  }
  function drawParts() {
    const marks = item?.parts ?? [];
    ticks.replaceChildren(...marks.slice(1).map((part) => {
      const tick = el("span", {});
      tick.style.left = `${(100 * (part.start - item.start)) / length()}%`;
      return tick;
    }));
    parts.hidden = true; // shown with a preview, whose parts can be played
    parts.replaceChildren(...marks.map((part) => el("button", {
      class: "vx-part-mark", type: "button", text: formatTime(part.start).replace(/\.\d$/, ""), title: `${part.level} ${part.time}`,
      "aria-label": `${onPart ? "Play" : "Go to"} ${part.level} ${part.time}`,
      on: { click: () => { if (onPart) onPart(part.id); else seekTo(part.start - item.start); } },
    })));
  }
  function show(next, autoplay = false) {
    if (item && next && item.id === next.id) { if (autoplay && video.paused) toggle(); return; }
    giveUp();
    wanted += 1;
    item = next;
    clip = null;
    aim = null;
    cues = [];
    change(() => { captions.hidden = true; });
    video.pause();
    video.removeAttribute("src");
    video.load();
    buttons(); // of a pause before a load the browser tells nobody
    video.hidden = true;
    poster.removeAttribute("src");
    change(drawParts);
    sayNow();
    if (!item) { clock.textContent = "–"; state("empty"); return; }
    const id = item.id;
    channel.poster(id).then((url) => { if (item && item.id === id) poster.src = url; }, () => {});
    scrub.max = String(length());
    scrub.value = "0";
    clock.textContent = `${formatTime(item.start)} / ${formatTime(item.end)}`;
    state("idle");
    if (!playable) return;
    if (item.transcript) channel.order("cues", id).then((found) => {
      if (!item || item.id !== id) return;
      cues = found.cues;
      captions.hidden = !cues.length;
      sayNow();
    }, () => {});
    if (autoplay) load(true);
  }
  function faster() {
    if (video.paused) { toggle(); return; }
    rate.selectedIndex = Math.min(RATES.length - 1, rate.selectedIndex + 1);
    video.playbackRate = Number(rate.value);
  }
  function rest() {
    if (ready() && !video.paused) { video.pause(); rate.value = "1"; video.playbackRate = 1; }
  }
  const keys = {
    " ": toggle, k: rest, l: faster, j: () => seekTo(within() - pace()), m: () => mute.click(), r: () => loop.click(),
    c: () => { if (!captions.hidden) captions.click(); }, Enter: () => { if (ready()) begin(); else toggle(); },
    Home: () => seekTo(0), End: () => seekTo(length()), ArrowLeft: () => step(-1), ArrowRight: () => step(1),
  };
  const shifted = { ArrowLeft: () => seekTo(within() - pace()), ArrowRight: () => seekTo(within() + pace()) };
  /** Keys of a player; returns whether the key was used. A control keeps the keys that are its own. */
  function key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const name = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const on = event.target;
    if (on instanceof HTMLButtonElement && (name === " " || name === "Enter")) return false;
    if (on instanceof HTMLSelectElement) return false;
    const act = (event.shiftKey && shifted[name]) || keys[name];
    if (!act) return false;
    act();
    event.preventDefault();
    return true;
  }
  state("empty");
  return {
    element, show, toggle, key,
    /** Go to a time on the video's clock. */
    seek(time) { if (item) seekTo(time - item.start); },
    close() { giveUp(); wanted += 1; clearTimeout(stopper); clearTimeout(noteTimer); video.pause(); video.removeAttribute("src"); video.load(); },
  };
}
