"""Rankings and rerankers made by hand, for tests of what happens after the search."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from videxplore.values.containment import ancestor_ids, keep_unrelated
from videxplore.values.rankings import Candidate, Hit, Query, Ranking, Relative


def make_pool(seed: int = 0, films: int = 5, scenes: int = 4, moments: int = 5, d: int = 64) -> Ranking:
    """A raw ranking over a forest video > scene > moment with random scores, frames and hubness."""
    rng = np.random.default_rng(seed)
    raw: dict[str, tuple[str, str, float, float, str | None]] = {}
    for f in range(films):
        video, length = f"v{f}", scenes * moments * 4.0
        raw[video] = (video, "video", 0.0, length, None)
        for s in range(scenes):
            scene = f"{video}s{s}"
            start = s * moments * 4.0
            raw[scene] = (video, "scene", start, start + moments * 4.0, video)
            for m in range(moments):
                raw[f"{scene}m{m}"] = (video, "moment", start + 4.0 * m, start + 4.0 * m + 4.0, scene)
    score = {i: float(rng.normal(0.1, 0.15)) for i in raw}
    order = sorted(raw, key=lambda i: -score[i])[:100]
    candidates = []
    for rank, i in enumerate(order, start=1):
        video, level, start, end, parent = raw[i]
        text = float(rng.random() < 0.2) * 0.1
        hit = Hit(
            rank, i, f"/films/{video}.mp4", level, start, end, score[i], score[i], rank,
            {"visual": score[i] - text, "text": text}, video_id=video,
        )  # fmt: skip
        relatives = []
        while parent is not None:
            _, name, a, b, above = raw[parent]
            relatives.append(Relative("ancestor", parent, name, a, b, score[parent]))
            parent = above
        for j, (_, name, a, b, above) in raw.items():
            if above == i:
                relatives.append(Relative("part", j, name, a, b, score[j]))
        for relation, shift in (("previous", -(end - start)), ("next", end - start)):
            for j, (v, name, a, b, _) in raw.items():
                if v == video and name == level and math.isclose(a, start + shift):
                    relatives.append(Relative(relation, j, name, a, b, score[j]))
        times = np.arange(start, end)
        frames = rng.normal(score[i] - text, 0.1, size=len(times)).astype(np.float32)
        vector = rng.normal(size=d).astype(np.float32)
        candidates.append(
            Candidate(
                hit, vector / np.linalg.norm(vector), times, frames, tuple(relatives), float(rng.random()) / 5
            )
        )
    by_id = {c.hit.segment_id: c.hit for c in candidates}
    kept = keep_unrelated(list(by_id), ancestor_ids(candidates), 10)
    hits = tuple(
        replace(by_id[i], rank=r, raw_rank=r, suppressed=gone) for r, (i, gone) in enumerate(kept, start=1)
    )
    return Ranking(Query("anything"), hits, tuple(candidates))


class Custom:
    """A user's reranker that answers with what a function of the pool returns."""

    name = "my own"

    def __init__(self, answer):
        self.answer = answer

    def scores(self, candidates, query):
        return self.answer(candidates)
