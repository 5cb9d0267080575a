"""*Storm over the fields*: lightning and thunder, which look and sound almost like a shot by night."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import storm_sets as sets


def film() -> Film:
    """Return the script."""
    d = Director("storm.mp4", "Storm over the fields", "dev")
    d.chapter("before the storm", "before_storm")
    _summer(d)
    d.chapter("the storm", "storm_chapter")
    _storm(d)
    _indoors(d)
    d.chapter("after the storm", "after_storm")
    _after(d)
    return d.film(fade_in_s=1.0, fade_out_s=1.0)


def _summer(d: Director) -> None:
    d.scene("a golden field in the sun", "sunny_field", beds={"crickets": 0.02, "wind": 0.012}, bright=0.9,
            yellow=0.7)  # fmt: skip
    d.beat("the title over the field", 3.8, sets.title, "storm_title", beds={"calm_music": 0.06}, music=0.7,
           text=1)  # fmt: skip
    d.beat("crickets in the sunny field", 5.2, sets.sunny, "crickets", join="same", calm=1)
    d.beat("a green tractor drives by", 5.7, sets.tractor, "tractor", join="same", beds={"slow_motor": 0.1},
           engine=1)  # fmt: skip
    d.beat("crows fly up from the field", 3.9, sets.crows, "crows", join="same", beds={"wind": 0.06},
           hits=[(0.2, "gull", 0.25), (1.8, "gull", 0.2)], black=0.2)  # fmt: skip
    d.beat("dark clouds cover the sun", 4.8, sets.darkens, "darkens", join="same",
           beds={"wind": 0.1, "crickets": 0}, bright=0, darkening=1)  # fmt: skip
    d.beat("thunder far away", 4.1, sets.first_drops, "far_thunder", join="same",
           beds={"wind": 0.08, "rain": 0.02, "crickets": 0}, hits=[(0.2, "far_thunder", 0.45)], bright=0,
           dark=0.6)  # fmt: skip


def _storm(d: Director) -> None:
    d.scene("lightning over the dark field", "lightning_scene", beds={"rain": 0.07, "wind": 0.05}, dark=0.7,
            rain=1)  # fmt: skip
    d.beat("heavy rain on the field", 4.9, sets.downpour, "downpour", join="dissolve", join_s=1.0)
    d.beat("lightning strikes and thunder cracks", 3.1, sets.lightning(21, 250), "lightning",
           "loud_impact_storm", join="same", hits=[(0.75, "thunder", 0.9)], flash=1, bang=0.8,
           loud=0.9)  # fmt: skip
    d.beat("the rain goes on", 4.4, sets.downpour, "downpour", join="same")
    d.beat("a flash without thunder", 1.7, sets.lightning(22, 90), "silent_flash", join="same", flash=1)
    d.beat("heavy rain", 3.3, sets.downpour, "downpour", join="same")
    d.beat("lightning hits the tree with a crack", 2.6, sets.lightning(23, 439), "lightning",
           "loud_impact_storm", join="same", hits=[(0.5, "thunder", 0.97)], flash=1, bang=1,
           loud=1)  # fmt: skip
    d.beat("the tree burns in the rain", 5.1, sets.tree_burns, "tree_burns", join="same",
           beds={"sizzle": 0.05}, orange=0.6, fire=1)  # fmt: skip


def _indoors(d: Director) -> None:
    d.scene("watching from indoors", "indoors_scene", beds={"rain": 0.02, "room": 0.01}, brown=0.7, indoors=1)
    d.beat("a child watches the rain through the window", 4.8, sets.behind_glass, "child_window", quiet=0.6)
    d.beat("a voice calms the child", 3.6, sets.behind_glass, "calm_voice", join="same",
           lines=[Line(0.3, 3.0, "Do not be afraid, it will soon be over.", "low")], speech=1)  # fmt: skip
    d.beat("the child counts the seconds", 2.9, sets.behind_glass, "child_counts", join="same",
           lines=[Line(0.2, 2.2, "One, two, three, four.", "shout")], speech=0.8)  # fmt: skip
    d.beat("thunder far off", 3.9, sets.behind_glass, "far_thunder", join="same",
           hits=[(0.2, "far_thunder", 0.35)])  # fmt: skip


def _after(d: Director) -> None:
    d.scene("a rainbow over the wet field", "rainbow_scene", beds={"birds": 0.04}, bright=0.9)
    d.beat("the light comes back", 4.2, sets.wet_field, "light_returns", join="fade", join_s=1.6, calm=1)
    d.beat("a rainbow appears", 3.4, sets.rainbow, "rainbow", join="same", colourful=0.8)
    d.beat("the child jumps in puddles", 5.3, sets.child_jumps, "puddles", join="same",
           hits=[(0.7 * k + 0.4, "splash", 0.4) for k in range(6)], red=0.3, splash=1)  # fmt: skip
    d.beat("church bells in the distance", 4.6, sets.rainbow_stays, "distant_bells", join="same",
           hits=[(0.3, "bell", 0.3), (1.9, "bell", 0.3)], bell=1)  # fmt: skip
