"""Lessons: their form, that each runs from a fresh kernel and answers, and that its page is not blank."""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nbformat
import pytest
from conftest import ROOT
from lesson_data import LESSONS
from lesson_watch import wrong_answers

from videxplore.lessons.checking import check, find_question, lessons_with_questions, questions_of
from videxplore.lessons.marks import Mark, Number, OneOf, Question, SetOf

FOLDER = ROOT / "notebooks" / "lessons"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
TAUGHT = [path for path in NOTEBOOKS if not path.name.startswith("00_")]

QUICK = ("01_what_is_an_embedding", "04_lossy_compression")
"""Lessons that `make test` runs; all others wait for `make test-long`."""

SLIDES = ("slide", "subslide", "fragment", "skip", "notes", "-")

RUN = [pytest.param(p, marks=() if p.stem in QUICK else pytest.mark.long, id=p.stem) for p in TAUGHT]
QUESTIONS = [key for lesson in lessons_with_questions() for key in questions_of(lesson)]


def read(path: Path):
    return nbformat.read(path, as_version=4)


def is_solution(cell) -> bool:
    return "solution" in cell.metadata.get("tags", [])


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_form(path):
    book = read(path)
    first = book.cells[0]
    assert first.cell_type == "markdown"
    assert re.match(r"# .*\?$", first.source.splitlines()[0]), "the title is a question"
    for cell in book.cells:
        assert cell.metadata.get("slideshow", {}).get("slide_type") in SLIDES, cell.source[:60]
        if cell.cell_type == "code":
            assert not cell.outputs
            assert cell.execution_count is None
            lines = cell.source.splitlines()
            assert len(lines) <= 12
            assert max(map(len, lines)) <= 110
    assert book.cells[0].metadata.slideshow.slide_type == "slide"
    assert "videxplore" not in book.metadata.get("kernelspec", {}).get("name", "")
    for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", "\n".join(c.source for c in book.cells)):
        assert (FOLDER / link).exists(), link


@pytest.mark.parametrize("path", TAUGHT, ids=lambda p: p.stem)
def test_parts_of_a_lesson(path):
    cells = read(path).cells
    text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    code = [cell for cell in cells if cell.cell_type == "code"]
    assert "**Goal**" in cells[0].source
    assert "**To remember" in text
    assert "## Exercise" in text
    assert re.search(r"<details>\s*<summary>Notes for teachers</summary>", text)
    assert "../../docs/glossary.md" in text
    assert any("vx.lab(" in cell.source for cell in code)
    asking = [cell.source for cell in code if "vx.lessons.check(" in cell.source and not is_solution(cell)]
    assert asking, "a question that is marked"
    for source in asking:
        assert re.search(r"^\w+ = None", source, re.MULTILINE), "no notebook gives its answer away"
    solutions = [cell for cell in code if is_solution(cell)]
    assert solutions
    for cell in solutions:
        assert cell.metadata.get("jupyter", {}).get("source_hidden") is True


def test_the_index_leads_to_every_lesson():
    rows = read(FOLDER / "00_index.ipynb").cells
    text = "\n".join(cell.source for cell in rows)
    for path in TAUGHT:
        assert f"]({path.name})" in text, "give it its row in 00_index.ipynb"


@pytest.fixture(scope="module")
def given(sample_library):
    """What the questions of a lesson are given, computed once per lesson."""
    made: dict[str, dict[str, tuple]] = {}

    def of(key: str) -> tuple:
        lesson = key.partition("/")[0]
        if lesson not in made:
            made[lesson] = LESSONS[lesson](sample_library)
        return made[lesson][key]

    return of


@pytest.mark.parametrize("key", QUESTIONS)
def test_question_takes_the_right_answer_and_no_other(key, given):
    question, data = find_question(key), given(key)
    right = question.right(*data)
    assert check(key, None, *data).state == "open"
    good = check(key, right, *data)
    assert good.right
    assert good.message == question.because
    for wrong in wrong_answers(question, right):
        mark = check(key, wrong, *data)
        assert mark.state == "wrong", wrong
        assert len(mark.message) > 10
        assert mark.message != question.because


@pytest.fixture(scope="module")
def run(sample_library, tmp_path_factory):
    """Runs a lesson from a fresh kernel while it is watched: its cells, its page, and what was seen."""
    from videxplore.workbench.demo import QUICKSTART_LIBRARY, execute_notebook

    def cell(source: str):
        return nbformat.v4.new_code_cell(source)

    def execute(path: Path):
        folder = tmp_path_factory.mktemp(path.stem)
        shutil.copytree(sample_library.path, folder / QUICKSTART_LIBRARY)
        book = read(path)
        tests = str(Path(__file__).parent)
        before = cell(f"import sys; sys.path.insert(0, {tests!r})\nimport lesson_watch; lesson_watch.begin()")
        book.cells = [before, *book.cells, cell("lesson_watch.report()")]
        (folder / "source").mkdir()
        nbformat.write(book, folder / "source" / path.name)
        page = execute_notebook(folder / "source" / path.name, folder)
        cells = read(folder / path.name).cells
        told = "".join(o.text for o in cells[-1].outputs if o.output_type == "stream" and o.name == "stdout")
        seen = json.loads(re.search(r"^watched (.*)$", told, re.MULTILINE)[1])
        return cells[1:-1], page.read_text(), seen

    return execute


@pytest.mark.parametrize("path", RUN)
def test_lesson_runs_answers_and_exports(path, run):
    cells, page, seen = run(path)
    code = [cell for cell in cells if cell.cell_type == "code"]
    noise = [
        output.text
        for cell in code
        for output in cell.outputs
        if output.output_type == "stream" and output.name == "stderr" and "%|" not in output.text
    ]
    assert not noise
    check_marks(code, seen)
    for lab in seen["labs"]:
        assert lab["problems"] == []
        assert len(lab["lanes"]) == 1, "nothing jumps when a slider is moved"
        assert lab["moves"] > 1
    assert seen["labs"]
    check_page(page, len(seen["labs"]), len(seen["marked"]))


def check_marks(code, seen) -> None:
    """Every question takes its right answer and no other; what is hidden is right, what is asked is open."""
    states = [state for _, state, _ in seen["marked"]]
    solved = sum(cell.source.count("vx.lessons.check(") for cell in code if is_solution(cell))
    asked = sum(cell.source.count("vx.lessons.check(") for cell in code if not is_solution(cell))
    assert (states.count("right"), states.count("open")) == (solved, asked)
    for key, _, tried in seen["marked"]:
        assert tried[0] == "right", key
        assert set(tried[1:]) == {"wrong"}, key


def check_page(page: str, labs: int, cards: int) -> None:
    """The exported page shows charts, posters and cards without a kernel and without a network."""
    assert "Traceback" not in page
    assert "model not found" not in page
    assert page.count('class="vx-chart"') >= labs
    assert page.count('class="vx-mark"') >= cards
    assert "data:image/jpeg;base64," in page
    assert not re.search(r'<(script|img|link)[^>]+(src|href)="https?:', page)


MADE = Question(
    "made/up", "How many?", Number(0.5, "s"), lambda n: n, "As many.", "Count again.", {"too small": "More."}
)


def test_mark_says_what_to_think_about():
    assert MADE.mark(None, [3]).state == "open"
    assert "a number (s), within ±0.5" in MADE.mark(None, [3]).message
    assert MADE.mark(3.5, [3]).right
    assert MADE.mark(2, [3]).message == "More."
    assert MADE.mark(9, [3]).message == "Count again."


def test_mark_is_escaped_in_a_notebook():
    html = Mark("a/b", "wrong", "<img src=x>", "</style><script>")._repr_html_()
    assert "<img" not in html
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("kind", "answer", "right", "fault"),
    [
        (Number(0.1), 0.30000000000000004, 0.2, ""),
        (Number(0.1), "0.2", 0.2, "no number"),
        (OneOf((1, 2)), 2, 1, "2"),
        (SetOf(), ["b", "a"], {"a", "b"}, ""),
        (SetOf(), ["a"], {"a", "b"}, "some missing"),
        (SetOf(), "ab", {"a", "b"}, "no set"),
    ],
)
def test_kinds_of_answer(kind, answer, right, fault):
    assert kind.fault(answer, right) == fault
    assert fault == "" or fault in kind.faults


def test_hint_for_an_answer_that_cannot_be_is_refused():
    with pytest.raises(ValueError, match="too short"):
        Question("a/b", "?", Number(1), lambda: 1, "", "", {"too short": ""})


def test_unknown_question_names_those_there_are():
    lesson = lessons_with_questions()[0]
    with pytest.raises(KeyError, match="no questions of a lesson"):
        find_question("nonsense/x")
    with pytest.raises(KeyError, match=f"{lesson}/"):
        find_question(f"{lesson}/nonsense")


@pytest.mark.long
@pytest.mark.browser
@pytest.mark.parametrize("path", TAUGHT, ids=lambda p: p.stem)
def test_lesson_in_voila(path, sample_library, tmp_path, browser):
    """Voila runs the notebook as a page of its own: labs live there, a slider moves, a clip plays."""
    from harness import screenshot_path

    from videxplore.workbench.demo import QUICKSTART_LIBRARY

    pytest.importorskip("voila")
    shutil.copytree(sample_library.path, tmp_path / QUICKSTART_LIBRARY)
    shutil.copy(path, tmp_path)
    with serve_voila(tmp_path, path.name) as address:
        page = browser.new_context(viewport={"width": 1200, "height": 900}).new_page()
        page.set_default_timeout(240_000)
        page.goto(address)
        labs = sum(c.source.count("vx.lab(") for c in read(path).cells)
        page.wait_for_function(f"document.querySelectorAll('.vx-controls').length >= {labs}")
        assert page.locator(".vx-mark").count() >= 1
        assert "Traceback" not in page.inner_text("body")
        lab = page.locator(".vx-lab").first
        page.locator(".vx-lab .vx-tile").first.scroll_into_view_if_needed()  # posters come when they are seen
        page.wait_for_function("document.querySelector('.vx-lab .vx-tile img[src]')")
        before = lab.locator(".vx-lab-top figure").inner_html()
        move_something(lab)
        page.wait_for_function(
            "before => document.querySelector('.vx-lab .vx-lab-top figure').innerHTML !== before", arg=before
        )
        lab.locator(".vx-tile").first.click()
        page.wait_for_function("document.querySelector('.vx-tile video')?.currentTime > 0")
        lab.screenshot(path=screenshot_path(f"voila_{path.stem}"))
        page.context.close()


def move_something(lab) -> None:
    """Move the first slider or list of a lab to another place."""
    first = lab.locator(".vx-controls input[type=range], .vx-controls select").first
    if first.evaluate("e => e.tagName") == "SELECT":
        first.select_option(index=1 if first.evaluate("e => e.selectedIndex") == 0 else 0)
    else:
        first.fill("1" if first.input_value() == "0" else "0")


@contextmanager
def serve_voila(folder: Path, name: str) -> Iterator[str]:
    """A Voila server with settings of its own, whose address it gives."""
    places = {f"JUPYTER_{k.upper()}_DIR": str(folder / k) for k in ("config", "data", "runtime")}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "voila", name, "--no-browser", f"--port={port}", "--Voila.ip=127.0.0.1"]
    log = folder / "voila.log"
    with log.open("w") as out:
        server = subprocess.Popen(
            command, cwd=folder, env=os.environ | places, stdout=out, stderr=subprocess.STDOUT
        )
    try:
        with log.open() as lines:
            while "is running at" not in lines.readline():
                assert server.poll() is None, log.read_text()
        yield f"http://127.0.0.1:{port}/"
    finally:
        server.terminate()
        server.wait(120)
