"""What people ask that the festival film answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "a rock band with loud music", "band_plays"),
    ask("event", "a singer in pink light", "singer"),
    ask("event", "a drum solo", "drum_solo"),
    ask("event", "an audience cheers at a concert", "audience_cheers", good="shore_applause"),
    ask("event", "disc jockey at the turntables", "dj"),
    ask("event", "people dance to pulsing music", "dancing", good="strobe"),
    ask("event", "flickering strobe light", "strobe"),
    ask("event", "the music stops", "music_stops"),
    ask("event", "a calm lake at night", "night_lake", good="crowd_aah shore_applause"),
    ask("event", "one firework bursts in the night sky", "first_firework", good="many_fireworks"),
    ask("event", "many colourful fireworks with loud bangs", "many_fireworks", good="first_firework"),
    ask("event", "applause in the dark", "shore_applause"),
    ask("event", "tents on a meadow", "tents", good="tents_thunder good_morning"),
    ask("event", "is there any coffee left", "good_morning"),
    ask("scene", "a concert with guitars", "rock_concert"),
    ask("scene", "a dance party with coloured lights", "dance_scene"),
    ask("scene", "fireworks over a lake", "fireworks_scene"),
    ask("scene", "a bright morning with birdsong and tents", "tents_scene"),
    ask("stretch", "an evening of loud music", "music_chapter"),
    ask("stretch", "fireworks and the morning after", "fireworks_chapter"),
)
