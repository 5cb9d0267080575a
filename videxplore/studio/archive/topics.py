"""What the clips of a generated archive are about: the scenes of the drawn films."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from videxplore.studio.director import Beat, Film
from videxplore.studio.films import direct


@dataclass(frozen=True, slots=True)
class Topic:
    """Something that clips are about.

    Attributes:
        label: in words.
        kind: of channel that is mostly about such things.
        film: that its scenes are taken from.
        scenes: labels of these scenes; empty for all of the film.
        cast: what else may pass through the picture.
    """

    label: str
    kind: str
    film: str
    scenes: tuple[str, ...]
    cast: tuple[str, ...]


def _topics(kind: str, film: str, cast: str, *scenes: str) -> tuple[Topic, ...]:
    return tuple(Topic(scene, kind, film, (scene,), tuple(cast.split())) for scene in scenes)


TOPICS: tuple[Topic, ...] = (
    Topic("a football match", "sport", "football", (), ("lamp",)),
    *_topics("music", "festival", "person lamp", "a rock band on stage", "dancing under a mirror ball"),
    *_topics("music", "festival", "lamp person", "fireworks over the lake"),
    *_topics("crime", "night_street", "person", "a lit room"),
    *_topics("crime", "night_street", "person car lamp", "the street in the rain", "the police arrive"),
    *_topics("crime", "night_street", "person lamp", "the street in the morning"),
    *_topics("travel", "journey", "tree cloud car", "a country road", "a car chase in the city"),
    *_topics("travel", "journey", "person", "a ride on the train", "at the station"),
    *_topics("news", "interview", "person lamp", "the news desk", "the weather map"),
    *_topics("news", "interview", "cloud person", "a report from the bridge"),
    Topic("an interview", "news", "interview", ("questions and answers", "the last question"), ("lamp",)),
    *_topics("weather", "storm", "tree cloud person", "a golden field in the sun"),
    *_topics("weather", "storm", "tree cloud", "lightning over the dark field"),
    *_topics("weather", "storm", "person lamp", "watching from indoors"),
    *_topics("weather", "storm", "tree cloud person", "a rainbow over the wet field"),
    *_topics("nature", "nature", "cloud lamp", "sunrise and waves", "sunset"),
    *_topics("nature", "nature", "lamp", "under water"),
    *_topics("nature", "nature", "tree person", "birds in the green forest", "a brook in the forest"),
    *_topics("nature", "nature", "tree cloud", "snow and avalanche"),
    *_topics("food", "kitchen", "lamp", "the cook says welcome", "chopping vegetables"),
    *_topics("food", "kitchen", "lamp", "frying at the stove", "serving the soup"),
    *_topics("space", "rocket", "person lamp", "the control room"),
    *_topics("space", "rocket", "cloud person", "the launch pad"),
    *_topics("space", "rocket", "cloud", "the climb"),
    *_topics("space", "rocket", "lamp", "black space over the blue earth", "arrival in orbit"),
)
"""All there are."""

BY_LABEL = {topic.label: topic for topic in TOPICS}


@lru_cache(maxsize=16)
def _film(name: str) -> Film:
    return direct(name)


@lru_cache(maxsize=64)
def beats_of(label: str, *, whole_film: bool = False) -> tuple[tuple[tuple[Beat, float], ...], ...]:
    """The moments of each scene of a topic or of all of its film, with the seconds since their shot began."""
    topic = BY_LABEL[label]
    film = _film(topic.film)
    return tuple(
        tuple(
            (beat, film.time_s(beat.start_frame) - film.time_s(beat.shot_frame))
            for beat in film.beats[group.first : group.last]
            if beat.attributes.get("text", 0) < 1  # titles and credits
        )
        for group in film.groups
        if group.level == "scene" and (whole_film or not topic.scenes or group.label in topic.scenes)
    )


def fps_of(label: str) -> int:
    """Frames per second that the film of a topic was written for."""
    return _film(BY_LABEL[label].film).fps
