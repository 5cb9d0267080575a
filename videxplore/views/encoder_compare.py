"""EncoderCompare: segments on which two encoders disagree, with the neighbours that each gives them."""

from __future__ import annotations

from typing import Any

import traitlets

from videxplore.values.comparisons import Disagreement, EncoderComparison
from videxplore.views.assets import module, styles
from videxplore.views.base import Pixels, View
from videxplore.views.delivery import Clips
from videxplore.views.describe import describe_segment, plain

_FIGURES = {
    "jaccard": ("Jaccard@{k}", "shared neighbours over all that either has: 1 the same, 0 none"),
    "cka": ("CKA", "linear, unbiased: 1 for a rotated copy, about 0 for strangers"),
    "procrustes": ("Procrustes residual", "what no rotation explains: 0 for a rotated copy, 1 at most"),
}


class EncoderCompare(View):
    """One row per segment: itself, and its nearest by either encoder; a choice is played.

    Args:
        comparison: what to show.
        poster: segment id to JPEG bytes.
        clip: what makes clips.
        **traits: ``selected``.
    """

    _esm = module("encoder_compare")
    _css = styles("playback", "hover", "encoder_compare")

    selected = traitlets.Unicode("", help="id of the segment on the stage").tag(sync=True)
    _data = traitlets.Dict({}).tag(sync=True)

    def __init__(
        self,
        comparison: EncoderComparison,
        *,
        poster: Pixels | None = None,
        clip: Clips | None = None,
        **traits: Any,
    ) -> None:
        self.comparison = comparison
        super().__init__(poster=poster, clip=clip, _data=describe_comparison(comparison), **traits)

    def still(self) -> str:
        """The figures and the first rows as a table with posters."""
        from videxplore.views.stills import fragment

        return fragment(body_comparison(self.comparison, self._poster))


def describe_comparison(comparison: EncoderComparison) -> dict[str, Any]:
    """Return the figures with their chance levels, and the segments with their neighbours."""
    shown = comparison.disagreements
    ids = dict.fromkeys(i for d in shown for i in (d.segment_id, *d.first, *d.second))
    return {
        "names": [plain(name) for name in comparison.names],
        "k": comparison.k,
        "note": _note(comparison),
        "figures": [
            {
                "name": name.format(k=comparison.k),
                "hint": hint,
                "value": comparison.figures[key],
                "chance": comparison.chance[key],
            }
            for key, (name, hint) in _FIGURES.items()
        ],
        "items": {segment_id: _item(comparison, segment_id) for segment_id in ids},
        "rows": [_row(d) for d in shown],
    }


def _note(comparison: EncoderComparison) -> str:
    drawn = "" if comparison.drawn_from in (0, len(comparison.segment_ids)) else " drawn at random"
    silent = (
        f"; {comparison.left_out} left out: an encoder says nothing of them" if comparison.left_out else ""
    )
    return (
        f"n = {len(comparison.segment_ids)} segments{drawn}, level {plain(comparison.level)}, "
        f"k = {comparison.k}, seed {comparison.seed}{silent}"
    )


def _item(comparison: EncoderComparison, segment_id: str) -> dict[str, Any]:
    place = comparison.places.get(segment_id)
    if place is not None:
        return describe_segment(
            segment_id,
            video=place.video,
            level=place.level,
            start_s=place.start_s,
            end_s=place.end_s,
        )
    # Bare embeddings know no files and no times.
    bare = describe_segment(segment_id, video=segment_id, level=comparison.level, start_s=0.0, end_s=0.0)
    return bare | {"time": ""}


def _row(disagreement: Disagreement) -> dict[str, Any]:
    both = set(disagreement.first) & set(disagreement.second)
    lanes = [
        [{"id": i, "shared": i in both} for i in nearest]
        for nearest in (disagreement.first, disagreement.second)
    ]
    return {
        "id": disagreement.segment_id,
        "lanes": lanes,
        "shared": len(both),
        "jaccard": disagreement.jaccard,
        "displacement": disagreement.displacement,
    }


def body_comparison(comparison: EncoderComparison, poster: Pixels | None) -> str:
    """A comparison as a table: each segment with its nearest by either encoder."""
    from videxplore.views.stills import render

    report = comparison.retrieval
    return render(
        "still_encoders",
        poster,
        data=describe_comparison(comparison),
        retrieval=[] if report is None else list(report.rows),
        protocol="" if report is None else plain(report.protocol),
    )
