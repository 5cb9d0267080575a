"""*Festival night*: rock band, dance floor, fireworks: flashes and booms that are no shots."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import festival_sets as sets

_BURSTS = (
    (0.6, 120, 60, 0), (1.2, 350, 80, 1), (1.9, 230, 50, 2), (2.7, 90, 90, 4), (3.2, 400, 56, 3),
    (3.9, 250, 84, 0), (4.5, 150, 60, 1),
)  # fmt: skip


def film() -> Film:
    """Return the script."""
    d = Director("festival.mp4", "Festival night", "dev")
    d.chapter("music", "music_chapter")
    _concert(d)
    _party(d)
    d.chapter("fireworks and morning", "fireworks_chapter")
    _fireworks(d)
    _morning(d)
    return d.film(fade_in_s=0.4, fade_out_s=1.0)


def _concert(d: Director) -> None:
    d.scene("a rock band on stage", "rock_concert", beds={"guitar_music": 0.16}, music=1, loud=0.7,
            dark=0.5, people=0.7)  # fmt: skip
    d.beat("the title in coloured lights", 3.0, sets.title, "festival_title", text=1,
           beds={"guitar_music": 0, "crowd": 0.05}, music=0)  # fmt: skip
    d.beat("a rock band plays", 6.5, sets.band(), "band_plays")
    d.beat("the singer at the microphone", 4.9, sets.singer, "singer", pink=0.9,
           beds={"guitar_music": 0.08},
           lines=[Line(0.2, 4.4, "We dance until the morning light.", "shout")], speech=0.6)  # fmt: skip
    d.beat("a drum solo", 3.8, sets.drum_solo, "drum_solo", orange=0.8, beds={"guitar_music": 0},
           hits=[(0.1 + 0.15 * k, "kick", 0.6 if k % 4 else 0.8) for k in range(24)], rhythm=1,
           music=0.5)  # fmt: skip
    d.beat("the audience cheers the band", 4.4, sets.band(1.0), "audience_cheers",
           beds={"guitar_music": 0, "crowd": 0.1}, hits=[(0.0, "cheer", 0.6), (0.2, "clapping", 0.4)],
           music=0, crowd=1)  # fmt: skip


def _party(d: Director) -> None:
    d.scene("dancing under a mirror ball", "dance_scene", beds={"pulse_music": 0.14}, music=1,
            colourful=0.9, people=0.8, dark=0.4)  # fmt: skip
    d.beat("a disc jockey at the turntables", 4.6, sets.dj, "dj", join="fade", join_s=0.8)
    d.beat("people dance under a mirror ball", 6.9, sets.dance_floor(), "dancing", fast_motion=0.4)
    d.beat("strobe light on the dance floor", 3.3, sets.dance_floor(strobe=True), "strobe", join="same",
           beds={"pulse_music": 0.2}, flicker=1, loud=0.7)  # fmt: skip
    d.beat("the music stops and dancers go on", 2.7, sets.dance_floor(), "music_stops", join="same",
           beds={"pulse_music": 0, "crowd": 0.03}, music=0, quiet=0.4)  # fmt: skip


def _fireworks(d: Director) -> None:
    d.scene("fireworks over the lake", "fireworks_scene", beds={"crickets": 0.008, "crowd": 0.006},
            dark=0.8, outdoors=1)  # fmt: skip
    d.beat("a quiet lake by night", 5.2, sets.lake, "night_lake", join="dissolve", join_s=1.2, quiet=0.8)
    d.beat("the first rocket bursts", 2.9, sets.fireworks(((1.1, 240, 70, 3),)), "first_firework",
           join="same", hits=[(0.1, "rocket_whoosh", 0.3), (1.15, "firework", 0.85)], bang=0.8,
           flash=0.7)  # fmt: skip
    d.beat("the crowd says aah", 2.6, sets.lake, "crowd_aah", join="same", beds={"crowd": 0.04},
           hits=[(0.1, "groan", 0.3)])  # fmt: skip
    d.beat("many fireworks at once", 6.2,
           sets.fireworks(_BURSTS),
           "many_fireworks", join="same",
           hits=[(burst[0] + 0.05, "firework", 0.7) for burst in _BURSTS], bang=0.8,
           flash=0.8, loud=0.9, colourful=0.7)  # fmt: skip
    d.beat("applause on the shore", 3.7, sets.lake, "shore_applause", join="same",
           hits=[(0.1, "clapping", 0.5)], applause=1)  # fmt: skip


def _morning(d: Director) -> None:
    d.scene("tents in the morning", "tents_scene", beds={"birds": 0.025, "wind": 0.01}, bright=0.8, green=0.5)
    d.beat("colourful tents in the grey morning", 5.8, sets.tents, "tents", join="fade", join_s=1.4, still=1)
    d.beat("a distant thunder over the tents", 3.9, sets.tents, "tents_thunder", join="same",
           hits=[(0.2, "far_thunder", 0.4)])  # fmt: skip
    d.beat("someone says good morning", 3.1, sets.tents, "good_morning", join="same",
           lines=[Line(0.3, 2.2, "Good morning, is there any coffee left?", "mid")],
           speech=0.9)  # fmt: skip
