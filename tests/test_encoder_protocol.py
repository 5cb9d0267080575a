"""What every encoder must do, held against the perceptual one and against a user's own."""

from __future__ import annotations

import numpy as np
import pytest

import videxplore as vx
from videxplore.errors import QueryError
from videxplore.stages.encoding.embed import bank_texts, embed, embed_frames, encode_query, query_bank
from videxplore.stages.encoding.protocol import AudioEncoder, Encoder, SpanEncoder, TextEncoder
from videxplore.stages.encoding.registry import encoder
from videxplore.stages.features.measure import measure
from videxplore.stages.pooling import pool
from videxplore.stages.segmentation.segment import segment
from videxplore.values.media import Span


class Brightness:
    """A user's own encoder: seven lines."""

    card = vx.EncoderCard("brightness", 3)

    def encode_frames(self, frames):
        light = frames.rgb.mean((1, 2)) / 255 + 0.01
        return light.astype("float32")


class EyesAndEars:
    """A user's own encoder that also hears and reads."""

    card = vx.EncoderCard(
        "eyes-and-ears", 5, modalities=("visual", "audio", "text"), blocks=(("visual", 3), ("audio", 2))
    )
    frame_size = (64, 36)
    frames_per_s = 2.0

    def __init__(self):
        self.batches: list[int] = []

    def encode_frames(self, frames):
        assert frames.rgb.shape[1:] == (36, 64, 3)
        self.batches.append(len(frames))
        return (frames.rgb.mean((1, 2)) / 255 + 0.01).astype("float32")

    def encode_audio(self, clips):
        rows = [[1.0, min(1.0, 10 * float(np.abs(c.samples).mean()))] for c in clips]
        return np.array(rows, np.float32)

    def encode_text(self, texts):
        return np.array([[float("red" in t), float("green" in t), 0.1, 0, 0] for t in texts], np.float32)


ENCODERS = {"perceptual": lambda: encoder("perceptual"), "brightness": Brightness, "both": EyesAndEars}


@pytest.fixture(scope="module")
def measured(media_dir):
    return measure(media_dir / "torchcodec_nasa_13013.mp4")


@pytest.fixture(scope="module")
def tree(measured):
    return segment(measured, levels={"moment": 1.5, "scene": 5.0})


@pytest.fixture(params=sorted(ENCODERS))
def any_encoder(request):
    return ENCODERS[request.param]()


def test_it_is_an_encoder(any_encoder):
    assert isinstance(any_encoder, Encoder)
    assert not isinstance(object(), Encoder)


def test_every_segment_gets_a_unit_vector(tree, measured, any_encoder):
    found = embed(tree, any_encoder, measurements=measured)
    assert found.segment_ids == tuple(s.segment_id for s in tree.segments)
    assert found.levels == tuple(s.level for s in tree.segments)
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1.0, atol=1e-5)
    assert found.card == any_encoder.card
    leaf = np.array([not tree.children(s) for s in tree.segments])
    assert (found.coherence[leaf] == 1.0).all()
    assert ((found.coherence > 0) & (found.coherence <= 1)).all()


def test_parents_follow_from_leaves_by_the_card(tree, measured, any_encoder):
    found = embed(tree, any_encoder, measurements=measured)
    row = {segment_id: i for i, segment_id in enumerate(found.segment_ids)}
    from_span = set(any_encoder.card.parameters.get("from_span", ()))
    columns = [i for i, n in enumerate(any_encoder.card.names or range(any_encoder.card.dimension))
               if n not in from_span]  # fmt: skip
    for parent in tree.segments:
        leaves = [s for s in tree.leaves if parent.start_s <= s.start_s < parent.end_s]
        if parent in leaves:
            continue
        rows = found.attributes[[row[s.segment_id] for s in leaves]]
        pooled, coherence = pool(rows, [s.duration_s for s in leaves], any_encoder.card.pooling)
        np.testing.assert_allclose(
            found.attributes[row[parent.segment_id]][columns], pooled[columns], atol=2e-5
        )
        assert found.coherence[row[parent.segment_id]] == pytest.approx(coherence, abs=1e-5)


def test_it_repeats_itself_exactly(tree, measured, any_encoder):
    first, second = (
        embed(tree, any_encoder, measurements=measured),
        embed(tree, any_encoder, measurements=measured),
    )
    np.testing.assert_array_equal(first.vectors, second.vectors)


def test_frames_lie_in_the_space_of_segments(tree, measured, any_encoder):
    times, values = embed_frames(tree, any_encoder, measurements=measured)
    assert values.shape == (13, any_encoder.card.dimension)
    assert values.dtype == np.float32
    lengths = np.linalg.norm(values, axis=1)
    vectors = values / lengths[:, None]
    # On the encoder's own scale, as segments are: one second measured alone is one second of frames.
    if isinstance(any_encoder, SpanEncoder):
        np.testing.assert_array_equal(
            values[3:5], any_encoder.encode_spans(measured, [Span(3, 4), Span(4, 5)])
        )
    else:
        np.testing.assert_allclose(lengths, 1.0, atol=1e-5)
    assert np.all(np.diff(times) > 0)
    segments = embed(tree, any_encoder, measurements=measured)
    own, other = [], []
    for leaf in tree.leaves:
        vector = segments.vectors[segments.segment_ids.index(leaf.segment_id)]
        inside = (times >= leaf.start_s) & (times < leaf.end_s)
        if inside.any():
            own.append((vectors[inside] @ vector).mean())
            other.append((vectors[~inside] @ vector).mean())
    assert np.mean(own) > np.mean(other)


def test_frames_are_handed_over_in_small_batches_at_the_wanted_size(tree):
    mine = EyesAndEars()
    embed(tree, mine)
    assert max(mine.batches) <= 32
    assert sum(mine.batches) == sum(max(1, round(2 * s.duration_s)) for s in tree.leaves)


def test_each_modality_fills_its_own_block(tree):
    found = embed(tree, EyesAndEars())
    leaf = [not tree.children(s) for s in tree.segments]
    lengths = [np.linalg.norm(found.attributes[leaf][:, s], axis=1) for s in found.card.slices().values()]
    np.testing.assert_allclose(lengths[0], lengths[1], atol=1e-5)


def test_queries_and_the_bank(any_encoder):
    if not isinstance(any_encoder, TextEncoder):
        assert query_bank(any_encoder) is None
        with pytest.raises(QueryError, match="no text side"):
            encode_query(any_encoder, "red")
        return
    query = encode_query(any_encoder, "a red picture")
    assert query.card == any_encoder.card
    assert np.linalg.norm(query.vector) == pytest.approx(1.0, abs=1e-5)
    bank = query_bank(any_encoder)
    assert len(bank) == len(bank_texts()) >= 64
    assert len(set(bank_texts())) == len(bank)
    np.testing.assert_allclose(np.linalg.norm(bank, axis=1), 1.0, atol=1e-5)
    with pytest.raises(QueryError, match="empty"):
        encode_query(any_encoder, "  ")


def test_an_unknown_name_lists_what_is_allowed():
    with pytest.raises(ValueError, match=r"'perceptual'.*the path of a folder"):
        encoder("perceptive")


@pytest.mark.parametrize(
    ("returned", "word"),
    [(np.zeros((3,), np.float32), "shape"), (np.full((99, 3), np.nan, np.float32), "shape|finite"),
     (np.ones((99, 2), np.float32), "columns|shape")],
)  # fmt: skip
def test_a_wrong_answer_of_an_encoder_is_named(tree, returned, word):
    class Wrong:
        card = vx.EncoderCard("wrong", 3)

        def encode_frames(self, frames):
            return returned[: len(frames)]

    with pytest.raises(ValueError, match=word):
        embed(tree, Wrong())


def test_a_silent_film_still_has_vectors(media_dir):
    found = measure(media_dir / "intel_asl_walk.mkv")
    silent = segment(found)
    assert found.sound is None
    mine = EyesAndEars()
    assert isinstance(mine, AudioEncoder)
    assert np.abs(embed(silent, mine).vectors[:, 3:]).max() == 0
    perceptual = embed(silent, encoder(), measurements=found)
    assert np.abs(perceptual.vectors[:, perceptual.card.slices()["audio"]]).max() == 0
