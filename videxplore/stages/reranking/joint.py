"""The default reranker: candidates see their frames, each other, and the tree they stand in.

Training-free and set-wise. A second look at single frames replaces a share of a segment's averaged score,
and an item that answers any query loses. Then every candidate is held against the segments around it: those
that contain it and its neighbours in time may raise it, never lower it; its own parts raise it where one of
them answers better than the whole; but where they are candidates themselves, they lower it where it scores
above what they score on average, because then a part is the answer. Order of the candidates cannot matter:
all that is taken over the pool are exact sums. How sharply the best frames are picked out is measured in
standard deviations of the pool's frame scores, because encoders differ in how far their scores spread.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from videxplore.stages.reranking.hubness import penalise_hub, usual_hubness
from videxplore.stages.reranking.protocol import Rescored
from videxplore.stages.reranking.relatives import find_whole_video, parts_of
from videxplore.stages.reranking.spread import deviation
from videxplore.values.media import Span, format_time
from videxplore.values.rankings import Candidate, Query, Reason

_SAME = 1e-9
"""Frame scores that spread less than this do not differ."""

_WHERE = {"ancestor": "it belongs to", "previous": "just before it", "next": "just after it"}


@dataclass(frozen=True, slots=True)
class Joint:
    """Second look at frames, hubness penalty, and what the segment tree says.

    With raw scores s: y = s + frames · (softmax-weighted frame score − s) − hubness · (h − mean h of the
    level), then f = y + lift · mean over ancestors and neighbours c of max(0, y_c − y) + rise · max(0, best
    part − y) − fall · max(0, y − mean part) + video · y_video.
    The frame pooling is the query-scored softmax of Bain et al. (CLIP-Hitchhiker, 2022); the hubness term
    is a query-bank normalisation (Bogolin et al., QB-Norm, 2022) in its additive form.

    What is None follows from how the query is compared: :data:`NAMED` weights where its words were read as
    named attributes, :data:`COSINE` ones otherwise.

    Attributes:
        frames: share of the averaged score that the best frames replace, in [0, 1]; only of segments
            without parts, for others the parts do this.
        hubness: weight of "answers many queries", more than is usual on the candidate's level: a scene has
            something of everything, and is not to lose its place to its moments for that.
        lift: weight of what ancestors and neighbours add.
        rise: share of the way to its best part that a segment rises, where no part is a candidate.
        fall: share of the way to its average part that a segment falls, where some part is a candidate.
        video: weight of the score of the video as a whole. Helps where videos keep to one topic and hurts
            where they do not, so it is off unless asked for.
        temperature: of the softmax over frames, in standard deviations of all frame scores of the pool;
            small looks at the very best frame only.
    """

    frames: float | None = None
    hubness: float | None = None
    lift: float | None = None
    rise: float | None = None
    fall: float | None = None
    video: float | None = None
    temperature: float | None = None
    name: str = "joint"

    def __post_init__(self) -> None:
        if self.temperature is not None and not self.temperature > 0:
            raise ValueError(f"Joint.temperature must be positive, got {self.temperature!r}.")

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`Joint`."""
        named = bool(query.terms) and query.card is not None and bool(query.card.names)
        usual = NAMED if named else COSINE
        given = {field.name: getattr(self, field.name) for field in fields(usual)}
        return replace(usual, **{k: v for k, v in given.items() if v is not None}).scores(candidates)


@dataclass(frozen=True, slots=True)
class _Weights:
    """The weights of :class:`Joint`, all of them known."""

    frames: float
    hubness: float
    lift: float
    rise: float
    fall: float
    video: float = 0.0
    temperature: float = 1.0

    def scores(self, candidates: Sequence[Candidate]) -> list[Rescored]:
        """Score every candidate once."""
        levels = {c.hit.level for c in candidates}
        usual = {name: usual_hubness([c for c in candidates if c.hit.level == name]) for name in levels}
        spread = deviation([float(score) for c in candidates for score in c.frame_scores])
        softness = self.temperature * (spread if spread > _SAME else 1.0)
        own = {
            c.hit.segment_id: tuple(self._second_look(c, usual[c.hit.level], softness)) for c in candidates
        }
        level = {
            c.hit.segment_id: c.hit.raw_score + math.fsum(r.amount for r in own[c.hit.segment_id])
            for c in candidates
        }
        answers = []
        for c in candidates:
            reasons = (*own[c.hit.segment_id], *self._lifts(c, level), *self._parts(c, level))
            score = c.hit.raw_score + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        return answers

    def _second_look(self, candidate: Candidate, usual: float, softness: float) -> Iterator[Reason]:
        """What the candidate's own frames and its hubness change."""
        hit = candidate.hit
        if self.frames and len(candidate.frame_scores) and not parts_of(candidate):
            frames = np.asarray(candidate.frame_scores, np.float64)
            weights = np.exp((frames - frames.max()) / softness)
            best = float(weights @ frames / weights.sum())
            # Frames carry no words, and nothing that comes before or after: only what vectors gave is looked
            # at again.
            seen = hit.raw_score - hit.parts.get("text", 0.0) - hit.parts.get("order", 0.0)
            amount = self.frames * (best - seen)
            when = format_time(float(candidate.frame_times_s[int(frames.argmax())]))
            text = (
                f"its best frames match better than its average (best at {when})"
                if amount >= 0
                else f"no single frame matches as well as the whole (best at {when})"
            )
            yield Reason("best-frames", amount, text, hit.segment_id)
        yield from penalise_hub(candidate, usual, self.hubness)

    def _lifts(self, candidate: Candidate, level: Mapping[str, float]) -> Iterator[Reason]:
        """What ancestors and neighbours in time add: never less than nothing."""
        own = level[candidate.hit.segment_id]
        relatives = [r for r in candidate.relatives if r.relation in _WHERE]
        for r in relatives:
            gain = self.lift * max(0.0, level.get(r.segment_id, r.score) - own) / len(relatives)
            if gain > 0:
                text = f"lifted by the {r.level} {_WHERE[r.relation]} ({Span(r.start_s, r.end_s)})"
                yield Reason(r.relation, gain, text, r.segment_id)
        whole = find_whole_video(candidate)
        if self.video and whole is not None:
            amount = self.video * max(0.0, level.get(whole[0], whole[1]))
            if amount > 0:
                yield Reason("video", amount, "its video as a whole is about this", whole[0])

    def _parts(self, candidate: Candidate, level: Mapping[str, float]) -> Iterator[Reason]:
        """The best part raises it; parts that are candidates answer themselves, and lower it instead."""
        own, parts = level[candidate.hit.segment_id], parts_of(candidate)
        if not parts:
            return
        scores = [level.get(r.segment_id, r.score) for r in parts]
        best = parts[scores.index(max(scores))]
        listed = any(r.segment_id in level for r in parts)
        gain = self.rise * max(0.0, max(scores) - own)
        if gain > 0 and not listed:
            text = f"its {best.level} {Span(best.start_s, best.end_s)} matches better than the whole"
            yield Reason("part", gain, text, best.segment_id)
        loss = self.fall * max(0.0, own - math.fsum(scores) / len(scores))
        if loss > 0 and listed:
            text = f"its {len(parts)} parts match less well on average than the whole"
            yield Reason("parts", -loss, text, candidate.hit.segment_id)


NAMED = _Weights(frames=0.1, hubness=0.25, lift=0.3, rise=0.8, fall=0.2)
"""For queries read as named attributes: chosen on the sample set's dev queries."""

COSINE = _Weights(frames=0.5, hubness=0.1, lift=1.0, rise=0.0, fall=0.2)
"""For cosines: real footage, where single frames tell more, and the parts of a scene less."""
