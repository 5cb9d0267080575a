"""*Night street*: a long calm shot in the rain with a gunshot in it, and what comes before and after."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import night_street_rooms as rooms
from videxplore.studio.films import night_street_sets as sets


def film() -> Film:
    """Return the script."""
    d = Director("night_street.mp4", "Night street", "test")
    d.chapter("an evening in the rain", "evening", "night_half")
    _flat(d)
    _street(d)
    d.chapter("after the shot", "aftermath_half")
    _police(d)
    _alley(d)
    _morning(d)
    return d.film(fade_in_s=1.0, fade_out_s=1.2)


def _flat(d: Director) -> None:
    d.scene("a lit room", "lit_room", beds={"room": 0.006}, bright=0.7, indoors=1, still=0.6)
    d.beat("a man sits at the table", 4.3, rooms.reading, "man_at_table", quiet=1)
    d.beat("the bell rings", 2.7, rooms.phone, "bell_rings", join="same", hits=[(0.35, "bell", 0.4)], bell=1)
    d.beat("he walks to the door", 3.5, rooms.to_the_door, "walks_to_door", join="same",
           beds={"room": 0.012}, hits=[(0.2, "footsteps", 0.22)], person_moves=1)  # fmt: skip
    d.beat("the door slams in the bright room", 1.7, rooms.door_slams, "door_slam", "loud_impact",
           join="same", hits=[(0.3, "slam", 0.85)], bang=0.7, loud=0.7)  # fmt: skip
    d.beat("the empty room", 3.1, rooms.empty_room, "empty_room", join="same", quiet=1)


def _street(d: Director) -> None:
    d.scene("the street in the rain", "rainy_street", "gun_scene", beds={"rain": 0.035, "city": 0.012},
            dark=0.8, rain=1, outdoors=1, still=0.6)  # fmt: skip
    d.beat("rain on the empty street", 6.6, sets.calm, "calm_rain", join="fade", join_s=1.0, calm=1)
    d.beat("a car drives by with its lamps on", 4.1, sets.car_passes, "car_by_night", join="same",
           hits=[(0.5, "passing", 0.42)], car=1, engine=1, light=0.5)  # fmt: skip
    d.beat("the street lies calm again", 5.2, sets.calm, "calm_rain", join="same", calm=1)
    d.beat("someone walks home under an umbrella", 7.4, sets.stroller, "umbrella", join="same",
           hits=[(0.3, "footsteps", 0.2), (3.3, "footsteps", 0.2)], person_moves=0.7)  # fmt: skip
    d.beat("two figures meet under the lamp", 3.3, sets.two_meet, "two_meet", join="same",
           lines=[Line(0.6, 2.1, "You should not have come.", "low")], speech=0.7,
           person_moves=0.5)  # fmt: skip
    d.beat("a gunshot", 2.0, sets.shot_fired, "gunshot", "loud_impact", join="same",
           hits=[(0.4, "bang", 0.97)], bang=1, flash=1, loud=1)  # fmt: skip
    d.beat("the figure runs away", 3.2, sets.runs_off, "runs_away", join="same",
           hits=[(0.0, "footsteps", 0.28), (1.5, "footsteps", 0.22)], fast_motion=0.6)  # fmt: skip
    d.beat("rain falls on the one who lies there", 6.9, sets.aftermath, "lies_there", join="same", calm=1)
    d.beat("a window lights up", 3.4, sets.window_lights, "window_lights", join="same",
           hits=[(0.3, "slam", 0.18)])  # fmt: skip


def _police(d: Director) -> None:
    d.scene("the police arrive", "police_scene", beds={"city": 0.02, "rain": 0.008}, dark=0.6, blue=0.8,
            flicker=1)  # fmt: skip
    d.beat("blue lights turn on a police car", 4.4, sets.police, "blue_lights", beds={"slow_motor": 0.04})
    d.beat("a voice on the police radio", 4.7, sets.police, "police_radio", join="same",
           lines=[Line(0.3, 3.9, "Unit four to control, one man down, we need an ambulance.", "radio")],
           speech=1)  # fmt: skip
    d.beat("an officer searches with a torch", 5.6, sets.torch, "torch_search", join="same",
           hits=[(0.2, "footsteps", 0.25), (2.9, "footsteps", 0.25)], person_moves=0.8)  # fmt: skip


def _alley(d: Director) -> None:
    d.scene("a quiet dark alley", "dark_alley", beds={"city": 0.004}, dark=1, quiet=1, still=0.8)
    d.beat("the alley lies dark and silent", 5.3, rooms.quiet_alley, "silent_alley")
    d.beat("a black cat walks by", 4.6, rooms.cat_walks, "cat", join="same", person_moves=0.3)
    d.beat("an owl calls over the alley", 3.0, rooms.quiet_alley, "owl_call", join="same",
           hits=[(0.3, "owl", 0.3)], animal_call=1)  # fmt: skip


def _morning(d: Director) -> None:
    d.scene("the street in the morning", "morning_street", beds={"birds": 0.03, "city": 0.01}, bright=0.8,
            pink=0.7)  # fmt: skip
    d.beat("pink morning light on the empty street", 5.7, sets.morning, "pink_morning", join="dissolve",
           join_s=1.4)  # fmt: skip
    d.beat("a sweeper in orange cleans the pavement", 6.3, sets.sweeper, "sweeper", join="same",
           hits=[(0.2, "footsteps", 0.2), (3.1, "footsteps", 0.2)], orange=0.4)  # fmt: skip
    d.beat("a church bell strikes", 4.8, sets.morning, "church_bell", join="same",
           hits=[(0.4, "bell", 0.45), (2.4, "bell", 0.45)], bell=1)  # fmt: skip
