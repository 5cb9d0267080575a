"""*News at nine*: a news programme with a dialogue cut back and forth between two speakers; a WebM file."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import interview_sets as sets


def film() -> Film:
    """Return the script."""
    d = Director("interview.webm", "News at nine", "test")
    d.chapter("the headlines", "headlines")
    _headlines(d)
    _report(d)
    d.chapter("the interview", "interview_chapter")
    _interview(d)
    d.chapter("the weather", "weather_chapter")
    _weather(d)
    return d.film(fade_out_s=1.0)


def _her(offset_s: float, seconds: float, text: str) -> list[Line]:
    return [Line(offset_s, seconds, text, "high")]


def _him(offset_s: float, seconds: float, text: str) -> list[Line]:
    return [Line(offset_s, seconds, text, "low")]


def _headlines(d: Director) -> None:
    d.scene("the news desk", "news_desk", beds={"room": 0.006}, blue=0.7, indoors=1)
    d.beat("the opening title with a globe", 3.3, sets.title, "news_title", beds={"calm_music": 0.04},
           hits=[(0.1, "jingle", 0.5)], music=0.9, text=1)  # fmt: skip
    d.beat("the news reader greets", 5.8, sets.anchor(), "anchor_greets", "anchor_talks", speech=1,
           lines=_her(0.3, 5.2,
                      "Good evening. The river bridge opens again after two years of repairs."))  # fmt: skip
    d.beat("a telephone rings on the desk", 2.0, sets.phone_rings, "phone_rings", join="same",
           hits=[(0.3, "bell", 0.4), (1.0, "bell", 0.35)], bell=1, red=0.2)  # fmt: skip
    d.beat("breaking news flashes in red", 3.7,
           sets.anchor(urgent=True, banner="FACTORY FIRE UNDER CONTROL"), "breaking_news", join="same",
           hits=[(0.0, "beep", 0.4), (0.3, "beep", 0.4), (0.6, "beep", 0.4)], red=0.6, flicker=0.8,
           lines=_her(1.0, 2.5, "We have just heard that the factory fire is under control."),
           speech=0.8)  # fmt: skip


def _report(d: Director) -> None:
    d.scene("a report from the bridge", "bridge_report", beds={"wind": 0.02}, outdoors=1)
    d.beat("a red bridge over the river", 4.9, sets.bridge, "bridge", red=0.3, water=0.6,
           lines=_him(1.2, 3.3, "Twelve thousand bolts were replaced by hand."))  # fmt: skip
    d.beat("a boat sounds its horn", 2.3, None, "boat_horn", join="same", hits=[(0.1, "train_horn", 0.5)],
           horn=1)  # fmt: skip
    d.beat("sparks fly as steel is welded", 5.4, sets.welders, "welding",
           beds={"sizzle": 0.09, "wind": 0, "rumble": 0.03}, dark=0.8, flicker=1, outdoors=0)  # fmt: skip


def _interview(d: Director) -> None:
    d.scene("questions and answers", "dialogue", beds={"room": 0.006}, speech=1, indoors=1)
    d.beat("she asks about the danger", 3.6, sets.host(), "asks_danger", "host_asks", "woman_speaks",
           lines=_her(0.2, 3.1, "Professor, was the old bridge ever dangerous?"), blue=0.6)  # fmt: skip
    d.beat("he explains the cracks", 5.9, sets.guest(), "explains_cracks", "guest_answers", "man_speaks",
           lines=_him(0.3, 5.3, "Not at once, but the cracks grew a little every winter."),
           brown=0.7)  # fmt: skip
    d.beat("she asks about the cost", 2.6, sets.host(), "asks_cost", "host_asks", "woman_speaks",
           lines=_her(0.2, 2.1, "And what did the repair cost?"), blue=0.6)  # fmt: skip
    d.beat("he names the price", 4.7, sets.guest(), "names_price", "guest_answers", "man_speaks",
           lines=_him(0.3, 4.1, "Nine million, which is less than a new one."), brown=0.7)  # fmt: skip
    d.beat("he falls silent and thinks", 2.9, sets.guest(talking=False), "silence", join="same", quiet=1,
           speech=0, still=0.8, brown=0.7)  # fmt: skip
    d.beat("he laughs", 2.4, sets.guest(talking=False, laughing=True), "laughs", join="same", brown=0.7,
           lines=[Line(0.1, 2.0, "", "mid")], laughter=1)  # fmt: skip
    d.scene("the last question", "last_question", beds={"room": 0.006}, speech=1, indoors=1)
    d.beat("she asks who crosses first", 2.8, sets.host(), "asks_first", "host_asks", "woman_speaks",
           lines=_her(0.2, 2.3, "Who will be the first to cross it?"), blue=0.6)  # fmt: skip
    d.beat("he answers: the school children", 3.9, sets.guest(), "school_children", "guest_answers",
           "man_speaks", lines=_him(0.2, 3.4, "The school children, they have waited longest."),
           brown=0.7)  # fmt: skip
    d.beat("applause in the studio", 3.3, sets.host(talking=False), "studio_applause",
           hits=[(0.0, "clapping", 0.6)], speech=0, applause=1, blue=0.6)  # fmt: skip


def _weather(d: Director) -> None:
    d.scene("the weather map", "weather_map", beds={"room": 0.006, "calm_music": 0.012}, bright=0.8,
            yellow=0.5)  # fmt: skip
    d.beat("sun signs on the weather map", 5.2, sets.weather("sun"), "sunny_map", join="wipe", join_s=0.8,
           speech=0.9,
           lines=[Line(0.9, 4.0, "Tomorrow stays dry and warm in the whole valley.", "mid")])  # fmt: skip
    d.beat("rain clouds on the map", 4.6, sets.weather("rain"), "rainy_map", join="same", speech=0.9,
           lines=[Line(0.4, 3.8, "By the weekend showers reach the coast.", "mid")])  # fmt: skip
    d.scene("the end of the programme", "programme_end", beds={"room": 0.006}, blue=0.7)
    d.beat("the reader says good night", 3.1, sets.anchor(banner="GOOD NIGHT"), "says_good_night",
           "anchor_talks", speech=1, lines=_her(0.2, 2.6, "That is all from us, good night."))  # fmt: skip
    d.beat("credits roll over music", 6.4, sets.credits_roll, "credits", join="dissolve", join_s=1.0,
           beds={"calm_music": 0.09}, music=1, text=1, dark=0.8)  # fmt: skip
