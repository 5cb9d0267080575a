// What is asked of the kernel while a slider is dragged: one wish under way, the latest waits.
import { commit } from "./common.js";

/** Send wishes one at a time: what is asked meanwhile waits, and the latest of each kind wins. */
export function openWishes(model, onBusy) {
  let waiting = {};
  let flying = false;
  let timer = 0;
  function flush() {
    if (flying) return;
    const fresh = Object.entries(waiting).filter(([name, value]) => JSON.stringify(model.get(name)) !== JSON.stringify(value));
    waiting = {};
    if (!fresh.length) return;
    flying = true;
    onBusy(true);
    commit(model, Object.fromEntries(fresh));
  }
  function answered() {
    flying = false;
    onBusy(false);
    flush();
  }
  model.on("change:_turn", answered);
  return {
    ask(traits, wait = 0) {
      Object.assign(waiting, traits);
      clearTimeout(timer);
      if (wait) timer = setTimeout(flush, wait);
      else flush();
    },
    /** The value asked for last, answered or not. */
    last: (name) => waiting[name] ?? model.get(name),
    close() { clearTimeout(timer); model.off("change:_turn", answered); },
  };
}
