"""*Launch day*: a rocket from countdown to orbit. The frame rate follows the action, so it varies."""

from __future__ import annotations

from videxplore.studio.director import Director, Film, Line
from videxplore.studio.films import rocket_sets as sets


def film() -> Film:
    """Return the script."""
    d = Director("rocket.mp4", "Launch day", "test", fps=24)
    d.chapter("on the ground", "ground_chapter")
    _control(d)
    _pad(d)
    d.chapter("in flight", "flight_chapter")
    _climb(d)
    _space(d)
    return d.film(fade_in_s=0.5, fade_out_s=1.0)


def _radio(offset_s: float, seconds: float, text: str) -> list[Line]:
    return [Line(offset_s, seconds, text, "radio")]


def _control(d: Director) -> None:
    d.scene("the control room", "control_room", beds={"room": 0.02}, green=0.6, dark=0.6, indoors=1)
    d.beat("engineers before green screens", 5.3, sets.control_room, "engineers", fps=15)
    d.beat("a voice reads the checklist", 6.1, None, "checklist", join="same", fps=15, speech=1,
           lines=_radio(0.3, 5.4, "Propulsion is ready. Guidance is ready. Weather is ready."))  # fmt: skip
    d.beat("a red alarm sounds", 2.9, sets.red_alarm, "red_alarm", join="same", fps=15, red=0.8, flicker=1,
           hits=[(0.1 + 0.34 * k, "beep", 0.5) for k in range(8)], alarm=1)  # fmt: skip
    d.beat("the alarm is switched off", 3.8, sets.control_room, "alarm_off", join="same", fps=15,
           lines=_radio(0.5, 2.6, "Sensor fault, we are good to continue."), speech=0.8)  # fmt: skip


def _pad(d: Director) -> None:
    d.scene("the launch pad", "launch_scene", beds={"wind": 0.015}, blue=0.6, bright=0.8, outdoors=1)
    d.beat("the rocket stands on the pad", 4.7, sets.pad, "rocket_stands", fps=20, still=0.7)
    d.beat("the countdown beeps", 5.0, sets.countdown, "countdown", join="same", fps=20,
           hits=[(1.0 * k, "beep", 0.45) for k in range(5)],
           lines=_radio(0.2, 4.4, "Five, four, three, two, one."), speech=0.7, text=0.4)  # fmt: skip
    d.beat("the engines ignite", 2.3, sets.ignition, "ignition", join="same", fps=30, beds={"roar": 0.2},
           fire=1, loud=0.8, hits=[(0.0, "long_beep", 0.4), (0.1, "firework", 0.5)],
           orange=0.5)  # fmt: skip
    d.beat("lift-off with roaring flame", 5.6, sets.lift_off, "lift_off", join="same", fps=30,
           beds={"roar": 0.36, "rumble": 0.12}, fire=1, loud=1, orange=0.5, low_sound=0.8,
           lines=_radio(1.2, 1.6, "And we have lift-off!"))  # fmt: skip


def _climb(d: Director) -> None:
    d.scene("the climb", "climb_scene", beds={"roar": 0.18}, blue=0.8, fast_motion=0.8)
    d.beat("the rocket climbs through clouds", 6.3, sets.climbing, "climbing", fps=30, fire=0.8)
    d.beat("the roar grows faint", 3.7, None, "roar_fades", join="same", fps=30, beds={"roar": 0.05})
    d.beat("a voice reports the speed", 4.1, None, "speed_report", join="same", fps=30, beds={"roar": 0.03},
           speech=1,
           lines=_radio(0.4, 3.3, "Passing the speed of sound, all systems nominal."))  # fmt: skip


def _space(d: Director) -> None:
    d.scene("black space over the blue earth", "space_scene", dark=0.8, blue=0.4, quiet=0.9)
    d.beat("silence over the earth", 4.9, sets.earth, "earth_silence", join="dissolve", join_s=1.0, fps=12,
           still=0.9)  # fmt: skip
    d.beat("the stage separates with a flash", 2.2, sets.separation, "separation", join="same", fps=30,
           hits=[(0.6, "slam", 0.6)], flash=0.9, bang=0.6)  # fmt: skip
    d.beat("the capsule glides on with music", 6.5, sets.coasting, "coasting", join="same", fps=12,
           beds={"calm_music": 0.08}, music=1, quiet=0)  # fmt: skip
    d.scene("arrival in orbit", "orbit_scene", bright=0.8, indoors=1)
    d.beat("an astronaut floats and waves", 5.4, sets.astronaut, "astronaut", fps=20, beds={"room": 0.02},
           white=0.8, lines=_radio(1.0, 3.2, "Hello down there, the view is wonderful."),
           speech=0.8)  # fmt: skip
    d.beat("the control room cheers", 4.3, sets.cheering, "control_cheers", fps=24, beds={"room": 0.02},
           bright=0, green=0.6, hits=[(0.0, "cheer", 0.6), (0.3, "clapping", 0.4)], loud=0.7,
           people=1)  # fmt: skip
