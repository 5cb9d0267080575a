"""What the compiled loops of measuring compute, in plain NumPy: the reference they are held against."""

from __future__ import annotations

import numpy as np


def halved(rgb):
    n, height, width, _ = rgb.shape
    blocks = rgb.astype(np.uint16).reshape(n, height // 2, 2, width // 2, 2, 3)
    return ((blocks.sum((2, 4)) + 2) >> 2).astype(np.uint8)


def soft_counts(lab, bins, rows, columns):
    """Soft histograms (n, cells, size) of ``lab`` (3, n, h, w)."""
    _, n, height, width = lab.shape
    cell = (np.arange(height) * rows // height)[:, None] * columns + np.arange(width) * columns // width
    counts = np.zeros((n, rows * columns, sum(int(number) for _, _, number in bins)))
    picture = np.broadcast_to(np.arange(n)[:, None, None], lab.shape[1:])
    first = 0
    for channel, (low, high, number) in zip(lab, bins, strict=True):
        place = np.clip(
            (channel - np.float32(low)) * np.float32((number - 1) / (high - low)), 0, number - 1.001
        )
        below = place.astype(np.int64)
        share = place.astype(np.float64) - below
        where = (picture, np.broadcast_to(cell, lab.shape[1:]))
        np.add.at(counts, (*where, first + below), 1 - share)
        np.add.at(counts, (*where, first + below + 1), share)
        first += int(number)
    return counts


def blurred(luma):
    """Means (n, h, w) of 3×3 pixels, less their mean."""
    padded = np.pad(luma.astype(np.float64), ((0, 0), (1, 1), (1, 1)), mode="edge")
    height, width = luma.shape[1:]
    total = sum(padded[:, i : i + height, j : j + width] for i in range(3) for j in range(3)) / 9
    return total - total.mean((1, 2), keepdims=True)


def lagged(values, lags, depth):
    """Each row from ``depth`` on beside those that lag before: (n, d) and (lags, n, d) in float64."""
    values = values.astype(np.float64)
    return values[depth:], np.stack([values[depth - k : len(values) - k] for k in lags])


def displaced_errors(before, after, down, across):
    """Mean squared differences (n, blocks, down, across) of blocks of 9×8 pixels; ``after`` is padded."""
    n, height, width = before.shape
    found = np.empty((n, height // 9 * (width // 8), down, across))
    for i in range(down):
        for j in range(across):
            step = after[:, i : i + height, j : j + width].astype(np.float64) - before
            blocks = (step**2).reshape(n, height // 9, 9, width // 8, 8)
            found[:, :, i, j] = blocks.mean((2, 4)).reshape(n, -1)
    return found


def light_columns(rgb, colours):
    """The columns of ``LIGHT_NAMES`` (n, 11)."""
    n = len(rgb)
    lightness, a, b = colours.lab.reshape(3, n, -1).astype(np.float64)
    low, high = np.percentile(lightness, [5, 95], axis=1)
    red, green, blue = np.moveaxis(rgb.astype(np.float64), -1, 0).reshape(3, n, -1)
    brightest = rgb.max(3).reshape(n, -1)
    red_green, yellow_blue = red - green, (red + green) / 2 - blue
    colourful = np.hypot(red_green.std(1), yellow_blue.std(1))
    dark = (lightness < 20).mean(1)
    outshines = lightness > lightness.mean(1, keepdims=True) + 12
    columns = [
        lightness.mean(1), dark, (lightness > 80).mean(1), high - low, colours.chroma.reshape(n, -1).mean(1),
        colourful + 0.3 * np.hypot(red_green.mean(1), yellow_blue.mean(1)), (b + 0.5 * a).mean(1),
        ((brightest >= 250) | (brightest <= 5)).mean(1), dark * np.minimum(1, 25 * (lightness > 60).mean(1)),
        (outshines & colours.flame.reshape(n, -1)).mean(1), colours.skin.reshape(n, -1).mean(1),
    ]  # fmt: skip
    return np.stack(columns, axis=1)


def texture_columns(grey, down, right, squared, edge):
    """The columns of ``TEXTURE_NAMES`` (n, 10)."""
    n, height, width = grey.shape
    edges = squared > np.float32(edge**2)
    steep, flat = np.abs(down), np.abs(right)
    level, upright = edges & (steep > np.float32(2.2) * flat), edges & (flat > np.float32(2.2) * steep)
    shares = np.stack([level.sum((1, 2)), upright.sum((1, 2))], axis=1) / (edges.sum((1, 2)) + 1.0)[:, None]
    parts = np.column_stack([shares, 1 - shares.sum(1)]).clip(1e-6)
    laplacian = 4.0 * grey[:, 1:-1, 1:-1] - grey[:, :-2, 1:-1] - grey[:, 2:, 1:-1]
    laplacian -= grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:]
    windows = np.lib.stride_tricks.sliding_window_view
    lines = windows(level, width // 6, axis=2).all(-1).mean((1, 2))
    lines = lines + windows(upright, height // 6, axis=1).all(-1).mean((1, 2))
    fine = np.abs(np.diff((right > edge).astype(int) - (right < -edge), axis=2)) > 1
    tall, wide = height // 9, (width - 1) // 4
    bands = fine[:, : 9 * tall, : 4 * wide].reshape(n, 9, tall, 4, wide).mean((2, 4)).reshape(n, -1)
    levels = np.stack([np.bincount(picture.ravel(), minlength=16) for picture in (grey / 16).astype(int)])
    share = levels / (height * width)
    columns = [
        edges.mean((1, 2)), *shares.T, 1 - shares.sum(1), -(parts * np.log(parts)).sum(1) / np.log(3),
        np.log1p(laplacian.var((1, 2))), lines, np.sort(bands, axis=1)[:, -3:].mean(1),
        (squared < np.float32((0.35 * edge) ** 2)).mean((1, 2)),
        -(share * np.log(share + 1e-9)).sum(1) / np.log(16),
    ]  # fmt: skip
    return np.stack(columns, axis=1)


def gradients(grey):
    """Central differences down and to the right (n, h, w), the last pixel going on beyond the border."""
    padded = np.pad(grey.astype(np.float64), ((0, 0), (1, 1), (1, 1)), mode="edge")
    return (padded[:, 2:, 1:-1] - padded[:, :-2, 1:-1]) / 2, (padded[:, 1:-1, 2:] - padded[:, 1:-1, :-2]) / 2


def directions(down, right, rows, columns):
    """How strong edges of four directions are in each field: (4, n, rows·columns)."""
    n, height, width = down.shape
    angle, length = 2 * np.arctan2(down, right), np.hypot(down, right)
    parts = [np.cos(angle), -np.cos(angle), np.sin(angle), -np.sin(angle)]
    strength = np.stack([length * part.clip(0) for part in parts])
    tall, wide = height // rows, width // columns
    fields = strength[:, :, : tall * rows, : wide * columns].reshape(4, n, rows, tall, columns, wide)
    return fields.mean((3, 5)).reshape(4, n, -1)


def camera_of(flow, textured, rows, columns):
    """The camera (n, 4) by weighted least squares over rows of one design matrix for each block."""
    x = np.tile((np.arange(columns) + 0.5) / columns - 0.5, rows)
    y = np.repeat(((np.arange(rows) + 0.5) / rows - 0.5) * 9 / 16, columns)
    one, zero = np.ones_like(x), np.zeros_like(x)
    design = np.concatenate([np.stack([one, zero, x, -y], 1), np.stack([zero, one, y, x], 1)])
    cameras = []
    for moved, share in zip(flow, textured, strict=True):
        weights, wanted = share, np.concatenate([moved[:, 0], moved[:, 1]])
        for _ in range(6):
            both = np.tile(weights, 2)
            camera = np.linalg.solve(
                design.T @ (both[:, None] * design) + 1e-4 * np.eye(4), design.T @ (both * wanted)
            )
            camera *= share.sum() > 6
            rest = np.hypot(*(wanted - design @ camera).reshape(2, -1))
            weights = share / (1 + (rest / 0.03) ** 2)
        cameras.append(camera)
    return np.array(cameras)
