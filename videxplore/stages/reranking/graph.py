"""Diffusion over a graph of candidates, the segments around them and their look-alikes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.reranking.affinity import (
    Matrix,
    modality_vectors,
    modality_weights,
    nearest,
    same_thing,
)
from videxplore.stages.reranking.protocol import Rescored
from videxplore.values.media import Span
from videxplore.values.rankings import Candidate, Query, Reason, Relative

_TIES = {
    "ancestor": "part of the {node}",
    "previous": "follows the {node}",
    "next": "comes before the {node}",
    "part": "contains the {node}",
    "alike": "like the {node}",
}


@dataclass(frozen=True, slots=True)
class Graph:
    """Scores spread along the tree and between look-alikes, and partly stay where they were.

    Solves f = (1 − α) s + α P f exactly (the closed form of Zhou et al., Ranking on Data Manifolds,
    2003, with a random-walk matrix). Nodes are the candidates, and the segments that contain them, lie in
    them or lie beside them. P links segments with these, and candidates that are among each other's nearest
    in a modality. Near-duplicates share a node, so that ten copies of a thing speak once. Unlike the joint
    reranker it can lower a score, and a lone right answer has nobody to speak for it.

    Attributes:
        share: α, how much of a score comes from the graph, in [0, 1).
        alike: how many nearest candidates may be linked in a modality; only mutual ones are.
        tree: weight of a link to a segment around; look-alikes weigh cosine³ times the modality's share, and
            of two links between the same nodes the larger counts.
    """

    share: float = 0.1
    alike: int = 10
    tree: float = 0.1
    name: str = "graph"

    def __post_init__(self) -> None:
        if not 0.0 <= self.share < 1.0:
            raise ValueError(f"Graph.share must be in [0, 1), got {self.share!r}.")

    def scores(self, candidates: Sequence[Candidate], query: Query) -> list[Rescored]:
        """Score every candidate once; see :class:`Graph`."""
        nodes, node_of = _nodes(candidates)
        start = np.array([relative.score for relative in nodes])
        weights, kinds = self._links(candidates, query, node_of, len(nodes))
        degree = weights.sum(axis=1)
        walk = weights / np.where(degree > 0, degree, 1.0)[:, None]
        share = np.where(degree > 0, self.share, 0.0)
        spread = np.linalg.solve(np.eye(len(nodes)) - share[:, None] * walk, (1 - share) * start)
        labels = [f"{n.level} {Span(n.start_s, n.end_s)}" for n in nodes]
        answers = []
        for c in candidates:
            i, own = node_of[c.hit.segment_id], c.hit.raw_score
            # f_i − s_i = Σ_j α P_ij (f_j − s_i), because the P_ij of a node add up to one.
            pulls = share[i] * walk[i] * (spread - own)
            # Rounded, so that the solver's last digits break no ties.
            amounts = np.round(pulls, 12).tolist()
            reasons = tuple(
                Reason(kind, amounts[j], _TIES[kind].format(node=labels[j]), nodes[j].segment_id)
                for j in np.flatnonzero(walk[i]).tolist()
                for kind in (kinds.get((i, j), "alike"),)
            )
            score = own + math.fsum(r.amount for r in reasons)
            answers.append(Rescored(c.hit.segment_id, score, reasons))
        return answers

    def _links(
        self, candidates: Sequence[Candidate], query: Query, node_of: dict[str, int], nodes: int
    ) -> tuple[Matrix, dict[tuple[int, int], str]]:
        """Weights float64 (nodes, nodes), symmetric, and what each link along the tree is."""
        rows = np.array([node_of[c.hit.segment_id] for c in candidates])
        weights = np.zeros((nodes, nodes))
        np.maximum.at(weights, (rows[:, None], rows), self._likeness(candidates, query))
        kinds: dict[tuple[int, int], str] = {}
        for c in candidates:
            for r in c.relatives:
                pair = (node_of[c.hit.segment_id], node_of[r.segment_id])
                weights[pair] = weights[pair[::-1]] = max(weights[pair], self.tree)
                kinds.setdefault(pair, r.relation)
        np.fill_diagonal(weights, 0.0)
        return weights, kinds

    def _likeness(self, candidates: Sequence[Candidate], query: Query) -> Matrix:
        """float64 (n, n): over the modalities, cosine³ between candidates among each other's nearest."""
        found = modality_vectors(candidates, query)
        weights = modality_weights(candidates, found)
        total = np.zeros((len(candidates), len(candidates)))
        for name, vectors in found.items():
            cosines = vectors @ vectors.T
            near = nearest(cosines, self.alike)
            total += weights[name] * np.where(near & near.T, cosines, 0.0) ** 3
        return np.maximum(total, total.T)


def _nodes(candidates: Sequence[Candidate]) -> tuple[list[Relative], dict[str, int]]:
    """Nodes, each as the first of its members with their mean score, and the node of every segment id.

    Candidates come first, in their order, then the segments around them that are none, by id.
    """
    first: NDArray[np.intp] = same_thing(candidates)
    nodes: list[Relative] = []
    node_of: dict[str, int] = {}
    for leader in np.unique(first).tolist():
        hit = candidates[leader].hit
        members = [candidates[i].hit for i in np.flatnonzero(first == leader).tolist()]
        score = math.fsum(m.raw_score for m in members) / len(members)
        node_of |= dict.fromkeys((m.segment_id for m in members), len(nodes))
        nodes.append(Relative("self", hit.segment_id, hit.level, hit.start_s, hit.end_s, score))
    others = {r.segment_id: r for c in candidates for r in c.relatives if r.segment_id not in node_of}
    node_of |= {i: len(nodes) + k for k, i in enumerate(sorted(others))}
    return [*nodes, *(others[i] for i in sorted(others))], node_of
