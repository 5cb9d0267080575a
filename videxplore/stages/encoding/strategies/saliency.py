"""Where a picture draws the eye, without a model."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_HEIGHT, _WIDTH = 36, 64
_LUMA = np.array([0.299, 0.587, 0.114])
_SMOOTH = 2.5


def spectral_residual(grey: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return how salient each pixel of ``grey`` (h, w) is, float64 (h, w) from 0 up.

    What is left of the log spectrum when its local mean is taken away is what is unusual about a picture
    (Hou & Zhang, 2007). Meant for small pictures, about 64 pixels wide.
    """
    from scipy.ndimage import gaussian_filter, uniform_filter

    spectrum = np.fft.fft2(np.asarray(grey, dtype=np.float64))
    logarithm = np.log(np.abs(spectrum) + 1e-9)
    residual = logarithm - uniform_filter(logarithm, 3, mode="wrap")
    unusual = np.fft.ifft2(np.exp(residual + 1j * np.angle(spectrum)))
    return gaussian_filter(np.abs(unusual) ** 2, _SMOOTH)


def salient_boxes(rgb: NDArray[np.uint8], count: int) -> NDArray[np.float64]:
    """Return up to ``count`` windows (k, 4) of half the picture's size, the most salient first.

    Each is x0, y0, x1, y1 in pixels of ``rgb`` uint8 (h, w, 3). What one has covered counts no more for the
    next.
    """
    height, width = rgb.shape[:2]
    left = spectral_residual(_shrunk(rgb))
    tall, wide = _HEIGHT // 2, _WIDTH // 2
    boxes = []
    for _ in range(count):
        summed = np.pad(left, ((1, 0), (1, 0))).cumsum(0).cumsum(1)
        windows = (
            summed[tall:, wide:] - summed[:-tall, wide:] - summed[tall:, :-wide] + summed[:-tall, :-wide]
        )
        y, x = np.unravel_index(int(windows.argmax()), windows.shape)
        left[y : y + tall, x : x + wide] = 0.0
        boxes.append((x / _WIDTH, y / _HEIGHT, (x + wide) / _WIDTH, (y + tall) / _HEIGHT))
    return np.array(boxes) * (width, height, width, height)


def _shrunk(rgb: NDArray[np.uint8]) -> NDArray[np.float64]:
    from PIL import Image

    small = Image.fromarray(rgb).resize((_WIDTH, _HEIGHT), Image.Resampling.BOX)
    return np.asarray(small, dtype=np.float64) @ _LUMA
