"""*Sea, forest, snow*: slow music, animal calls, dissolves and fades, at 24 frames a second."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import nature_land as land
from videxplore.studio.films import nature_sets as sets


def film() -> Film:
    """Return the script."""
    d = Director("nature.mp4", "Sea, forest, snow", "dev", fps=24)
    d.chapter("the sea", "sea_chapter")
    _sea(d)
    _reef(d)
    d.chapter("the forest", "forest_chapter")
    _forest(d)
    d.chapter("the mountain", "mountain_chapter")
    _mountain(d)
    return d.film(fade_in_s=1.5, fade_out_s=1.5)


def _tell(offset_s: float, seconds: float, text: str) -> list[Line]:
    return [Line(offset_s, seconds, text, "low")]


def _sea(d: Director) -> None:
    d.scene("sunrise and waves", "waves_scene", beds={"sea": 0.05}, outdoors=1, water=1)
    d.beat("the title over the rising sun", 4.0, sets.title, "nature_title", beds={"calm_music": 0.07},
           orange=0.8, music=0.8, text=1)  # fmt: skip
    d.beat("the sun rises orange over the sea", 4.8, sets.sunrise, "sunrise", join="same", orange=0.9,
           lines=_tell(0.7, 3.6, "Every morning the tide brings new life to this shore."))  # fmt: skip
    d.beat("blue waves roll in", 6.3, sets.waves, "blue_waves", join="dissolve", join_s=1.5,
           beds={"sea": 0.09}, blue=0.9)  # fmt: skip
    d.beat("gulls cry over the waves", 3.4, sets.gulls, "gulls", join="same",
           hits=[(0.3, "gull", 0.5), (2.0, "gull", 0.4)], blue=0.8, animal_call=1)  # fmt: skip
    d.beat("a dolphin leaps and splashes", 2.4, sets.dolphin, "dolphin", join="same",
           hits=[(1.15, "splash", 0.8)], blue=0.8, splash=1)  # fmt: skip


def _reef(d: Director) -> None:
    d.scene("under water", "reef_scene", beds={"bubbles": 0.05}, blue=0.9, water=1)
    d.beat("bubbles over a coral reef", 4.3, sets.reef, "reef", join="dissolve", join_s=1.2)
    d.beat("a swarm of orange fish swims past", 5.5, sets.fish, "fish_swarm", join="same", orange=0.4,
           beds={"calm_music": 0.05}, music=0.6,
           lines=_tell(0.8, 3.4, "A swarm keeps together and turns as one."))  # fmt: skip
    d.beat("the shadow of a shark", 4.6, sets.shark, "shark", join="same", beds={"rumble": 0.12}, dark=0.6,
           low_sound=1)  # fmt: skip


def _forest(d: Director) -> None:
    d.scene("birds in the green forest", "birdsong_scene", beds={"birds": 0.05}, green=1, outdoors=1)
    d.beat("birds sing in the forest", 5.9, land.forest, "birdsong", join="fade", join_s=1.6,
           lines=_tell(1.4, 3.7, "Inland, old trees give shelter to countless singers."))  # fmt: skip
    d.beat("a deer steps out of the trees", 4.4, land.deer, "deer", join="same", beds={"birds": 0.02})
    d.beat("a woodpecker hammers on a trunk", 3.7, land.woodpecker, "woodpecker", beds={"birds": 0.02},
           hits=[(0.3, "woodpecker", 0.6), (2.1, "woodpecker", 0.6)], brown=0.6, rhythm=0.8)  # fmt: skip
    d.scene("a brook in the forest", "brook_scene", beds={"stream": 0.06}, green=0.8, water=0.8)
    d.beat("a brook runs between stones", 6.6, land.brook, "brook", join="dissolve", join_s=1.2)
    d.beat("music over the running brook", 5.2, land.brook, "brook_music", join="same",
           beds={"calm_music": 0.09, "stream": 0.03}, music=1)  # fmt: skip


def _mountain(d: Director) -> None:
    d.scene("snow and avalanche", "snow_scene", beds={"wind": 0.05}, white=0.9, outdoors=1)
    d.beat("snow falls on the mountain", 5.6, land.snow, "snowfall", join="fade", join_s=1.4,
           lines=_tell(1.3, 3.6, "Above the last pines winter never ends."))  # fmt: skip
    d.beat("an avalanche thunders down", 3.6, land.avalanche, "avalanche", join="same",
           beds={"rumble": 0.3, "wind": 0.1}, loud=0.9, low_sound=1, fast_motion=0.5)  # fmt: skip
    d.beat("the valley lies silent", 4.9, land.still_snow, "silent_valley", join="wipe", join_s=0.8,
           beds={"wind": 0.008}, quiet=1, still=1)  # fmt: skip
    d.scene("sunset", "sunset_scene", beds={"wind": 0.02}, orange=0.9)
    d.beat("the sun sets behind the mountain", 5.8, land.sunset, "sunset", join="dissolve", join_s=1.6,
           beds={"calm_music": 0.09}, music=1)  # fmt: skip
    d.beat("an owl calls in the dusk", 4.6, land.sunset, "owl_dusk", join="same",
           hits=[(0.4, "owl", 0.4), (2.6, "owl", 0.3)], animal_call=1)  # fmt: skip
