"""What a file is found wanting in, and what of it passes."""

from __future__ import annotations

from collections.abc import Iterator

from videxplore.stages.licensing.technical.spans import leave_out
from videxplore.values.inspections import FAULTS, Fault, Inspection, Limits
from videxplore.values.media import Span, counted

STRETCHED = {
    "interlaced": "lines of two moments stand in one picture",
    "black": "the picture is black",
    "frozen": "the picture stands still",
    "letterbox": "black borders stay",
    "blurred": "nothing in the picture is sharp",
    "blocky": "the grid of the compression shows",
    "clipped picture": "highlights are blown out or shadows lost",
    "silent": "the sound is silent",
    "clipped sound": "the sound is clipped",
    "burnt-in text": "something like text is burnt in",
    "logo": "something like a logo stays in place",
    "over-edited": "shots follow one another too fast",
}
"""Kinds of fault that are seen in stretches of a file, in words."""

_OF_SOUND = ("silent", "clipped sound")


def faults(inspection: Inspection, limits: Limits | None = None) -> tuple[Fault, ...]:
    """Return what a file is found wanting in, in the order of :data:`videxplore.values.inspections.FAULTS`.

    Args:
        inspection: of the file.
        limits: what is allowed; by default :class:`Limits`.
    """
    limits = limits or Limits()
    found = [*_of_header(inspection, limits), *_of_stretches(inspection, limits)]
    return tuple(sorted(found, key=lambda fault: FAULTS.index(fault.kind)))


def usable_spans(inspection: Inspection, found: tuple[Fault, ...]) -> tuple[Span, ...]:
    """Return the stretches of a file in which none of the faults is seen, in order of time."""
    return leave_out(Span(0.0, inspection.duration_s), [span for fault in found for span in fault.spans])


def _of_header(inspection: Inspection, limits: Limits) -> Iterator[Fault]:
    whole = (Span(0.0, inspection.duration_s),)
    lines = float(min(inspection.width, inspection.height))
    per_pixel = inspection.bitrate_bps / (inspection.width * inspection.height * inspection.fps)
    if lines < limits.lines:
        detail = f"{inspection.width}×{inspection.height}: fewer than {limits.lines} lines."
        yield Fault("resolution", whole, lines, limits.lines, detail)
    if inspection.fps < limits.fps:
        detail = f"{inspection.fps:.3g} frames per second, at least {limits.fps:g} are wanted."
        yield Fault("frame rate", whole, inspection.fps, limits.fps, detail)
    if per_pixel < limits.bits_per_pixel:
        rate = f"{inspection.bitrate_bps / 1e6:.3g} Mbit/s, {per_pixel:.2g} bits per pixel"
        detail = f"{rate}, at least {limits.bits_per_pixel:g} are wanted."
        yield Fault("bitrate", whole, per_pixel, limits.bits_per_pixel, detail)
    if limits.sound and not inspection.has_sound:
        yield Fault("no sound", whole, 0.0, 1.0, "There is no sound track that can be decoded.")
    if inspection.readings.get("hdr", 0.0) and not limits.hdr:
        yield Fault("hdr", whole, 1.0, 0.0, "The picture is coded in HDR.")


def _of_stretches(inspection: Inspection, limits: Limits) -> Iterator[Fault]:
    for kind, said in STRETCHED.items():
        if kind in _OF_SOUND and not limits.sound:
            continue
        allowed: float = getattr(limits, kind.replace(" ", "_").replace("-", "_"))
        spans, share = inspection.stretches.get(kind, ()), inspection.share(kind)
        if share > allowed:
            where = f"in {counted(len(spans), 'stretch', 'stretches')}, {share:.0%} of the time"
            yield Fault(kind, spans, share, allowed, f"{said[0].upper()}{said[1:]} {where}.")
