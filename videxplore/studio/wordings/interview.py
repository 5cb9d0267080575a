"""What people ask that the film *News at nine* answers best."""

from __future__ import annotations

from videxplore.studio.queries import ask

ASKS = (
    ask("event", "news title with music", "news_title"),
    ask("event", "a telephone rings on a desk", "phone_rings", related="bell_rings"),
    ask("event", "breaking news in red", "breaking_news"),
    ask(
        "event", "a news reader speaks at the desk", "anchor_talks", good="breaking_news", related="host_asks"
    ),
    ask("event", "a woman asks a question", "host_asks"),
    ask("event", "a man speaks in front of books", "guest_answers"),
    ask("event", "what did the repair cost", "asks_cost", good="names_price"),
    ask("event", "cracks that grew every winter", "explains_cracks", good="asks_danger"),
    ask("event", "the school children cross first", "school_children", good="asks_first"),
    ask("event", "a red bridge over a river", "bridge", good="boat_horn"),
    ask("event", "sparks in a dark hall", "welding"),
    ask("event", "a man laughs", "laughs"),
    ask("event", "applause in a studio", "studio_applause", related="applause"),
    ask("event", "sun on the weather map", "sunny_map", related="rainy_map"),
    ask("event", "rain on the weather map", "rainy_map", related="sunny_map"),
    ask("event", "closing credits with music", "credits"),
    ask("scene", "an interview with questions and answers", "dialogue", good="last_question"),
    ask("scene", "a report about a bridge", "bridge_report"),
    ask("scene", "weather forecast", "weather_map"),
    ask("stretch", "a long interview", "interview_chapter"),
    ask("stretch", "the headlines of the news", "headlines"),
    ask("event", "interlocutor chuckles merrily", "laughs", known=False),
    ask("event", "metalworker fusing girders", "welding", known=False),
    ask("event", "urgent bulletin interrupts", "breaking_news", known=False),
    ask("event", "ferry salutes", "boat_horn", known=False),
    ask("event", "suspension viaduct", "bridge", good="boat_horn", known=False),
    ask("event", "expert ponders wordlessly", "silence", known=False),
    ask("event", "meteorologist gesturing at pictograms", "sunny_map rainy_map", known=False),
    ask("scene", "academic grilled by a journalist", "dialogue", good="last_question", known=False),
    ask("stretch", "erudite colloquy", "interview_chapter", known=False),
    ask("stretch", "meteorological outlook plus farewell", "weather_chapter", known=False),
)
