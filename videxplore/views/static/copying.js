// Text to the clipboard, also on pages that are not served over HTTPS.
import { el } from "./common.js";

const SAID_MS = 1400;

/** Copy `text`; resolves to whether that went well. */
export async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = el("textarea", { "aria-hidden": "true", style: "position:fixed;opacity:0" });
    area.value = text;
    const before = document.activeElement;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    before?.focus();
    return done;
  }
}

/** A button that copies what `read` returns and says so in its own place. */
export function copyButton(label, read, title = "") {
  const word = el("span", { text: label });
  const said = el("span", { class: "vx-sr", role: "status" });
  let timer = 0;
  const button = el("button", { class: "vx-button vx-copy", type: "button", title: title || null, on: { click: copy } }, word);
  async function copy() {
    const done = await copyText(read());
    word.textContent = done ? "Copied" : "Not copied";
    said.textContent = done ? "Copied to the clipboard" : "The browser did not let it be copied";
    clearTimeout(timer);
    timer = setTimeout(() => { word.textContent = label; said.textContent = ""; }, SAID_MS);
  }
  return el("span", { class: "vx-copy-box" }, button, said);
}
