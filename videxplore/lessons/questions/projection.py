"""Questions of lesson 10, reading a projection."""

from __future__ import annotations

from videxplore.lessons.marks import Number, OneOf, Question, SetOf
from videxplore.lessons.projections import MIN_DIST, N_NEIGHBORS, SEEDS, Maps, Place, count_islands, wider


def _torn(maps: Maps, place: Place, row: int) -> set[int]:
    return set(maps.near[row].tolist()) - set(maps.near_on(place)[row].tolist())


def _most_islands(maps: Maps) -> int:
    islands = {
        near: sum(count_islands(maps.drawn[near, apart, seed]) for apart in MIN_DIST for seed in SEEDS)
        for near in N_NEIGHBORS
    }
    return max(N_NEIGHBORS, key=lambda near: islands[near])


def _wider(maps: Maps, place: Place) -> float:
    return wider(maps, maps.drawn[place])


def _trusted(maps: Maps, place: Place) -> float:
    return maps.judge(place)[0]


QUESTIONS = (
    Question(
        "projection/torn",
        "Which of its ten true neighbours does this clip not have among its ten on the map?",
        SetOf("rows"),
        _torn,
        "Torn away: a plane has no room beside the clip for all that is near it in many dimensions.",
        "Take the true neighbours, and leave out those that are neighbours on the map as well.",
        {
            "too many": "Some of these are near on the map too. Take away what both have.",
            "some missing": "Look at all ten, also those beyond the five that are played.",
        },
    ),
    Question(
        "projection/islands",
        "With which n_neighbors does the map of even noise fall into most islands, over all other settings?",
        OneOf(N_NEIGHBORS),
        _most_islands,
        "The fewer neighbours are looked at, the more chance decides who hangs together with whom.",
        "Choose the noise, and move n_neighbors at several places of the other two sliders.",
    ),
    Question(
        "projection/wider",
        "How many times as wide as the tight group is the wide one on this map?",
        Number(0.05),
        _wider,
        "In truth it is ten times. UMAP measures each point's distances by those of its own surroundings, so "
        "that every group comes out about as wide.",
        "maps.spread gives the width of a group: divide that of 'wide' by that of 'tight', on the map.",
        {"too large": "That is nearer to the truth than to the map: take the points of the map."},
    ),
    Question(
        "projection/trusted",
        "What is the trustworthiness of this map, with k = 10?",
        Number(0.002),
        _trusted,
        "It takes off for each stranger among the neighbours on the map by how far away it is in truth.",
        "For each stranger take its rank among the true neighbours, from 1, less k; add up; multiply by "
        "2 / (n k (2n − 3k − 1)), and take it from 1.",
        {
            "too small": "Only strangers count, and only by the ranks beyond k.",
            "too large": "Ranks count in the full space, and neighbours on the map. The other way round is "
            "continuity.",
        },
    ),
)
