// Ways through a segment tree, for whatever draws one.

/** Where an arrow key leads in the tree: sideways on the level, up to the parent, down to the first child. */
export function treeStep(segments, id, key) {
  const here = segments.find((s) => s.id === id);
  if (!here) return segments[0]?.id ?? "";
  if (key === "ArrowUp") return here.parent && segments.some((s) => s.id === here.parent) ? here.parent : id;
  if (key === "ArrowDown") {
    const children = segments.filter((s) => s.parent === id).sort((a, b) => a.start - b.start);
    return children[0]?.id ?? id;
  }
  const row = segments.filter((s) => s.level === here.level).sort((a, b) => a.start - b.start);
  const at = row.indexOf(here);
  const to = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: row.length - 1 }[key];
  return to === undefined ? id : row[Math.max(0, Math.min(row.length - 1, to))].id;
}

/** A segment and what holds it, coarsest first. */
export function lineage(segments, id) {
  const byId = new Map(segments.map((s) => [s.id, s]));
  const chain = [];
  for (let s = byId.get(id); s; s = byId.get(s.parent)) chain.unshift(s);
  return chain;
}
