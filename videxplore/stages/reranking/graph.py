"""Diffusion over a graph of candidates, their ancestors and their look-alikes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.reranking.protocol import Rescored
from videxplore.values.media import Span
from videxplore.values.rankings import Candidate, Query, Reason, Relative

Matrix = NDArray[np.float64]

_TIES = {
    "ancestor": "part of the {level} {span}",
    "previous": "follows the {level} {span}",
    "next": "comes before the {level} {span}",
    "alike": "looks and sounds like the {level} {span}",
}


@dataclass(frozen=True, slots=True)
class Graph:
    """Scores spread along the tree and between look-alikes, and partly stay where they were.

    Solves f = (1 − α) s + α P f exactly (the closed form of Zhou et al., Ranking on Data Manifolds,
    2003, with a random-walk matrix). Nodes are the candidates, their ancestors and their neighbours in
    time; P links segments with their ancestors and neighbours, and candidates that are among each
    other's nearest by cosine. Unlike the joint reranker it can lower a score, and a lone right answer
    has nobody to speak for it.

    Attributes:
        share: α, how much of a score comes from the graph, in [0, 1).
        alike: how many nearest candidates may be linked; only mutual ones are.
        tree: weight of a link to an ancestor or neighbour; look-alikes weigh cosine³.
    """

    share: float = 0.3
    alike: int = 5
    tree: float = 1.0
    name: str = "graph"

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0:
            raise ValueError(f"Graph.share must be in [0, 1), got {self.share!r}.")

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`Graph`."""
        nodes = _nodes(candidates)
        row = {i: k for k, i in enumerate(nodes)}
        start = np.array([node.score for node in nodes.values()])
        weights = self._similarity(candidates, len(nodes))
        kinds: dict[tuple[int, int], str] = {}
        for c in candidates:
            for r in c.relatives:
                pair = (row[c.hit.segment_id], row[r.segment_id])
                weights[pair] = weights[pair[::-1]] = self.tree
                kinds[pair] = r.relation
        degree = weights.sum(axis=1)
        walk = weights / np.where(degree > 0, degree, 1.0)[:, None]
        share = np.where(degree > 0, self.share, 0.0)
        spread = np.linalg.solve(np.eye(len(nodes)) - share[:, None] * walk, (1 - share) * start)
        ids = list(nodes)
        answers = []
        for c in candidates:
            i = row[c.hit.segment_id]
            # f_i − s_i = Σ_j α P_ij (f_j − s_i), because the P_ij of a node add up to one.
            pulls = share[i] * walk[i] * (spread - start[i])
            reasons = tuple(
                _reason(kinds.get((i, j), "alike"), round(float(pulls[j]), 12), nodes[ids[j]])
                for j in np.flatnonzero(walk[i]).tolist()
            )  # rounded, so that the solver's last digits break no ties
            score = c.hit.raw_score + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        return answers

    def _similarity(self, candidates: Sequence[Candidate], nodes: int) -> Matrix:
        """float64 (nodes, nodes): cosine³ between mutual nearest candidates, which are the first nodes."""
        weights = np.zeros((nodes, nodes))
        n = len(candidates)
        vectors = np.stack([c.vector for c in candidates]).astype(np.float64)
        cosines = vectors @ vectors.T
        np.fill_diagonal(cosines, -np.inf)
        near = np.zeros((n, n), dtype=bool)
        nearest = np.argsort(-cosines, axis=1, kind="stable")[:, : self.alike]
        np.put_along_axis(near, nearest, True, axis=1)
        mutual = near & near.T & (cosines > 0)
        weights[:n, :n][mutual] = cosines[mutual] ** 3
        return np.maximum(weights, weights.T)


def _nodes(candidates: Sequence[Candidate]) -> dict[str, Relative]:
    """Candidates first, in their order, then every relative that is no candidate, by id."""
    nodes = {
        c.hit.segment_id: Relative(
            "self", c.hit.segment_id, c.hit.level, c.hit.start_s, c.hit.end_s, c.hit.raw_score
        )
        for c in candidates
    }
    others = {r.segment_id: r for c in candidates for r in c.relatives if r.segment_id not in nodes}
    return nodes | {i: others[i] for i in sorted(others)}


def _reason(kind: str, amount: float, node: Relative) -> Reason:
    text = _TIES[kind].format(level=node.level, span=Span(node.start_s, node.end_s))
    return Reason(kind, amount, text, node.segment_id)
