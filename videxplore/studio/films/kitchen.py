"""*Tomato soup*: a cooking show with chopping, sizzling and talk."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import kitchen_sets as sets
from videxplore.studio.films import kitchen_stove as stove

_ONION = (246, 240, 226)


def film() -> Film:
    """Return the script."""
    d = Director("kitchen.mp4", "Tomato soup", "dev")
    d.chapter("preparing", "preparing")
    _welcome(d)
    _chopping(d)
    d.chapter("cooking and serving", "cooking")
    _stove(d)
    _serving(d)
    return d.film(fade_in_s=0.6, fade_out_s=1.0)


def _welcome(d: Director) -> None:
    d.scene("the cook says welcome", "cook_welcome", beds={"room": 0.008}, bright=0.8, indoors=1)
    d.beat("the title", 3.2, sets.title, "kitchen_title", beds={"calm_music": 0.07}, music=1, text=1)
    d.beat("the cook talks to the camera", 5.6, sets.cook_talks, "cook_talks",
           lines=[Line(0.3, 5.0, "Welcome to my kitchen, today we make a simple soup for four.", "high")],
           speech=1)  # fmt: skip
    d.beat("she holds up a red tomato", 3.4, sets.holds_tomato, "holds_tomato", join="same",
           lines=[Line(1.4, 1.8, "Ripe ones are best.", "high")], red=0.6, speech=0.7)  # fmt: skip
    d.beat("the fridge opens with cold light", 2.8, sets.fridge_opens, "fridge_light", beds={"room": 0.03},
           blue=0.6)  # fmt: skip
    d.beat("the fridge door shuts", 1.6, sets.fridge_shuts, "fridge_shut", join="same",
           hits=[(0.44, "slam", 0.6)], bang=0.6)  # fmt: skip


def _chopping(d: Director) -> None:
    d.scene("chopping vegetables", "chopping_scene", beds={"room": 0.008}, brown=0.6, close_up=1)
    d.beat("tomatoes are laid on the board", 3.3, sets.tomatoes_on_board, "tomatoes_on_board", red=0.6)
    d.beat("a knife chops tomatoes in a steady rhythm", 6.4, sets.chopping(2.5, sets.RED, True),
           "chop_tomatoes", join="same", hits=[(0.2 + 0.4 * k, "chop", 0.5) for k in range(15)], red=0.8,
           rhythm=1)  # fmt: skip
    d.beat("the slices lie still", 2.4, sets.sliced, "slices", join="same", red=0.7, quiet=1, still=1)
    d.beat("an onion is chopped fast", 4.2, sets.chopping(5.0, _ONION, False), "chop_onion",
           hits=[(0.1 + 0.2 * k, "chop", 0.5) for k in range(20)], rhythm=1, fast_motion=0.5)  # fmt: skip


def _stove(d: Director) -> None:
    d.scene("frying at the stove", "frying_scene", beds={"room": 0.01}, close_up=1)
    d.beat("oil warms in the pan", 2.9, stove.oil, "oil", join="dissolve", join_s=1.0, quiet=0.8)
    d.beat("onions fall into the hot oil", 1.8, stove.onions_in, "onions_in", join="same",
           beds={"sizzle": 0.06}, hits=[(0.15, "sizzle_start", 0.7)], sizzle=1)  # fmt: skip
    d.beat("onions fry while a spoon stirs", 6.2, stove.frying, "frying", join="same",
           beds={"sizzle": 0.07}, sizzle=1,
           lines=[Line(2.6, 3.0, "Keep stirring until they are golden.", "high")])  # fmt: skip
    d.beat("red tomatoes go into the pan", 3.3, stove.tomatoes_in, "tomatoes_in", join="same",
           beds={"sizzle": 0.11}, hits=[(0.1, "sizzle_start", 0.5)], sizzle=1, red=0.8)  # fmt: skip
    d.beat("water is poured into the pot", 3.7, stove.pours_water, "pours_water", beds={"stream": 0.08},
           water=1)  # fmt: skip
    d.beat("the soup boils and steams", 5.3, stove.boiling, "boiling", join="same", beds={"bubbles": 0.06},
           steam=1)  # fmt: skip
    d.beat("the timer rings", 1.9, stove.boiling, "timer", join="same", beds={"bubbles": 0.05},
           hits=[(0.2, "ding", 0.6)], bell=1)  # fmt: skip


def _serving(d: Director) -> None:
    d.scene("serving the soup", "serving_scene", beds={"room": 0.008}, bright=0.7)
    d.beat("red soup fills a white plate", 3.9, stove.ladle, "plate_fills", beds={"stream": 0.03}, red=0.6,
           white=0.6)  # fmt: skip
    d.beat("basil on the steaming soup", 4.1, stove.soup, "basil", join="dissolve", join_s=0.8,
           beds={"calm_music": 0.04}, red=0.6, music=0.7)  # fmt: skip
    d.beat("the happy cook says goodbye", 4.6, sets.happy_cook, "goodbye",
           lines=[Line(0.2, 2.5, "And there you are, enjoy your meal!", "high")], speech=1)  # fmt: skip
    d.beat("dinner by candlelight", 7.1, stove.candle_dinner, "candle_dinner", join="fade", join_s=1.4,
           beds={"calm_music": 0.09}, bright=0, dark=0.4, music=1, orange=0.6)  # fmt: skip
    d.beat("glasses and laughter at the table", 3.4, stove.candle_dinner, "toast", join="same",
           beds={"calm_music": 0.05},
           hits=[(0.4, "ding", 0.5), (0.7, "ding", 0.4), (1.2, "clapping", 0.15)], bright=0, dark=0.4,
           music=0.7, bell=0.7)  # fmt: skip
