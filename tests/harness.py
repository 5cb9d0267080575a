"""Mounts a Python widget in a bare page: the widget's own ES module with a small model in front of it.

Every message goes through the real Python object, so a click in the page changes its traits as it would
under a kernel; what is missing is only JupyterLab, which one end-to-end test adds.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import nbformat
import pytest

from videxplore.views.tokens import STATIC

ROOT = Path(__file__).resolve().parent.parent
LAG_MS = float(os.environ.get("VIDEXPLORE_LAG_MS", "0"))
"""Each message between page and Python comes up to so much later, to find tests that count on haste."""
THROTTLE = float(os.environ.get("VIDEXPLORE_THROTTLE", "1"))
"""So many times slower does a page run, likewise."""
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--autoplay-policy=no-user-gesture-required",
]


def find_chromium() -> str | None:
    """Path of a Chromium that Playwright can drive, if there is one."""
    names = (os.environ.get("VIDEXPLORE_CHROMIUM"), "chromium", "chromium-browser", "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


@contextmanager
def launch(chromium: str) -> Iterator[Any]:
    """A headless Chromium that is closed at the end."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=ARGS)
        yield browser
        browser.close()


@contextmanager
def open_tab(
    browser: Any, *, width: int = 1180, height: int = 980, timeout_s: float = 60, motion: str = "reduce"
) -> Iterator[Any]:
    """A page that must stay free of errors, dialogs and pictures that a hostile name brought in."""
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion=motion)
    page = context.new_page()
    page.set_default_timeout(1000 * timeout_s)
    if THROTTLE > 1:
        context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": THROTTLE})
    troubles: list[str] = []
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda line: troubles.append(line.text) if line.type == "error" else None)

    def refuse(dialog: Any) -> None:
        troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    page.on("dialog", refuse)
    yield page
    assert page.locator("img[src=x]").count() == 0
    context.close()
    assert troubles == []


def until(page: Any, true: Callable[[], bool], timeout_s: float = 60) -> None:
    """Wait until Python knows what the page has shown already."""
    becomes(page, lambda: bool(true()), True, timeout_s)


def becomes(page: Any, told: Callable[[], Any], wanted: Any, timeout_s: float = 60) -> None:
    """Wait until Python has heard so of the page."""
    end = time.monotonic() + timeout_s
    while told() != wanted and time.monotonic() < end:
        page.wait_for_timeout(50)
    assert told() == wanted


def at_rest(page: Any) -> None:
    """Wait until Python has heard all that the page has sent so far, and the page its answers."""
    page.wait_for_function("!window.unanswered")


def slow_kernel(page: Any) -> None:
    """From now on keys come faster than answers."""
    page.evaluate("ms => { window.lagMs = ms; }", max(LAG_MS, 150))


def screenshot_path(name: str) -> Path:
    """Where a picture of a widget is kept to be looked at."""
    folder = ROOT / "build" / "screenshots"
    folder.mkdir(parents=True, exist_ok=True)
    return folder / f"{name}.png"


@contextmanager
def serve_lab(folder: Path, cells: list[str], *, app: str = "jupyterlab", prefix: str = "/") -> Iterator[str]:
    """A JupyterLab, or Notebook 7, with settings of its own and one notebook, whose address it gives."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    made = [nbformat.v4.new_code_cell(cell) for cell in cells]
    nbformat.write(nbformat.v4.new_notebook(cells=made, metadata=kernel), folder / "widgets.ipynb")
    chosen = {
        "@jupyterlab/apputils-extension/notification": {"fetchNews": "false"},
        "@jupyter-widgets/jupyterlab-manager/plugin": {"saveState": True},  # as some have it: notebooks grow
    }
    for plugin, values in chosen.items():
        settings = folder / "config/lab/user-settings" / f"{plugin}.jupyterlab-settings"
        settings.parent.mkdir(parents=True, exist_ok=True)
        settings.write_text(json.dumps(values))
    places = {f"JUPYTER_{k.upper()}_DIR": str(folder / k) for k in ("config", "data", "runtime")}
    command = [
        sys.executable, "-m", app, "--no-browser", "--allow-root", "--expose-app-in-browser",
        "--ServerApp.port=0", "--ServerApp.token=secret", f"--ServerApp.root_dir={folder}",
        f"--ServerApp.base_url={prefix}",
    ]  # fmt: skip
    log = folder / "lab.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, env=os.environ | places, stdout=out, stderr=subprocess.STDOUT, cwd=ROOT
        )
    try:
        with log.open() as lines:
            while not (found := re.search(r"http://(?:127\.0\.0\.1|localhost):(\d+)/", lines.readline())):
                assert server.poll() is None, log.read_text()
        place = {"jupyterlab": "doc/tree", "notebook": "notebooks"}[app]
        yield f"http://127.0.0.1:{found.group(1)}{prefix}{place}/widgets.ipynb?token=secret"
    finally:
        server.terminate()
        server.wait(120)


def lab_command(page: Any, command: str, arguments: dict[str, str] | None = None) -> None:
    """Run a command of JupyterLab and wait for it."""
    page.evaluate("([c, a]) => window.jupyterapp.commands.execute(c, a)", [command, arguments or {}])


def pictures(tab: Any, count: int) -> None:
    """Wait until so many pictures are there."""
    loaded = "[...document.querySelectorAll('img[src]')].filter(i => i.complete && i.naturalWidth).length"
    tab.wait_for_function(f"n => {loaded} >= n", arg=count)


def run_node(folder: Path, script: str, *options: str) -> str:
    """What a module of the tests prints, run by node in a folder beside the widgets' modules."""
    node = shutil.which("node")
    if node is None:
        pytest.skip("no node here; the browser tests still run these modules")
    for source in [*STATIC.glob("*.js"), Path(__file__).parent / script]:
        shutil.copy(source, folder)
    (folder / "package.json").write_text('{"type": "module"}')
    command = [node, *options, script]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


SHIM = """
window.mountWidget = async (key, source, css, state, name) => {
  const style = document.createElement("style");
  style.textContent = css;
  document.head.append(style);
  const listeners = new Map();
  const fire = (event, ...args) => [...(listeners.get(event) ?? [])].forEach((f) => f(...args));
  const dirty = new Set();
  // Messages in either direction keep their order, as those of a kernel do, however late they are.
  const lane = () => {
    const line = []; // timers may go off in another order than they were set
    return (act) => {
      if (!window.lagMs && !line.length) return act();
      setTimeout(() => line.shift()(), window.lagMs * Math.random());
      return new Promise((done) => line.push(() => done(act())));
    };
  };
  const there = lane(), back = lane();
  const model = {
    get: (key) => state[key],
    set(key, value) {
      if (JSON.stringify(state[key]) === JSON.stringify(value)) return;
      state[key] = value; dirty.add(key); fire(`change:${key}`);
    },
    save_changes() {
      const changed = Object.fromEntries([...dirty].map((key) => [key, state[key]]));
      dirty.clear();
      if (Object.keys(changed).length) pass({ state: changed });
    },
    send(content) { pass({ content }); },
    on(event, f) { if (!listeners.has(event)) listeners.set(event, new Set()); listeners.get(event).add(f); },
    off(event, f) { listeners.get(event)?.delete(f); },
  };
  async function pass(message) {
    const text = JSON.stringify(message);
    window.unanswered = (window.unanswered ?? 0) + 1;
    const answer = await there(() => window.toPython(key, text));
    await back(() => receive(JSON.parse(answer)));
    window.unanswered -= 1;
  }
  function receive({ state: fresh, messages }) {
    const differs = (key) => JSON.stringify(state[key]) !== JSON.stringify(fresh[key]);
    const changed = Object.keys(fresh).filter(differs);
    Object.assign(state, fresh);
    for (const key of changed) fire(`change:${key}`);
    const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
    for (const { content, buffers } of messages) fire("msg:custom", content, buffers.map(bytes));
  }
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const module = await import(url);
  const el = document.getElementById(name);
  window.mounted = window.mounted ?? {};
  window.mounted[name] = {
    receive: (text) => back(() => receive(JSON.parse(text))), module, listeners,
    dispose: await module.default.render({ model, el }),
  };
};
"""

PAGE = """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>widget</title></head>
<body data-jp-theme-light="{light}" style="margin:16px;background:{ground};--jp-layout-color0:{ground}">
<main></main></body></html>"""

ROOM = """([id, width]) => {
  const room = document.createElement("div");
  room.id = id;
  room.style.cssText = `width:${width}px;margin-bottom:24px`;
  document.querySelector("main").append(room);
}"""


class Mounted:
    """A widget living in a page of its own, or with ``beside`` below those that are there."""

    def __init__(
        self,
        page: Any,
        widget: Any,
        *,
        theme: str = "light",
        width: int = 1100,
        name: str = "widget",
        beside: bool = False,
    ) -> None:
        self.page, self.widget, self.name = page, widget, name
        self.outbox: list[dict[str, Any]] = []
        self.known: dict[str, Any] = {}  # what the page has of every trait
        widget.send = self._keep
        if not beside:
            ground = {"light": "#ffffff", "dark": "#111111"}[theme]
            page.set_content(PAGE.format(light=json.dumps(theme == "light"), ground=ground))
            page.add_script_tag(content=SHIM)
        if not getattr(page, "_wired", None):
            page._wired = []  # also those that others took the place of: their last messages may come late
            page.expose_function("toPython", lambda key, message: page._wired[key]._receive(message))
        page._wired.append(self)
        page.evaluate("ms => { window.lagMs = ms; }", LAG_MS)
        page.evaluate(ROOM, [name, width])
        page.evaluate(
            "([k, s, c, st, n]) => mountWidget(k, s, c, st, n)",
            [len(page._wired) - 1, str(widget._esm), str(widget._css), self._changed(), name],
        )

    def _keep(self, content: dict[str, Any], buffers: Any = None) -> None:
        encoded = [base64.b64encode(bytes(b)).decode() for b in buffers or ()]
        self.outbox.append({"content": content, "buffers": encoded})

    def _state(self) -> dict[str, Any]:
        hidden = {"_esm", "_css", "layout", "tooltip"}
        return {k: v for k, v in self.widget.get_state().items() if k not in hidden}

    def _changed(self) -> dict[str, Any]:
        """The traits of which the page has another value: a late answer must not undo what it set since."""
        state = json.loads(json.dumps(self._state()))  # a copy: lists may grow in place
        before, self.known = self.known, state
        return {k: v for k, v in state.items() if k not in before or before[k] != v}

    @staticmethod
    def _parse(text: str) -> Any:
        return json.loads(text)

    def _receive(self, text: str) -> str:
        message = self._parse(text)
        if "state" in message:
            self.known |= json.loads(text)["state"]
            self.widget.set_state(message["state"])
        else:
            self.widget._handle_custom_msg(message["content"], [])
        return self._answer()

    def _answer(self) -> str:
        messages, self.outbox = self.outbox, []
        return json.dumps({"state": self._changed(), "messages": messages})

    def push(self) -> None:
        """Send the Python object's state to the page, as a kernel would after a change."""
        self.page.evaluate("([n, m]) => mounted[n].receive(m)", [self.name, self._answer()])
