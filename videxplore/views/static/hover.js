// A glimpse of a segment beside the pointer: its poster, then a few of its pictures in motion.
import { el, playableFormats } from "./common.js";

const REST_MS = 220; // a pointer that only passes by asks for nothing
const WIDTH = 240;
const HEIGHT = 135;
const WORDS = 52; // of height, for what is said below the picture

/** Where a box beside a rectangle fits into the window: right of it, else left, kept inside. */
export function besides(rect, width, height, room) {
  const right = rect.right + 10;
  const left = right + width <= room.width - 4 ? right : rect.left - width - 10;
  const top = (rect.top + rect.bottom) / 2 - height / 2;
  return { left: Math.max(4, Math.min(room.width - width - 4, left)), top: Math.max(4, Math.min(room.height - height - 4, top)) };
}

/** Open the glimpse of a widget whose root is `app`; `words` promises the lines that are written below the picture. */
export function openHover(channel, app, { playable = true, words = null } = {}) {
  const poster = el("img", { alt: "" });
  const video = el("video", { muted: true, loop: true, playsinline: true, hidden: true });
  video.muted = true;
  const box = el("div", { class: "vx-glimpse", popover: "manual", "aria-hidden": "true" }, el("div", { class: "vx-glimpse-picture" }, poster, video));
  const said = el("div", { class: "vx-glimpse-words" });
  if (words) box.append(said);
  app.append(box);
  const still = window.matchMedia("(prefers-reduced-motion: reduce)");
  let shown = "";
  let timer = 0;

  function hide() {
    clearTimeout(timer);
    if (shown) channel.cancel("hover", shown);
    shown = "";
    video.pause();
    video.removeAttribute("src");
    video.hidden = true;
    if (box.matches(":popover-open")) box.hidePopover();
  }
  async function open(id, rect) {
    shown = id;
    poster.removeAttribute("src");
    const place = besides(rect, WIDTH, HEIGHT + (words ? WORDS : 0), { width: window.innerWidth, height: window.innerHeight });
    box.style.left = `${place.left}px`;
    box.style.top = `${place.top}px`;
    said.replaceChildren();
    words?.(id).then((lines) => { if (shown === id) said.replaceChildren(...lines.map((text) => el("span", { text }))); }, () => {});
    const url = await channel.poster(id).catch(() => null);
    if (shown !== id) return;
    if (!url && !words) return; // a black box says nothing
    if (url) poster.src = url;
    box.dataset.segment = id;
    box.showPopover?.();
    if (!playable || still.matches) return;
    const found = await channel.order("hover", id, { formats: playableFormats() }).catch(() => null);
    if (shown !== id || !found?.url) return;
    video.src = found.url;
    video.hidden = false;
    video.play().catch(() => { video.hidden = true; });
  }
  return {
    hide,
    /** Show segment `id` beside a rectangle once the pointer rests there. */
    show(id, rect) {
      if (id === shown) return;
      hide();
      timer = setTimeout(() => open(id, rect), REST_MS);
    },
    /** Show the segment of the node, a child of `list` with `data-id`, on which the pointer rests. */
    follow(list, selector) {
      list.addEventListener("pointerover", (event) => {
        const node = event.target.closest?.(selector);
        if (node && event.pointerType !== "touch") this.show(node.dataset.id, node.getBoundingClientRect());
      });
      list.addEventListener("pointerleave", hide);
      list.addEventListener("pointerdown", hide);
      list.addEventListener("scroll", hide, { passive: true });
    },
    close() { hide(); box.remove(); },
  };
}
