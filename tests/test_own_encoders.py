"""Encoders that users bring: their own class, their own vectors, a package, a classifier."""

from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys

import av
import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

import videxplore as vx
from videxplore.errors import LibraryError, ModelError
from videxplore.stages.encoding.convex import WordVectors
from videxplore.stages.encoding.embed import embed, encode_query
from videxplore.stages.encoding.registry import encoder, restore
from videxplore.stages.encoding.sentences import has_bundled

COLOURS = {"red": (220, 20, 20), "green": (20, 190, 20), "blue": (20, 20, 220)}


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    """Six seconds: two of red, two of green, two of blue."""
    path = tmp_path_factory.mktemp("own") / "colours.mp4"
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for rgb in COLOURS.values():
            for _ in range(20):
                picture = np.full((48, 64, 3), rgb, np.uint8)
                output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    return path


@pytest.fixture(scope="module")
def tree(film):
    return vx.segment(film, method="fixed", length_s=2.0)


class Words:
    """A text side for three dimensions."""

    def encode_text(self, texts):
        return np.array([[colour in text for colour in COLOURS] for text in texts], np.float32)


def leaves_of(tree):
    return sorted(tree.leaves, key=lambda leaf: leaf.start_s)


class TestOwnVectors:
    def test_by_segment_into_a_library_and_found_again(self, film, tree, tmp_path):
        mine = vx.OwnVectors(
            dict(zip(leaves_of(tree), np.eye(3), strict=True)), name="by-hand", texts=Words()
        )
        library = vx.Library(tmp_path / "own.lance", encoder=mine)
        fixed = lambda measured: vx.segment(measured, method="fixed", length_s=2.0)  # noqa: E731
        assert not vx.ingest(film, library, segmenter=fixed, workers=1, progress=False).failed
        held = library.embeddings(tree.levels[0])
        assert np.allclose(held.vectors, np.eye(3))
        assert library.search("something green", level=tree.levels[0])[0].start_s == 2.0
        whole = library.embeddings("video").vectors[0]
        assert np.allclose(whole, np.full(3, 3**-0.5), atol=1e-6)
        with pytest.raises(LibraryError, match="'by-hand', which has to be given"):
            vx.Library(library.path).encoder  # noqa: B018
        assert len(vx.Library(library.path, encoder=mine).search(np.array([0, 0, 1.0]))) > 0

    def test_the_same_from_a_frame_an_arrow_table_and_a_parquet_file(self, tree, tmp_path):
        import pyarrow as pa

        leaves = leaves_of(tree)
        frame = pd.DataFrame(
            {
                "video": "colours.mp4",
                "start_s": [leaf.start_s for leaf in leaves],
                "end_s": [leaf.end_s for leaf in leaves],
                "vector": list(np.eye(3)),
            }
        )
        frame.to_parquet(tmp_path / "vectors.parquet")
        for rows_given in (frame, pa.Table.from_pandas(frame), tmp_path / "vectors.parquet"):
            found = vx.embed(tree, vx.OwnVectors(rows_given, name="table"))
            rows = [found.segment_ids.index(leaf.segment_id) for leaf in leaves]
            assert np.allclose(found.vectors[rows], np.eye(3))

    def test_moments_hold_to_half_way(self, tree):
        moments = pd.DataFrame(
            {"video": "colours.mp4", "time_s": [4.5, 0.5, 2.5], "vector": list(np.eye(3)[[2, 0, 1]])}
        )
        found = vx.OwnVectors(moments, name="moments").encode_video(
            tree.video, [vx.Span(0, 1), vx.Span(1, 2), vx.Span(3.4, 3.6)]
        )
        # Edges at 1.5 and 3.5: the second stretch is half red, half green, the third half green, half blue.
        half = 0.5**0.5
        assert np.allclose(found, [[1, 0, 0], [half, half, 0], [0, half, half]], atol=1e-6)

    @settings(max_examples=40, deadline=None)
    @given(st.integers(0, 10_000))
    def test_property_a_stretch_is_the_mean_of_what_overlaps_it(self, tree, seed):
        rng = np.random.default_rng(seed)
        cuts = np.sort(rng.uniform(0, 6, (5, 2)), axis=1)
        vectors = rng.normal(size=(5, 4))
        rows = pd.DataFrame(
            {
                "video": tree.video.video_id,
                "start_s": cuts[:, 0],
                "end_s": cuts[:, 1],
                "vector": list(vectors),
            }
        )
        start, end = np.sort(rng.uniform(0, 6, 2))
        found = vx.OwnVectors(rows, name="any").encode_video(tree.video, [vx.Span(start, end)])[0]
        expected = np.zeros(4)
        for (a, b), vector in zip(cuts, vectors, strict=True):
            expected += max(0.0, min(b, end) - max(a, start)) * vector / np.linalg.norm(vector)
        norm = np.linalg.norm(expected)
        assert np.allclose(found, expected / norm if norm else expected, atol=1e-5)

    def test_what_is_wrong_is_said(self, film, tree, tmp_path):
        leaf = leaves_of(tree)[0]
        with pytest.raises(ValueError, match="one length d"):
            vx.OwnVectors({}, name="x")
        with pytest.raises(ValueError, match="finite"):
            vx.OwnVectors({leaf: [1.0, np.nan]}, name="x")
        with pytest.raises(ValueError, match="lacks the columns video, end_s; it has start_s, vector"):
            vx.OwnVectors(pd.DataFrame({"start_s": [0.0], "vector": [[1.0]]}), name="x")
        stranger = vx.OwnVectors(
            pd.DataFrame({"video": ["other.mp4"], "time_s": [0.0], "vector": [[1.0, 0]]}), name="x"
        )
        with pytest.raises(vx.VideoError, match="no-vectors"):
            vx.embed(tree, stranger)
        report = vx.ingest(
            film, vx.Library(tmp_path / "x.lance", encoder=stranger), workers=1, progress=False
        )
        assert [(r.reason, "colours.mp4" in r.remedy) for r in report.failed] == [("no-vectors", True)]
        with pytest.raises(vx.QueryError, match="made elsewhere"):
            stranger.encode_frames(vx.frames(film, times_s=0.0))
        with pytest.raises(vx.QueryError, match="has no text side"):
            encode_query(stranger, "red")

    def test_torch_is_never_imported(self, film, tmp_path):
        """From a table of vectors to a search by words and a reranking, where torch cannot be imported."""
        code = f"""
import sys
sys.modules["torch"] = sys.modules["transformers"] = None
import numpy as np, pandas as pd
import videxplore as vx

rows = pd.DataFrame({{"video": "colours.mp4", "time_s": [1.0, 3.0, 5.0], "vector": list(np.eye(3))}})

class Words:
    def encode_text(self, texts):
        return np.array([[c in text for c in ("red", "green", "blue")] for text in texts], "float32")

mine = vx.OwnVectors(rows, name="mine", texts=Words())
library = vx.Library({str(tmp_path / "free.lance")!r}, encoder=mine)
assert not vx.ingest({str(film)!r}, library, workers=1, progress=False).failed
raw = library.search("green")
assert raw[0].span.overlap_s(vx.Span(2, 4)) > 0
vx.rerank(raw)
library.search(library.tree(raw[0].video_id).segments[0])
assert sys.modules["torch"] is None
"""
        subprocess.run([sys.executable, "-c", code], check=True, timeout=180)


class TestMixing:
    """Vectors of two cards never meet in one search."""

    @pytest.fixture
    def library(self, film, tree, tmp_path):
        mine = vx.OwnVectors(dict(zip(leaves_of(tree), np.eye(3), strict=True)), name="a", texts=Words())
        library = vx.Library(tmp_path / "a.lance", encoder=mine)
        vx.ingest(film, library, workers=1, progress=False)
        return library

    def test_a_query_of_another_encoder(self, library):
        other = vx.Query("red", np.ones(3), vx.EncoderCard("b", 3))
        with pytest.raises(vx.CardMismatchError, match=r"made for another encoder.*'a'"):
            library.search(other)

    def test_a_vector_of_another_length(self, library):
        with pytest.raises(ValueError, match=r"\(3,\), got \(4,\)"):
            library.search(np.ones(4))

    def test_opening_and_ingesting_with_another_encoder(self, library, film, tree):
        leaf = leaves_of(tree)[0]
        other = vx.OwnVectors({leaf: [1.0, 0, 0]}, name="a", parameters={"layer": 11})
        with pytest.raises(vx.CardMismatchError, match=r"layer=.*given 11"):
            vx.Library(library.path, encoder=other)
        with pytest.raises(vx.CardMismatchError, match="cannot be compared"):
            library.database.require_card(other.card)


PACKAGE = """
import numpy as np
import videxplore as vx

class Tint:
    def __init__(self, strength=1.0):
        self.card = vx.EncoderCard("tint", 3, parameters={"strength": strength})

    def encode_frames(self, frames):
        return frames.rgb.mean((1, 2)).astype("float32")

nothing = dict
"""


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """A function that installs a tiny package with entry points into a folder on the path."""

    def install(name, entries, code=PACKAGE):
        module = name.replace("-", "_")
        (tmp_path / f"{module}.py").write_text(code)
        info = tmp_path / f"{module}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        lines = "\n".join(f"{key} = {module}:{value}" for key, value in entries.items())
        (info / "entry_points.txt").write_text(f"[videxplore.encoders]\n{lines}\n")

    monkeypatch.syspath_prepend(tmp_path)
    return install


class TestPackages:
    def test_an_installed_encoder_has_a_name_options_and_comes_back(self, packages, film, tmp_path):
        packages("acme-tint", {"tint": "Tint"})
        assert encoder("tint", strength=2.0).card.parameters == {"strength": 2.0}
        library = vx.Library(tmp_path / "tint.lance", encoder="tint")
        assert not vx.ingest(film, library, workers=1, progress=False).failed
        again = vx.Library(library.path)
        assert type(again.encoder).__name__ == "Tint"
        assert restore(library.card).card == library.card

    def test_a_name_that_nobody_offers_lists_those_that_are(self, packages):
        packages("acme-tint", {"tint": "Tint"})
        with pytest.raises(ValueError, match="allowed: 'perceptual', 'sentences', 'tint', the path"):
            encoder("tnit")

    def test_the_default_cannot_be_replaced(self, packages):
        packages("acme-evil", {"perceptual": "Tint"})
        assert encoder("perceptual").card.dimension > 100

    def test_two_packages_with_one_name(self, packages):
        packages("acme-tint", {"tint": "Tint"})
        packages("other-tint", {"tint": "Tint"})
        with pytest.raises(ModelError, match="both offer an encoder 'tint'"):
            encoder("tint")

    @pytest.mark.parametrize(
        ("entries", "message"),
        [
            ({"gone": "Missing"}, "'gone' of the package 'acme' cannot be imported from 'acme:Missing'"),
            ({"empty": "nothing"}, "returned dict, which is no encoder: it needs .card"),
        ],
    )
    def test_a_broken_package_is_named(self, packages, entries, message):
        packages("acme", entries)
        with pytest.raises(ModelError, match=message.replace(".", r"\.")):
            encoder(next(iter(entries)))


class TestConvexCombination:
    labels = np.array([[1, 0, 0], [0, 2, 0], [0, 0, 1], [0, 0, 0]], float)
    words = WordVectors({"dog": [1, 0, 0], "cat": [0, 1, 0], "race car": [0, 0, 1], "car": [0, 0.6, 0.8]})

    def encoder(self, probabilities, **options):
        return vx.ConvexCombination(
            lambda frames: np.tile(probabilities, (len(frames), 1)),
            self.labels,
            self.words,
            name="toy",
            **options,
        )

    @settings(max_examples=50, deadline=None)
    @given(seed=st.integers(0, 10_000), top=st.integers(1, 4))
    def test_property_it_is_the_definition(self, seed, top):
        """Norouzi et al. 2014, equation 3: the mean of the top T label vectors, weighted by probability."""
        p = np.random.default_rng(seed).dirichlet(np.ones(4))
        found = self.encoder(p, top=top).combine(p[None])[0]
        unit = [row / np.linalg.norm(row) if row.any() else row for row in self.labels]
        best = sorted((i for i in range(3)), key=lambda i: -p[i])[:top]
        mean = sum(p[i] * unit[i] for i in best) / sum(p[i] for i in best)
        assert np.allclose(found, mean / np.linalg.norm(mean), atol=1e-6)

    def test_words_with_plurals_and_the_longest_phrase(self):
        assert self.words.find("Dogs chase a race-car and two cars") == ["dog", "race car", "car"]
        query = encode_query(self.encoder([1, 0, 0, 0]), "the dogs and a zebra")
        assert query.unknown_words == ("zebra",)
        assert np.allclose(query.vector, [1, 0, 0])
        assert encode_query(self.encoder([1, 0, 0, 0]), "a zebra").vector is None

    def test_what_is_wrong_is_said(self):
        with pytest.raises(ValueError, match=r"probabilities \(n, 4\)"):
            self.encoder([1, 0, 0]).combine([[1, 0, 0]])
        with pytest.raises(ValueError, match="none negative"):
            self.encoder([1, 0, 0, 0]).combine([[1, -1, 0, 0]])
        with pytest.raises(ValueError, match="top must be at least 1"):
            self.encoder([1, 0, 0, 0], top=0)
        with pytest.raises(ValueError, match="label_vectors must be finite"):
            vx.ConvexCombination(lambda frames: frames, [[np.nan]], self.words, name="x")

    def test_a_colour_classifier_finds_words_that_are_no_labels(self, film, tree, tmp_path):
        """Labels are three colours; what is asked for is none of them."""

        def classify(frames):
            distance = np.linalg.norm(
                frames.rgb.mean((1, 2))[:, None] - np.array(list(COLOURS.values())), axis=2
            )
            return np.exp(-distance / 30)

        words = WordVectors({"rose": [1, 0.1, 0], "grass": [0, 1, 0.1], "sea": [0.1, 0, 1]})
        mine = vx.ConvexCombination(classify, np.eye(3), words, name="colours")
        found = embed(tree, mine)
        leaves = leaves_of(tree)
        rows = [found.segment_ids.index(leaf.segment_id) for leaf in leaves]
        for i, word in enumerate(("rose", "grass", "sea")):
            assert np.argmax(found.vectors[rows] @ encode_query(mine, f"a {word}").vector) == i


@pytest.fixture(scope="module")
def classifiers():
    """The worked example of docs/encoders.md, with its models; skips where they are not at hand."""
    spec = importlib.util.spec_from_file_location("classifiers", ROOT / "benchmarks" / "classifiers.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    folder = module.models_folder()
    if folder is None:
        pytest.skip("the classifiers are not here; point VIDEXPLORE_MODELS at their folder")
    return module, folder


def test_a_picture_classifier_finds_clips_by_their_captions(classifiers, media_dir):
    """MobileNetV2 through onnxruntime, which never saw a caption; measured: MRR .46, chance .20."""
    pytest.importorskip("onnxruntime", reason="the extra 'examples' brings it")
    module, folder = classifiers
    with (media_dir / "truth" / "captions.tsv").open(newline="") as lines:
        captions = {row["file"]: row["caption"] for row in csv.DictReader(lines, delimiter="\t")}
    seen = module.things(folder)
    rows = []
    for name in captions:
        video = vx.open_video(media_dir / name)
        frames = vx.frames(video, times_s=np.array([1, 3, 5]) / 6 * video.duration_s, size=(426, 240))
        rows.append(seen.encode_frames(frames).mean(axis=0))
    rows = np.array(rows) - np.mean(rows, axis=0)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = seen.encode_text(list(captions.values())) @ rows.T
    ranks = 1 + np.sum(scores > np.diag(scores)[:, None], axis=1)
    chance = np.mean(1 / np.arange(1, len(captions) + 1))
    assert np.mean(1 / ranks) > 1.7 * chance


@pytest.mark.long
def test_a_sound_classifier_hears_what_it_was_never_told(classifiers, media_dir):
    """YAMNet through ai-edge-litert: speech, and sounds it can hardly mistake."""
    pytest.importorskip("ai_edge_litert", reason="the extra 'examples' brings it")
    if not has_bundled():
        pytest.skip("the extra 'sentences' is not installed")
    from videxplore.stages.encoding.sentences import SentenceEncoder

    module, folder = classifiers
    heard = module.sounds(folder, SentenceEncoder())
    assert heard.encode_frames(vx.FrameBatch(np.zeros((2, 4, 4, 3), np.uint8), np.arange(2))).shape == (2, 0)
    talk = vx.audio(vx.open_video(media_dir / "torchcodec_nasa_13013.mp4"), span=vx.Span(2, 8))
    times = np.arange(16000 * 3) / 16000
    siren = np.sin(2 * np.pi * np.cumsum(900 + 400 * np.sin(2 * np.pi * 0.5 * times)) / 16000) * 0.5
    clips = [talk, vx.AudioClip(siren.astype(np.float32), 16000, 0.0)]
    scores = (
        heard.encode_text(["a man is talking", "an ambulance with its siren on"])
        @ heard.encode_audio(clips).T
    )
    assert scores[0, 0] > scores[0, 1]
    assert scores[1, 1] > scores[1, 0]


def test_the_documentation_shows_the_code_that_runs():
    page = (ROOT / "docs" / "encoders.md").read_text()
    source = (ROOT / "benchmarks" / "classifiers.py").read_text()
    shown = [block for block in page.split("```python\n")[1:] if "def classify" in block.split("```")[0]]
    assert shown
    for block in shown:
        assert block.split("```")[0].strip() in source
