// The scorecard's own script: clips play, constants can be changed and are reckoned with anew. All else stands
// without it.
import { amount } from "./amounts.js";
import { objection, reckon } from "./reckon.js";

// Each clip is in the page once, however often it is shown. One that is opened plays, with its counterpart.
const clips = document.getElementById("vx-clips").textContent.split("\n");
for (const opened of document.querySelectorAll(".vx-clip")) {
  const video = opened.querySelector("video");
  opened.hidden = false;
  opened.addEventListener("toggle", () => {
    const beside = opened.closest("li").querySelectorAll(".vx-clip");
    for (const one of beside) one.open = opened.open;
    if (!opened.open) { video.pause(); return; }
    video.muted = opened !== beside[0];
    video.src ||= clips[Number(opened.dataset.clip)];
    for (const other of document.querySelectorAll(".vx-clip[open]")) if (other.closest("li") !== opened.closest("li")) other.open = false;
    video.play().catch(() => {}); // a browser that refuses leaves the button of the video itself
  });
}

const held = document.getElementById("vx-costs");
if (held) edit(JSON.parse(held.textContent));

function field(name, value, label) {
  const input = document.createElement("input");
  Object.assign(input, { type: "number", step: "any", min: "0", value: String(value), name, autocomplete: "off" });
  input.setAttribute("aria-label", label);
  return input;
}

function edit(report) {
  const words = ["low", "likely", "high"];
  const share = report.share.map((end) => end ?? NaN);
  const said = document.getElementById("vx-reckoned");
  const fields = {};
  for (const row of document.querySelectorAll("[data-constant]")) {
    const name = row.dataset.constant;
    fields[name] = [...row.querySelectorAll("[data-end]")].map((cell, i) => {
      const input = field(`${name}-${words[i]}`, report.known[name][i], `${report.names[name]}, ${words[i]}`);
      cell.replaceChildren(input);
      input.addEventListener("input", again);
      return input;
    });
  }
  const size = field("terabytes", report.bytes / 1e12, "Size of the archive in terabytes");
  size.addEventListener("input", again);
  document.getElementById("vx-size").replaceChildren(size, " TB");
  const back = document.createElement("button");
  Object.assign(back, { type: "button", textContent: "As reported", className: "vx-button", hidden: true });
  back.addEventListener("click", () => {
    for (const [name, inputs] of Object.entries(fields)) inputs.forEach((input, i) => { input.value = String(report.known[name][i]); });
    size.value = String(report.bytes / 1e12);
    again();
    size.focus();
  });
  said.after(back);
  document.getElementById("vx-edit-hint").hidden = false;

  function again() {
    const known = {};
    let wrong = "";
    let changed = Number(size.value) !== report.bytes / 1e12;
    for (const [name, inputs] of Object.entries(fields)) {
      known[name] = inputs.map((input) => (input.value.trim() ? Number(input.value) : NaN));
      const problem = objection(known[name]);
      for (const [i, input] of inputs.entries()) {
        input.setAttribute("aria-invalid", String(Boolean(problem)));
        const other = known[name][i] !== report.known[name][i];
        input.dataset.changed = String(other);
        changed ||= other;
      }
      if (problem && !wrong) wrong = `${report.names[name]}: ${problem}`;
    }
    const bytes = Number(size.value) * 1e12;
    size.setAttribute("aria-invalid", String(!(bytes > 0)));
    size.dataset.changed = String(Number(size.value) !== report.bytes / 1e12);
    if (!(bytes > 0)) wrong ||= "The size of the archive must be above zero.";
    back.hidden = !changed;
    if (wrong) { said.textContent = `Not reckoned: ${wrong} The table shows what was reckoned last.`; return; }
    const found = reckon(bytes, share, known);
    for (const row of document.querySelectorAll("[data-figure]")) {
      const unit = report.units[row.dataset.figure];
      found[row.dataset.figure].forEach((value, i) => { row.cells[i + 1].textContent = amount(value, unit); });
    }
    said.textContent = changed ? "Reckoned with changed numbers: these are not the report's." : "";
  }
}
