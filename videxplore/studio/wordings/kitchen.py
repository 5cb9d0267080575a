"""What people ask that the cooking show answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "a cook talks to the camera", "cook_talks", good="holds_tomato goodbye"),
    ask("event", "a big red tomato", "holds_tomato", good="tomatoes_on_board"),
    ask("event", "cold blue light from a fridge", "fridge_light"),
    ask("event", "a fridge door slams shut", "fridge_shut"),
    ask("event", "chopping tomatoes in a steady rhythm", "chop_tomatoes", good="chop_onion"),
    ask("event", "fast chopping of an onion", "chop_onion", good="chop_tomatoes"),
    ask("event", "sliced tomatoes, nothing moves", "slices"),
    ask("event", "sizzling onions in a pan", "frying onions_in", good="tomatoes_in"),
    ask("event", "water pours into a pot", "pours_water"),
    ask("event", "soup boils and steams", "boiling", good="timer"),
    ask("event", "a timer rings", "timer"),
    ask("event", "red soup on a white plate", "plate_fills basil"),
    ask("event", "enjoy your meal", "goodbye"),
    ask("event", "dinner by warm candlelight with music", "candle_dinner", good="toast"),
    ask("scene", "frying at the stove", "frying_scene"),
    ask("scene", "chopping vegetables on a board", "chopping_scene"),
    ask("scene", "a cook says welcome in a bright kitchen", "cook_welcome", good="serving_scene"),
    ask("stretch", "preparing vegetables before cooking", "preparing"),
    ask("stretch", "cooking and serving soup", "cooking"),
)
