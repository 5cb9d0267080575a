"""Posters made small enough to be written into a page."""

from __future__ import annotations

import io
from functools import lru_cache

from videxplore.views.base import Pixels, data_uri

SIZE = (160, 90)
"""Largest width and height in pixels: about 3 kB each as JPEG."""


@lru_cache(maxsize=512)
def shrink(poster: bytes, size: tuple[int, int] = SIZE) -> str:
    """Return a poster as a data URI that fits inside ``size``.

    Args:
        poster: an image that Pillow reads.
        size: largest width and height in pixels.
    """
    return data_uri(reduce(poster, size))


def reduce(poster: bytes, size: tuple[int, int], quality: int = 62) -> bytes:
    """Return a poster as JPEG that fits inside ``size``, in pixels."""
    from PIL import Image

    with Image.open(io.BytesIO(poster)) as image:
        image.draft("RGB", size)  # a JPEG is then decoded no finer than needed
        picture = image.convert("RGB")
    picture.thumbnail(size)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def thumbnail(poster: Pixels | None, segment_id: str) -> str:
    """Return the poster of one segment as a small data URI, empty where it cannot be had.

    A page about many segments must not fail for one missing picture; the caption still names it.
    """
    if poster is None:
        return ""
    try:
        return shrink(poster(segment_id))
    except Exception:  # noqa: BLE001 - the source may be a file that has moved; the page shows an empty frame
        return ""
