"""Sentence encoders: segments by the meaning of what is said in them."""

from __future__ import annotations

import json
import os

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.models.base import make_card
from videxplore.stages.encoding.sentences import SentenceEncoder
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.media import FrameBatch

MODULES = "modules.json"
"""The file by which a sentence-transformers model is known: what is done with the tokens' vectors."""


class SaidEncoder(SentenceEncoder):
    """A sentence-transformers model (Reimers & Gurevych 2019) on the transcripts of the videos.

    Its only block is ``"speech"``: a segment in which nothing is said, or a video without transcript, has a
    row of zeros. It runs on the CPU in float32.
    """

    def __init__(self, plan: Plan) -> None:
        plan.source.weights()
        super().__init__(os.fspath(plan.source.folder))
        self._plan = plan
        modules = json.loads((plan.source.folder / MODULES).read_text("utf-8"))
        self.card = make_card(
            plan,
            self.encode_text(["dimension"]).shape[1],
            modalities=("text",),
            block="speech",
            processor=" + ".join(module["type"].rsplit(".", 1)[-1] for module in modules),
            sampling="the words said in a segment, as one text",
        )

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, 0): this encoder sees nothing."""
        return np.zeros((len(frames), 0), np.float32)
