// The map of segments on a canvas: moved, zoomed, read by pointer and by keys. A hundred thousand points are
// painted pixel by pixel, fewer as shapes.
import { el, readColours } from "./common.js";
import { UNKNOWN } from "./share_paint.js";

const TIERS = ["level-0", "level-1", "level-2", "level-3"];
const RADII = [3.6, 5.6, 6.6, 9];
const CROWD = 15000; // points in sight from which each is a few pixels
const EDGES = CROWD; // lines of more would cover the points
const FINE = 1500; // points of which lines and outlines are drawn even while the map moves
const REST_MS = 140;
const REACH = 14; // pixels from the pointer to a point that is meant
const NAMED = ["ground", "line", "text", "muted", "accent", "on-accent", "edge", "down", "raised", ...TIERS, ...Array.from({ length: 9 }, (_, i) => `category-${i}`)];

/** Of the points ahead in the direction of an arrow key the nearest, those off the axis counting as further. */
export function pointAhead(points, from, key) {
  const [dx, dy] = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[key] ?? [0, 0];
  let best = -1;
  let least = Infinity;
  points.forEach(([x, y], i) => {
    const along = (x - from[0]) * dx + (y - from[1]) * dy;
    const aside = Math.abs((x - from[0]) * dy) + Math.abs((y - from[1]) * dx);
    const cost = along + 2.5 * aside;
    if (along > 0.5 && cost < least) { least = cost; best = i; }
  });
  return best;
}

/** Which of the texts, centred at their places, cover no earlier one that is kept. */
export function keepApart(boxes) {
  const kept = [];
  for (const box of boxes) {
    const free = kept.every((k) => Math.abs(k.x - box.x) > (k.width + box.width) / 2 + 6 || Math.abs(k.y - box.y) > (k.height + box.height) / 2 + 2);
    if (free) kept.push(box);
  }
  return kept;
}

function shape(path, tier, x, y, r) {
  if (tier === 0) { path.moveTo(x + r, y); path.arc(x, y, r, 0, 2 * Math.PI); return; }
  if (tier === 2) { path.rect(x - r * 0.86, y - r * 0.86, r * 1.72, r * 1.72); return; }
  const corners = tier === 1 ? 4 : 10;
  for (let i = 0; i < corners; i += 1) {
    const angle = (2 * Math.PI * i) / corners - Math.PI / 2;
    const far = tier === 1 || i % 2 === 0 ? r : r * 0.42;
    path[i ? "lineTo" : "moveTo"](x + far * Math.cos(angle), y + far * Math.sin(angle));
  }
  path.closePath();
}

/** Numbers of a colour as the browser resolves it, for pixels. */
function pixelOf(colour) {
  const [r, g, b] = (colour.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return (255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
}

/** Open the map. `on.choose(row)`, `on.hover(row or -1, x, y)` and `on.focus(row)` hear what is done with it. */
export function openMap(facts, { choose, hover, focus }) {
  const { xy, parent, level, levels, regions } = facts;
  const tierOf = Uint8Array.from(level, (l) => levels[l].tier);
  const placed = [];
  for (let row = 0; row < level.length; row += 1) if (Number.isFinite(xy[2 * row])) placed.push(row);
  const order = Int32Array.from(placed.slice().sort((a, b) => tierOf[a] - tierOf[b])); // the finest below
  const inSight = new Int32Array(order.length);
  let pixelOfRow = null; // colours as numbers, as long as they hold
  const canvas = el("canvas", { class: "vx-share-canvas", tabindex: 0, role: "application", "aria-roledescription": "map", "aria-label": `Map of ${placed.length} segments. Arrow keys walk from point to point, Enter chooses, plus and minus zoom, 0 shows all.` });
  const c = canvas.getContext("2d");
  let [width, height, scale] = [0, 0, 1];
  let view = { x: 0, y: 0, zoom: 1 }; // middle of the sight, in units of the map
  let unit = 1; // pixels per unit of the map at zoom 1
  let middle = [0, 0];
  let colours = null;
  let paint = null;
  let hidden = new Set();
  let marks = { hits: [], chosen: -1, branch: [] };
  let over = -1;
  let names = true;
  let due = 0;
  let rest = 0;
  let moving = false;
  const seen = (row) => !hidden.has(level[row]);
  const sx = (row) => width / 2 + (xy[2 * row] - middle[0] - view.x) * unit * view.zoom;
  const sy = (row) => height / 2 - (xy[2 * row + 1] - middle[1] - view.y) * unit * view.zoom;

  function measure() {
    let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
    for (const row of placed) {
      x0 = Math.min(x0, xy[2 * row]); x1 = Math.max(x1, xy[2 * row]);
      y0 = Math.min(y0, xy[2 * row + 1]); y1 = Math.max(y1, xy[2 * row + 1]);
    }
    middle = placed.length ? [(x0 + x1) / 2, (y0 + y1) / 2] : [0, 0];
    unit = Math.min((width - 48) / Math.max(x1 - x0, 1e-6), (height - 48) / Math.max(y1 - y0, 1e-6));
    if (!Number.isFinite(unit) || unit <= 0) unit = 1;
  }
  function fit() {
    scale = window.devicePixelRatio || 1;
    width = canvas.clientWidth;
    height = canvas.clientHeight;
    canvas.width = Math.max(1, Math.round(width * scale));
    canvas.height = Math.max(1, Math.round(height * scale));
    measure();
    reveal(marks.chosen);
    draw();
  }
  function request() { if (!due) due = requestAnimationFrame(() => { due = 0; draw(); }); }
  /** Draw while it moves: lines and outlines wait until it rests. */
  function glide() {
    clearTimeout(rest);
    rest = setTimeout(() => { moving = false; request(); }, REST_MS);
    moving = placed.length > FINE;
    request();
  }
  const colourOf = (row) => {
    if (!paint) return colours[TIERS[tierOf[row]]];
    const place = paint.places[row];
    return place === UNKNOWN ? colours.line : paint.palette ? paint.palette[place] : colours[`category-${place}`];
  };
  function drawEdges() {
    if (moving || placed.length > EDGES) return;
    c.beginPath();
    for (const row of placed) {
      const above = parent[row];
      if (above < 0 || !Number.isFinite(xy[2 * above]) || !seen(row) || !seen(above)) continue;
      c.moveTo(sx(row), sy(row));
      c.lineTo(sx(above), sy(above));
    }
    c.strokeStyle = colours.edge;
    c.globalAlpha = 0.28;
    c.lineWidth = 0.8;
    c.stroke();
    c.globalAlpha = 1;
  }
  function drawShapes(rows) {
    const size = Math.min(1.6, Math.max(0.8, view.zoom ** 0.25));
    for (let tier = 0; tier < 4; tier += 1) {
      const paths = new Map();
      for (const row of rows) {
        if (tierOf[row] !== tier) continue;
        const colour = colourOf(row);
        let path = paths.get(colour);
        if (!path) paths.set(colour, (path = new Path2D()));
        shape(path, tier, sx(row), sy(row), RADII[tier] * size);
      }
      c.lineWidth = 0.8;
      c.strokeStyle = colours.ground;
      for (const [colour, path] of paths) {
        c.fillStyle = colour;
        c.globalAlpha = tier === 0 ? 0.85 : 1;
        c.fill(path);
        if (!moving && rows.length < 4000) c.stroke(path);
      }
      c.globalAlpha = 1;
    }
  }
  function drawPixels(rows) {
    const image = c.createImageData(canvas.width, canvas.height);
    const pixels = new Uint32Array(image.data.buffer);
    if (!pixelOfRow) {
      const known = new Map();
      pixelOfRow = Uint32Array.from(level, (_, row) => {
        const colour = colourOf(row);
        if (!known.has(colour)) known.set(colour, pixelOf(colour));
        return known.get(colour);
      });
    }
    const { width: wide, height: high } = canvas;
    for (const row of rows) {
      const side = Math.round((2 + 2 * tierOf[row]) * scale);
      const left = Math.round(sx(row) * scale - side / 2);
      const top = Math.round(sy(row) * scale - side / 2);
      const right = Math.min(wide, left + side);
      for (let y = Math.max(0, top); y < Math.min(high, top + side); y += 1) {
        for (let x = Math.max(0, left); x < right; x += 1) pixels[y * wide + x] = pixelOfRow[row];
      }
    }
    c.putImageData(image, 0, 0);
  }
  function ring(row, r, colour, thick) {
    c.beginPath();
    c.arc(sx(row), sy(row), r, 0, 2 * Math.PI);
    c.strokeStyle = colour;
    c.lineWidth = thick;
    c.stroke();
  }
  function write(text, x, y, colour, font) {
    c.font = font;
    c.textAlign = "center";
    c.textBaseline = "middle";
    c.lineWidth = 3.5;
    c.lineJoin = "round";
    c.strokeStyle = colours.ground;
    c.strokeText(text, x, y);
    c.fillStyle = colour;
    c.fillText(text, x, y);
  }
  function drawMarks() {
    const family = getComputedStyle(canvas).fontFamily;
    c.strokeStyle = colours.down;
    c.lineWidth = 1.6;
    c.beginPath();
    for (const [a, b] of marks.branch) {
      if (!Number.isFinite(xy[2 * a]) || !Number.isFinite(xy[2 * b])) continue;
      c.moveTo(sx(a), sy(a));
      c.lineTo(sx(b), sy(b));
    }
    c.stroke();
    const hits = marks.hits.filter(({ row }) => Number.isFinite(xy[2 * row]) && seen(row));
    for (const { row } of hits.slice().reverse()) ring(row, RADII[tierOf[row]] + 3.5, colours.accent, 2);
    if (marks.chosen >= 0 && Number.isFinite(xy[2 * marks.chosen])) ring(marks.chosen, RADII[tierOf[marks.chosen]] + 7, colours.down, 2.6);
    const boxes = hits.slice(0, 10).map(({ row, rank }) => ({ text: String(rank), x: sx(row), y: sy(row) - RADII[tierOf[row]] - 12, width: 14, height: 13, rank: true }));
    if (names) {
      c.font = `11px ${family}`;
      for (const { name, x, y } of regions) {
        const at = [width / 2 + (x - middle[0] - view.x) * unit * view.zoom, height / 2 - (y - middle[1] - view.y) * unit * view.zoom];
        const wide = c.measureText(name).width;
        if (at[0] < 0 || at[0] > width || at[1] < 0 || at[1] > height) continue;
        boxes.push({ text: name, x: Math.max(wide / 2 + 4, Math.min(width - wide / 2 - 4, at[0])), y: at[1], width: wide, height: 13 });
      }
    }
    for (const box of keepApart(boxes)) write(box.text, box.x, box.y, box.rank ? colours.accent : colours.text, `${box.rank ? "700 12px" : "11px"} ${family}`);
    if (over >= 0) ring(over, RADII[tierOf[over]] + 4, colours.text, 1.6);
  }
  function draw() {
    if (!width || !height) return;
    if (!colours) {
      colours = readColours(canvas.parentElement, NAMED);
      pixelOfRow = null;
    }
    c.setTransform(scale, 0, 0, scale, 0, 0);
    c.clearRect(0, 0, width, height);
    drawEdges();
    let count = 0;
    for (const row of order) {
      if (!seen(row)) continue;
      const x = sx(row);
      const y = sy(row);
      if (x > -10 && y > -10 && x < width + 10 && y < height + 10) inSight[count++] = row;
    }
    const rows = inSight.subarray(0, count);
    if (rows.length > CROWD) drawPixels(rows); else drawShapes(rows);
    drawMarks();
  }
  /** The point under a place of the canvas, the coarsest of those that lie on each other; -1 for none. */
  function pointAt(x, y) {
    let best = -1;
    let least = REACH;
    for (const row of placed) {
      if (!seen(row)) continue;
      const dx = sx(row) - x;
      if (dx > 2 * REACH || dx < -2 * REACH) continue;
      const away = Math.hypot(dx, sy(row) - y) - RADII[tierOf[row]] / 2;
      if (away < least) { least = away; best = row; }
    }
    return best;
  }
  function zoom(by, x = width / 2, y = height / 2) {
    const next = Math.max(0.5, Math.min(400, view.zoom * by));
    const shift = 1 / (unit * view.zoom) - 1 / (unit * next);
    view = { x: view.x + (x - width / 2) * shift, y: view.y - (y - height / 2) * shift, zoom: next };
    glide();
  }
  function reset() { view = { x: 0, y: 0, zoom: 1 }; request(); }
  function pan(dx, dy) {
    view = { ...view, x: view.x - dx / (unit * view.zoom), y: view.y + dy / (unit * view.zoom) };
    glide();
  }
  function reveal(row) {
    if (!width || row < 0 || !Number.isFinite(xy[2 * row])) return;
    const [x, y] = [sx(row), sy(row)];
    if (x < 12 || y < 12 || x > width - 12 || y > height - 12) pan(width / 2 - x, height / 2 - y);
  }
  function point(row, x, y) {
    if (row !== over) { over = row; request(); }
    canvas.dataset.over = row >= 0 ? facts.ids[row] : "";
    hover(row, x, y);
  }

  const fingers = new Map();
  let moved = 0;
  canvas.addEventListener("pointerdown", (event) => {
    fingers.set(event.pointerId, [event.offsetX, event.offsetY]);
    canvas.setPointerCapture(event.pointerId);
    moved = 0;
  });
  canvas.addEventListener("pointermove", (event) => {
    const at = [event.offsetX, event.offsetY];
    const before = fingers.get(event.pointerId);
    if (!before) { point(pointAt(...at), ...at); return; }
    moved += Math.hypot(at[0] - before[0], at[1] - before[1]);
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)[1];
      const stretch = Math.hypot(at[0] - other[0], at[1] - other[1]) / Math.max(1, Math.hypot(before[0] - other[0], before[1] - other[1]));
      zoom(stretch, (at[0] + other[0]) / 2, (at[1] + other[1]) / 2);
    } else if (moved > 4) { point(-1, 0, 0); pan(at[0] - before[0], at[1] - before[1]); }
    fingers.set(event.pointerId, at);
  });
  const lift = (event) => {
    if (fingers.delete(event.pointerId) && moved <= 4 && event.type === "pointerup") {
      const row = pointAt(event.offsetX, event.offsetY);
      if (row >= 0) choose(row);
    }
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  canvas.addEventListener("pointerleave", () => point(-1, 0, 0));
  canvas.addEventListener("dblclick", (event) => zoom(2, event.offsetX, event.offsetY));
  canvas.addEventListener("wheel", (event) => {
    event.preventDefault();
    zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), event.offsetX, event.offsetY);
  }, { passive: false });
  canvas.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { "+": () => zoom(1.5), "=": () => zoom(1.5), "-": () => zoom(1 / 1.5), 0: reset, Escape: () => point(-1, 0, 0) }[event.key];
    if (act) act();
    else if (event.key === "Enter" || event.key === " ") { if (over >= 0) choose(over); }
    else if (event.key.startsWith("Arrow")) {
      const rows = placed.filter(seen);
      const start = over >= 0 ? over : marks.chosen >= 0 ? marks.chosen : -1;
      const from = start >= 0 ? [sx(start), sy(start)] : [width / 2, height / 2];
      const next = over < 0 && start >= 0 ? rows.indexOf(start) : pointAhead(rows.map((row) => [sx(row), sy(row)]), from, event.key);
      if (next >= 0) { reveal(rows[next]); point(rows[next], sx(rows[next]), sy(rows[next])); focus(rows[next]); }
    } else return;
    event.preventDefault();
  });
  canvas.addEventListener("blur", () => point(-1, 0, 0));
  const sizes = new ResizeObserver(fit);
  sizes.observe(canvas);

  return {
    element: canvas, placed: placed.length, zoom, reset,
    /** Colours: places of rows on a palette (else hues by number), or null for the level. */
    paint(next) { paint = next; pixelOfRow = null; request(); },
    hide(next) { hidden = next; request(); },
    name(on) { names = on; request(); },
    mark(next) { marks = next; reveal(next.chosen); request(); },
    /** Read the colours anew, for another theme or for paper. */
    dress() { colours = null; draw(); },
    /** Where a row stands on the canvas, in pixels. */
    at: (row) => [sx(row), sy(row)],
  };
}
