"""The page to send: it answers as Python does, is closed to the network, and runs nothing that it shows."""

from __future__ import annotations

import json
import random
import re
import shutil
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shared_page
from harness import run_node, screenshot_path
from synthetic_library import Reader, make_record

from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.store.writing import optimise, write_video
from videxplore.studio.queries import asks_about
from videxplore.views.share import Pictures, _describe, pack, write_shared
from videxplore.workbench.display import page
from videxplore.workbench.explorer import Explorer
from videxplore.workbench.library import Library
from videxplore.workbench.project import project
from videxplore.workbench.shared_index import alike
from videxplore.workbench.shared_pictures import BASE64, pick_clips, pick_pictures
from videxplore.workbench.sharing import _describe as describe_library
from videxplore.workbench.sharing import share

FILMS = ("night_street", "football", "storm")


# --- the search in the page against that in Python ---


def in_node(folder: Path, content, **asked) -> dict:
    """What the page's own modules answer, run by node over what the page carries."""
    (folder / "pack.bin").write_bytes(zlib.compress(pack(*_describe(content)), 1))
    (folder / "asked.json").write_text(json.dumps({"searches": [], "texts": [], "words": []} | asked))
    return json.loads(run_node(folder, "share_test.mjs"))


@pytest.fixture(scope="module")
def films(sample_folder, tmp_path_factory):
    """The generated films, the index up to date, with an encoder that guesses nothing."""
    folder = tmp_path_factory.mktemp("films") / "films.lance"
    shutil.copytree(sample_folder / "sample.lance", folder)
    library = Library(folder, encoder=PerceptualEncoder(sentences=None))
    optimise(library.database)
    return library


def odd_queries(lexicon, count: int = 40) -> list[str]:
    """Words of the lexicon, of what is said and of nothing, joined in the ways that are read."""
    rng = random.Random(8)
    known = [phrase for phrase, _ in lexicon.entries]
    other = [
        "zyzzyva",
        "half",
        "café",
        "it's",
        "3",
        "periwinkle",
        "goals",
        "don’t",
        "man's",
        "coffee",
        "_x",
        "é",
    ]
    joints = [
        " ",
        " and ",
        ", ",
        " not ",
        " without any ",
        " very ",
        " then ",
        " or ",
        " but ",
        " after ",
        "; ",
        " a minute ",
    ]
    return [
        "".join(
            rng.choice(joints) + (rng.choice(known) if rng.random() < 0.7 else rng.choice(other))
            for _ in range(rng.randint(1, 4))
        ).strip()
        for _ in range(count)
    ]


@pytest.fixture(scope="module")
def answered(films, tmp_path_factory):
    """Queries with what the page makes of them, and the library."""
    texts = [ask.text for film in FILMS for ask in asks_about(film)][::4]
    texts += [*odd_queries(films.encoder.lexicon), "zyzzyva", "the", "coffee", "you"]
    texts = [text for text in texts if text.strip()]
    options = [{}, {"level": "scene"}, {"weights": {"audio": 0.0, "text": 2.0}}]
    searches = [(text, options[i % 3]) for i, text in enumerate(texts)]
    content = describe_library(films, films.snapshot(), "films", project(films, method="pca"), 20)
    folder = tmp_path_factory.mktemp("node")
    return searches, in_node(folder, content, searches=searches, texts=texts)


def test_the_page_finds_what_python_finds(films, answered):
    searches, made = answered
    asked = {
        str(options): films.search_many([t for t, o in searches if o == options], k=20, **options)
        for _, options in searches[:3]
    }
    waiting = {key: iter(rankings) for key, rankings in asked.items()}
    for (text, options), found in zip(searches, made["answers"], strict=True):
        wanted = next(waiting[str(options)])
        scores = np.array([hit.score for hit in wanted])
        assert np.allclose([score for _, score, _ in found], scores, rtol=0, atol=3e-4), (text, options)
        # Whole numbers in place of fractions: those that nearly tie may change places.
        apart = np.flatnonzero(np.abs(np.diff(scores)) < 6e-4)
        loose = {hit.segment_id for i in apart for hit in wanted[int(i) : int(i) + 2]}
        ids = [segment_id for segment_id, _, _ in found]
        differ = {a for a, hit in zip(ids, wanted, strict=True) if a != hit.segment_id}
        assert differ <= loose, (text, options)
    assert sum(bool(found) for found in made["answers"]) > 50


def test_the_page_reads_words_as_the_encoder_does(films, answered):
    searches, made = answered
    for (text, _), reading in zip(searches, made["readings"], strict=True):
        wanted = films.encoder.explain(text)
        assert [(t["phrase"], t["attribute"]) for t in reading["terms"]] == [
            (t.phrase, t.attribute) for t in wanted.terms
        ], text
        assert np.allclose(
            [t["weight"] for t in reading["terms"]], [t.weight for t in wanted.terms], atol=1e-6
        )
        assert reading["unknown"] == list(wanted.unknown_words), text
        assert reading.get("relation", "") == wanted.relation, text


STEMS = {
    "consigned": "consign", "knackeries": "knackeri", "generously": "generous", "skies": "sky",
    "dying": "die", "hopping": "hop", "hoping": "hope", "flies": "fli", "relational": "relat",
    "happily": "happili", "kicks": "kick", "communism": "communism", "arsenal": "arsenal", "boys": "boy",
    "yes": "yes", "being": "be", "need": "need", "agreed": "agre", "proceeding": "proceed",
    "controlled": "control", "electricity": "electr", "gas": "gas",
}  # fmt: skip


def test_words_are_cut_as_the_index_cuts_them(tmp_path, films):
    """Stems against known answers, and against LanceDB: which words find each other."""
    import lancedb
    from lancedb.index import FTS
    from lancedb.query import MatchQuery

    said = {w for text in films.snapshot().transcripts for w in re.findall(r"[^\W_]+", text.lower())}
    endings = ("", "s", "ed", "ing", "ly", "ness", "ation", "ful", "ity", "ies", "er", "able")
    words = sorted(said | set(STEMS) | {w + e for w in sorted(said)[::9] if len(w) > 3 for e in endings})
    words += ["café", "naïve", "x" * 45]
    made = in_node(tmp_path, shared_page.shared(), words=words)["stems"]
    cut = dict(zip(words, made, strict=True))
    assert {w: cut[w][0] for w in STEMS} == STEMS
    table = lancedb.connect(tmp_path / "words").create_table("words", [{"transcript": w} for w in words])
    table.create_index("transcript", config=FTS(stem=True, remove_stop_words=False))
    for word in words[::3] + words[-3:]:
        hits = table.search(MatchQuery(word, "transcript"), query_type="fts").limit(len(words)).to_list()
        alike_here = {w for w in words if cut[w][1] and cut[w][1] == cut[word][1]}
        assert {hit["transcript"] for hit in hits} == alike_here, word


# --- what goes into the page ---


@pytest.fixture
def library(tmp_path):
    made = Library(tmp_path / "small.lance", encoder=Reader())
    for name in ("v1", "v2"):
        write_video(made.database, make_record(name))
    return made


def test_the_same_library_gives_the_same_bytes(library, tmp_path, caplog):
    drawn = project(library, method="pca")
    with caplog.at_level("INFO", logger="videxplore"):
        first = share(library, tmp_path / "deep" / "a.html", projection=drawn, queries=["goal"])
    assert (
        first.read_bytes()
        == share(library, tmp_path / "b.html", projection=drawn, queries=["goal"]).read_bytes()
    )
    assert re.search(r"a\.html: \d+\.\d MB in \d+\.\d s", caplog.text)


def test_verbs_and_explorer_write_it(library, tmp_path):
    explorer = Explorer(library, projection=project(library, method="pca"))
    explorer.query = "goal"
    explorer.query = ""
    assert "goal" in explorer.history
    written = explorer.to_html(tmp_path / "e.html", title="mine").read_text()
    explorer.close()
    assert "<title>mine</title>" in written
    assert (
        "<h1>small</h1>"
        in page(library, tmp_path / "p.html", projection=project(library, method="pca")).read_text()
    )


def test_an_empty_library_is_a_page_as_well(tmp_path):
    path = share(Library(tmp_path / "none.lance"), tmp_path / "none.html")
    assert path.stat().st_size < 165_000


def test_pictures_keep_to_their_budget(films):
    snapshot = films.snapshot()
    chosen = snapshot.segments[-1].segment_id
    whole = pick_pictures(films, snapshot, [], 10**8)
    assert whole.size == (320, 180)
    assert (whole.number >= 0).all()
    assert whole.images[whole.number[3]] == films.poster(snapshot.segments[3].segment_id)
    for budget in (500_000, 60_000):
        some = pick_pictures(films, snapshot, [chosen], budget)
        assert 0.5 * budget < BASE64 * sum(map(len, some.images)) <= budget
        assert some.number[-1] >= 0
        assert not some.borrowed[-1], "what was asked for comes first"
    assert some.borrowed.any(), "the others show what they are part of"
    for row in np.flatnonzero(some.borrowed)[:20]:
        assert some.number[row] in {some.number[above] for above in snapshot.ancestors(int(row))}
    assert not pick_pictures(films, snapshot, [], 0).images


def test_clips_keep_to_their_budget(films):
    moments = [s.segment_id for s in films.snapshot().segments if s.level == "moment"][:4]
    made, remarks = pick_clips(films, moments, 10**8)
    assert (list(made), remarks) == (moments, [])
    sizes = [BASE64 * len(clip.content) for clip, _ in made.values()]
    fewer, remarks = pick_clips(films, moments, int(sizes[0]) + 1)
    assert list(fewer)[:1] == moments[:1]
    assert "found no room" in remarks[0]
    assert not pick_clips(films, moments, 0)[0]


def test_lost_files_are_said(library):
    made, remarks = pick_clips(library, [library.segments().segment_id[3]], 10**6)
    assert not made
    assert "could not be made" in remarks[0]


def test_folders_are_not_told(library, tmp_path):
    ids = library.segments().segment_id.tolist()
    content = describe_library(library, library.snapshot(), "x", project(library, method="pca"), 20)
    content = replace(content, remarks=pick_clips(library, ids[:2], 10**6)[1])
    assert b"v1.mp4" in pack(*_describe(content))
    assert b"/films" not in pack(*_describe(content))


def test_neighbours_are_no_relatives(films):
    snapshot = films.snapshot()
    rows, cosines = alike(snapshot, project(films, method="pca"))
    for row in range(0, len(snapshot), 7):
        near = [int(r) for r in rows[row] if r >= 0]
        assert near
        assert not set(near) & {row, *snapshot.ancestors(row)}
        assert all(row not in snapshot.ancestors(r) for r in near)
        assert np.allclose(
            cosines[row][: len(near)], snapshot.vectors[near] @ snapshot.vectors[row], atol=1e-6
        )


@pytest.mark.parametrize("name", ["picture_bytes", "clip_bytes"])
def test_budgets_below_nothing_are_refused(library, tmp_path, name):
    with pytest.raises(ValueError, match=f"{name} must be at least 0"):
        share(library, tmp_path / "x.html", **{name: -1})


# --- the page itself ---


def test_no_text_of_a_library_is_markup(page_file):
    """The policy names the one script and the one style; words are in the packed part alone."""
    html = page_file.read_text()
    assert (html.count("<script"), html.count("</script")) == (4, 4)
    assert "alert(1)" not in re.sub(r"&lt;.*?&gt;", "", html.replace("&lt;script&gt;alert(1)", ""))
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', html)[1]
    assert "default-src 'none'" in policy
    assert not re.search("unsafe|http", policy)
    assert not re.search(
        r"\son\w+=", re.sub(r"<script.*?</script>|<style.*?</style>", "", html, flags=re.S).split("<main")[1]
    )
    assert not re.search("[\u202e\u2028]", html)


class Opened:
    """The page in a browser without network; troubles are gathered."""

    def __init__(self, browser, path: Path, address: str = "", **options):
        self.context = browser.new_context(offline=True, reduced_motion="reduce", **options)
        self.page = self.context.new_page()
        self.page.set_default_timeout(60_000)
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self.troubles.append(str(error)))
        self.page.on(
            "console",
            lambda line: self.troubles.append(line.text) if line.type in ("error", "warning") else None,
        )
        self.page.on("dialog", lambda dialog: (self.troubles.append(dialog.message), dialog.dismiss()))
        self.page.on("request", self._note)
        self.page.goto(path.as_uri() + address)
        self.page.wait_for_selector("#vx-app > section, #vx-app > .vx-message")

    def _note(self, request) -> None:
        if not request.url.startswith(("data:", "blob:", "file:")):
            self.troubles.append(f"asked for {request.url}")

    def __enter__(self):
        return self.page

    def __exit__(self, *error):
        pictures = self.page.locator("img[src=x]").count()
        self.context.close()
        assert (self.troubles, pictures) == ([], 0)


SIZE = {"width": 1400, "height": 950}


@pytest.fixture(scope="module")
def page_file(tmp_path_factory):
    return shared_page.write(tmp_path_factory.mktemp("page") / "page.html")


@pytest.mark.browser
def test_search_click_map_and_keys_without_network(browser, page_file):
    with Opened(browser, page_file, viewport=SIZE) as tab:
        assert tab.get_by_role("listbox", name="Videos").get_by_role("option").count() == 3
        tab.fill(".vx-query", "corner kicks")
        tab.keyboard.press("Enter")
        results = tab.get_by_role("listbox", name="Results").get_by_role("option")
        results.first.wait_for()
        assert all("Corner kick" in text for text in results.all_text_contents())
        assert tab.locator("mark").all_inner_texts() == ["Corner", "kick"]
        results.nth(1).click()
        tab.wait_for_selector(".vx-result.vx-on >> nth=0")
        assert results.nth(1).get_attribute("aria-selected") == "true"
        chosen = tab.inner_text(".vx-share-where")
        assert tab.locator(".vx-tl-bar.vx-on").count() == 1
        map_ = tab.get_by_role("application", name=re.compile("Map of"))
        map_.focus()
        for _ in range(3):
            tab.keyboard.press("ArrowLeft")
        over = map_.get_attribute("data-over")
        assert over
        tab.keyboard.press("Enter")
        assert f"s={over}" in tab.evaluate("location.hash")
        assert tab.inner_text(".vx-share-where") != chosen
        box = map_.bounding_box()
        tab.keyboard.press("0")
        spots = [(x, y) for x in range(60, int(box["width"]), 9) for y in range(60, int(box["height"]), 9)]
        for x, y in spots:
            tab.mouse.move(box["x"] + x, box["y"] + y)
            if map_.get_attribute("data-over") not in ("", over):
                break
        wanted = map_.get_attribute("data-over")
        assert tab.locator(".vx-share-hover").is_visible()
        tab.mouse.down()
        tab.mouse.up()
        assert f"s={wanted}" in tab.evaluate("location.hash")
        tab.reload()
        tab.wait_for_selector(".vx-result")
        assert f"s={wanted}" in tab.evaluate("location.hash")
        assert tab.input_value(".vx-query") == "corner kicks"


@pytest.mark.browser
def test_answers_of_python_colours_clips_and_paper(browser, page_file):
    film = next(iter(shared_page.shared().clips))
    with Opened(browser, page_file, f"#s={film}", viewport=SIZE, color_scheme="dark") as tab:
        tab.locator(".vx-share-asked button").nth(1).click()
        assert "reranked by joint" in tab.inner_text(".vx-finder-status")
        assert tab.locator(".vx-share-moved").count() == 10
        for colour in ("video", "score", "distortion", "duration", "attribute 1", "tag", "level"):
            tab.select_option("select[aria-label='Colour stands for']", colour)
            assert tab.locator(".vx-share-key").inner_text()
        tab.locator(".vx-share-level").first.click()
        assert tab.locator(".vx-share-level").first.get_attribute("aria-pressed") == "false"
        tab.screenshot(path=screenshot_path("share_dark"), full_page=True)
        tab.emulate_media(media="print")
        assert not tab.locator(".vx-share-form").is_visible()
    with Opened(browser, page_file, f"#s={film}", viewport=SIZE) as tab:
        tab.wait_for_function("() => document.querySelector('video').currentTime > 0.2")
        assert tab.evaluate("document.querySelector('video').muted")
        tab.select_option(".vx-share-theme", "dark")
        dark = tab.evaluate("getComputedStyle(document.body).backgroundColor")
        tab.select_option(".vx-share-theme", "light")
        assert tab.evaluate("getComputedStyle(document.body).backgroundColor") != dark
        tab.screenshot(path=screenshot_path("share_light"), full_page=True)


@pytest.mark.browser
def test_narrow_pages_do_not_scroll_sideways(browser, page_file):
    with Opened(browser, page_file, "#q=did+you+hear", viewport={"width": 900, "height": 800}) as tab:
        for width in (900, 340):
            tab.set_viewport_size({"width": width, "height": 800})
            tab.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
            tab.screenshot(path=screenshot_path(f"share_{width}"), full_page=True)


@pytest.mark.browser
def test_what_is_not_there_is_said(browser, tmp_path):
    empty = write_shared(tmp_path / "empty.html", shared_page.Shared("Nothing", shared_page.Catalogue(())))
    with Opened(browser, empty) as tab:
        assert "This library is empty" in tab.inner_text("main")
    count = len(shared_page.CATALOGUE)
    bare = shared_page.write(
        tmp_path / "bare.html",
        projection=None,
        regions=(),
        answers=(),
        clips={},
        pictures=Pictures.none(count),
    )
    with Opened(browser, bare, "#q=zyzzyva&s=nobody&a=7&level=none") as tab:
        assert "No results" in tab.inner_text(".vx-finder-status")
        assert "Said nowhere: zyzzyva" in tab.inner_text(".vx-finder-notes")
        assert not tab.get_by_role("application").is_visible()
        tab.click(".vx-share-about summary")
        assert "does not see or hear" in tab.inner_text(".vx-share-about")
