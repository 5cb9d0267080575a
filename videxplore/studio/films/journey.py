"""*Cars and a train*: a slow red car, a fast one, a chase, a crash, a ride on a train."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import journey_sets as sets
from videxplore.studio.films import journey_train as train


def film() -> Film:
    """Return the script."""
    d = Director("journey.mp4", "Cars and a train", "test")
    d.chapter("on the road", "road_chapter")
    _country(d)
    _chase(d)
    d.chapter("on the train", "train_chapter")
    _ride(d)
    _station(d)
    return d.film(fade_in_s=0.8, fade_out_s=1.0)


def _country(d: Director) -> None:
    d.scene("a country road", "country_road", beds={"birds": 0.012}, green=0.7, bright=0.8, outdoors=1)
    d.beat("the title", 3.1, sets.title, "journey_title", beds={"calm_music": 0.06}, music=0.8, text=1)
    d.beat("a red car drives slowly through the country", 7.2, sets.slow_red_car, "slow_red_car",
           join="same", beds={"slow_motor": 0.035}, red=0.5, engine=0.7, slow=1)  # fmt: skip
    d.beat("sheep cross the road and the car waits", 4.3, sets.waits, "sheep", beds={"birds": 0.03},
           white=0.4)  # fmt: skip
    d.beat("the driver sounds the horn", 1.9, None, "car_horn", join="same",
           hits=[(0.2, "horn", 0.6), (1.2, "horn", 0.5)], horn=1, loud=0.5)  # fmt: skip
    d.beat("bells at the level crossing", 3.4, sets.crossing, "crossing_bells",
           hits=[(0.1 + 0.42 * k, "ding", 0.4) for k in range(8)], red=0.5, bell=1,
           flicker=0.5)  # fmt: skip
    d.beat("a train rushes past behind the barrier", 2.7, sets.train_passes, "train_passes", join="same",
           beds={"train": 0.14}, hits=[(0.1, "passing", 0.5)], fast_motion=0.8, loud=0.7)  # fmt: skip


def _chase(d: Director) -> None:
    d.scene("a car chase in the city", "car_chase", beds={"fast_motor": 0.07}, orange=0.5, fast_motion=1,
            outdoors=1)  # fmt: skip
    d.beat("a red car races through the city", 6.6, sets.fast_red_car, "fast_red_car", red=0.5, engine=1)
    d.beat("a blue car chases the red one", 5.1, sets.blue_follows, "blue_chases",
           beds={"fast_motor": 0.09, "pulse_music": 0.06}, blue=0.8, orange=0, engine=1,
           music=0.6)  # fmt: skip
    d.beat("tyres screech", 1.8, sets.screech, "tyres_screech", hits=[(0.05, "screech", 0.6)],
           beds={"fast_motor": 0.02}, fast_motion=0.6)  # fmt: skip
    d.beat("the blue car crashes into crates", 2.3, sets.crash, "crash", beds={"fast_motor": 0.03},
           hits=[(0.5, "crash", 0.95)], blue=0.6, orange=0, bang=0.9, loud=0.9)  # fmt: skip
    d.beat("the red car gets away into the sunset", 4.9, sets.gets_away, "gets_away",
           beds={"fast_motor": 0.02, "calm_music": 0.05}, red=0.3, music=0.7, fast_motion=0)  # fmt: skip
    d.beat("tail lamps vanish in the dark", 4.2, sets.night_end, "tail_lamps", join="fade", join_s=1.2,
           beds={"fast_motor": 0, "crickets": 0.02}, dark=1, orange=0, fast_motion=0,
           quiet=0.8)  # fmt: skip


def _ride(d: Director) -> None:
    d.scene("a ride on the train", "train_ride", beds={"train": 0.07}, indoors=0.7, fast_motion=0.7)
    d.beat("fields rush past the train window", 5.4, train.train_window(), "train_window", green=0.5)
    d.beat("a voice announces the next stop", 3.6, train.train_window(), "announcement", join="same",
           beds={"train": 0.04},
           lines=[Line(0.2, 3.0, "Ladies and gentlemen, next stop Millbrook.", "radio")], speech=1,
           green=0.5)  # fmt: skip
    d.beat("the train is in a dark tunnel", 3.3, train.tunnel, "tunnel", join="same",
           beds={"train": 0.17, "rumble": 0.06}, dark=1, loud=0.7)  # fmt: skip
    d.beat("out of the tunnel into the light", 4.6, train.out_of_tunnel, "out_of_tunnel", join="same",
           green=0.5, bright=0.7)  # fmt: skip
    d.beat("a woman in yellow reads in the carriage", 5.7, train.train_window(reader=True), "woman_reads",
           beds={"calm_music": 0.03}, yellow=0.4)  # fmt: skip
    d.beat("the train sounds its horn", 2.1, None, "train_horn", join="same",
           hits=[(0.1, "train_horn", 0.75)], horn=1, loud=0.8, yellow=0.4)  # fmt: skip


def _station(d: Director) -> None:
    d.scene("at the station", "station_scene", beds={"room": 0.015}, grey=0.6)
    d.beat("people wait under the station clock", 4.4, train.empty_platform, "platform_waits", people=0.7,
           still=0.7)  # fmt: skip
    d.beat("a green train arrives", 5.2, train.arrives, "train_arrives", join="same",
           beds={"train": 0.07, "rumble": 0.04}, green=0.5)  # fmt: skip
    d.beat("people get on amid a crowd of voices", 4.1, train.people_board, "people_board", join="same",
           beds={"crowd": 0.04}, people=1, crowd=0.6,
           lines=[Line(1.0, 2.0, "Mind the doors, please.", "mid")])  # fmt: skip
    d.beat("the doors slam and all is quiet", 3.8, None, "doors_slam", "loud_impact", join="same",
           beds={"crowd": 0.005}, hits=[(0.3, "slam", 0.7), (0.9, "slam", 0.6)], bang=0.6)  # fmt: skip
