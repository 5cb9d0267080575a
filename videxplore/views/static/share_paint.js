// What the colour of a point stands for: the level, groups by hue, or numbers on a scale.

const HUES = 9;
export const UNKNOWN = -1;

/** Bounds of a scale: the 2nd and the 98th percentile, so that one outlier does not leave all others alike. */
export function boundsOf(values) {
  const known = Array.from(values).filter(Number.isFinite).sort((a, b) => a - b);
  const at = (share) => { // linear between neighbours, as numpy has it
    const place = share * (known.length - 1);
    const low = Math.floor(place);
    return known[low] + (known[Math.min(low + 1, known.length - 1)] - known[low]) * (place - low);
  };
  if (!known.length) return [0, 1];
  const [low, high] = [at(0.02), at(0.98)];
  return high > low ? [low, high] : [low - 0.5, low + 0.5];
}

/** Groups in order of appearance; the largest have a hue of their own, the others share one. */
export function groupsOf(values) {
  const counted = new Map();
  for (const value of values) if (value !== "") counted.set(value, (counted.get(value) ?? 0) + 1);
  const largest = new Set([...counted].sort((a, b) => b[1] - a[1]).slice(0, HUES).map(([value]) => value));
  const shown = [...counted.keys()].filter((value) => largest.has(value));
  const place = new Map(shown.map((value, i) => [value, i]));
  return { names: shown, more: counted.size - shown.length, of: (value) => place.get(value) ?? UNKNOWN };
}

/** Place of each number on a scale of `steps` colours, UNKNOWN where there is no number. */
export function shadesOf(values, [low, high], steps) {
  return Int16Array.from(values, (value) => {
    if (!Number.isFinite(value)) return UNKNOWN;
    return Math.max(0, Math.min(steps - 1, Math.floor(((value - low) / (high - low)) * steps)));
  });
}

/** A number in at most three digits or, from a hundred on, without decimals. */
export function shortNumber(value) {
  const text = Math.abs(value) >= 100 ? Math.round(value).toLocaleString("en") : String(Number(value.toPrecision(3)));
  return text.replace("-", "−");
}
