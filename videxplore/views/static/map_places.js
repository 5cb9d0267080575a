// Where things stand on a map in pixels: labels that cover nothing, the next point for an arrow key, a playhead.

/** Places of a label's middle beside a ring, nearest choice first, y downwards. */
export const BESIDE_RING = [[0, -17], [18, 0], [-18, 0], [0, 17], [15, -14], [-15, -14], [15, 14], [-15, 14]];
/** Places of a name, which may stand on its point. */
export const AROUND_NAME = [[0, 0], [0, -20], [0, 20], [0, -40], [0, 40]];

const overlap = (a, b) => Math.abs(a.x - b.x) * 2 < a.width + b.width && Math.abs(a.y - b.y) * 2 < a.height + b.height;

/**
 * Boxes for labels, the first choosing first; null for one that finds no room at any of `offsets`.
 * `taken`, which grows, holds the boxes that no label may cover. All boxes are given by their middle.
 */
export function placeLabels(labels, taken, offsets, room) {
  return labels.map(({ x, y, width, height }) => {
    for (const [dx, dy] of offsets) {
      const box = { x: x + dx, y: y + dy, width, height };
      const inside = box.x - width / 2 >= 0 && box.x + width / 2 <= room.width && box.y - height / 2 >= 0 && box.y + height / 2 <= room.height;
      if (!inside || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return box;
    }
    return null;
  });
}

const TOWARDS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

/**
 * Index of the nearest point in the direction of an arrow key, -1 for none. Points in one place follow each other to
 * the right, so that every point is reached.
 */
export function nextPoint(xs, ys, from, key) {
  const [ax, ay] = TOWARDS[key];
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < xs.length; i++) {
    if (i === from) continue;
    const dx = xs[i] - xs[from];
    const dy = ys[i] - ys[from];
    const ahead = dx * ax + dy * ay;
    const aside = Math.abs(dx * ay - dy * ax);
    const same = dx === 0 && dy === 0 && ay === 0 && (i - from) * ax > 0;
    if (!same && (ahead <= 0 || aside > ahead)) continue;
    const cost = same ? Math.abs(i - from) * 1e-9 : ahead + 2 * aside;
    if (cost < least) { least = cost; best = i; }
  }
  return best;
}

/** Index of the point nearest to a place, -1 for none. */
export function nearestPoint(xs, ys, x, y) {
  let best = -1;
  let least = Infinity;
  for (let i = 0; i < xs.length; i++) {
    const away = (xs[i] - x) ** 2 + (ys[i] - y) ** 2;
    if (away < least) { least = away; best = i; }
  }
  return best;
}

/** Number of the first point of a path at a time or after it; of the last one where all are before. */
function pointAfter(t, time) {
  const after = t.findIndex((moment) => moment >= time);
  return after < 0 ? t.length - 1 : after;
}

/** Legs of a path around a time, with numbers of the points that each joins, fainter the farther away in time. */
export function legsAround({ t }, time, reach = 3) {
  if (!t?.length) return [];
  const now = pointAfter(t, time);
  const legs = [];
  for (let to = Math.max(1, now - reach); to <= Math.min(t.length - 1, now + reach); to += 1) {
    legs.push({ from: to - 1, to, strength: 1 - Math.abs(to - now) / (reach + 1) });
  }
  return legs;
}

/** Where a video stands at a time: between the points of two stretches, or on the nearer one if it must not glide. */
export function alongPath({ t, x, y }, time, glide = true) {
  if (!t?.length) return null;
  const after = pointAfter(t, time);
  const before = Math.max(0, after - 1);
  const span = t[after] - t[before];
  const share = span > 0 ? Math.min(1, Math.max(0, (time - t[before]) / span)) : 1;
  const part = glide ? share : Math.round(share);
  return { x: x[before] + (x[after] - x[before]) * part, y: y[before] + (y[after] - y[before]) * part };
}

/** How a plotly figure turns numbers into pixels of its plot area; null while it has none. */
export function scaleOf(plot) {
  const { xaxis, yaxis } = plot?._fullLayout ?? {};
  if (!xaxis?._length || !yaxis?._length) return null;
  const [x0, x1] = xaxis.range;
  const [y0, y1] = yaxis.range;
  return {
    left: xaxis._offset, top: yaxis._offset, width: xaxis._length, height: yaxis._length,
    window: [Math.min(x0, x1), Math.max(x0, x1), Math.min(y0, y1), Math.max(y0, y1)],
    x: (value) => ((value - x0) / (x1 - x0)) * xaxis._length,
    y: (value) => ((y1 - value) / (y1 - y0)) * yaxis._length,
  };
}
