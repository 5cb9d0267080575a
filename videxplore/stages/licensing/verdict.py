"""License, negotiate or sample more, decline: interval bounds against what is asked for, never the mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from videxplore.values.decisions import ChecklistItem, Light, Thresholds, Verdict
from videxplore.values.licensing import Estimate
from videxplore.values.sampling import SampleCheck

WANTED = {
    "usable": ("at least", "of the hours pass the technical checks"),
    "novel": ("at least", "of the hours are new to the owner"),
    "redundant": ("at most", "of the hours repeat others"),
    "owned": ("at most", "of the hours are copies of what is owned"),
    "unseen": ("at most", "of a further source's hours are of topics not seen yet"),
}
"""Which way each threshold points, and what it is about."""

ABOUT_SAMPLE = ("unseen", "sources")
"""Lights that speak about the sample: red asks for more of it, and is no reason to decline the archive."""

LIMITS = (
    "Each interval holds in 95 of 100 samples by itself; all of them at once hold less often.",
    "Copies whose twin was not drawn go unseen: the share that repeats others is a lower bound.",
    "How many topics the archive has cannot be known; nothing is said beyond twice the sample.",
    "New means far from what is owned in the eyes of this one encoder.",
    "The figures speak about the archive of the manifest, not about what is added to it later.",
    "Rights, releases, brands and safety are for people to settle: see the checklist.",
)

CHECKLIST = (
    ChecklistItem(
        "chain of rights", "Who made each clip, and is every transfer up to the vendor documented?"
    ),
    ChecklistItem("scope", "Does the licence cover this use, territory, term, and models trained with it?"),
    ChecklistItem("releases", "Are there releases for recognisable people and private places?"),
    ChecklistItem("minors", "Are children recognisable, and who consented?"),
    ChecklistItem("music and sound", "Is music cleared, or can the sound be left out?"),
    ChecklistItem("third-party material", "Logos, artworks, broadcasts or other footage within the picture?"),
    ChecklistItem("platform terms", "Was anything collected against the terms of where it was published?"),
    ChecklistItem("personal data", "On what ground may faces, voices and number plates be processed?"),
    ChecklistItem("brand and safety", "Who looked for violence, nudity and hate, on how many clips?"),
    ChecklistItem("revocation", "What happens when a right is withdrawn after delivery?"),
)


def decide(
    estimates: Mapping[str, Estimate],
    check: SampleCheck,
    thresholds: Thresholds | None = None,
    *,
    checklist: Sequence[ChecklistItem] = CHECKLIST,
) -> Verdict:
    """Hold the interval bounds against the thresholds.

    A light is green where the whole interval is on the right side, red where it is wholly on the wrong
    side. All green and nothing against the sample means license; a red light about the archive means
    decline; all else means to negotiate or to sample more. From a sample that allows no inference neither a
    green nor a red light follows.

    Args:
        estimates: ``"usable"``, ``"novel"``, ``"redundant"``, ``"owned"``, ``"unseen"``; those that the
            thresholds ask for and that are missing count as not estimated.
        check: of the sample.
        thresholds: the defaults where omitted.
        checklist: as far as it is settled.

    Raises:
        ValueError: a name that no threshold knows.
    """
    if unknown := sorted(set(estimates) - set(WANTED)):
        raise ValueError(f"estimates allows {', '.join(WANTED)}, got {', '.join(unknown)}.")
    asked = thresholds or Thresholds()
    lights = []
    for name in WANTED:
        threshold = getattr(asked, name)
        if threshold is not None:
            missing = Estimate(float("nan"), reason="Cannot estimate: it was not measured.")
            lights.append(_light(name, estimates.get(name, missing).described_only(check.refusal), threshold))
    if asked.sources is not None:
        lights.append(_enough(check, asked.sources))
    red = [light for light in lights if light.color == "red" and light.name not in ABOUT_SAMPLE]
    short = [light for light in lights if light.color != "green"]
    problems = [item for item in checklist if item.status == "problem"]
    if check.refusal:
        outcome, why = "negotiate or sample more", check.refusal
    elif red:
        outcome, why = "decline", " ".join(light.sentence for light in red)
    elif short or check.doubts or problems:
        outcome = "negotiate or sample more"
        why = " ".join(
            [*(light.sentence for light in short), *check.doubts, *(_problem(i) for i in problems)]
        )
    else:
        outcome, why = "license", " ".join(light.sentence for light in lights)
    left = sum(item.status == "open" for item in checklist)
    subject = f", subject to {left} open items of the checklist" if left and outcome == "license" else ""
    sentence = f"{outcome.capitalize()}{subject}. {why}"
    return Verdict(outcome, sentence, tuple(lights), LIMITS, tuple(checklist))


def _light(name: str, estimate: Estimate, threshold: float) -> Light:
    side, about = WANTED[name]
    if not estimate.estimated:
        return Light(name, "none", threshold, estimate, f"{name.capitalize()}: {estimate.reason}")
    least, most = (estimate.low, estimate.high) if side == "at least" else (-estimate.high, -estimate.low)
    wanted = threshold if side == "at least" else -threshold
    color = "green" if least >= wanted else "red" if most < wanted else "amber"
    bounds = f"{estimate.low:.1%} to {estimate.high:.1%} (95 % interval, {estimate.sources} sources)"
    return Light(name, color, threshold, estimate, f"{bounds} {about}; asked for is {side} {threshold:.1%}.")


def _enough(check: SampleCheck, threshold: float) -> Light:
    seen = check.effective_sources
    known = Estimate(seen, seen, seen, check.clips, check.sources, "counted")
    color = "green" if seen >= threshold else "red"
    sentence = f"The sample has {seen:.1f} effective sources; asked for are {threshold:g}."
    return Light("sources", color, threshold, known, sentence)


def _problem(item: ChecklistItem) -> str:
    return f"{item.name.capitalize()}: a problem was found by {item.who} ({item.evidence})."
