"""What people ask that the film *Cars and a train* answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "slow red car", "slow_red_car", related="fast_red_car sheep"),
    ask("event", "fast red car", "fast_red_car", good="blue_chases", related="slow_red_car gets_away"),
    ask("event", "a blue car chases a red one", "blue_chases", related="fast_red_car"),
    ask("event", "a car horn", "car_horn"),
    ask("event", "sheep on the road", "sheep", good="car_horn"),
    ask("event", "tyres screech", "tyres_screech"),
    ask("event", "a loud crash", "crash"),
    ask("event", "a train rushes past a barrier", "train_passes", related="crossing_bells"),
    ask("event", "a red car drives into the sunset", "gets_away"),
    ask("event", "red lamps vanish in the dark", "tail_lamps"),
    ask(
        "event",
        "green fields rush past a train window",
        "train_window out_of_tunnel",
        good="announcement",
        related="woman_reads",
    ),
    ask("event", "next stop announced", "announcement"),
    ask("event", "a loud dark tunnel", "tunnel"),
    ask("event", "a woman in yellow", "woman_reads", good="train_horn"),
    ask("event", "a train horn", "train_horn", good="boat_horn"),
    ask("event", "a green train arrives", "train_arrives"),
    ask("event", "mind the doors", "people_board", good="doors_slam"),
    ask("scene", "a fast car chase in the city", "car_chase"),
    ask("scene", "a slow drive through green country", "country_road"),
    ask("scene", "a station with people", "station_scene"),
    ask("stretch", "cars on the road", "road_chapter"),
    ask("stretch", "a train journey", "train_chapter"),
    ask("event", "woolly flock obstructs a motorist", "sheep", good="car_horn", known=False),
    ask("event", "skidding rubber", "tyres_screech", known=False),
    ask("event", "relentless pursuer", "blue_chases", known=False),
    ask("event", "timber boxes demolished", "crash", known=False),
    ask("event", "commuters embark", "people_board", known=False),
    ask("event", "locomotive traversing an intersection", "train_passes", good="crossing_bells", known=False),
    ask("event", "ambling hatchback", "slow_red_car", known=False),
    ask("event", "subterranean track", "tunnel", known=False),
    ask("event", "bookish traveller", "woman_reads", good="train_horn", known=False),
    ask("scene", "daredevil getaway", "car_chase", known=False),
    ask("stretch", "rail excursion", "train_chapter", known=False),
)
