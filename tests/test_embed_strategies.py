"""Strategies of embedding: positions, several encoders as one, regions, change over time."""

from __future__ import annotations

import pickle

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import videxplore as vx
from videxplore.errors import QueryError
from videxplore.stages.encoding.embed import embed, embed_frames, query_bank
from videxplore.stages.encoding.protocol import Encoder, TextEncoder
from videxplore.stages.encoding.registry import encoder, restore
from videxplore.stages.encoding.sequences import POSITIONS, bind_positions, sinusoids
from videxplore.stages.encoding.strategies.correlation import fit_correlation
from videxplore.stages.encoding.strategies.rebuild import is_made_of_others, rebuild
from videxplore.stages.encoding.strategies.saliency import salient_boxes, spectral_residual
from videxplore.stages.encoding.strategies.temporal import FlowEncoder
from videxplore.stages.features.measure import measure
from videxplore.stages.pooling import METHODS, normalise
from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import FrameBatch

SCENES = np.random.default_rng(0).integers(0, 255, (4, 3, 4, 3), dtype=np.uint8)
_MIX = np.random.default_rng(1).normal(size=(36, 12))


class Eyes:
    """Pictures of 3×4 colours, mixed; knows the words for the scenes."""

    card = vx.EncoderCard("eyes", 12, modalities=("visual", "text"))
    frames_per_s = 4.0

    def encode_frames(self, frames):
        n, height, width, _ = frames.rgb.shape
        blocks = frames.rgb[:, : height // 3 * 3, : width // 4 * 4].reshape(n, 3, height // 3, 4, -1, 3)
        light = blocks.mean((2, 4)) / 255 - 0.5
        return (light.reshape(n, -1) @ _MIX).astype(np.float32)

    def encode_text(self, texts):
        numbers = [int(text[-1]) if text[-1].isdigit() else len(text) % 4 for text in texts]
        pictures = SCENES[numbers].repeat(16, 1).repeat(16, 2)
        return normalise(self.encode_frames(FrameBatch(pictures, np.arange(float(len(texts))))))[0]


class Ears:
    """How loud, and how shrill."""

    card = vx.EncoderCard("ears", 3, modalities=("audio",))

    def encode_frames(self, frames):
        return np.zeros((len(frames), 0), np.float32)

    def encode_audio(self, clips):
        rows = [(np.abs(c.samples).mean(), np.abs(np.diff(c.samples)).mean() * 4, 0.02) for c in clips]
        return np.array(rows, np.float32)


PARTS = {"eyes": Eyes(), "ears": Ears()}


def write_film(path, order, sound=True):
    """One second per scene; a pitch of its own for each."""
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=12, options={"crf": "10"})
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        track = output.add_stream("aac", rate=16000, layout="mono") if sound else None
        for k in range(12 * len(order)):
            picture = np.ascontiguousarray(SCENES[order[k // 12]].repeat(16, 0).repeat(16, 1))
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
        if track is not None:
            times = np.arange(16000) / 16000
            tones = [0.2 * (1 + k) * np.sin(2 * np.pi * 150 * 3**k * times) for k in order]
            wave = np.concatenate(tones).astype(np.float32)[None]
            samples = av.AudioFrame.from_ndarray(wave, format="flt", layout="mono")
            samples.rate = 16000
            output.mux(track.encode(samples))
            output.mux(track.encode(None))
    return path


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """The film, and the same scenes in another order."""
    folder = tmp_path_factory.mktemp("films")
    return [write_film(folder / f"{k}.mp4", order) for k, order in enumerate([(0, 1, 2, 3), (3, 1, 0, 2)])]


def cut(measurements):
    return segment(measurements, method="fixed", length_s=1.0)


@pytest.fixture(scope="module")
def measured(films):
    return [measure(film) for film in films]


@pytest.fixture(scope="module")
def trees(measured):
    return [cut(m) for m in measured]


def whole(tree, mine, measurements=None, **options):
    """Vector of the whole film."""
    found = embed(tree, mine, measurements=measurements, **options)
    return found.vectors[found.segment_ids.index(tree.at("video")[0].segment_id)]


def test_sinusoids_are_those_of_the_paper():
    """PE(pos, 2i) = sin(pos / 10000^(2i/d)), PE(pos, 2i + 1) = cos(…): Vaswani et al. 2017, section 3.5."""
    found = sinusoids(np.arange(7), 10)
    for position in range(7):
        for i in range(5):
            angle = position / 10000 ** (2 * i / 10)
            np.testing.assert_allclose(found[position, 2 * i : 2 * i + 2], [np.sin(angle), np.cos(angle)])
    assert sinusoids([0.0, 1.0], 5).shape == (2, 5)


@given(st.integers(0, 2**31), st.floats(0, 50), st.floats(0, 50), st.floats(0, 20))
@settings(max_examples=40, deadline=None)
def test_relative_positions_count_by_their_distance_alone(seed, first, second, later):
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, 10))
    here = bind_positions([a, b], [first, second], "relative")
    there = bind_positions([a, b], [first + later, second + later], "relative")
    assert here[0] @ here[1] == pytest.approx(there[0] @ there[1], abs=1e-9)
    np.testing.assert_allclose(np.linalg.norm(here, axis=1), np.linalg.norm([a, b], axis=1))


@pytest.mark.parametrize("kind", POSITIONS)
def test_what_stands_first_is_unchanged(kind):
    rows, table = np.random.default_rng(0).normal(size=(2, 4, 6))
    bound = bind_positions(rows, np.arange(4.0), kind, table)
    np.testing.assert_allclose(bound[0], rows[0])
    assert (kind == "none") == np.allclose(bound, rows)
    with pytest.raises(ValueError, match="frame_positions"):
        bind_positions(rows, np.arange(4.0), "learned", None)


@pytest.mark.parametrize("method", METHODS)
def test_without_positions_a_shuffled_film_has_the_same_vector(trees, method):
    """To what the codec changes: the order of the scenes decides what is predicted from what."""
    a, b = (whole(tree, PARTS["eyes"], pooling=method) for tree in trees)
    assert a @ b > 0.9995
    np.testing.assert_allclose(np.linalg.norm(a), 1, atol=1e-5)


@pytest.mark.parametrize("position", [p for p in POSITIONS if p != "none"])
@pytest.mark.parametrize("method", ["mean", "gem", "attention"])
def test_with_positions_it_has_another(trees, method, position):
    class Positioned(Eyes):
        frame_positions = np.random.default_rng(5).normal(size=(8, 12))

    a, b = (whole(tree, Positioned(), pooling=method, position=position) for tree in trees)
    assert a @ b < 0.999 - 0.0005
    c = whole(trees[0], Positioned(), pooling=method, position=position)
    np.testing.assert_array_equal(a, c)


def test_pooling_is_of_frames_and_of_leaves(trees):
    found = embed(trees[0], Eyes(), pooling="max")
    plain = embed(trees[0], Eyes())
    row = {s.segment_id: i for i, s in enumerate(trees[0].segments)}
    leaves = [row[s.segment_id] for s in trees[0].leaves]
    root = row[trees[0].at("video")[0].segment_id]
    highest, _ = normalise(found.attributes[leaves].max(0)[None])
    np.testing.assert_allclose(found.vectors[root], highest[0], atol=1e-5)
    assert found.card != plain.card
    assert found.card.parameters["pooling"] == "max"


MADE = {
    "pooled": lambda: vx.pooled(Eyes(), "medoid", "relative"),
    "late": lambda: vx.joint(Eyes(), Ears(), weights=(0.7, 0.3)),
    "concatenated": lambda: vx.joint(Eyes(), Ears(), method="concatenate"),
    "with the perceptual one": lambda: vx.joint(encoder("perceptual", sentences=None), Eyes()),
    "grid": lambda: vx.crops(Eyes(), "grid", count=9),
    "saliency": lambda: vx.crops(Eyes(), "saliency", count=2, pooling="max"),
    "uniform": lambda: vx.temporal(Eyes(), "uniform", frames=3),
    "difference": lambda: vx.temporal(Eyes(), "difference", frames=4),
    "flow": lambda: vx.temporal(Eyes(), "flow"),
    "flow alone": FlowEncoder,
    "perceptual, pooled": lambda: vx.pooled(encoder("perceptual", sentences=None), "gem"),
}


@pytest.mark.parametrize("name", MADE)
def test_it_is_an_encoder_like_any_other(name, films, trees, measured, tmp_path):
    """From embedding over a library to a search, and back from its card."""
    mine = MADE[name]()
    assert isinstance(mine, Encoder)
    found = embed(trees[0], mine, measurements=measured[0])
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-5)
    times, frames = embed_frames(measured[0], mine, measurements=measured[0])
    assert frames.shape == (len(times), mine.card.dimension)

    library = vx.Library(tmp_path / "films.lance", encoder=mine)
    report = vx.ingest(films, library, segmenter=cut, workers=1, progress=False)
    assert len(report.done) == 2, report
    stored = library.embeddings()
    for segment_id, vector in zip(found.segment_ids, found.vectors, strict=True):
        np.testing.assert_allclose(stored.vectors[stored.segment_ids.index(segment_id)], vector, atol=1e-5)
    leaf = trees[0].leaves[1]
    hits = library.search(leaf, k=2, level=leaf.level).hits
    if name != "flow alone":  # nothing moves in any scene
        twin = trees[1].leaves[1]
        assert {hit.segment_id for hit in hits} == {leaf.segment_id, twin.segment_id}
    if isinstance(mine, TextEncoder) and "perceptual" not in name:
        # Scene 2 stands third in the one film and fourth in the other.
        wanted = {trees[0].leaves[2].segment_id, trees[1].leaves[3].segment_id}
        assert {hit.segment_id for hit in library.search("scene 2", k=2, level=leaf.level)} == wanted
    else:
        assert query_bank(mine) is None or isinstance(mine, TextEncoder)

    again = pickle.loads(pickle.dumps(mine))
    assert again.card == mine.card
    np.testing.assert_array_equal(embed(trees[0], again, measurements=measured[0]).vectors, found.vectors)
    assert is_made_of_others(mine.card)
    known = {"eyes": Eyes, "ears": Ears}

    def find(card):
        return known[card.name]() if card in (Eyes.card, Ears.card) else restore_own(card)

    def restore_own(card):
        return rebuild(card, find) if is_made_of_others(card) else restore(card)

    assert find(mine.card).card == mine.card


class Patches(Eyes):
    """Its patches are the quarters of the picture, and it is shown words with it."""

    frames_per_clip = 1

    def encode_patches(self, frames):
        n, height, width, _ = frames.rgb.shape
        parts = frames.rgb.reshape(n, 2, height // 2, 2, width // 2, 3).swapaxes(2, 3)
        seen = self.encode_frames(FrameBatch(parts.reshape(-1, height // 2, width // 2, 3), np.zeros(4 * n)))
        return seen.reshape(n, 2, 2, -1)

    def encode_together(self, clips, texts):
        return np.concatenate([self.encode_frames(clip) for clip in clips])


@pytest.mark.parametrize("regions", ["grid", "patch-tokens"])
def test_what_is_made_of_a_pooled_encoder_is_pooled_alike(trees, regions):
    within = vx.crops(vx.pooled(Patches(), "max"), regions)
    found, expected = (embed(trees[0], e) for e in (within, vx.pooled(vx.crops(Patches(), regions), "max")))
    np.testing.assert_allclose(found.vectors, expected.vectors, atol=1e-6)
    find = lambda card: rebuild(card, find) if is_made_of_others(card) else Patches()  # noqa: E731
    assert find(within.card).card == within.card
    along = vx.read_along(vx.pooled(Patches(), "max"))
    assert along.card.parameters["pooling"] == "max"


def test_late_fusion_is_the_weighted_sum_of_cosines(trees, measured):
    eyes, ears = (embed(trees[0], PARTS[name]) for name in ("eyes", "ears"))
    both = embed(trees[0], vx.joint(PARTS["eyes"], PARTS["ears"], weights=(3, 1)))
    leaves = [i for i, s in enumerate(trees[0].segments) if not trees[0].children(s)]
    expected = 0.75 * eyes.vectors[leaves] @ eyes.vectors[leaves].T
    expected += 0.25 * ears.vectors[leaves] @ ears.vectors[leaves].T
    np.testing.assert_allclose(both.vectors[leaves] @ both.vectors[leaves].T, expected, atol=1e-5)
    assert dict(both.card.blocks) == {"visual": 12, "audio": 3}
    assert dict(vx.joint(Eyes(), Eyes()).card.blocks) == {"visual": 12, "visual-2": 12}


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_correlations_are_those_of_scikit_learn():
    from sklearn.cross_decomposition import CCA

    rng = np.random.default_rng(0)
    hidden = rng.normal(size=(400, 3))
    x = np.concatenate([hidden, rng.normal(size=(400, 4))], axis=1) @ rng.normal(size=(7, 7))
    y = (hidden * [1, 1, 0.5] + rng.normal(0, [0.2, 0.6, 1.0], (400, 3))) @ rng.normal(size=(3, 5))
    y += rng.normal(0, 1e-3, y.shape)
    theirs = CCA(n_components=3, max_iter=2000, tol=1e-10).fit(x, y)
    a, b = theirs.transform(x, y)
    mine = fit_correlation(x, y, ridge=0.0)
    expected = [np.corrcoef(a[:, k], b[:, k])[0, 1] for k in range(3)]
    np.testing.assert_allclose(mine.correlations[:3], expected, atol=1e-4)
    for side, (values, theirs_of_side) in enumerate(((x, a), (y, b))):
        placed = (values - mine.means[side]) @ mine.axes[side]
        np.testing.assert_allclose(np.cov(placed.T), np.eye(placed.shape[1]), atol=1e-6)
        for k in range(3):
            assert abs(np.corrcoef(placed[:, k], theirs_of_side[:, k])[0, 1]) > 0.9999


def test_correlated_encoders_answer_for_each_other():
    """Words of the one find what only the other perceives: pairs never seen, chance 1 in 200."""
    rng = np.random.default_rng(1)
    hidden = rng.normal(size=(600, 6))
    x, y = (
        hidden @ rng.normal(size=(6, 20)),
        hidden @ rng.normal(size=(6, 15)) + rng.normal(0, 0.3, (600, 15)),
    )
    found = fit_correlation(x[:400], y[:400])
    scores = found.project(0, x[400:]) @ found.project(1, y[400:]).T
    assert np.mean(scores.argmax(1) == np.arange(200)) > 0.9
    assert not found.project(0, np.zeros((2, 20))).any()


def test_a_joint_encoder_by_correlation(trees):
    pairs = tuple(embed(trees[0], PARTS[name]) for name in ("eyes", "ears"))
    mine = vx.joint(*PARTS.values(), method="cca", fit=pairs)
    found = embed(trees[1], mine)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-5)
    assert pickle.loads(pickle.dumps(mine)).card == mine.card
    assert (
        mine.card
        != vx.joint(*PARTS.values(), method="cca", fit=(pairs[0].select(np.arange(4)), pairs[1])).card
    )
    with pytest.raises(ValueError, match="axes fitted on vectors"):
        rebuild(mine.card, lambda card: PARTS[card.name])
    with pytest.raises(ValueError, match="fit holds vectors of 'ears' where those of 'eyes'"):
        vx.joint(*PARTS.values(), method="cca", fit=pairs[::-1])


def test_a_silent_film_is_what_is_seen(tmp_path):
    tree = cut(measure(write_film(tmp_path / "silent.mp4", (0, 1), sound=False)))
    both = embed(tree, vx.joint(*PARTS.values()))
    np.testing.assert_allclose(both.vectors[:, :12], embed(tree, PARTS["eyes"]).vectors, atol=1e-5)
    assert not both.vectors[:, 12:].any()


def test_what_draws_the_eye():
    rng = np.random.default_rng(0)
    grey = np.tile(np.linspace(90, 110, 64), (36, 1))
    grey[20:24, 44:50] = rng.uniform(0, 255, (4, 6))
    y, x = np.unravel_index(spectral_residual(grey).argmax(), grey.shape)
    assert 18 <= y <= 25
    assert 42 <= x <= 51
    picture = grey.astype(np.uint8)[..., None].repeat(3, 2).repeat(10, 0).repeat(10, 1)
    boxes = salient_boxes(picture, 3)
    assert boxes.shape == (3, 4)
    x0, y0, x1, y1 = boxes[0]
    assert x0 <= 440 < 500 <= x1
    assert y0 <= 200 < 240 <= y1
    assert (x1 - x0, y1 - y0) == (320, 180)


class Corner:
    """A detector that always sees the lower right, and nothing in the dark."""

    def __call__(self, rgb):
        return [] if rgb.mean() < 10 else [(48, 36, 64, 48), (0, 0, 4, 4)]


def test_a_detector_says_where_to_look():
    mine = vx.crops(Eyes(), Corner(), count=1)
    rng = np.random.default_rng(0)
    rgb = np.zeros((2, 48, 64, 3), np.uint8)
    rgb[0] = rng.integers(60, 255, (6, 8, 3), dtype=np.uint8).repeat(8, 0).repeat(8, 1)
    rows = mine.encode_frames(FrameBatch(rgb, np.arange(2.0)))
    corner = rgb[:1, 36:48, 48:64].repeat(2, 1).repeat(2, 2)
    expected, _ = normalise(Eyes().encode_frames(FrameBatch(corner, np.zeros(1))))
    assert rows[0, 12:] @ expected[0] > 0.98
    assert not rows[1, 12:].any()
    assert mine.card.parameters["regions"].endswith("Corner")
    with pytest.raises(ValueError, match="its card does not hold"):
        rebuild(mine.card, lambda card: Eyes())
    for wrong in ([(5, 5, 5, 9)], [(0, 0, 1)]):
        with pytest.raises(ValueError, match="a detector must return boxes"):
            vx.crops(Eyes(), lambda rgb, wrong=wrong: wrong).encode_frames(FrameBatch(rgb, np.arange(2.0)))


def test_the_cells_of_a_grid_are_pictures_of_their_own():
    rgb = np.random.default_rng(0).integers(0, 255, (1, 12, 16, 3), dtype=np.uint8).repeat(8, 1).repeat(8, 2)
    rows = vx.crops(Eyes(), "grid", count=4, pooling="mean").encode_frames(FrameBatch(rgb, np.zeros(1)))
    cells = [rgb[:, y : y + 48, x : x + 64] for y in (0, 48) for x in (0, 64)]
    unit = [normalise(Eyes().encode_frames(FrameBatch(cell, np.zeros(1))))[0] for cell in cells]
    mean, _ = normalise(np.mean(unit, axis=0))
    np.testing.assert_allclose(rows[0, 12:], mean[0], atol=0.02)


def test_a_film_run_backwards_keeps_its_change_and_turns_its_trend_round():
    rng = np.random.default_rng(0)
    rgb = rng.integers(0, 255, (6, 3, 4, 3), dtype=np.uint8).repeat(16, 1).repeat(16, 2)
    mine = vx.temporal(Eyes(), "difference", frames=6)
    forth, back = (
        mine.encode_clips([FrameBatch(rgb[::step], np.arange(6.0))])[0].reshape(3, 12) for step in (1, -1)
    )
    np.testing.assert_allclose(back[0], forth[0], atol=1e-5)
    np.testing.assert_allclose(back[1], forth[1], atol=1e-5)
    np.testing.assert_allclose(back[2], -forth[2], atol=1e-5)
    unit, _ = normalise(Eyes().encode_frames(FrameBatch(rgb, np.arange(6.0))))
    slope = np.polyfit(np.arange(6.0), unit, 1)[0]
    np.testing.assert_allclose(forth[2], slope / np.linalg.norm(slope), atol=1e-4)
    still = mine.encode_frames(FrameBatch(rgb, np.arange(6.0)))
    assert not still[:, 12:].any()


def test_flow_knows_a_pan_from_a_still(tmp_path):
    """Wide noise, shown still for two seconds and then panned for two."""
    path = tmp_path / "pan.mp4"
    wide = np.random.default_rng(0).integers(40, 215, (9, 60, 3), dtype=np.uint8).repeat(20, 0).repeat(20, 1)
    with av.open(str(path), "w") as output:
        stream = output.add_stream("libx264", rate=20, options={"crf": "12"})
        stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
        for k in range(80):
            start = max(0, k - 40) * 6
            picture = np.ascontiguousarray(wide[:, start : start + 320])
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        output.mux(stream.encode(None))
    found = measure(path)
    tree = segment(found, method="fixed", length_s=2.0)
    values = embed(tree, FlowEncoder(), measurements=found)
    leaves = [values.segment_ids.index(s.segment_id) for s in tree.leaves]
    still, panned = (dict(zip(values.card.names, values.attributes[i], strict=True)) for i in leaves)
    assert panned["camera_speed"] > 5 * max(still["camera_speed"], 0.1)
    assert panned["pan"] > 1 > abs(still["pan"])
    assert panned["still_share"] < still["still_share"]


class TestChosenSegments:
    def test_more_like_all_of_these(self, films, trees, tmp_path):
        library = vx.Library(tmp_path / "films.lance", encoder=Eyes())
        vx.ingest(films, library, segmenter=cut, workers=1, progress=False)
        leaves = [trees[0].leaves[0], trees[0].leaves[3]]
        query = vx.pool(leaves, within=library)
        assert query.source == "2 segments, pooled by mean"
        assert query.card == library.card
        # Scenes 0 and 3 of the one film, and the same two of the other.
        wanted = {s.segment_id for s in (*leaves, trees[1].leaves[2], trees[1].leaves[0])}
        hits = library.search(query, k=4, level=leaves[0].level).hits
        assert {hit.segment_id for hit in hits} == wanted
        found = library.embeddings()
        rows = [found.segment_ids.index(s.segment_id) for s in leaves]
        expected, _ = normalise(found.vectors[rows].mean(0)[None])
        np.testing.assert_allclose(query.vector, expected[0], atol=1e-5)
        assert vx.pool(found.select(np.array(rows))).vector == pytest.approx(query.vector, abs=1e-5)
        assert vx.pool(hits[:1], within=library, method="medoid").vector == pytest.approx(
            found.vectors[found.segment_ids.index(hits[0].segment_id)], abs=1e-5
        )

    def test_what_is_wrong_is_said(self, trees):
        found = embed(trees[0], Eyes())
        with pytest.raises(TypeError, match="within=library"):
            vx.pool(trees[0].leaves)
        with pytest.raises(QueryError, match="is not in what was given"):
            vx.pool(trees[1].leaves, within=found)
        with pytest.raises(QueryError, match="at least one"):
            vx.pool([], within=found)


@pytest.mark.parametrize(
    ("make", "word"),
    [
        (lambda: vx.pooled(Eyes(), "median"), "pooling='median' is not allowed; allowed: mean"),
        (lambda: vx.pooled(Eyes(), position="absolute"), "position='absolute' is not allowed"),
        (lambda: vx.pooled(Eyes(), position="learned"), "frame_positions"),
        (lambda: vx.pooled(encoder("perceptual"), position="relative"), "named columns"),
        (lambda: vx.joint(Eyes()), "needs two encoders or more"),
        (lambda: vx.joint(Eyes(), Ears(), method="early"), "allowed: late, concatenate, cca"),
        (lambda: vx.joint(Eyes(), Ears(), weights=(1, 0)), "2 positive numbers"),
        (lambda: vx.joint(Eyes(), Ears(), method="cca"), "belongs to method='cca'"),
        (lambda: vx.crops(Eyes(), "corners"), "allowed: grid, saliency"),
        (lambda: vx.crops(Eyes(), "grid", count=5), "square number"),
        (lambda: vx.crops(Eyes(), "patch-tokens"), "encode_patches"),
        (lambda: vx.crops(Ears()), "one block 'visual'"),
        (lambda: vx.crops(Eyes(), pooling="best"), "pooling='best'"),
        (lambda: vx.temporal(Eyes(), "optical"), "allowed: uniform, difference, flow"),
        (lambda: vx.temporal(Eyes(), frames=1), "at least 2"),
    ],
)
def test_what_cannot_be_made_is_said(make, word):
    with pytest.raises(ValueError, match=word):
        make()
