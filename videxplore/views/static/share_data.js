// Unpacks what a page carries: JSON and arrays, deflated, as text; pictures and clips as lines of text.

const KINDS = { f4: Float32Array, f8: Float64Array, i2: Int16Array, i4: Int32Array, u1: Uint8Array, u2: Uint16Array };

/** Bytes of a base64 text. */
export function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i += 1) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

/** Undo zlib's deflation. */
export async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Response(stream).arrayBuffer();
}

/** JSON and arrays of a buffer: length of the JSON, the JSON, then each array at a multiple of eight bytes. */
export function readPack(buffer) {
  const length = new DataView(buffer).getUint32(0, true);
  const facts = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  const { arrays, ...rest } = facts;
  for (const [name, [kind, offset, count]] of Object.entries(arrays)) rest[name] = new KINDS[kind](buffer, 4 + length + offset, count);
  return rest;
}

/**
 * Columns of named attributes: `raw` on the encoder's own scale, `valueOf` one row of it, `usual` its mean and
 * standard deviation, `column` as a search compares them.
 */
export function openColumns(facts) {
  const { index, values, scales, means, stretch, level } = facts;
  const count = level.length;
  const held = new Map();
  const blocks = (index.blocks ?? []).map((block) => index.stored.flatMap((j, place) => (j >= block.start && j < block.stop ? [place] : [])));
  const empty = new Map(); // rows that have nothing of a block: they stay at zero, wherever the mean lies
  function emptyOf(block) {
    if (!empty.has(block)) {
      const rows = new Uint8Array(count).fill(1);
      for (const place of blocks[block]) for (let row = 0; row < count; row += 1) if (values[place * count + row]) rows[row] = 0;
      empty.set(block, rows);
    }
    return empty.get(block);
  }
  const usuals = new Map();
  function usual(place) {
    if (!usuals.has(place)) {
      let [sum, squares] = [0, 0];
      for (let at = place * count; at < (place + 1) * count; at += 1) { sum += values[at]; squares += values[at] * values[at]; }
      const mean = sum / count;
      usuals.set(place, { mean: mean * scales[place], spread: Math.sqrt(Math.max(0, squares / count - mean * mean)) * scales[place] });
    }
    return usuals.get(place);
  }
  const valueOf = (place, row) => values[place * count + row] * scales[place];
  function raw(place) {
    const found = new Float64Array(count);
    for (let row = 0; row < count; row += 1) found[row] = values[place * count + row] * scales[place];
    return found;
  }
  function column(place) {
    let found = held.get(place);
    if (!found) {
      const none = emptyOf(blocks.findIndex((places) => places.includes(place)));
      found = new Float32Array(count);
      const width = index.stored.length;
      for (let row = 0; row < count; row += 1) found[row] = none[row] ? 0 : (valueOf(place, row) - means[level[row] * width + place]) * stretch[level[row]];
      held.set(place, found);
    }
    return found;
  }
  return { raw, valueOf, usual, column };
}

/** What the page carries: facts, arrays and columns, with pictures and clips by number. */
export async function unpack(page) {
  const textOf = (id) => page.getElementById(id).textContent.trim();
  const facts = readPack(await inflate(bytesOf(textOf("vx-pack"))));
  const lines = (id) => { const text = textOf(id); return text ? text.split("\n") : []; };
  const pictures = lines("vx-pictures");
  const clips = lines("vx-clips");
  return {
    ...facts, ...openColumns(facts),
    pictureOf: (number) => pictures[number], clipOf: (number) => clips[number],
  };
}
