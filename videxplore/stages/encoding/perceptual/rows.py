"""From measurements on a clock to raw attribute values of segments."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES, Attribute
from videxplore.values.media import Measurements, Series, Span

_STROBE = 0.7
"""Share of rows in which the light jumps alike, from which it pulses."""

COVER_S = 1.5
"""How long after its onset an event counts as going on."""

_FULL = {a.name: a.full for a in ATTRIBUTES if a.statistic == "max"}
_SIGNED = {
    "pan_right": ("pan", 1), "pan_left": ("pan", -1), "tilt_down": ("tilt", 1), "tilt_up": ("tilt", -1),
    "zoom_in": ("zoom", 1), "zoom_out": ("zoom", -1), "brightening": ("light_slope", 1),
    "darkening": ("light_slope", -1), "moves_right": ("object_across", 1),
    "moves_left": ("object_across", -1), "falls": ("object_down", 1), "rises": ("object_down", -1),
}  # fmt: skip
_ONSETS = {
    "flash": 12.0, "spark": 35.0, "cut": 0.5, "bang": 7.0, "thud": 10.0,
    "blast": 7.0, "splash": 7.0, "whistle": 0.5, "swell": 8.0, "hush": 8.0,
}  # fmt: skip
"""Raw value from which an event of that kind has happened."""
_APART_S = {
    "flash": 0.5, "spark": 0.5, "cut": 0.3, "bang": 0.25, "thud": 0.25,
    "blast": 0.25, "splash": 0.25, "whistle": 0.6, "swell": 3.0, "hush": 3.0,
}  # fmt: skip
"""Two events of a kind are at least this far apart."""


def describe(measurements: Measurements, spans: Sequence[Span]) -> NDArray[np.float32]:
    """Return raw values (n, d) of all attributes but structure, NaN for sound where there is none."""
    raw = np.full((len(spans), len(ATTRIBUTES)), np.nan, np.float32)
    sides = (
        (("visual", "similarity"), measurements.picture, derive_picture),
        (("audio",), measurements.sound, derive_sound),
    )
    for blocks, series, derive in sides:
        if series is None or not len(series):
            continue
        ranges = find_rows(series.times_s, spans)
        derived = derive(series)
        for column, attribute in enumerate(ATTRIBUTES):
            if attribute.block in blocks:
                raw[:, column] = reduce_rows(derived[attribute.source], ranges, attribute)
    return raw


def find_rows(times_s: NDArray[np.float64], spans: Sequence[Span]) -> NDArray[np.intp]:
    """Return first and one past the last row (n, 2) inside each span; the nearest row where none is."""
    edges = np.array([(s.start_s, s.end_s) for s in spans], dtype=np.float64).reshape(-1, 2)
    first = np.searchsorted(times_s, edges[:, 0] - 1e-6)
    last = np.searchsorted(times_s, edges[:, 1] - 1e-6)
    middle = edges.mean(1)
    after = np.searchsorted(times_s, middle).clip(0, len(times_s) - 1)
    before = (after - 1).clip(0)
    nearest = np.where(np.abs(times_s[before] - middle) <= np.abs(times_s[after] - middle), before, after)
    empty = first >= last
    return np.stack([np.where(empty, nearest, first), np.where(empty, nearest + 1, last)], axis=1)


def reduce_rows(
    values: NDArray[np.float64], ranges: NDArray[np.intp], attribute: Attribute
) -> NDArray[np.float64]:
    """Return one number (n,) per range of ``values`` by the attribute's statistic."""
    padded = np.append(values, 0.0)
    flat = ranges.ravel()
    count = (ranges[:, 1] - ranges[:, 0]).astype(np.float64)
    if attribute.statistic == "max":
        return np.maximum.reduceat(padded, flat)[::2]
    total = np.add.reduceat(padded, flat)[::2]
    if attribute.statistic == "count":
        return total
    mean = total / count
    if attribute.statistic == "mean":
        return mean
    if attribute.statistic == "spread":
        return np.sqrt(np.maximum(np.add.reduceat(padded**2, flat)[::2] / count - mean**2, 0.0))
    # Slope: least squares against the row number, times the number of rows.
    index = np.arange(len(padded), dtype=np.float64)
    middle = (ranges.sum(1) - 1) / 2
    lean = np.add.reduceat(padded * index, flat)[::2] - middle * total
    return np.where(count > 1, 12 * lean / np.maximum(count**2 - 1, 1.0), 0.0)


def derive_picture(series: Series) -> dict[str, NDArray[np.float64]]:
    """Return every column that a visual attribute is computed from."""
    columns = {name: series[name].astype(np.float64) for name in series.names}
    for name, (source, sign) in _SIGNED.items():
        columns[name] = np.maximum(sign * columns[source], 0.0)
    # A change of light by a cut is no brightening.
    near_cut = _cover(series.times_s, columns["hard_change"] > 0, before_s=0.6, after_s=0.6)
    for name in ("brightening", "darkening"):
        columns[name] *= 1 - near_cut
    # A strobe light changes the whole picture again and again, and cuts nothing; one flash is no flicker.
    jumps = columns["light_jump"]
    pulsing = _share_alike(jumps, series.times_s)
    strobe = pulsing >= _STROBE
    columns["cut"] = columns["hard_change"] * ~strobe
    columns["flicker"] = np.where(strobe, np.maximum(columns["flicker"], jumps / 2), columns["flicker"])
    columns["flicker"] *= np.clip((pulsing - 0.3) / 0.3, 0.0, 1.0)
    for name in ("flash", "spark", "cut"):
        columns |= _events(name, columns[name], series.times_s)
    return columns


def _share_alike(jumps: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """Share (n,) of the rows within three quarters of a second in which the light jumps as by the biggest."""
    step = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.25
    width = 2 * max(1, round(0.75 / step)) + 1
    near = np.lib.stride_tricks.sliding_window_view(np.pad(jumps, width // 2, mode="reflect"), width)
    return (near >= 0.4 * near.max(1, keepdims=True)).mean(1)


def derive_sound(series: Series) -> dict[str, NDArray[np.float64]]:
    """Return every column that an audio attribute is computed from."""
    columns = {name: series[name].astype(np.float64) for name in series.names}
    loud = columns["loudness"]
    stands_out = _stand_out(loud, series.times_s)
    columns["bang"] = columns["impulse"] * stands_out
    for name in ("thud", "blast", "splash"):
        columns[name] = columns[name] * stands_out
    columns["loud_roar"] = columns["roar"] * np.clip((loud + 40) / 25, 0.0, 1.0)
    bands = np.stack([columns[name] for name in series.names if name.startswith("band_")])
    centred = bands - bands.mean(0)
    columns["low_tone"] = centred[:3].mean(0)
    columns["middle_tone"] = centred[3:8].mean(0)
    columns["high_tone"] = centred[9:].mean(0)
    deep = np.stack([columns["band_60"], columns["band_120"]])
    columns["rumble"] = 10 * np.log10((10 ** (deep / 10)).mean(0))
    columns["hits"] = columns["onset_rate"] * np.clip((columns["low_energy_share"] - 0.15) / 0.35, 0.0, 1.0)
    columns["swell"], columns["hush"] = _swell(loud, series.times_s)
    for name in ("bang", "thud", "blast", "splash", "whistle", "swell", "hush"):
        columns |= _events(name, columns[name], series.times_s)
    return columns


def _stand_out(loud: NDArray[np.float64], times_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far (n,), in [0, 1], each row is as loud as the loud parts of the ten seconds around it.

    A bang stands out from those as well: the first hiss of a sentence does not.
    """
    from scipy.ndimage import percentile_filter

    step = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.05
    usual = percentile_filter(np.maximum(loud, -60.0), 90, max(1, round(10.0 / step)), mode="nearest")
    return np.clip((loud - np.maximum(usual - 10.0, -45.0)) / 8, 0.0, 1.0)


def _swell(
    loud: NDArray[np.float64], times_s: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much louder and quieter in dB it is one second on than one second before; a bang is too short."""
    from scipy.ndimage import median_filter

    step = float(np.median(np.diff(times_s))) if len(times_s) > 1 else 0.05
    width = max(1, round(2.0 / step))
    usual = median_filter(np.maximum(loud, -55.0), width, mode="nearest")
    half = max(1, width // 2)
    ahead = np.concatenate([usual[half:], np.repeat(usual[-1:], min(half, len(usual)))])[: len(usual)]
    past = np.concatenate([np.repeat(usual[:1], min(half, len(usual))), usual[:-half]])[: len(usual)]
    # The change has happened where the sound is nearer to what follows than to what went before.
    now = median_filter(np.maximum(loud, -55.0), max(1, half // 2), mode="nearest")
    changed = np.abs(now - ahead) <= np.abs(now - past)
    return np.maximum(ahead - past, 0.0) * changed, np.maximum(past - ahead, 0.0) * changed


def _events(
    name: str, strength: NDArray[np.float64], times_s: NDArray[np.float64]
) -> dict[str, NDArray[np.float64]]:
    """Onsets (0/1) of an event, and how strongly each row lies within the time that it covers, in [0, 1]."""
    happens = strength >= _ONSETS[name]
    onset = np.zeros(len(strength))
    last = -np.inf
    for row in np.flatnonzero(happens):
        if times_s[row] - last >= _APART_S[name]:
            onset[row] = 1.0
        last = times_s[row]
    graded = np.where(happens, np.clip(strength / _FULL[name], 0.0, 1.0), 0.0)
    step = float(np.median(np.diff(times_s))) if len(times_s) > 1 else COVER_S
    before, after = round(0.1 / step), round(COVER_S / step)
    padded = np.pad(graded, (after, before))
    cover = np.lib.stride_tricks.sliding_window_view(padded, before + after + 1).max(1)
    return {f"{name}_onset": onset, f"{name}_cover": cover}


def _cover(
    times_s: NDArray[np.float64], happens: NDArray[np.bool_], *, before_s: float, after_s: float
) -> NDArray[np.float64]:
    """1 for every row within ``before_s`` before or ``after_s`` after a row where ``happens`` is true."""
    change = np.zeros(len(times_s) + 1)
    rows = np.flatnonzero(happens)
    np.add.at(change, np.searchsorted(times_s, times_s[rows] - before_s), 1)
    np.add.at(change, np.searchsorted(times_s, times_s[rows] + after_s, side="right"), -1)
    return (np.cumsum(change[:-1]) > 0).astype(np.float64)
