"""What people ask that the nature film answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "orange sunrise over the sea", "sunrise nature_title", related="sunset"),
    ask("event", "blue waves", "blue_waves", good="gulls dolphin"),
    ask("event", "gulls cry", "gulls"),
    ask("event", "a dolphin splashes", "dolphin", good="puddles"),
    ask("event", "orange fish in blue water", "fish_swarm"),
    ask("event", "a shark in dark water", "shark"),
    ask("event", "birds sing in a green forest", "birdsong", good="deer"),
    ask("event", "a deer between trees", "deer"),
    ask("event", "knocking on a tree trunk", "woodpecker"),
    ask("event", "running water in the forest", "brook", good="brook_music"),
    ask("event", "falling snow", "snowfall"),
    ask("event", "a loud low rumble of white snow", "avalanche"),
    ask("event", "silent white valley", "silent_valley"),
    ask("event", "sunset with music", "sunset", related="nature_title"),
    ask("scene", "waves of the sea", "waves_scene"),
    ask("scene", "blue world under water", "reef_scene"),
    ask("scene", "green forest with birds", "birdsong_scene", good="brook_scene"),
    ask("scene", "white snow on a mountain", "snow_scene"),
    ask("stretch", "the sea above and below", "sea_chapter"),
    ask("stretch", "long walk in the forest", "forest_chapter"),
    ask("stretch", "winter and sunset on the mountain", "mountain_chapter"),
)
