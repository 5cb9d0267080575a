// A library on a page of its own: search, map, segment trees, pictures and clips, without kernel and network.
import { el, formatTime, openPosters } from "./common.js";
import timeline from "./timeline.js";
import { openPlayback } from "./playback.js";
import { bytesOf, unpack } from "./share_data.js";
import { openSearch } from "./share_search.js";
import { term } from "./share_stem.js";
import { openMap } from "./share_map.js";
import { openMapBar } from "./share_bar.js";
import { openDetails } from "./share_details.js";
import { openList } from "./share_list.js";
import { foldTree, openModel } from "./share_tree.js";
import { aboutSearch, lostWords } from "./share_about.js";

const THEMES = [["auto", "Theme: as the system"], ["light", "Theme: light"], ["dark", "Theme: dark"]];

async function open(app) {
  const facts = await unpack(document);
  const { ids, start, end, parent, level, levels, video, videos, said, picture } = facts;
  if (!ids.length) {
    dressPage(() => {}, () => {});
    app.replaceChildren(el("div", { class: "vx-message" }, el("strong", { text: "This library is empty" }), el("div", { text: "There was nothing in it when the page was written." })));
    return;
  }
  const rowOf = new Map(ids.map((id, row) => [id, row]));
  const children = new Map();
  parent.forEach((above, row) => { if (above >= 0) { if (!children.has(above)) children.set(above, []); children.get(above).push(row); } });
  for (const rows of children.values()) rows.sort((a, b) => start[a] - start[b]);
  const rowsOf = new Map();
  video.forEach((v, row) => { if (!rowsOf.has(v)) rowsOf.set(v, []); rowsOf.get(v).push(row); });
  facts.childrenOf = (row) => children.get(row) ?? [];
  const clipOf = new Map(facts.clips.map((clip, number) => [clip.row, { ...clip, number }]));
  const search = openSearch(facts);
  const itemOf = (row) => ({
    id: ids[row], row, name: videos[video[row]], level: levels[level[row]].name, tier: levels[level[row]].tier,
    start: start[row], end: end[row], time: `${formatTime(start[row])}–${formatTime(end[row])}`, transcript: said[row],
    parent: parent[row] >= 0 ? ids[parent[row]] : null, children: facts.childrenOf(row).length, coherence: facts.coherence[row], persistence: 0,
  });
  const urls = new Map();
  const channel = {
    async poster(id) {
      const number = picture[rowOf.get(id)];
      if (!(number >= 0)) throw new Error("this page has no picture of it");
      return `data:image/jpeg;base64,${facts.pictureOf(number)}`;
    },
    async order(kind, id) {
      const clip = clipOf.get(rowOf.get(id));
      if (!clip || (kind !== "clip" && kind !== "cues")) throw new Error("this page has no clip of it");
      if (kind === "cues") return { cues: clip.cues };
      if (!urls.has(id)) urls.set(id, URL.createObjectURL(new Blob([bytesOf(facts.clipOf(clip.number))], { type: clip.type })));
      return { url: urls.get(id), times: clip.times, pace: clip.pace, preview: clip.preview, served: null };
    },
    cancel() {},
  };
  const posters = openPosters(channel);
  const state = { row: -1, found: null, answer: null };
  const roots = ids.map((_, row) => row).filter((row) => parent[row] < 0);

  // What can be asked
  const input = el("input", { type: "search", class: "vx-query", placeholder: "Words said, or how it looks and sounds", "aria-label": "Query", autocomplete: "off", spellcheck: "false" });
  const wanted = el("select", { class: "vx-select", "aria-label": "Level of the answers" }, el("option", { value: "any", text: "any level" }), ...levels.map(({ name }) => el("option", { value: name, text: name })));
  const form = el("form", { class: "vx-finder-form vx-share-form", role: "search" }, input, el("button", { class: "vx-button vx-go", type: "submit", text: "Search" }));
  const about = el("details", { class: "vx-share-about" }, el("summary", { text: "What this search is" }), ...aboutSearch(facts).map((text) => el("p", { text })));
  const asked = el("div", { class: "vx-share-asked", role: "group", "aria-label": "Answers made in Python", hidden: !facts.answers.length }, el("span", { class: "vx-muted", text: "Asked in Python:" }),
    ...facts.answers.map((answer, i) => el("button", { class: "vx-button", type: "button", "aria-pressed": "false", data: { answer: i }, text: `${answer.text}${answer.raw ? "" : ` · ${answer.system}`}`, on: { click: () => recall(answer) } })));
  const list = openList({ itemOf, posters, choose });
  const finder = el("section", { class: "vx-finder vx-share-finder", "aria-label": "Search" }, form, asked, el("div", { class: "vx-share-line" }, list.status, wanted), list.element, about);

  // The map, with what says how it is drawn
  const card = el("div", { class: "vx-share-hover", hidden: true, "aria-hidden": "true" });
  const heard = el("p", { class: "vx-sr", role: "status" });
  const map = openMap(facts, { choose, hover: showCard, focus: (row) => { heard.textContent = spokenPoint(row); } });
  const bar = openMapBar(facts, map, { videoNames: videos });
  const buttons = [["+", "Zoom in", () => map.zoom(1.5)], ["−", "Zoom out", () => map.zoom(1 / 1.5)], ["⤢", "Show all", () => map.reset()]];
  const stage = el("div", { class: "vx-share-stage" }, map.element, el("div", { class: "vx-share-zoom" }, ...buttons.map(([text, label, click]) => el("button", { class: "vx-button", type: "button", text, "aria-label": label, title: label, on: { click } }))), card);
  const panel = el("section", { class: "vx-share-map", "aria-label": "Map", hidden: !map.placed }, bar.element, stage, el("p", { class: "vx-share-caption vx-muted", text: facts.caption }), heard);

  // The chosen segment
  const playback = openPlayback(channel, { onPart: (id) => choose(rowOf.get(id)), onTime: (time) => tree.set("current_time", time) });
  playback.element.querySelector(".vx-sound")?.click(); // quiet until somebody wants sound
  const still = el("div", { class: "vx-share-still" });
  const name = el("h2", {});
  const where = el("p", { class: "vx-share-where" });
  const file = el("p", { class: "vx-muted vx-share-file" });
  const details = openDetails(facts, { itemOf, posters, choose });
  const chosen = el("section", { class: "vx-share-chosen", "aria-label": "Chosen segment" }, playback.element, still, name, where, file, details.element);

  // The tree of its video
  const pick = el("select", { class: "vx-select", "aria-label": "Video", on: { change: () => openTree(Number(pick.value)) } }, ...roots.map((row) => el("option", { value: row, text: videos[video[row]] })));
  const lanes = el("div", {});
  const tree = openModel({ _tree: {}, _hits: {}, _selected: [], current_time: -1, _twin: "" }, (content, answer) => {
    if (content.kind === "choose") { choose(rowOf.get(content.id)); return; }
    const number = content.kind === "poster" ? picture[rowOf.get(content.id)] : -1;
    if (!(number >= 0)) { answer({ ...content, ok: false, reason: "this page has no picture of it" }); return; }
    answer({ ...content, ok: true, type: "image/jpeg" }, [new DataView(bytesOf(facts.pictureOf(number)).buffer)]);
  });
  const forest = el("section", { class: "vx-share-forest", "aria-label": "Segments of the video" }, el("div", { class: "vx-share-pick" }, el("span", { text: "Video" }), pick), lanes);

  function spokenPoint(row) {
    const item = itemOf(row);
    return `${item.name}, ${item.level}, ${item.time}. Enter chooses it.`;
  }
  function showCard(row, x, y) {
    card.hidden = row < 0;
    if (row < 0) return;
    const item = itemOf(row);
    if (card.dataset.row !== String(row)) {
      card.dataset.row = row;
      const score = state.found?.total ? `score ${state.found.total[row].toFixed(2)}` : "";
      const image = el("img", { class: "vx-poster", alt: "" });
      channel.poster(item.id).then((url) => { image.src = url; }, () => { image.hidden = true; });
      card.replaceChildren(image, el("b", { text: item.name }), el("span", { class: "vx-level", data: { tier: item.tier }, text: `${item.level} ${item.time}` }), el("span", { class: "vx-muted vx-share-snippet", text: [score, item.transcript].filter(Boolean).join(" · ") }));
    }
    const room = stage.getBoundingClientRect();
    card.style.left = `${x + card.offsetWidth + 18 < room.width ? x + 14 : Math.max(4, x - card.offsetWidth - 14)}px`;
    card.style.top = `${Math.max(4, Math.min(room.height - card.offsetHeight - 4, y - card.offsetHeight / 2))}px`;
  }
  function ask() {
    const text = input.value.trim();
    state.answer = null;
    state.found = text ? search.search(text, { level: wanted.value }) : null;
    press();
    if (!state.found) { list.videos(roots); hit(); return; }
    const kinds = { visual: "visual", audio: "audio", text: "text" };
    const hits = state.found.hits.map((one) => ({
      ...one, also: one.stands ? `+${one.stands} inside or around` : "",
      parts: one.parts.map((part) => ({ word: facts.words[part.name] ?? part.name, kind: kinds[part.name] ?? "other", amount: part.amount })),
    }));
    list.show(hits, { said: `${hits.length} found in this page`, remarks: lostWords(state.found, facts) });
    hit();
  }
  function recall(answer) {
    input.value = answer.text;
    state.answer = answer;
    state.found = null;
    press();
    const by = answer.raw ? "Python, raw order" : `Python, reranked by ${answer.system}`;
    list.show(answer.hits, { said: `${answer.hits.length} found by ${by}, level ${answer.level}`, remarks: answer.notes, moved: !answer.raw });
    hit();
  }
  function press() {
    for (const node of asked.querySelectorAll("button")) node.setAttribute("aria-pressed", String(facts.answers[node.dataset.answer] === state.answer));
  }
  const hitsNow = () => state.found?.hits ?? state.answer?.hits ?? [];
  /** Show hits and choice in every part. */
  function hit() {
    const hits = hitsNow();
    const branch = [];
    if (state.row >= 0) {
      for (let at = state.row; parent[at] >= 0; at = parent[at]) branch.push([at, parent[at]]);
      for (const part of facts.childrenOf(state.row)) branch.push([part, state.row]);
    }
    map.mark({ hits, chosen: state.row, branch });
    bar.score(state.found?.total ?? (state.answer ? scoresOf(state.answer) : null));
    list.mark(state.row);
    tree.set("_hits", Object.fromEntries(hits.map(({ row, rank }) => [ids[row], rank])));
    describe();
    remember();
  }
  function scoresOf(answer) {
    const scores = new Float64Array(ids.length).fill(NaN);
    for (const { row, score } of answer.hits) scores[row] = score;
    return scores;
  }
  function describe() {
    const { row, found, answer } = state;
    if (row < 0) return;
    const words = found?.words ?? (answer ? answer.text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [] : []);
    details.show(row, {
      wanted: new Set(words.map(term)), why: found?.hits.some((one) => one.row === row) ? search.reasons(found, row) : [],
      reasons: answer?.hits.find((one) => one.row === row)?.reasons ?? [],
    });
  }
  function openTree(root) {
    const mine = rowsOf.get(video[root]);
    const around = new Set();
    for (let at = state.row; at >= 0; at = parent[at]) around.add(ids[at]);
    if (!around.size) around.add(ids[root]);
    const present = new Set(mine.map((row) => level[row]));
    pick.value = String(root);
    tree.set("_tree", {
      name: videos[video[root]], duration: mine.reduce((last, row) => Math.max(last, end[row]), 0),
      levels: levels.filter((_, i) => present.has(i)).reverse(), segments: foldTree(mine.map(itemOf), around),
    });
  }
  function choose(row) {
    if (row === undefined || row < 0) return;
    state.row = row;
    const item = itemOf(row);
    const clip = clipOf.has(row);
    const parts = facts.childrenOf(row);
    playback.element.hidden = !clip;
    still.hidden = clip;
    playback.show(clip ? { ...item, parts: parts.map(itemOf) } : null, clip);
    if (!clip) {
      const image = el("img", { class: "vx-poster", alt: "" });
      channel.poster(item.id).then((url) => { image.src = url; }, () => {});
      still.replaceChildren(image);
    }
    name.textContent = item.name;
    where.replaceChildren(el("span", { class: "vx-level", data: { tier: item.tier }, text: item.level }), el("span", { text: item.time }), el("span", { class: "vx-muted", text: `${(item.end - item.start).toFixed(1)} s` }));
    const borrowed = facts.borrowed[row] ? " The picture is of the segment around it." : "";
    file.textContent = clip ? "" : `No clip in this page: it is in the file ${item.name}, at ${item.time}.${borrowed}`;
    let root = row;
    while (parent[root] >= 0) root = parent[root];
    openTree(root);
    tree.set("current_time", item.start);
    tree.set("_selected", [item.id]);
    hit();
  }
  function remember() {
    const place = new URLSearchParams();
    if (input.value.trim()) place.set("q", input.value.trim());
    if (wanted.value !== "any") place.set("level", wanted.value);
    if (state.answer) place.set("a", String(facts.answers.indexOf(state.answer)));
    if (state.row >= 0) place.set("s", ids[state.row]);
    history.replaceState(null, "", place.size ? `#${place}` : location.pathname);
  }
  /** Be where the address says: what was asked, and what was chosen. */
  function restore() {
    const place = new URLSearchParams(location.hash.slice(1));
    input.value = place.get("q") ?? "";
    if (levels.some(({ name: one }) => one === place.get("level"))) wanted.value = place.get("level");
    const answer = facts.answers[place.get("a")];
    const row = rowOf.get(place.get("s"));
    if (answer) recall(answer); else ask();
    choose(row ?? hitsNow()[0]?.row ?? roots[0]);
  }
  form.addEventListener("submit", (event) => { event.preventDefault(); ask(); const first = hitsNow()[0]; if (first) choose(first.row); });
  wanted.addEventListener("change", () => { if (input.value.trim()) ask(); });
  input.addEventListener("input", () => { if (!input.value) ask(); });
  input.addEventListener("keydown", (event) => { if (event.key === "ArrowDown") { list.focus(); event.preventDefault(); } });
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.closest("input, select, textarea")) { input.focus(); input.select(); event.preventDefault(); }
  });

  dressPage(map.dress, () => {
    for (const image of app.querySelectorAll("img[data-segment]:not([src])")) {
      const number = picture[rowOf.get(image.dataset.segment)];
      if (number >= 0) image.src = `data:image/jpeg;base64,${facts.pictureOf(number)}`;
    }
  });
  app.replaceChildren(finder, panel, chosen, forest, ...facts.remarks.map((text) => el("p", { class: "vx-muted vx-share-remark", text })));
  app.classList.toggle("vx-share-mapless", !map.placed);
  timeline.render({ model: tree, el: lanes });
  restore();
}

/** The switch between light and dark; on paper it is light, and `complete` as it will not be scrolled. */
function dressPage(redraw, complete) {
  const page = document.documentElement;
  const theme = el("select", { class: "vx-select vx-share-theme", "aria-label": "Theme" }, ...THEMES.map(([value, text]) => el("option", { value, text })));
  const dress = (value) => {
    if (value === "auto") page.removeAttribute("theme"); else page.setAttribute("theme", value);
    redraw();
  };
  theme.addEventListener("change", () => dress(theme.value));
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  window.addEventListener("beforeprint", () => { dress("light"); complete(); });
  window.addEventListener("afterprint", () => dress(theme.value));
  document.querySelector(".vx-share-head").append(theme);
}

const root = document.getElementById("vx-app");
open(root).catch((error) => {
  root.replaceChildren(el("div", { class: "vx-message", role: "alert", data: { kind: "error" } }, el("strong", { text: "This page could not be opened" }),
    el("div", { text: `${error.message}. It needs a browser of 2024 or later.` })));
  throw error;
});
