"""Things to search with that come from outside a library: pictures, sounds, stretches of videos."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import QueryError
from videxplore.stages.encoding.protocol import AudioEncoder, ClipEncoder, Encoder
from videxplore.stages.encoding.stretches import Stretches, join_blocks
from videxplore.stages.pooling import normalise
from videxplore.values.media import AudioClip, FrameBatch, Span, Video

_PICTURE_FILES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
_LARGEST = 50_000_000

Vectors = NDArray[np.float32]


def encode_example(encoder: Encoder, asked: Any) -> tuple[Vectors, str] | None:
    """Return the unit vector (d,) of a picture, sound or stretch, and what it was; None for anything else.

    Args:
        encoder: what made the vectors of the library.
        asked: a picture (uint8 array (h, w, 3), PIL image, path of a picture file), a :class:`FrameBatch`, an
            :class:`AudioClip`, a :class:`Video` or the path of one, or a pair (video, span), where span is a
            :class:`Span` or (start_s, end_s).

    Raises:
        QueryError: the encoder has no side for this, or there is nothing in it that it could tell.
        VideoError: the file cannot be read.
    """
    if isinstance(asked, os.PathLike) and Path(asked).suffix.lower() in _PICTURE_FILES:
        return _from_pictures(encoder, _read_picture(Path(asked))), f"picture {Path(asked).name}"
    if isinstance(asked, AudioClip):
        return _from_sound(encoder, asked), f"{asked.duration_s:.1f} s of sound"
    if isinstance(asked, FrameBatch):
        return _from_pictures(encoder, asked), f"{len(asked)} frames"
    if isinstance(asked, np.ndarray) and asked.ndim == 3:
        return _from_pictures(encoder, _one_picture(asked)), "picture"
    if type(asked).__module__.split(".")[0] == "PIL":
        return _from_pictures(encoder, _one_picture(np.asarray(asked.convert("RGB")))), "picture"
    stretch = _stretch(asked)
    if stretch is None:
        return None
    video, span = stretch
    values = Stretches(video, [span]).encode(encoder)
    return _unit(values, "the stretch"), f"{span} of {video.path.name}"


def _stretch(asked: Any) -> tuple[Video, Span] | None:
    """The video and span meant by a video, a path, or a pair of either with a span."""
    from videxplore.stages.decoding.probe import open_video

    pair = isinstance(asked, tuple) and len(asked) == 2 and isinstance(asked[0], Video | os.PathLike)
    place, span = asked if pair else (asked, None)
    if not isinstance(place, Video | os.PathLike):
        return None
    video = place if isinstance(place, Video) else open_video(place)
    if span is None:
        return video, video.span
    wanted = span if isinstance(span, Span) else Span(*map(float, span))
    if wanted.start_s < -1e-6 or wanted.end_s > video.duration_s + 1e-3:
        raise QueryError(f"the stretch {wanted} is not inside {video.path.name}, which is {video.span}.")
    return video, wanted


def _read_picture(path: Path) -> FrameBatch:
    from PIL import Image

    try:
        with Image.open(path) as picture:
            if picture.width * picture.height > _LARGEST:
                raise QueryError(
                    f"the picture {path.name} has more than {_LARGEST:,} pixels; shrink it first."
                )
            return _one_picture(np.asarray(picture.convert("RGB")))
    except FileNotFoundError:
        raise QueryError(f"there is no picture {str(path)!r}.") from None
    except (OSError, Image.DecompressionBombError) as error:
        raise QueryError(f"the picture {path.name} cannot be read: {error}.") from None


def _one_picture(rgb: NDArray[Any]) -> FrameBatch:
    if rgb.dtype != np.uint8 or rgb.shape[2:] != (3,):
        raise QueryError(f"a picture must be uint8 (h, w, 3), got {rgb.dtype} {rgb.shape}.")
    return FrameBatch(np.ascontiguousarray(rgb)[None], np.zeros(1))


def _from_pictures(encoder: Encoder, frames: FrameBatch) -> Vectors:
    from PIL import Image

    if set(encoder.card.slices()) <= {"audio", "speech"}:
        raise QueryError(f"encoder {encoder.card.name!r} sees no pictures; search with words or sound.")
    size: tuple[int, int] | None = getattr(encoder, "frame_size", None)
    if size is not None and size != frames.rgb.shape[2:0:-1]:
        shrunk = [np.asarray(Image.fromarray(p).resize(size, Image.Resampling.BOX)) for p in frames.rgb]
        frames = FrameBatch(np.stack(shrunk), frames.times_s)
    if isinstance(encoder, ClipEncoder):
        places = np.linspace(0, len(frames) - 1, encoder.frames_per_clip).round().astype(int)
        clip = FrameBatch(frames.rgb[places], np.arange(len(places), dtype=np.float64))
        values, method = encoder.encode_clips([clip]), "encode_clips"
    else:
        values, method = encoder.encode_frames(frames), "encode_frames"
    unit, _ = normalise(np.asarray(values, dtype=np.float32))
    return _unit(join_blocks(encoder.card, 1, {"visual": (unit.mean(axis=0)[None], method)}), "the picture")


def _from_sound(encoder: Encoder, clip: AudioClip) -> Vectors:
    from scipy.signal import resample_poly

    if not isinstance(encoder, AudioEncoder):
        raise QueryError(f"encoder {encoder.card.name!r} hears nothing; search with words or a picture.")
    rate = int(getattr(encoder, "audio_rate", 16000))
    if clip.rate != rate:
        shared = math.gcd(rate, clip.rate)
        samples = resample_poly(clip.samples, rate // shared, clip.rate // shared)
        clip = AudioClip(samples.astype(np.float32), rate, clip.start_s)
    values = np.asarray(encoder.encode_audio([clip]), dtype=np.float32)
    return _unit(join_blocks(encoder.card, 1, {"audio": (values, "encode_audio")}), "the sound")


def _unit(values: Vectors, what: str) -> Vectors:
    unit, lengths = normalise(values)
    if not lengths[0] > 0:
        raise QueryError(f"the encoder found nothing to tell about {what}; there is nothing to search with.")
    return unit[0]
