"""What people ask that the football match answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "corner kick", "corner_kick", related="cross clearance"),
    ask("event", "corner kick for the reds", "red_corner", good="blue_corner"),
    ask("event", "corner kick for the blues", "blue_corner", good="red_corner"),
    ask("event", "a goal is scored", "goal", good="replay", related="celebration"),
    ask("event", "the reds score a goal", "red_goal", good="red_replay", related="blue_goal"),
    ask("event", "goal for the blues", "blue_goal", good="blue_replay", related="red_goal"),
    ask("event", "the referee blows the whistle", "whistle three_blasts"),
    ask("event", "kick-off", "kick_off"),
    ask("event", "final whistle", "final_whistle", good="half_time_whistle"),
    ask("event", "the ball is lost, a turnover", "turnover"),
    ask("event", "yellow card", "yellow_card", related="foul"),
    ask("event", "the keeper saves a free kick", "save", good="goalkeeper", related="free_kick_wait"),
    ask("event", "red players celebrate", "red_celebration", good="blue_celebration", related="fans"),
    ask("event", "blue players celebrate", "blue_celebration", good="red_celebration"),
    ask("event", "slow motion replay", "replay"),
    ask("event", "fast counter-attack across the pitch", "counter_attack", good="fast_break"),
    ask("event", "fans wave red flags", "fans", related="red_celebration"),
    ask("event", "the floodlights come on at dusk", "floodlights"),
    ask("event", "players pass the ball calmly", "passing"),
    ask("event", "the end of the first half", "half_time_whistle", good="half_time_board"),
    ask("event", "the crowd applauds after the match", "applause"),
    ask("scene", "multiple turnovers", "turnover_scene"),
    ask("scene", "a corner kick that leads to a goal", "red_goal_scene", good="last_minutes"),
    ask("scene", "the blues equalise", "blue_goal_scene"),
    ask("scene", "counter-attack and winning goal near the end", "last_minutes"),
    ask("stretch", "first half", "first_half"),
    ask("stretch", "second half", "second_half"),
    ask("stretch", "one half of a football match", "half"),
    ask("event", "possession squandered", "turnover", known=False),
    ask("event", "custodian clutches the leather", "goalkeeper", good="save", known=False),
    ask("event", "jubilant scorers rejoicing", "celebration", known=False),
    ask("event", "arbiter penalises a clumsy challenge", "foul", good="yellow_card", known=False),
    ask("event", "caution brandished before an offender", "yellow_card", known=False),
    ask(
        "event", "adjudicator terminates proceedings", "final_whistle", good="half_time_whistle", known=False
    ),
    ask("event", "quadrant routine beside the pennant", "corner_kick", known=False),
    ask("event", "nippy riposte", "counter_attack", good="fast_break", known=False),
    ask("event", "visitors restore parity", "blue_goal", good="blue_replay", known=False),
    ask("event", "languid reiteration", "replay", known=False),
    ask("event", "ultras flourish insignia", "fans", known=False),
    ask("scene", "careless giveaways galore", "turnover_scene", known=False),
    ask("scene", "decisive breakaway seals victory", "last_minutes", known=False),
    ask("stretch", "initial forty-five of a fixture", "first_half", known=False),
    ask("stretch", "concluding period beneath artificial illumination", "second_half", known=False),
)
