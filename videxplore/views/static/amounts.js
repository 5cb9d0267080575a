// Amounts as views/scorecard/amounts.py writes them.

const LARGE = [[1e12, "trillion"], [1e9, "billion"], [1e6, "million"]];
const BYTES = [[1e15, "PB"], [1e12, "TB"], [1e9, "GB"], [1e6, "MB"], [1e3, "kB"], [1, "B"]];
const PER = { "/month": " a month", "/min": " a minute" };

function rounded(value) {
  let text = value.toPrecision(3);
  if (text.includes("e")) text = value >= 1 ? Number(text).toFixed(0) : Number(text).toFixed(6);
  if (value < 1e-4) text = Number(text).toFixed(6);
  if (text.includes(".")) text = text.replace(/0+$/, "").replace(/\.$/, "");
  return text.replace(/^\d+$/, (whole) => whole.replace(/\B(?=(\d{3})+$)/g, ","));
}

/** Three significant digits without an exponent, large numbers in words. */
export function significant(value) {
  if (Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return "no bound";
  if (value < 0) return `−${significant(-value)}`;
  for (const [size, word] of LARGE) if (value >= 0.9995 * size) return `${rounded(value / size)} ${word}`;
  return rounded(value);
}

/** An amount of money, time or bytes with its unit. */
export function amount(value, unit) {
  if (!Number.isFinite(value)) return significant(value);
  if (unit.startsWith("$")) return `${value < 0 ? "−" : ""}$${significant(Math.abs(value))}${PER[unit.slice(1)] ?? unit.slice(1)}`;
  if (unit === "B") {
    const [size, word] = BYTES.find(([least]) => Math.abs(value) >= 0.9995 * least) ?? BYTES.at(-1);
    return `${rounded(value / size)} ${word}`;
  }
  return `${significant(value)} ${unit}`;
}
