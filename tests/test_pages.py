"""Pages and still copies: self-contained, escaped, never blank; and the verbs that dispatch to them."""

from __future__ import annotations

import base64
import io
import re
from dataclasses import replace

import nbformat
import pytest
import showcase as show
from PIL import Image

from videxplore.views.catalogue import Catalogue
from videxplore.views.explorer import ExplorerView
from videxplore.views.pages import write_page, write_projection, write_ranking, write_shift
from videxplore.views.ranking_compare import RankingCompare
from videxplore.views.thumbnails import SIZE, shrink, thumbnail
from videxplore.workbench.display import figure, page, play
from videxplore.workbench.display import show as show_value
from videxplore.workbench.pixels import pixels_of

CATALOGUE = Catalogue(show.ROWS)


def text_of(html: str) -> str:
    return re.sub(r"<[^>]+>", " ", re.sub(r"<(style|script).*?</\1>", "", html, flags=re.DOTALL))


def assert_self_contained(html: str) -> None:
    """Nothing is fetched: every source is a data URI, and the page forbids anything else."""
    own = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert all(s.startswith("data:image/jpeg;base64,") for s in re.findall(r'\bsrc="([^"]*)"', own))
    assert all(s.startswith("#") for s in re.findall(r'\bhref="([^"]*)"', own))
    assert "default-src 'none'" in html
    assert not re.search(r"<script[^>]+src=", html)


def assert_harmless(html: str) -> None:
    own = re.sub(r"<script.*?</script>", "", html, flags=re.DOTALL)
    assert "<img src=x" not in html
    assert "<script>alert" not in html
    assert "&lt;img src=x onerror=alert(1)&gt;.mp4" in own


def test_page_of_a_comparison(tmp_path):
    html = write_shift(tmp_path / "deep" / "shift.html", show.shift(), show.poster).read_text()
    assert_self_contained(html)
    assert_harmless(html)
    words = text_of(html)
    for fact in (
        "a gunshot in the dark",
        "“gunshot” was looked for in what is said.",
        "4 up",
        "2 entered",
        "overlap@10 0.80",
        "answers many",
    ):
        assert fact in words
    assert html.count("data:image/jpeg") == 20
    assert len(html) < 200_000


def test_page_of_an_empty_comparison(tmp_path):
    words = text_of(write_shift(tmp_path / "empty.html", show.empty_shift()).read_text())
    assert "No results" in words
    assert "Not understood: zyzzyva" in words


def test_page_of_a_ranking(tmp_path):
    html = write_ranking(tmp_path / "ranking.html", show.raw_ranking(), show.poster).read_text()
    assert_self_contained(html)
    assert_harmless(html)
    assert "picture" in text_of(html)


def test_page_of_a_map_carries_plotly_once(tmp_path):
    html = write_projection(tmp_path / "map.html", show.projection()).read_text()
    assert html.count("plotly.js v") == 1
    assert_self_contained(html)


def test_a_title_is_escaped(tmp_path):
    html = write_page(tmp_path / "x.html", "</title><script>alert(3)</script>", "").read_text()
    assert "<script>alert(3)" not in html


def test_thumbnails_are_small_and_keep_their_aspect():
    uri = shrink(show.poster("a"))
    picture = Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1])))
    assert picture.size == SIZE
    assert len(uri) < 8_000
    tall = io.BytesIO()
    Image.new("RGB", (180, 320)).save(tall, "PNG")
    assert Image.open(io.BytesIO(base64.b64decode(shrink(tall.getvalue()).split(",")[1]))).size == (51, 90)


def test_a_missing_poster_leaves_an_empty_frame(tmp_path):
    def gone(segment_id):
        raise FileNotFoundError(segment_id)

    assert thumbnail(gone, "a") == ""
    html = write_ranking(tmp_path / "r.html", show.raw_ranking(), gone).read_text()
    assert "data:image" not in html
    assert "night street.mp4" in html


def test_still_copies_suit_a_notebook():
    view = ExplorerView(
        CATALOGUE, show.projection(), search=lambda asked: show.raw_ranking(), poster=show.poster
    )
    for still in (view.still(), RankingCompare(show.shift(k=20), poster=show.poster).still()):
        assert_harmless(still)
        assert len(still) < 300_000


def test_the_still_comparison_is_compact(tmp_path):
    """Both columns share a table row; a card says why in words, the amounts are there to unfold."""
    shift = show.shift(strength=0.04)
    html = write_shift(tmp_path / "s.html", shift, show.poster).read_text()
    table, accounts = html.split("<details")
    rows = table.split("<tbody>")[1].split("<tr>")[1:]
    assert len(rows) == len(shift.raw)
    assert all(row.count("vx-poster") == 2 for row in rows)
    assert "±0.00" not in table
    assert re.search(r"[+−±]0\.00\d", accounts), "the whole account is there to unfold"
    assert table.count('class="vx-link"') == sum(
        m.before is not None and m.after is not None for m in shift.moves[0]
    )


def test_several_rankings_share_one_still_table(tmp_path):
    raw = show.raw_ranking()
    others = [
        show.reranked(raw),
        show.reranked(raw, system="context", kind="pointwise", order_sensitivity=2.0),
    ]
    shift = replace(show.shift_of(raw, *others), cautions=((), ("<b>doubt</b>",)))
    html = write_shift(tmp_path / "several.html", shift, show.poster).read_text()
    assert_self_contained(html)
    assert_harmless(html)
    words = text_of(html)
    for fact in (
        "pointwise: no candidate sees another",
        "This order is unsure",
        "Why joint",
        "Why context",
        "rose ",
    ):
        assert fact in words
    assert "&lt;b&gt;doubt" in html
    rows = html.split("<tbody>")[1].split("</tbody>")[0].split("<tr>")[1:]
    assert all(row.count("vx-poster") == 3 for row in rows)


def test_an_exported_notebook_is_not_blank():
    """Widget and still copy are separate outputs; nbconvert without widget state shows the copy."""
    from IPython.core.displaypub import CapturingDisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from nbconvert import HTMLExporter

    widget = RankingCompare(show.shift(), poster=show.poster)
    shell = InteractiveShell.instance()
    publisher, shell.display_pub = shell.display_pub, CapturingDisplayPublisher()
    try:
        widget._ipython_display_()
        outputs = [output["data"] for output in shell.display_pub.outputs]
    finally:
        shell.display_pub = publisher
        InteractiveShell.clear_instance()
    assert len(outputs) == 2
    assert f'id="{widget._twin}"' in outputs[0]["text/html"]
    assert "application/vnd.jupyter.widget-view+json" in outputs[1]
    cell = nbformat.v4.new_code_cell(
        "w", outputs=[nbformat.v4.new_output("display_data", data=data) for data in outputs]
    )
    html, _ = HTMLExporter().from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))
    assert "night street.mp4" in html
    assert "overlap@10" in html
    assert "RankingCompare object at" not in html
    assert "A still copy" in html


@pytest.mark.parametrize("verb", [figure, show_value])
def test_what_has_no_picture_is_refused(verb):
    with pytest.raises(TypeError, match=r"no figure of a dict; there is one of Library, Projection"):
        verb({})


def test_verbs_dispatch_by_type(tmp_path):
    assert len(figure(show.shift()).data) > 3
    assert figure(show.projection(), color="video").layout.title.text == "Map of segments"
    assert figure(show.TREES[0]).data
    assert page(show.projection(), tmp_path / "p.html").stat().st_size > 1_000_000
    assert "No results" in page(show.empty_shift(), tmp_path / "e.html").read_text()


def test_a_comparison_with_candidates_gets_a_live_slider():
    raw = show.raw_ranking()
    widget = show_value(show.shift_of(raw, show.reranked(raw)))
    assert widget._live
    widget.set_state({"strength": 0.0})
    assert (
        widget._data["columns"][1]["ids"] == widget._data["columns"][0]["ids"] == [h.segment_id for h in raw]
    )
    bare = show.Ranking(raw.query, raw.hits, (), system="of my own")
    assert not show_value(show.shift_of(raw, bare))._live


def test_pictures_of_hits_come_from_their_files(media_dir):
    film = media_dir / "ffmpegc_sintel.mp4"
    hit = show.Hit(1, "s1", str(film), "moment", 1.0, 2.0, 0.5, 0.5, 1)
    pixels = pixels_of(hit, None)
    assert pixels.poster("s1").startswith(b"\xff\xd8")
    assert pixels.poster("s1") is pixels.poster("s1"), "a second look costs nothing"
    with pytest.raises(KeyError, match="pass library="):
        pixels.poster("s2")
    player = play(hit)
    assert player._item["time"] == "0:01.0–0:02.0"
    assert player._playable


def test_play_says_what_it_needs():
    with pytest.raises(TypeError, match="library="):
        play(show.TREES[0].root)
    with pytest.raises(TypeError, match="got int"):
        play(3)
