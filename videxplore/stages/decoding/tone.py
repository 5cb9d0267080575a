"""Tone mapping: HDR pictures as they look on an ordinary screen, instead of grey and washed out.

HDR video codes light up to thousands of candelas per square metre (cd/m²) in the curves PQ or HLG of ITU-R
BT.2100 and in the wide colours of BT.2020. Shown as if it were ordinary video it is flat and pale, and models
trained on ordinary pictures see it so too.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

PQ, HLG = 16, 18  # transfer characteristics of ITU-T H.273, table 3
WHITE = 203.0  # cd/m² of a sheet of white paper in HDR, shown as white here (ITU-R BT.2408-7, table 1)
_PEAK = 1000.0  # cd/m² of the brightest point where the file does not say, and of the HLG reference display
_MOST = 10000.0  # cd/m², the end of the PQ curve
_STEPS = 4096
_FULL = 255 * 256  # what FFmpeg's scaler writes into 16 bits for a full signal
# From BT.2020 to BT.709 primaries (ITU-R BT.2087-0, table 2 inverted).
_TO_709 = np.array(
    [[1.6605, -0.5876, -0.0728], [-0.1246, 1.1329, -0.0083], [-0.0182, -0.1006, 1.1187]], np.float32
)
_LUMA = np.array([0.2627, 0.6780, 0.0593], np.float32)  # BT.2020


def is_hdr(frame: Any) -> bool:
    """Whether the frame is coded in one of the HDR curves."""
    return int(frame.color_trc) in (PQ, HLG)


def to_sdr(signal: NDArray[np.uint16], curve: int, peak: float) -> NDArray[np.uint8]:
    """Map an HDR picture to an ordinary one.

    Light up to about half of white, skin and mid-grey among it, keeps its brightness relative to white;
    what is brighter is rolled off so that the brightest point becomes white (the EETF of ITU-R BT.2390-11,
    5.4.1, on each channel). Colours beyond BT.709 are clipped.

    Args:
        signal: uint16 (h, w, 3), R'G'B' in BT.2020 primaries as FFmpeg's scaler writes ``rgb48``.
        curve: :data:`PQ` or :data:`HLG`.
        peak: cd/m² of the brightest point.

    Returns:
        uint8 (h, w, 3), R'G'B' in BT.709 primaries for a display of gamma 2.4 (ITU-R BT.1886).
    """
    if curve == PQ:
        toned = _toned_pq(peak)[signal]
    else:
        scene = _hlg_scene()[signal]
        # The display's gamma works on luminance, which keeps the hue (BT.2100-2, table 5, gamma 1.2).
        light = scene * np.maximum(scene @ _LUMA, 1e-6)[..., None] ** np.float32(0.2)
        toned = _toned_hlg()[(np.sqrt(light) * _STEPS).astype(np.uint16)]
    shown = np.clip(toned @ _TO_709.T, 0.0, 1.0)
    return _coded()[(np.sqrt(shown) * _STEPS + 0.5).astype(np.uint16)]


def peak_of(frame: Any) -> float:
    """The brightest point in cd/m² that the file states: of the content, else of its maker's display."""
    if int(frame.color_trc) == HLG:
        return _PEAK
    told = {side.type.name: bytes(side) for side in frame.side_data}
    stated = 0.0
    if len(light := told.get("CONTENT_LIGHT_LEVEL", b"")) >= 8:
        stated = float(np.frombuffer(light, np.uint32, 1)[0])
    if not stated and len(display := told.get("MASTERING_DISPLAY_METADATA", b"")) >= 88:
        # AVMasteringDisplayMetadata: ten fractions for colours and darkest point, the brightest, two flags.
        over, under, _, known = np.frombuffer(display, np.int32, 4, offset=72).tolist()
        stated = over / under if known and under > 0 else 0.0
    return min(max(stated, WHITE), _MOST) if stated > 0 else _PEAK


def _signals() -> NDArray[np.float64]:
    """float64 (65536,): what each of the scaler's 16-bit values means, 0..1."""
    return np.minimum(np.arange(65536) / _FULL, 1.0)


@lru_cache(maxsize=8)
def _toned_pq(peak: float) -> NDArray[np.float32]:
    return _roll_off(_pq_light(_signals()), peak)


@lru_cache(maxsize=1)
def _hlg_scene() -> NDArray[np.float32]:
    """float32 (65536,): light of the scene for each value, 1 at full signal (BT.2100-2, table 5)."""
    a, b, c = 0.17883277, 0.28466892, 0.55991073
    signal = _signals()
    light = np.where(signal <= 0.5, signal**2 / 3, (np.exp((signal - c) / a) + b) / 12)
    return light.astype(np.float32)


@lru_cache(maxsize=1)
def _toned_hlg() -> NDArray[np.float32]:
    return _roll_off((np.arange(_STEPS + 2) / _STEPS) ** 2 * _PEAK, _PEAK)


@lru_cache(maxsize=1)
def _coded() -> NDArray[np.uint8]:
    light = (np.arange(_STEPS + 1) / _STEPS) ** 2
    return np.round(255 * light ** (1 / 2.4)).astype(np.uint8)


def _roll_off(light: NDArray[np.float64], peak: float) -> NDArray[np.float32]:
    """Map cd/m² up to ``peak`` to 0..1, 1 being white; the knee is a Hermite spline in PQ (BT.2390-11)."""
    end = _pq_signal(np.array(peak))
    signal = np.minimum(_pq_signal(light) / end, 1.0)
    highest = float(_pq_signal(np.array(WHITE)) / end)
    knee = 1.5 * highest - 0.5
    t = np.clip((signal - knee) / max(1 - knee, 1e-9), 0.0, 1.0)
    spline = (
        (2 * t**3 - 3 * t**2 + 1) * knee
        + (t**3 - 2 * t**2 + t) * (1 - knee)
        + (-2 * t**3 + 3 * t**2) * highest
    )
    mapped = np.where(signal < knee, signal, spline)
    return (_pq_light(mapped * end) / WHITE).astype(np.float32)


def _pq_signal(light: NDArray[np.float64]) -> NDArray[np.float64]:
    """Light in cd/m² as PQ signal 0..1 (SMPTE ST 2084)."""
    power = (np.asarray(light) / _MOST) ** (2610 / 16384)
    raised: NDArray[np.float64] = ((107 / 128 + 2413 / 128 * power) / (1 + 2392 / 128 * power)) ** (2523 / 32)
    return raised


def _pq_light(signal: NDArray[np.float64]) -> NDArray[np.float64]:
    """PQ signal 0..1 as light in cd/m²."""
    power = np.asarray(signal) ** (32 / 2523)
    root = np.maximum(power - 107 / 128, 0) / (2413 / 128 - 2392 / 128 * power)
    light: NDArray[np.float64] = _MOST * root ** (16384 / 2610)
    return light
