"""What people ask that the film of the storm answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "lightning and a crack of thunder", "lightning"),
    ask("event", "a flash of lightning without a sound", "silent_flash", related="lightning"),
    ask("event", "thunder far away", "far_thunder", good="tents_thunder"),
    ask("event", "crickets in a yellow field", "crickets"),
    ask("event", "a green tractor", "tractor"),
    ask("event", "black crows in the wind", "crows"),
    ask("event", "the sky grows dark", "darkens"),
    ask("event", "heavy rain on a dark field", "downpour"),
    ask("event", "a burning tree", "tree_burns"),
    ask("event", "a child at the window", "child_window", good="calm_voice child_counts"),
    ask("event", "do not be afraid", "calm_voice"),
    ask("event", "counting one, two, three, four", "child_counts"),
    ask("event", "a colourful rainbow", "rainbow distant_bells", good="puddles"),
    ask("event", "splashing in puddles", "puddles", good="dolphin"),
    ask("scene", "lightning over dark fields", "lightning_scene"),
    ask("scene", "a sunny yellow field", "sunny_field"),
    ask("scene", "indoors while it rains", "indoors_scene"),
    ask("stretch", "before the storm breaks", "before_storm"),
    ask("stretch", "the storm with rain and thunder", "storm_chapter"),
    ask("stretch", "after the storm, bright and calm", "after_storm"),
)
