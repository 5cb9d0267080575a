"""What people ask that the football match answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "corner kick", "corner_kick"),
    ask("stretch", "first half", "first_half"),
)
