"""The table of attributes: one row per column of a perceptual vector."""

from __future__ import annotations

from dataclasses import dataclass

from videxplore.stages.features.colour import COLOURS
from videxplore.stages.features.likeness import LIKENESS_NAMES


@dataclass(frozen=True, slots=True)
class Attribute:
    """One named column.

    Attributes:
        name: of the column, unique.
        block: ``"visual"``, ``"audio"``, ``"structure"`` or ``"similarity"``.
        source: column of the rows that :mod:`~.rows` derives; empty for structure.
        statistic: how the rows of a leaf become one number: mean, max, spread (standard deviation), slope
            (change from start to end) or count.
        pooling: how a parent follows from its leaves, as in the card.
        full: for events, the raw value that scores 1; 0 for states, which are calibrated by quantiles.
        tolerance: for states, a raw difference too small to be noticed; blurs the quantiles.
        unit: of the raw value.
        meaning: one clause for people.
    """

    name: str
    block: str
    source: str
    statistic: str
    pooling: str
    full: float
    tolerance: float
    unit: str
    meaning: str

    @property
    def kind(self) -> str:
        """``"state"``, ``"event"`` or ``"position"``."""
        if self.block == "structure":
            return "position"
        return "event" if self.full else "state"


def _state(
    name: str, tolerance: float, unit: str, meaning: str, source: str = "", statistic: str = "mean"
) -> tuple[str, str, str, str, float, float, str, str]:
    return (name, source or name, statistic, "mean", 0.0, tolerance, unit, meaning)


def _event(name: str, cover: str, what: str, full: float, unit: str) -> list[tuple]:
    """An event in three columns: is it in there, how much of the time, how often."""
    return [
        (name, name, "max", "max", full, 0.0, unit, f"strongest {what} in the segment"),
        (f"{name}_rate", cover, "mean", "mean", 1.0, 0.0, "share", f"time within 1.5 s after a {what}"),
        (f"{name}_count", f"{name}_onset", "count", "count", 3.0, 0.0, "events", f"how many times: {what}"),
    ]  # fmt: skip


_VISUAL = [
    *(_state(c, 0.02, "share", f"share of {c} in the picture") for c in COLOURS),
    *(_state(f"centre_{c}", 0.03, "share", f"share of {c} in the middle of the picture") for c in COLOURS),
    _state("lightness", 2.0, "L*", "mean lightness"),
    _state("dark_share", 0.03, "share", "share of dark pixels (L* < 20)"),
    _state("bright_share", 0.02, "share", "share of bright pixels (L* > 80)"),
    _state("contrast", 3.0, "L*", "span of lightness between the 5 % and 95 % quantiles"),
    _state("saturation", 1.5, "C*", "mean chroma"),
    _state("colourfulness", 2.0, "", "colourfulness of Hasler and Süsstrunk"),
    _state("warmth", 1.5, "CIELAB", "yellow and red over blue and green"),
    _state("clipping", 0.01, "share", "share of pixels at the ends of the scale"),
    _state("lights_in_dark", 0.03, "share", "bright spots in an otherwise dark picture"),
    _state("flame_share", 0.01, "share", "share of bright saturated orange and yellow"),
    _state("skin_tone_share", 0.01, "share", "share of pixels in the hues of skin"),
    _state("top_lightness", 3.0, "L*", "upper third lighter than the lower"),
    _state("horizon", 0.1, "", "one strong horizontal border across the picture"),
    _state("symmetry", 0.05, "", "left half mirrors the right"),
    _state("sky_share", 0.02, "share", "smooth blue, white or light grey in the upper third"),
    _state("green_ground", 0.02, "share", "green in the lower two thirds"),
    _state("blue_below", 0.02, "share", "smooth blue in the lower half"),
    _state("white_ground", 0.02, "share", "white in the lower half"),
    _state("centre_difference", 1.5, "CIELAB", "middle stands out from the whole in colour"),
    _state("detail", 0.01, "share", "share of edge pixels", "edge_density"),
    _state("horizontal_edges", 0.03, "share", "share of the edges that run across"),
    _state("vertical_edges", 0.03, "share", "share of the edges that run up and down"),
    _state("diagonal_edges", 0.03, "share", "share of the edges that run aslant"),
    _state("sharpness", 0.15, "log", "variance of the Laplacian"),
    _state("straight_lines", 0.002, "share", "long straight horizontal or vertical edges"),
    _state("stripes_of_text", 0.005, "share", "fine high-contrast strokes in bands, as letters make"),
    _state("smooth_share", 0.03, "share", "share of pixels without texture"),
    _state("variety", 0.03, "", "entropy of the luma"),
    _state("speed", 0.008, "widths/s", "mean speed of the picture's parts"),
    _state("top_speed", 0.02, "widths/s", "speed of the fastest parts"),
    _state("still_share", 0.03, "share", "share of the picture that does not move"),
    _state("pan_left", 0.01, "widths/s", "camera turns left"),
    _state("pan_right", 0.01, "widths/s", "camera turns right"),
    _state("tilt_up", 0.01, "widths/s", "camera turns up"),
    _state("tilt_down", 0.01, "widths/s", "camera turns down"),
    _state("zoom_in", 0.015, "1/s", "picture grows"),
    _state("zoom_out", 0.015, "1/s", "picture shrinks"),
    _state("camera_speed", 0.01, "widths/s", "speed of pan and tilt together"),
    _state("object_speed", 0.005, "widths/s", "motion left over when the camera's is taken away"),
    _state("moving_share", 0.015, "share", "share of the picture that moves against the camera"),
    _state("moves_left", 0.004, "widths/s", "things move left against the camera"),
    _state("moves_right", 0.004, "widths/s", "things move right against the camera"),
    _state("falls", 0.004, "widths/s", "things fall"),
    _state("rises", 0.004, "widths/s", "things rise"),
    _state("change", 0.4, "luma", "mean change per 40 ms"),
    _state("shake", 0.008, "widths/s", "camera speed that is no smooth course"),
    _state("flicker", 0.4, "luma", "fast ups and downs of the light"),
    _state("brightening", 1.0, "luma/s", "light comes up"),
    _state("darkening", 1.0, "luma/s", "light goes down"),
    _state("black_frames", 0.02, "share", "share of frames that are black", "black_share"),
    _state("motion_variety", 0.01, "widths/s", "how unevenly fast the motion is", "speed", "spread"),
    _state("gets_faster", 0.02, "widths/s", "motion rises from start to end", "speed", "slope"),
    *_event("flash", "flash_cover", "flash of the whole picture", 25.0, "luma"),
    *_event("spark", "spark_cover", "short bright spot", 60.0, "luma"),
    *_event("cut", "cut_cover", "hard change of the picture", 1.0, "0/1"),
]
_AUDIO = [
    _state("loudness", 2.0, "dBFS", "mean loudness"),
    _state("silence", 0.03, "share", "share of the time below −50 dBFS"),
    _state("loudness_variety", 0.7, "dB", "how unevenly loud it is", "loudness", "spread"),
    _state("gets_louder", 1.5, "dB", "loudness rises from start to end", "loudness", "slope"),
    _state("bass", 0.03, "share", "power below 250 Hz"),
    _state("treble", 0.02, "share", "power above 4 kHz"),
    _state("centroid", 0.1, "octaves", "centre of the spectrum, above 100 Hz"),
    _state("flatness", 0.01, "", "spectrum like noise"),
    _state("tonality", 0.02, "", "one strong tone"),
    _state("harmonicity", 0.03, "", "voiced or sung: periodic between 70 and 500 Hz"),
    _state("onset_rate", 0.2, "1/s", "how many sounds begin per second"),
    _state("pulse_clarity", 0.03, "", "a beat that keeps its pace"),
    _state("syllable_modulation", 0.02, "", "loudness that moves at the pace of syllables"),
    _state("steadiness", 0.03, "", "loudness that hardly moves"),
    _state("crossing_variation", 0.004, "", "hissing and voiced sounds in turn"),
    _state("low_energy_share", 0.02, "share", "gaps between louder sounds"),
    _state("chirp", 0.08, "share", "a high tone that glides, as in birdsong or a cry"),
    _state("ring", 0.08, "share", "a high tone that stays, as of a bell or a beep"),
    _state("hits", 1.0, "1/s", "separate sounds that begin and end, per second, as of knocking"),
    _state("rumble", 2.0, "dBFS", "loudness below 200 Hz"),
    _state("roar", 0.03, "", "steady broadband noise, as of a crowd, rain, wind or traffic"),
    _state("loud_roar", 0.03, "", "the same, and loud"),
    _state("speech_likeness", 0.03, "", "syllables, gaps and voice, by rules"),
    _state("music_likeness", 0.03, "", "tones with a beat, by rules"),
    _state("low_tone", 1.0, "dB", "60–300 Hz over the rest"),
    _state("middle_tone", 1.0, "dB", "300–2000 Hz over the rest"),
    _state("high_tone", 1.0, "dB", "above 2900 Hz over the rest"),
    *_event("bang", "bang_cover", "sudden broadband sound", 16.0, "dB"),
    *_event("thud", "thud_cover", "sudden deep sound", 16.0, "dB"),
    *_event("blast", "blast_cover", "sudden sound that goes deep at once and dies away", 14.0, "dB"),
    *_event("splash", "splash_cover", "sudden sound that stays bright", 16.0, "dB"),
    *_event("whistle", "whistle_cover", "narrow tone between 1.8 and 4.6 kHz", 1.0, ""),
    *_event("swell", "swell_cover", "rise of loudness over two seconds", 12.0, "dB"),
    *_event("hush", "hush_cover", "fall of loudness over two seconds", 12.0, "dB"),
]
_STRUCTURE = [
    ("early", "midpoint, from 1 at the start to −1 at the end"),
    ("opening", "overlap with the first tenth of the video (intersection over union)"),
    ("ending", "overlap with the last tenth of the video (intersection over union)"),
    ("first_half", "overlap with the first half of the video (intersection over union)"),
    ("second_half", "overlap with the second half of the video (intersection over union)"),
    ("middle", "overlap with the middle third of the video (intersection over union)"),
    ("long", "length: 0 at half a second, 1 at ten minutes, by logarithm"),
]
_SIMILARITY = [_state(name, 0.1, "", "a mixture of light, colours and edges") for name in LIKENESS_NAMES]

ATTRIBUTES: tuple[Attribute, ...] = (
    *(Attribute(row[0], "visual", *row[1:]) for row in _VISUAL),
    *(Attribute(row[0], "audio", *row[1:]) for row in _AUDIO),
    *(Attribute(name, "structure", "", "", "mean", 0.0, 0.0, "", meaning) for name, meaning in _STRUCTURE),
    *(Attribute(row[0], "similarity", *row[1:]) for row in _SIMILARITY),
)
"""All columns in order: visual, audio, structure, similarity."""

NAMES = tuple(a.name for a in ATTRIBUTES)
_NAMES_OF_BLOCKS = ("visual", "audio", "structure", "similarity")
BLOCKS = tuple((b, sum(a.block == b for a in ATTRIBUTES)) for b in _NAMES_OF_BLOCKS)
