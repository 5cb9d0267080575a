"""What the questions of each lesson are given: a function per lesson, question key -> the data of ``check``.

Each is called once with the sample library. Keys are those of ``videxplore.lessons.questions.<lesson>``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from videxplore.workbench.library import Library

Data = dict[str, tuple[Any, ...]]


def embedding(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.representations import represent, try_transfer
    from videxplore.studio.samples import sample_set

    clips = read_clips(library, sample_set().truth)
    return {
        "embedding/best": (try_transfer(clips, represent(clips)),),
        "embedding/distance": (clips, clips.ids[3], clips.ids[40]),
        "embedding/mean-colour": (clips,),
    }


def compression(library: Library) -> Data:
    from videxplore.lessons.clips import read_clips
    from videxplore.lessons.compression import Compressor
    from videxplore.studio.samples import sample_set

    compressor = Compressor(read_clips(library, sample_set().truth))
    return {
        "compression/coarsest": (compressor,),
        "compression/lost": (compressor, compressor.clips.ids[40], 64),
        "compression/bits-to-name": (len(compressor.clips),),
        "compression/axes": (compressor,),
    }


LESSONS: dict[str, Callable[[Library], Data]] = {"compression": compression, "embedding": embedding}
"""Lesson -> its function."""
