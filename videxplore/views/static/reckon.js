// The reckoning of stages/licensing/economics.py, so that the page answers when a constant is changed.

const times = (a, b) => a.map((x, i) => x * b[i]);
const scaled = (a, factor) => a.map((x) => x * factor);
/** Quotient: least over most, most over least; without bound over nothing. */
const over = (a, b) => [[0, 2], [1, 1], [2, 0]].map(([i, k]) => (b[k] === 0 ? Infinity : a[i] / b[k]));

/** What an archive of so many bytes holds and costs: name -> [low, likely, high]. */
export function reckon(bytes, share, known) {
  const hours = over([bytes, bytes, bytes].map((b) => (b * 8) / 3.6e9), known.bitrate);
  const minutes = scaled(hours, 60);
  const machineHours = over(hours, known.speed);
  const embeddingMinute = scaled(over(known.machine, known.speed), 1 / 60);
  const gain = times(known.worth, share);
  return {
    hours,
    minutes,
    novel_usable_minutes: times(minutes, share),
    price: times(minutes, known.price),
    storage_month: scaled(known.storage, bytes / 1e12),
    embedding: times(machineHours, known.machine),
    embedding_days: scaled(over(machineHours, known.machines), 1 / 24),
    vectors: times(times(hours, known.vectors), known.vector_bytes),
    per_novel_usable_minute: over(known.price.map((p, i) => p + embeddingMinute[i]), share),
    break_even: gain.map((g, i) => g - embeddingMinute[2 - i]),
  };
}

/** Why three numbers are no constant, or an empty text. */
export function objection([low, likely, high]) {
  if (![low, likely, high].every((value) => Number.isFinite(value))) return "Three numbers are needed.";
  if (low < 0) return "Nothing here is below zero.";
  return low <= likely && likely <= high ? "" : "Low, likely and high must rise.";
}
