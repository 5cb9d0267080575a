"""Parts of the picture beside the whole: what is small in it is not lost."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.protocol import Encoder, PatchEncoder
from videxplore.stages.encoding.strategies.saliency import salient_boxes
from videxplore.stages.encoding.strategies.wrapped import WrappedEncoder
from videxplore.stages.pooling import METHODS, normalise, pool_vectors
from videxplore.values.media import FrameBatch

Detector = Callable[[NDArray[np.uint8]], Any]
REGIONS = ("grid", "saliency", "region-tokens", "patch-tokens")


def crops(
    encoder: Encoder, regions: str | Detector = "grid", *, count: int = 4, pooling: str = "mean"
) -> Encoder:
    """Return ``encoder`` with a second block ``"regions"``, for parts of each frame beside the whole.

    * ``"grid"``: ``count`` equal cells, each encoded as a picture of its own.
    * ``"saliency"``: the ``count`` windows that draw the eye most (spectral residual, Hou & Zhang 2007).
    * a detector: any function from a picture uint8 (h, w, 3) to boxes (k, 4), x0, y0, x1, y1 in pixels, best
      first; the first ``count`` are taken. A frame without boxes has zeros.
    * ``"patch-tokens"``: the tokens that the model makes of its patches, in the one run that gives the whole
      picture its vector: CLIP, SigLIP, DINOv2, DINOv3. They were not trained to match words one by one.
    * ``"region-tokens"``: means of the patch tokens in ``count`` equal cells.

    Crops are encoded one by one: 1 + ``count`` pictures per frame. Words address both blocks.

    Args:
        encoder: one of frames whose vectors are one block ``"visual"``.
        regions: as above.
        count: regions per frame; a square number for a grid and for region tokens.
        pooling: how the regions of a frame become one vector, of
            :data:`~videxplore.stages.pooling.METHODS`.

    Raises:
        ValueError: unknown regions or pooling, a count that does not fit, or an encoder without patches.
    """
    return RegionEncoder(encoder, regions, count=count, pooling=pooling)


class RegionEncoder(WrappedEncoder):
    """See :func:`crops`."""

    def __init__(self, encoder: Encoder, regions: str | Detector, *, count: int, pooling: str) -> None:
        name = regions if isinstance(regions, str) else f"detector {_name(regions)}"
        if isinstance(regions, str) and regions not in REGIONS:
            raise ValueError(
                f"regions={regions!r} is not allowed; allowed: {', '.join(REGIONS)}, a function."
            )
        if pooling not in METHODS:
            raise ValueError(f"pooling={pooling!r} is not allowed; allowed: {', '.join(METHODS)}.")
        if isinstance(count, bool) or count < 1 or (name in _GRIDS and math.isqrt(count) ** 2 != count):
            raise ValueError(f"count must be at least 1, and a square number for a grid, got {count!r}.")
        if name.endswith("tokens") and not isinstance(encoder, PatchEncoder):
            raise ValueError(
                f"regions={regions!r} needs an encoder with encode_patches, as CLIP, SigLIP and DINO have; "
                f"{encoder.card.name!r} has none. Use regions='grid' or 'saliency'."
            )
        options = {"strategy": "crops", "regions": name, "count": count, "regions_pooling": pooling}
        super().__init__(encoder, ("visual", "regions"), options, addressed=("visual", "regions"))
        self._regions, self._count, self._pooling = regions, count, pooling

    def encode_frames(self, frames: FrameBatch) -> NDArray[np.float32]:
        """Return float32 (n, 2d): the whole picture and its regions, each of unit length."""
        whole = normalise(self.encoder.encode_frames(frames))[0]
        if isinstance(self._regions, str) and self._regions.endswith("tokens"):
            parts = self._tokens(frames)
        else:
            parts = self._cut(frames)
        pooled = [pool_vectors(rows, None, self._pooling) if len(rows) else np.zeros(0) for rows in parts]
        shown = np.zeros_like(whole)
        for row, vector in zip(shown, pooled, strict=True):
            row[: len(vector)] = vector
        return self.fill({"visual": whole, "regions": normalise(shown)[0]}, len(frames))

    def _tokens(self, frames: FrameBatch) -> list[NDArray[np.float32]]:
        """Unit vectors of the patches of every frame, or of the cells of a grid of them."""
        tokens = self.encoder.encode_patches(frames)  # type: ignore[attr-defined]
        if self._regions == "patch-tokens":
            cells = tokens.reshape(len(tokens), -1, tokens.shape[-1])
        else:
            side = math.isqrt(self._count)
            bands = [np.array_split(band, side, axis=2) for band in np.array_split(tokens, side, axis=1)]
            cells = np.stack([cell.mean(axis=(1, 2)) for band in bands for cell in band], axis=1)
        return [normalise(of_one)[0] for of_one in cells]

    def _cut(self, frames: FrameBatch) -> list[NDArray[np.float32]]:
        """Unit vectors of the crops of every frame."""
        boxes = [self._boxes(picture) for picture in frames.rgb]
        cut = [_crop(p, box) for p, mine in zip(frames.rgb, boxes, strict=True) for box in mine]
        counts = [len(mine) for mine in boxes]
        if not cut:
            return [np.zeros((0, 0), np.float32)] * len(frames)
        times = np.repeat(frames.times_s, counts)
        unit = normalise(self.encoder.encode_frames(FrameBatch(np.stack(cut), times)))[0]
        return np.split(unit, np.cumsum(counts)[:-1])

    def _boxes(self, rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
        if callable(self._regions):
            found = np.asarray(self._regions(rgb), dtype=np.float64)
            return _checked(found, rgb.shape[:2])[: self._count] if found.size else np.zeros((0, 4))
        if self._regions == "saliency":
            return salient_boxes(rgb, self._count)
        side = math.isqrt(self._count)
        cells = [(x, y, x + 1, y + 1) for y in range(side) for x in range(side)]
        height, width = rgb.shape[:2]
        return np.array(cells) / side * [width, height, width, height]

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return partial(crops, count=self._count, pooling=self._pooling), (self.encoder, self._regions)


_GRIDS = ("grid", "region-tokens")


def _name(detector: Detector) -> str:
    kind = detector if hasattr(detector, "__qualname__") else type(detector)
    return f"{kind.__module__}.{kind.__qualname__}"


def _checked(boxes: NDArray[np.float64], shape: Sequence[int]) -> NDArray[np.float64]:
    """Boxes (k, 4) within the picture."""
    if boxes.ndim != 2 or boxes.shape[1] != 4 or not np.isfinite(boxes).all():
        raise ValueError(f"a detector must return boxes (k, 4) as x0, y0, x1, y1, got shape {boxes.shape}.")
    within = np.clip(boxes, 0, [shape[1], shape[0], shape[1], shape[0]])
    if (within[:, :2] >= within[:, 2:]).any():
        raise ValueError(
            f"a detector must return boxes with x0 < x1 and y0 < y1 in the picture, got {boxes.tolist()}."
        )
    return within


def _crop(rgb: NDArray[np.uint8], box: NDArray[np.float64]) -> NDArray[np.uint8]:
    """The box with what is around it, in the shape of the picture and at half its size.

    A box is widened to the proportions of the picture, so that nothing is distorted.
    """
    from PIL import Image

    height, width = rgb.shape[:2]
    share = max((box[2] - box[0]) / width, (box[3] - box[1]) / height)
    wide, tall = share * width, share * height
    x = np.clip((box[0] + box[2] - wide) / 2, 0, width - wide)
    y = np.clip((box[1] + box[3] - tall) / 2, 0, height - tall)
    size = (max(2, width // 2), max(2, height // 2))
    around = (x, y, min(x + wide, width), min(y + tall, height))
    return np.asarray(Image.fromarray(rgb).resize(size, Image.Resampling.BICUBIC, box=around))
