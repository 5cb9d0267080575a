"""*Red Rovers against Blue United*: a football match in two halves, seen by the broadcast cameras."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import football_boards as boards
from videxplore.studio.films.football_pitch import BLUE, RED
from videxplore.studio.films.football_play import Play, Way


def film() -> Film:
    """Return the script."""
    d = Director("football.mp4", "Red Rovers against Blue United", "test")
    d.chapter("first half", "first_half", "half")
    _opening(d)
    _red_goal(d)
    _blue_pressure(d)
    d.chapter("second half", "second_half", "half")
    _turnovers(d)
    _blue_goal(d)
    _last_minutes(d)
    return d.film(fade_in_s=0.6, fade_out_s=0.8)


def _say(offset_s: float, seconds: float, text: str, voice: str = "mid") -> list[Line]:
    return [Line(offset_s, seconds, text, voice)]


_KICK_OFF: list[Way] = [
    (0, 52.5, 34, 0), (4.1, 52.5, 34, 0), (4.9, 45, 30, 0), (6.1, 42, 48, 0), (7.2, 36, 52, 0),
    (8.3, 38, 34, 0), (9.5, 44, 20, 0), (10.9, 49, 26, 0), (11.6, 55, 36, 0), (12.6, 66, 40, 0),
    (13.8, 70, 54, 0), (15.2, 78, 46, 0), (16.4, 80, 28, 0), (17.7, 74, 22, 0),
]  # fmt: skip


def _opening(d: Director) -> None:
    d.scene("line-up and kick-off", "opening", beds={"crowd": 0.03}, green=0.7, crowd=0.4)
    d.beat("the title with both teams", 3.4, boards.board("FOOTBALL TONIGHT", "RED ROVERS v BLUE UNITED"),
           "title", beds={"crowd": 0.008, "calm_music": 0.06}, music=1, text=1, green=0,
           lines=_say(0.6, 2.6, "Good evening and welcome, Red Rovers play Blue United."))  # fmt: skip
    play = Play(_KICK_OFF, "0:0", 0, pause_s=4.1)
    d.beat("the teams are lined up", 3.7, play, "line_up", still=0.8)
    d.beat("the referee whistles for kick-off", 1.9, None, "kick_off", "whistle", join="same",
           hits=[(0.1, "whistle", 0.5), (0.4, "kick", 0.3)], whistle=1,
           lines=_say(0.5, 1.4, "The first half is under way."))  # fmt: skip
    d.beat("the reds pass the ball around", 5.3, None, "passing", "red_passing", join="same",
           hits=play.kicks(5.6, 10.9),
           lines=_say(1.2, 2.7, "Nice and patient, the home side."))  # fmt: skip
    d.beat("the ball is lost in midfield", 2.2, None, "turnover", join="same", beds={"crowd": 0.05},
           hits=[*play.kicks(10.9, 13.1), (0.3, "groan", 0.35)],
           lines=_say(0.5, 1.5, "Lost it, that is a turnover."))  # fmt: skip
    d.beat("the blues keep the ball", 4.6, None, "passing", "blue_passing", join="same",
           hits=play.kicks(13.1, 17.7))  # fmt: skip


_BREAK: list[Way] = [
    (0, 34, 16, 0), (0.9, 46, 10, 0), (2.3, 66, 8, 0), (3.6, 86, 10, 0), (4.5, 92, 20, 0),
    (5.2, 107, 26, 1.5), (6.4, 112, 27, 0),
]  # fmt: skip
_CROSS: list[Way] = [
    (0, 105, 0.5, 0), (0.5, 105, 0.5, 0), (1.6, 97, 34, 6), (2.0, 106.6, 36, 0.6), (2.6, 106.8, 35, 0),
    (9, 106.8, 35, 0),
]  # fmt: skip


def _red_goal(d: Director) -> None:
    d.scene("corner kick and goal for the reds", "red_goal_scene", "corner_scene", "goal_scene",
            beds={"crowd": 0.05}, green=0.7, crowd=0.7)  # fmt: skip
    d.beat("the reds break down the wing", 4.4, Play(_BREAK, "0:0", 17), "fast_break", "red_attack",
           beds={"crowd": 0.07}, fast_motion=0.9, pan=1, hits=[(0.0, "kick", 0.3), (2.3, "kick", 0.25)],
           lines=_say(0.8, 2.6, "Reds break down the wing, what pace!"))  # fmt: skip
    d.beat("the shot goes behind", 1.9, None, "shot_wide", join="same",
           hits=[(0.1, "kick", 0.5), (0.6, "groan", 0.45)],
           lines=_say(0.9, 0.9, "Off a defender!"))  # fmt: skip
    d.beat("corner kick for the reds", 3.5, boards.corner_flag(RED), "corner_kick", "red_corner", "whistle",
           beds={"crowd": 0.035}, hits=[(0.15, "whistle", 0.5)], whistle=1, red=0.5,
           lines=_say(0.9, 2.3, "And it's a corner kick for the reds."))  # fmt: skip
    goal = Play(_CROSS, "0:0", 18, zoom=1.5, focus_y=8, focus_row=255, goal_s=2.0)
    d.beat("the cross flies into the box", 1.9, goal, "cross", hits=[(0.5, "kick", 0.5)])
    d.beat("goal for the reds", 2.8, None, "goal", "red_goal", join="same", beds={"crowd": 0.15},
           hits=[(0.0, "kick", 0.3), (0.15, "cheer", 0.6)], loud=0.9,
           lines=_say(0.3, 2.2, "Goal! One nil to the reds!", "shout"))  # fmt: skip
    d.beat("red players celebrate", 4.9, boards.celebration(RED), "celebration", "red_celebration",
           beds={"crowd": 0.12}, red=0.8, loud=0.7, people=1)  # fmt: skip
    d.beat("replay of the goal in slow motion", 5.6,
           Play(_CROSS, "0:0", 18, zoom=2.1, focus_y=22, focus_row=235, rate=0.5, replay=True, goal_s=2.0),
           "replay", "red_replay", join="wipe", join_s=0.4, beds={"crowd": 0.025}, slow=1,
           lines=_say(0.7, 2.6, "Let us see that again in slow motion."))  # fmt: skip


_FOUL: list[Way] = [
    (0, 52.5, 34, 0), (2.6, 52.5, 34, 0), (3.4, 62, 28, 0), (4.5, 50, 44, 0), (5.6, 38, 40, 0),
    (6.6, 30, 28, 0), (7.4, 26, 30, 0), (9.5, 25.5, 30, 0),
]  # fmt: skip
_FREE_KICK: list[Way] = [
    (0, 22, 30, 0), (2.6, 22, 30, 0), (3.3, 4.2, 33, 2.2), (4.2, 4.0, 33.5, 0),
    (9, 4.0, 33.5, 0),
]  # fmt: skip
_HALF_TIME: list[Way] = [
    (0, 24, 40, 0), (1.3, 34, 54, 0), (2.6, 44, 40, 0), (3.9, 40, 22, 0), (4.9, 46, 26, 0),
    (9, 46, 26, 0),
]  # fmt: skip


def _blue_pressure(d: Director) -> None:
    d.scene("blue pressure until half-time", "blue_pressure", beds={"crowd": 0.035}, green=0.7, crowd=0.4)
    play = Play(_FOUL, "1:0", 20, pause_s=2.6, fallen_s=7.4)
    d.beat("the match restarts", 2.7, play, "restart", join="wipe", join_s=0.4, still=0.6)
    d.beat("the blues attack", 4.6, None, "blue_attack", join="same", hits=play.kicks(2.7, 7.3),
           lines=_say(0.8, 2.6, "Now the visitors come forward."))  # fmt: skip
    d.beat("foul, and the referee whistles", 2.1, None, "foul", "whistle", join="same",
           hits=[(0.3, "whistle", 0.5), (0.5, "groan", 0.4)], whistle=1)  # fmt: skip
    d.beat("the referee shows a yellow card", 3.3, boards.yellow_card, "yellow_card",
           lines=_say(0.9, 1.8, "And he goes into the book."))  # fmt: skip
    kick = Play(_FREE_KICK, "1:0", 23, zoom=1.5, focus_y=10, focus_row=250, pause_s=2.5)
    d.beat("everybody waits for the free kick", 2.6, kick, "free_kick_wait", beds={"crowd": 0.018}, still=0.8)
    d.beat("the free kick is saved", 2.4, None, "save", join="same", beds={"crowd": 0.08},
           hits=[(0.0, "kick", 0.55), (0.7, "groan", 0.5)],
           lines=_say(0.8, 1.4, "Saved by the keeper!", "shout"))  # fmt: skip
    d.beat("the goalkeeper holds the ball", 3.0, boards.keeper, "goalkeeper", hits=[(0.1, "clapping", 0.3)])
    calm = Play(_HALF_TIME, "1:0", 44)
    d.beat("the reds pass calmly at the back", 4.7, calm, "passing", "red_passing", beds={"crowd": 0.025},
           hits=calm.kicks(0, 4.7))  # fmt: skip
    d.beat("the referee ends the first half", 3.1, None, "half_time_whistle", "whistle", "three_blasts",
           join="same", hits=[(0.1, "final_whistle", 0.5)], whistle=1,
           lines=_say(1.2, 1.8, "That is the end of the first half."))  # fmt: skip
    d.beat("the half-time board", 4.2, boards.board("HALF-TIME", "FIRST HALF", "1 : 0"), "half_time_board",
           hits=[(0.2, "jingle", 0.4), (0.3, "clapping", 0.15)], beds={"crowd": 0.012}, green=0, text=1,
           music=0.8)  # fmt: skip


_MIDFIELD: list[Way] = [
    (0, 52.5, 34, 0), (0.5, 52.5, 34, 0), (1.4, 58, 40, 0), (2.6, 64, 26, 0), (3.8, 58, 18, 0),
    (5.2, 50, 30, 0), (5.9, 46, 36, 0), (7.0, 40, 48, 0), (8.2, 46, 54, 0), (9.4, 52, 46, 0),
    (10.1, 57, 38, 0), (11.0, 60, 36, 0), (11.9, 52, 30, 0), (12.8, 46, 27, 0), (13.4, 50, 24, 0),
    (14.4, 62, 20, 0), (15.8, 80, 22, 0), (17.2, 94, 28, 0), (17.9, 106.5, 35, 0.8), (18.4, 106.8, 35, 0),
    (26, 106.8, 35, 0),
]  # fmt: skip


def _turnovers(d: Director) -> None:
    d.scene("turnovers in midfield", "turnover_scene", beds={"crowd": 0.035}, green=0.6, crowd=0.4, dark=0.3)
    d.beat("the floodlights come on", 3.6, boards.floodlights, "floodlights",
           beds={"crowd": 0.015, "city": 0.01}, green=0.1, orange=0.5,
           lines=_say(0.7, 2.6, "Welcome back, the lights are on for the second half."))  # fmt: skip
    d.beat("kick-off of the second half", 1.9, _evening(), "kick_off", "whistle",
           hits=[(0.1, "whistle", 0.5)], whistle=1)  # fmt: skip
    play = _evening()
    d.beat("the blues pass in their half", 3.4, None, "passing", "blue_passing", join="same",
           hits=play.kicks(1.9, 5.3))  # fmt: skip
    d.beat("the reds win the ball", 1.8, None, "turnover", join="same", beds={"crowd": 0.07},
           hits=[*play.kicks(5.3, 7.1), (0.2, "cheer", 0.22)],
           lines=_say(0.4, 1.2, "Intercepted!"))  # fmt: skip
    d.beat("the reds move it on", 2.8, None, "passing", "red_passing", join="same", hits=play.kicks(7.1, 9.9))
    d.beat("the blues take it back", 1.9, None, "turnover", join="same", beds={"crowd": 0.06},
           hits=[*play.kicks(9.9, 11.8), (0.2, "groan", 0.35)],
           lines=_say(0.4, 1.3, "Given away again."))  # fmt: skip
    d.beat("once more the ball changes sides", 1.9, None, "turnover", join="same", beds={"crowd": 0.06},
           hits=[*play.kicks(11.8, 13.7), (0.2, "groan", 0.3)],
           lines=_say(0.2, 1.6, "Another turnover, this is wild."))  # fmt: skip


def _evening(**options: float | bool) -> Play:
    return Play(_MIDFIELD, "1:0", 46, reds=-1, dusk=True, goal_s=17.9, **options)  # type: ignore[arg-type]


def _blue_goal(d: Director) -> None:
    d.scene("the blues equalise", "blue_goal_scene", "goal_scene", beds={"crowd": 0.05}, green=0.6,
            crowd=0.7, dark=0.3)  # fmt: skip
    d.beat("the blues run at the goal", 4.0, None, "fast_break", "blue_attack", join="same",
           beds={"crowd": 0.08}, fast_motion=0.8, pan=1,
           lines=_say(1.0, 2.4, "They are through on the right!"))  # fmt: skip
    d.beat("goal for the blues", 2.7, None, "goal", "blue_goal", join="same", beds={"crowd": 0.13},
           hits=[(0.0, "kick", 0.4), (0.2, "cheer", 0.55)], loud=0.9,
           lines=_say(0.4, 2.1, "Goal! It is one all!", "shout"))  # fmt: skip
    d.beat("blue players celebrate", 4.4, boards.celebration(BLUE, dusk=True), "celebration",
           "blue_celebration", beds={"crowd": 0.1}, blue=0.8, loud=0.6, people=1)  # fmt: skip
    d.beat("replay of the blue goal", 5.1,
           _evening(zoom=2.1, focus_y=20, focus_row=235, rate=0.5, start_s=15.9, replay=True), "replay",
           "blue_replay", join="wipe", join_s=0.4, beds={"crowd": 0.025}, slow=1,
           lines=_say(0.8, 2.4, "Look at the finish once more."))  # fmt: skip


_COUNTER: list[Way] = [
    (0, 105, 0.5, 0), (0.4, 105, 0.5, 0), (1.4, 97, 30, 6), (2.2, 86, 40, 3), (3.2, 70, 44, 0),
    (4.3, 50, 42, 0), (5.4, 30, 38, 0), (6.5, 14, 32, 0), (7.3, -1.8, 36, 0.5), (7.8, -2, 36, 0),
    (16, -2, 36, 0),
]  # fmt: skip
_END: list[Way] = [(0, 52.5, 34, 0), (0.9, 47, 30, 0), (2.2, 43, 40, 0), (20, 43, 40, 0)]


def _last_minutes(d: Director) -> None:
    d.scene("counter-attack and final whistle", "last_minutes", "corner_scene", "goal_scene",
            beds={"crowd": 0.05}, green=0.6, crowd=0.7, dark=0.3)  # fmt: skip
    d.beat("corner kick for the blues", 3.4, boards.corner_flag(BLUE, dusk=True), "corner_kick",
           "blue_corner", "whistle", join="wipe", join_s=0.4, beds={"crowd": 0.035},
           hits=[(0.3, "whistle", 0.5)], whistle=1, blue=0.4,
           lines=_say(1.0, 2.2, "A corner, this time for the blues."))  # fmt: skip
    counter = Play(_COUNTER, "1:1", 87, reds=-1, dusk=True, goal_s=7.2)
    d.beat("the cross is headed away", 2.4, counter, "clearance",
           hits=[(0.4, "kick", 0.5), (1.4, "kick", 0.4)])  # fmt: skip
    d.beat("counter-attack over the whole pitch", 4.7, None, "counter_attack", "fast_break", "red_attack",
           join="same", beds={"crowd": 0.08}, fast_motion=1, pan=1, hits=counter.kicks(2.4, 7.1),
           lines=_say(0.6, 3.3, "The counter! They run the length of the pitch!", "shout"))  # fmt: skip
    d.beat("the winning goal for the reds", 2.6, None, "goal", "red_goal", "winner", join="same",
           beds={"crowd": 0.16}, hits=[(0.1, "kick", 0.4), (0.25, "cheer", 0.6)], loud=1,
           lines=_say(0.5, 1.9, "It's in! Two one, the goal that wins it!", "shout"))  # fmt: skip
    d.beat("the reds celebrate the winner", 4.7, boards.celebration(RED, dusk=True), "celebration",
           "red_celebration", beds={"crowd": 0.12}, red=0.8, loud=0.7, people=1)  # fmt: skip
    d.beat("fans wave flags in the stand", 3.3, boards.fans, "fans", beds={"crowd": 0.14}, red=0.8,
           loud=0.8, hits=[(0.1, "clapping", 0.35)], people=1)  # fmt: skip
    again = Play(_COUNTER, "1:1", 87, reds=-1, dusk=True, zoom=2.1, focus_y=22, focus_row=235, rate=0.5,
                 start_s=5.6, replay=True, goal_s=7.2)  # fmt: skip
    d.beat("replay of the winner", 5.2, again, "replay", "red_replay", join="wipe", join_s=0.4,
           beds={"crowd": 0.03}, slow=1)  # fmt: skip
    end = Play(_END, "2:1", 93, reds=-1, dusk=True)
    d.beat("the final whistle", 3.2, end, "final_whistle", "whistle", "three_blasts", join="wipe",
           join_s=0.4, hits=[(0.5, "final_whistle", 0.5)], whistle=1)  # fmt: skip
    d.beat("the crowd applauds", 3.9, None, "applause", join="same", beds={"crowd": 0.07},
           hits=[(0.0, "clapping", 0.5)],
           lines=_say(0.6, 2.5, "It is all over, what a match."))  # fmt: skip
    d.beat("the final score", 4.0, boards.board("FULL TIME", "RED ROVERS WIN", "2 : 1", dusk=True),
           "final_score", beds={"crowd": 0.012, "calm_music": 0.06}, green=0, text=1, music=1)  # fmt: skip
