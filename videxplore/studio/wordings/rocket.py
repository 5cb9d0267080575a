"""What people ask that the film *Launch day* answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "people in front of green screens", "engineers", good="checklist alarm_off"),
    ask("event", "a red alarm light with beeps", "red_alarm", related="breaking_news"),
    ask("event", "countdown", "countdown"),
    ask("event", "the engines ignite with bright flame", "ignition", good="lift_off"),
    ask("event", "rocket lift-off with a loud roar", "lift_off", good="ignition"),
    ask("event", "a rocket climbs through clouds", "climbing", good="roar_fades speed_report"),
    ask("event", "a voice reads a checklist", "checklist"),
    ask("event", "passing the speed of sound", "speed_report"),
    ask("event", "silence over the blue earth", "earth_silence"),
    ask("event", "a sudden flash in space", "separation"),
    ask("event", "dark space with calm music", "coasting"),
    ask("event", "an astronaut waves", "astronaut"),
    ask("event", "people cheer in a dark room", "control_cheers"),
    ask("scene", "control room", "control_room"),
    ask("scene", "a rocket launch with fire and a loud roar", "launch_scene", related="climb_scene"),
    ask("scene", "black space above the blue earth", "space_scene"),
    ask("stretch", "on the ground before the flight", "ground_chapter"),
    ask("event", "thrusters kindle", "ignition", good="lift_off", known=False),
    ask("event", "booster jettisoned", "separation", known=False),
    ask("event", "cosmonaut greets mission staff", "astronaut", known=False),
    ask("event", "klaxon alerts technicians", "red_alarm", known=False),
    ask("event", "numerals dwindle to zero", "countdown", known=False),
    ask("event", "stratospheric ascent", "climbing", good="roar_fades speed_report", known=False),
    ask("event", "colleagues exult", "control_cheers", known=False),
    ask("scene", "vacuum beyond the atmosphere", "space_scene", known=False),
    ask("stretch", "odyssey aboard a capsule", "flight_chapter", known=False),
)
