// What the timeline of a page stands on: a tree that is not too wide, and a model without a kernel.

const MANY = 200; // segments of one level from which only those around the choice are drawn

/** Segments of one video for the timeline: a level of too many is folded to what the chosen segment is part of. */
export function foldTree(items, chosenParents, most = MANY) {
  const counts = new Map();
  for (const item of items) counts.set(item.level, (counts.get(item.level) ?? 0) + 1);
  return items.filter((item) => counts.get(item.level) <= most || chosenParents.has(item.parent) || chosenParents.has(item.id));
}

/** A widget's model whose other side is this page. */
export function openModel(state, onMessage) {
  const listeners = new Map();
  const fire = (event, ...given) => [...(listeners.get(event) ?? [])].forEach((listener) => listener(...given));
  return {
    get: (name) => state[name],
    set(name, value) { state[name] = value; fire(`change:${name}`); },
    save_changes() {},
    on(event, listener) { if (!listeners.has(event)) listeners.set(event, new Set()); listeners.get(event).add(listener); },
    off(event, listener) { listeners.get(event)?.delete(listener); },
    send(content) { queueMicrotask(() => onMessage(content, (answer, buffers) => fire("msg:custom", answer, buffers))); },
  };
}
