// Arithmetic of a zoomable time line: a view is {start, length} in seconds, shown on some pixels.

const ROUND_S = [0.04, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400];
const SHORTEST_VIEW_S = 0.5;

/** The view moved and cut so that it lies inside the video. */
export function fitView(view, duration) {
  const length = Math.max(Math.min(SHORTEST_VIEW_S, duration), Math.min(duration, view.length));
  return { start: Math.max(0, Math.min(duration - length, view.start)), length };
}

/** Zoom by `factor` (above 1: nearer); what lies at time `at` stays where it is. */
export function zoomView(view, factor, at, duration) {
  const length = Math.max(Math.min(SHORTEST_VIEW_S, duration), Math.min(duration, view.length / factor));
  const share = (at - view.start) / view.length;
  return fitView({ start: at - share * length, length }, duration);
}

/** The view moved as little as needed to show `start` to `end`; a longer stretch is shown from its start. */
export function revealView(view, start, end, duration) {
  const inner = view.length * 0.04;
  if (end - start > view.length - 2 * inner) {
    const seen = start < view.start + view.length && end > view.start;
    return seen ? view : fitView({ start: start - inner, length: view.length }, duration);
  }
  if (start < view.start) return fitView({ start: start - inner, length: view.length }, duration);
  if (end > view.start + view.length) return fitView({ start: end + inner - view.length, length: view.length }, duration);
  return view;
}

/** Index of the last of the ascending `times` that is at or before `time`; 0 where none is. */
export function indexAt(times, time) {
  let low = 0;
  let high = times.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (times[middle] <= time + 1e-6) low = middle;
    else high = middle - 1;
  }
  return Math.max(0, low);
}

/** Index of the time nearest to `time`; -1 where there is none. */
export function nearestAt(times, time) {
  if (!times.length) return -1;
  const at = indexAt(times, time);
  return at + 1 < times.length && times[at + 1] - time < Math.abs(time - times[at]) ? at + 1 : at;
}

/** [first, last] index of the segments that the view shows. */
export function shownRange(starts, view) {
  return [indexAt(starts, view.start), indexAt(starts, view.start + view.length)];
}

/** Round times for the axis of a view, at least `apart` pixels from each other. */
export function timeMarks(view, width, apart = 76) {
  const least = (view.length * apart) / Math.max(1, width);
  const step = ROUND_S.find((s) => s >= least) ?? least;
  const marks = [];
  for (let i = Math.ceil(view.start / step - 1e-9); i * step <= view.start + view.length + 1e-9; i += 1) marks.push(i * step);
  return { step, marks };
}

/** The finest of the levels (coarsest first) on which most of what is shown has room for a picture. */
export function levelWithRoom(levels, view, width, room) {
  const perSecond = width / view.length;
  const fits = ({ starts, ends }) => {
    if (!starts.length) return false;
    const [first, last] = shownRange(starts, view);
    let roomy = 0;
    let all = 0;
    for (let i = first; i <= last; i += 1) {
      const shown = Math.max(0, Math.min(ends[i], view.start + view.length) - Math.max(starts[i], view.start)) * perSecond;
      all += shown;
      if (shown >= room) roomy += shown;
    }
    return all > 0 && roomy >= 0.6 * all;
  };
  for (let i = levels.length - 1; i > 0; i -= 1) if (fits(levels[i])) return i;
  return 0;
}

/** Where on a logarithmic slider from 0 to 1 a value lies, and back. */
export function toSlider(value, least, most) {
  return Math.log(value / least) / Math.log(most / least);
}
export function fromSlider(place, least, most) {
  const value = least * (most / least) ** place;
  return value < 10 ? Math.round(value * 10) / 10 : Math.round(value);
}

/** A target kept strictly between those of the finer and the coarser level. */
export function keepRising(value, finer, coarser) {
  let kept = value;
  if (coarser !== undefined && kept >= coarser) kept = Math.max(coarser * 0.9, coarser - 1);
  if (finer !== undefined && kept <= finer) kept = Math.min(finer * 1.1, finer + 1);
  return Math.round(kept * 1000) / 1000;
}
