"""The frames of a film, drawn from its script: pictures of beats, joined as the script says."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from PIL import Image

from videxplore.studio.canvas import SIZE, relight
from videxplore.studio.director import Beat, Film


def draw_frames(film: Film) -> Iterator[Image.Image]:
    """Yield every frame of ``film`` in order, RGB."""
    for frame in range(film.frame_count):
        yield draw_frame(film, frame)


def draw_frame(film: Film, frame: int) -> Image.Image:
    """Return frame number ``frame`` of ``film``, RGB."""
    k = bisect_right([b.start_frame for b in film.beats], frame) - 1
    image = _joined(film, k, frame)
    if frame < film.fade_in_frames:
        image = relight(image, (frame + 1) / (film.fade_in_frames + 1))
    left = film.frame_count - frame
    if left <= film.fade_out_frames:
        image = relight(image, (left - 1) / film.fade_out_frames)
    return image


def _shot(film: Film, beat: Beat, frame: int) -> Image.Image:
    """The picture of one beat at ``frame``, which may lie a little outside it while two shots are joined."""
    now = film.time_s(frame)
    return beat.picture(now - film.time_s(beat.start_frame), now - film.time_s(beat.shot_frame))


def _joined(film: Film, k: int, frame: int) -> Image.Image:
    for new in (k, k + 1):
        if not 0 < new < len(film.beats):
            continue
        edges = film.beats[new].join_range
        if edges is not None and edges[0] <= frame <= edges[1]:
            share = (frame - edges[0] + 1) / (edges[1] - edges[0] + 2)
            return _blend(film, film.beats[new - 1], film.beats[new], frame, share)
    return _shot(film, film.beats[k], frame)


def _blend(film: Film, old: Beat, new: Beat, frame: int, share: float) -> Image.Image:
    if new.join == "fade":
        before = frame < new.start_frame
        return relight(_shot(film, old if before else new, frame), abs(1 - 2 * share))
    a, b = _shot(film, old, frame), _shot(film, new, frame)
    if new.join == "dissolve":
        return Image.blend(a, b, share)
    edge = round(share * SIZE[0])
    a = a.copy()
    a.paste(b.crop((0, 0, edge, SIZE[1])), (0, 0))
    return a
