"""Motion between two pictures: blocks, camera, and what moves against the camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MOTION_NAMES = (
    "speed",
    "top_speed",
    "still_share",
    "pan",
    "tilt",
    "zoom",
    "roll",
    "camera_speed",
    "object_speed",
    "moving_share",
    "object_across",
    "object_down",
    "change",
)
_REACH_X, _REACH_Y = 6, 4
_ROWS, _COLUMNS = 6, 12
_RIDGE = 1e-4  # keeps the camera still where no block tells
_DRAW_TO_ZERO = 2.0
"""Squared luma levels per pixel that a displacement must gain before it beats standing still."""


def measure_motion(
    before: NDArray[np.float32], after: NDArray[np.float32], gap_s: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return :data:`MOTION_NAMES` (n, 13) for pairs of luma pictures.

    Exhaustive block matching with sub-pixel parabola, then a similarity (pan, tilt, zoom, roll) fitted to
    the textured blocks by iteratively reweighted least squares (Holland & Welsch, 1977); what it leaves
    over is the motion of objects. Pan and tilt are positive where the *camera* turns right and down.

    Args:
        before: (n, 54, 96) luma on 0–255.
        after: (n, 54, 96), shown ``gap_s`` later.
        gap_s: (n,) seconds, positive.

    Returns:
        Speeds in picture widths per second, zoom and roll per second, shares in [0, 1], change in luma
        levels per 40 ms.
    """
    width = before.shape[2]
    flow, textured = _match_blocks(before, after)
    scale = (1.0 / width / np.maximum(gap_s, 1e-3))[:, None, None]
    flow = flow * scale
    camera, fitted = _fit_camera(flow, textured)
    weights = textured / np.maximum(textured.sum(1, keepdims=True), 1e-6)
    speed = np.hypot(flow[..., 0], flow[..., 1])
    left_over = (flow - fitted) * textured[..., None]
    rest = np.hypot(left_over[..., 0], left_over[..., 1])
    still = (speed < 0.02) | (textured < 0.5)
    columns = [
        (speed * weights).sum(1),
        np.sort(speed * textured, axis=1)[:, -4:].mean(1),
        still.mean(1),
        -camera[:, 0],
        -camera[:, 1],
        camera[:, 2],
        camera[:, 3],
        np.hypot(camera[:, 0], camera[:, 1]),
        (rest * weights).sum(1),
        ((rest > 0.05) & (textured > 0.5)).mean(1),
        left_over[..., 0].mean(1),
        left_over[..., 1].mean(1),
        np.abs(after - before).mean((1, 2)) / np.maximum(gap_s, 1e-3) * 0.04,
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def _match_blocks(
    before: NDArray[np.float32], after: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Displacements (n, blocks, 2) as x, y in pixels, and how textured blocks are (n, blocks) in [0, 1]."""
    errors = _displaced_errors(before, after)
    n, _, down, across = errors.shape
    zero = errors[:, :, _REACH_Y, _REACH_X].copy()
    draw = np.full((down, across), _DRAW_TO_ZERO, dtype=np.float32)
    draw[_REACH_Y, _REACH_X] = 0.0
    flat = errors.reshape(n, -1, down * across)
    best = (flat + draw.ravel()).argmin(2)
    y, x = np.divmod(best, across)
    flow = np.stack(
        [x - _REACH_X + _parabola(errors, y, x, 3), y - _REACH_Y + _parabola(errors, y, x, 2)], -1
    )
    # A block whose error hardly depends on the displacement says nothing about motion.
    range_of_error = flat.max(2) - flat.min(2)
    textured = np.clip((range_of_error - 15.0) / 60.0, 0.0, 1.0).astype(np.float64)
    flow[(zero < 0.4)] = 0.0
    return flow, textured


def _displaced_errors(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Mean squared difference (n, blocks, 9, 13) of each block of 9×8 pixels at each displacement."""
    from videxplore.stages.features.loops import compare_displaced

    padded = np.pad(after, ((0, 0), (_REACH_Y, _REACH_Y), (_REACH_X, _REACH_X)), mode="edge")
    down, across = 2 * _REACH_Y + 1, 2 * _REACH_X + 1
    errors = np.empty((len(before), _ROWS * _COLUMNS, down, across), dtype=np.float32)
    compare_displaced(np.ascontiguousarray(before), padded, errors)
    return errors


def _parabola(
    errors: NDArray[np.float32], y: NDArray[np.intp], x: NDArray[np.intp], axis: int
) -> NDArray[np.float64]:
    """Sub-pixel offset in [-0.5, 0.5] of the minimum along ``axis`` from its two neighbours."""
    rows, blocks = np.ogrid[: errors.shape[0], : errors.shape[1]]
    centre = y if axis == 2 else x
    inside = (centre > 0) & (centre < errors.shape[axis] - 1)
    step = inside.astype(np.intp)
    if axis == 2:
        low, high = errors[rows, blocks, y - step, x], errors[rows, blocks, y + step, x]
    else:
        low, high = errors[rows, blocks, y, x - step], errors[rows, blocks, y, x + step]
    middle = errors[rows, blocks, y, x]
    curve = low - 2 * middle + high
    offset = np.where(curve > 1e-3, 0.5 * (low - high) / np.maximum(curve, 1e-3), 0.0)
    return np.where(inside, np.clip(offset, -0.5, 0.5), 0.0).astype(np.float64)


def _fit_camera(
    flow: NDArray[np.float64], textured: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Camera (n, 4) = (x, y, zoom, roll) per second and the flow (n, blocks, 2) that it explains."""
    x = np.tile((np.arange(_COLUMNS) + 0.5) / _COLUMNS - 0.5, _ROWS)
    y = np.repeat(((np.arange(_ROWS) + 0.5) / _ROWS - 0.5) * 9 / 16, _COLUMNS)
    # In complex numbers a similarity is one product and one sum, and its normal equations are two.
    place, moved = x + 1j * y, flow[..., 0] + 1j * flow[..., 1]
    enough = textured.sum(1) > 6
    weights = textured
    for _ in range(6):
        total, spread = weights.sum(1) + _RIDGE, weights @ np.abs(place) ** 2 + _RIDGE
        centre, shift = weights @ place, (weights * moved).sum(1)
        turn = (weights * moved) @ place.conj()
        scale = enough / (total * spread - np.abs(centre) ** 2)
        translation = (spread * shift - centre * turn) * scale
        similarity = (total * turn - centre.conj() * shift) * scale
        fitted = translation[:, None] + similarity[:, None] * place
        weights = textured / (1 + (np.abs(moved - fitted) / 0.03) ** 2)
    parts = translation.real, translation.imag, similarity.real, similarity.imag
    return np.stack(parts, axis=1), np.stack([fitted.real, fitted.imag], axis=-1)
