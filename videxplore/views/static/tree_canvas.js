// Paints the rows of the timeline: only what the view shows, however many segments there are.
import { formatTime, readColours } from "./common.js";
import { shownRange, indexAt } from "./timescale.js";

const TIERS = ["level-0", "level-1", "level-2", "level-3"];
const SIGNALS = { picture: "visual", sound: "audio", speech: "words", motion: "category-3" };
const SPARE = ["category-4", "category-5", "category-8", "category-6"];
const FONT = "11px";
const NAMED = [
  "ground", "raised", "sunken", "line", "text", "muted", "accent", "on-accent", "down", "other", "visual", "audio", "words",
  ...TIERS, ...Array.from({ length: 9 }, (_, i) => `category-${i}`),
];

/** Token that colours a signal: the known ones have their own, others take the spare hues in turn. */
export function hueOf(signal, turn) {
  return SIGNALS[signal] ?? SPARE[turn % SPARE.length];
}

/** A height from 0 to 1 for a value without bound: 0.5 at the value `half`, whatever else is shown. */
export function saturate(value, half) {
  return value > 0 ? value / (value + half) : 0;
}

/** Open a canvas over the lanes of `stage`. `draw(scene)` paints rows; sizes and colours are read anew by `fit`. */
export function openCanvas(app, canvas) {
  const c = canvas.getContext("2d");
  let colours = readColours(app, NAMED);
  let width = 0;
  let height = 0;
  let family = "sans-serif";
  let view = { start: 0, length: 1 };
  const x = (time) => ((time - view.start) / view.length) * width;

  function fit() {
    const scale = window.devicePixelRatio || 1;
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    c.setTransform(scale, 0, 0, scale, 0, 0);
    family = getComputedStyle(app).fontFamily;
    colours = readColours(app, NAMED);
  }
  function write(text, left, middle, room, colour = colours.text) {
    c.fillStyle = colour;
    if (c.measureText(text).width <= room) c.fillText(text, left, middle);
  }
  /** Call `paint(i, left, right)` for each shown segment; those narrower than a pixel once per pixel. */
  function each({ starts, ends }, paint) {
    if (!starts.length) return;
    const [first, last] = shownRange(starts, view);
    let done = -1;
    for (let i = first; i <= last; i += 1) {
      const left = x(starts[i]);
      const right = x(ends[i]);
      if (right < 0 || left > width) continue;
      if (right - left < 1 && Math.floor(left) === done) continue;
      done = Math.floor(left);
      paint(i, left, right);
    }
  }
  function slab(left, right, top, tall, colour) {
    const wide = right - left;
    c.fillStyle = colour;
    if (wide < 5) { c.fillRect(left, top, Math.max(0.6, wide - 0.6), tall); return; }
    c.beginPath();
    c.roundRect(left, top, wide - 2, tall, [3, 4, 4, 3]);
    c.fill();
  }
  function bands(row, scene) {
    const tall = row.height - 4;
    const middle = row.top + row.height / 2 + 0.5;
    let seen = Math.max(0, x(0));
    const bridge = (to) => { // where a branch lacks the level, what is above goes on
      c.fillStyle = colours.line;
      if (to - seen > 3) c.fillRect(seen, Math.floor(middle), to - seen, 1);
    };
    each(row, (i, left, right) => {
      bridge(left);
      seen = Math.max(seen, right);
      const on = scene.selected !== "" && row.ids[i] === scene.selected;
      const over = scene.over?.key === row.key && scene.over.index === i;
      const tier = colours[TIERS[row.tier]];
      slab(left, right, row.top + 2, tall, on ? colours.accent : over ? colours.line : colours.sunken);
      const wide = right - left;
      c.fillStyle = on ? colours["on-accent"] : tier;
      if (!on || wide > 8) c.fillRect(left, row.top + 2, wide < 5 ? Math.min(1, wide * 0.4) : 3, tall);
      if (wide < 14) return;
      const ink = on ? colours["on-accent"] : colours.text;
      const from = Math.max(left, 0) + 8;
      const letter = row.labels?.[i] ?? "";
      const mark = letter ? c.measureText(letter).width + 8 : 0;
      write(formatTime(row.starts[i]), from, middle, right - 6 - mark - from, ink);
      if (letter && wide > mark + 8) write(letter, Math.min(right, width) - mark, middle, mark, on ? ink : colours.muted);
    });
    bridge(Math.min(width, x(scene.duration)));
  }
  function windows(row, scene) {
    const tall = row.height - 4;
    each(row, (i, left, right) => {
      const on = scene.selected !== "" && row.ids[i] === scene.selected;
      const over = scene.over?.key === row.key && scene.over.index === i;
      slab(left, right, row.top + 2, tall, over ? colours.line : colours.sunken);
      const share = row.shares?.[i] ?? 0;
      const wide = right - left - (right - left < 5 ? 0.6 : 2);
      c.globalAlpha = 0.4;
      c.fillStyle = colours.down;
      c.fillRect(left, row.top + 2 + tall * (1 - share), wide, tall * share);
      c.globalAlpha = 1;
      if (on) { c.strokeStyle = colours.accent; c.lineWidth = 2; c.strokeRect(left + 1, row.top + 3, wide - 2, tall - 2); }
      if (!row.shares?.length) return;
      const text = `${Math.round(100 * share)} %`;
      const room = Math.min(right, width) - Math.max(left, 0);
      const from = (Math.max(left, 0) + Math.min(right, width) - c.measureText(text).width) / 2;
      write(text, from, row.top + row.height / 2 + 0.5, room - 6);
    });
  }
  function pictures(row, scene) {
    const tall = row.height - 4;
    each(row, (i, left, right) => {
      const wide = Math.max(0.6, right - left - 2);
      c.save();
      c.beginPath();
      c.roundRect(left, row.top + 2, wide, tall, wide > 6 ? 4 : 0);
      c.clip();
      c.fillStyle = colours.sunken;
      c.fillRect(left, row.top + 2, wide, tall);
      const picture = wide >= row.room ? scene.pictures.get(row.ids[i])?.image : null;
      if (picture) {
        const natural = (tall * picture.naturalWidth) / picture.naturalHeight;
        // A picture wider than its segment is cut on both sides; in a long segment it stays in sight.
        const from = natural >= wide ? left + (wide - natural) / 2 : Math.min(Math.max(left, 0), right - 2 - natural);
        c.drawImage(picture, from, row.top + 2, natural, tall);
      }
      c.restore();
    });
  }
  /** Stems at the boundaries shown: `size(boundary)` from 0 to 1, `colour(boundary)`. */
  function stems(row, scene, size, colour) {
    const { times } = scene;
    if (!times.length) return;
    const tall = row.height - 5;
    const floor = row.top + row.height - 2;
    c.fillStyle = colours.line;
    c.fillRect(0, floor, width, 1);
    const first = Math.max(0, indexAt(times, view.start) - 1);
    const last = indexAt(times, view.start + view.length);
    const thick = Math.max(1, Math.min(3, (width / Math.max(1, last - first)) * 0.5));
    for (let i = first; i <= last; i += 1) {
      const value = Math.min(1, size(scene.boundaries[i]));
      if (!(value > 0)) continue;
      c.fillStyle = colour(scene.boundaries[i]);
      c.fillRect(x(times[i]) - thick / 2, floor - tall * value, thick, tall * value);
    }
  }
  function edges(row, scene) {
    stems(row, scene, (b) => (b.kind === "clock" ? 0.5 : Math.max(0.15, saturate(b.persistence, 0.5))), (b) => colours[TIERS[b.tier]]);
    for (const b of scene.boundaries) {
      const at = x(b.time);
      if (!b.held || at < 0 || at > width) continue;
      c.fillStyle = colours.accent;
      c.fillRect(at - 4, row.top + row.height - 9, 8, 7); // a lock: body and bow
      c.strokeStyle = colours.accent;
      c.lineWidth = 1.5;
      c.beginPath();
      c.arc(at, row.top + row.height - 9, 2.6, Math.PI, 0);
      c.stroke();
    }
  }
  function happenings(row, scene) {
    const lane = (row.height - 7) / Math.max(1, scene.events.length);
    for (const b of scene.boundaries) {
      const at = x(b.time);
      if (at < -4 || at > width + 4) continue;
      scene.events.forEach(({ key }, k) => {
        if (!(b.evidence[key] > 0)) return;
        const y = row.top + 2 + lane * (k + 0.5);
        const r = Math.min(3.5, lane / 2);
        c.fillStyle = colours.muted;
        c.beginPath();
        if (k % 3 === 0) c.rect(at - 1, y - r, 2, 2 * r); // shapes tell kinds apart: bar, diamond, disc
        else if (k % 3 === 1) { c.moveTo(at - r, y); c.lineTo(at, y - r); c.lineTo(at + r, y); c.lineTo(at, y + r); }
        else c.arc(at, y, r, 0, 2 * Math.PI);
        c.fill();
      });
    }
  }
  function crossing(scene) {
    if (scene.atBoundary === null) return;
    const at = Math.round(x(scene.atBoundary)) + 0.5;
    c.strokeStyle = colours.accent;
    c.lineWidth = 1;
    c.setLineDash([4, 3]);
    c.beginPath();
    c.moveTo(at, 0);
    c.lineTo(at, height);
    c.stroke();
    c.setLineDash([]);
  }
  function draw(scene) {
    view = scene.view;
    c.clearRect(0, 0, width, height);
    c.font = `${FONT} ${family}`;
    c.textBaseline = "middle";
    const painters = {
      level: bands, windows, pictures, boundaries: edges, events: happenings,
      signal: (row) => stems(row, scene, (b) => saturate(b.evidence[row.word] ?? 0, 1), () => colours[row.hue]),
    };
    for (const row of scene.rows) painters[row.kind](row, scene);
    crossing(scene);
  }
  fit();
  return { fit, draw };
}
