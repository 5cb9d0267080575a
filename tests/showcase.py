"""Values to draw in tests of the views: three drawn films with a segment tree, a search and its reranking."""

from __future__ import annotations

import io
from dataclasses import replace
from functools import lru_cache

import numpy as np
from PIL import Image, ImageDraw

from videxplore.values.details import AttributeReading, Neighbour, Place, Remark, SegmentDetails
from videxplore.values.media import Video
from videxplore.values.rankings import Candidate, Hit, Query, Ranking, Reason
from videxplore.values.reports import Move, RankingShift
from videxplore.values.segments import Boundary, Segment, SegmentTree, segment_id
from videxplore.values.vectors import EncoderCard, Projection

HOSTILE = "<img src=x onerror=alert(1)>.mp4"
FILMS = ("/films/night street.mp4", "/films/football match, first leg.mp4", f"/films/{HOSTILE}")
SAID = (
    "",
    "Corner kick from the left, and he heads it wide.",
    "",
    "Did you hear that?",
    "<script>alert(2)</script>",
)
CARD = EncoderCard("test", 4, modalities=("visual", "audio"), blocks=(("visual", 2), ("audio", 2)))


def tree(path: str = FILMS[0], duration: float = 96.0) -> SegmentTree:
    """Two chapters, six scenes, 24 moments of uneven length."""
    rng = np.random.default_rng(len(path))
    video = Video(
        path,
        f"{abs(hash_of(path)):016x}"[:16],
        duration,
        640,
        360,
        25.0,
        int(duration * 25),
        "h264",
        True,
        44100,
    )
    cuts = np.r_[0, np.sort(rng.choice(np.arange(2, int(duration) * 2 - 2), 23, replace=False)) / 2, duration]
    edges = {"moment": cuts, "scene": cuts[::4], "chapter": cuts[::12], "video": cuts[::24]}
    segments: list[Segment] = []
    above: list[Segment] = []
    for level in ("video", "chapter", "scene", "moment"):
        row = []
        for start, end in zip(edges[level], edges[level][1:], strict=False):
            parent = next((p for p in above if p.start_s <= start and end <= p.end_s), None)
            row.append(
                Segment(
                    segment_id(video.video_id, level, start, end),
                    video.video_id,
                    level,
                    float(start),
                    float(end),
                    parent and parent.segment_id,
                )
            )
        segments += row
        above = row
    boundaries = [
        Boundary(float(t), "semantic", persistence=float(1 / (1 + i % 5)), evidence={"picture": 0.5})
        for i, t in enumerate(cuts[1:-1])
    ]
    return SegmentTree(video, tuple(segments), boundaries=tuple(boundaries), method="semantic")


def hash_of(text: str) -> int:
    return sum((i + 1) * ord(c) * 2654435761 for i, c in enumerate(text)) % 2**63


TREES = tuple(tree(path, duration) for path, duration in zip(FILMS, (96.0, 132.0, 61.0), strict=True))
ROWS = [
    {
        "segment_id": s.segment_id,
        "video_id": s.video_id,
        "path": str(t.video.path),
        "level": s.level,
        "start_s": s.start_s,
        "end_s": s.end_s,
        "parent_id": s.parent_id,
        "transcript": SAID[i % 5],
        "coherence": 0.8,
        "persistence": 0.4,
    }
    for t in TREES
    for i, s in enumerate(t.segments)
]


def long_film(moments: int, each_s: float = 2.0, said: str = "") -> list[dict]:
    """Rows of one film: a video, a scene per twenty moments, and the moments."""
    film = {"video_id": "long", "path": "/films/long.mp4", "transcript": said}

    def row(level: str, number: int, width: int, parent: str | None) -> dict:
        start = number * width * each_s
        place = {"segment_id": f"{level}-{number}", "level": level, "parent_id": parent}
        return film | place | {"start_s": start, "end_s": start + width * each_s}

    scenes = [row("scene", i, 20, "video-0") for i in range(moments // 20)]
    fine = [row("moment", i, 1, f"scene-{i // 20}") for i in range(moments)]
    return [row("video", 0, moments, None), *scenes, *fine]


def projection() -> Projection:
    rng = np.random.default_rng(3)
    ids, levels, parents, xy, videos, times, labels = [], [], [], [], [], [], []
    for n, t in enumerate(TREES):
        centre = np.array([np.cos(2.1 * n), np.sin(2.1 * n)]) * 5
        place: dict[str, np.ndarray] = {}
        for s in t.segments:
            near = place[s.parent_id] if s.parent_id else centre
            place[s.segment_id] = near + rng.normal(
                scale={"video": 0.1, "chapter": 1.6, "scene": 1.1, "moment": 0.6}[s.level], size=2
            )
            ids.append(s.segment_id)
            levels.append(s.level)
            parents.append(s.parent_id)
            xy.append(place[s.segment_id])
            videos.append(s.video_id)
            times.append((s.start_s, s.end_s))
            labels.append(t.video.path.name)
    return Projection(
        np.array(xy, np.float32),
        tuple(ids),
        tuple(levels),
        tuple(parents),
        rng.uniform(0, 0.6, len(ids)).astype(np.float32),
        {"trustworthiness@15": 0.93},
        "umap(n_neighbors=15, min_dist=0.1, random_state=42)",
        CARD,
        tuple(labels),
        tuple(videos),
        np.array(times),
    )


def raw_ranking(k: int = 10, pool: int = 30) -> Ranking:
    rng = np.random.default_rng(5)
    segments = [(t, s) for t in TREES for s in t.segments if s.level in ("moment", "scene")]
    chosen = rng.permutation(len(segments))[:pool]
    scores = np.sort(rng.uniform(0.1, 0.8, pool))[::-1]
    hits = []
    for rank, (i, score) in enumerate(zip(chosen, scores, strict=True), start=1):
        t, s = segments[i]
        parts = {"visual": 0.6 * float(score), "audio": 0.3 * float(score), "text": 0.1 * float(score)}
        hits.append(
            Hit(
                rank,
                s.segment_id,
                str(t.video.path),
                s.level,
                s.start_s,
                s.end_s,
                float(score),
                float(score),
                rank,
                parts,
                video_id=s.video_id,
                transcript=SAID[rank % 5],
            )
        )
    candidates = tuple(
        Candidate(h, np.ones(4, np.float32) / 2, np.array([h.start_s]), np.array([h.score], np.float32))
        for h in hits
    )
    query = Query("a gunshot in the dark", unknown_words=("gunshot",))
    return Ranking(query, tuple(hits[:k]), candidates, notes=("“gunshot” was looked for in what is said.",))


def reranked(raw: Ranking, strength: float = 1.0, system: str = "joint", **facts) -> Ranking:
    """A made-up reranking with additive reasons, another for every name; enough to draw."""
    rng = np.random.default_rng(11 if system == "joint" else hash_of(system) % 2**32)
    hits = []
    for c in raw.candidates:
        gain, loss = strength * rng.uniform(0, 0.3), -strength * rng.uniform(0, 0.1)
        best = c.hit.start_s + 0.4
        reasons = (
            Reason("best-frames", gain, f"Its best frame, at {best:.1f} s, fits better than its average."),
            Reason("hubness", loss, "It answers many unrelated queries."),
            Reason("ancestor", 0.05 * strength, "Its scene fits too.", raw.candidates[0].hit.segment_id),
        )
        hits.append(replace(c.hit, score=c.hit.raw_score + gain + loss + 0.05 * strength, reasons=reasons))
    hits.sort(key=lambda h: (-h.score, h.raw_rank))
    ranked = [replace(h, rank=i) for i, h in enumerate(hits, start=1)]
    by_id = {h.segment_id: h for h in ranked}
    pool = tuple(replace(c, hit=by_id[c.hit.segment_id]) for c in raw.candidates)
    made = {"kind": "joint", "strength": strength} | facts
    return Ranking(raw.query, tuple(ranked[: len(raw)]), pool, system=system, **made)


def shift_of(raw: Ranking, *others: Ranking) -> RankingShift:
    """The moves between rankings; the agreement figures are not under test here."""
    moves = []
    for other in others:
        before, after = {h.segment_id: h for h in raw}, {h.segment_id: h for h in other}
        row = []
        for key in dict.fromkeys([*before, *after]):
            b, a = before.get(key), after.get(key)
            way = (
                "entered"
                if b is None
                else "left"
                if a is None
                else "same"
                if a.rank == b.rank
                else "up"
                if a.rank < b.rank
                else "down"
            )
            row.append(Move(key, b, a, way))
        moves.append(tuple(row))
    shared = [len({h.segment_id for h in raw} & {h.segment_id for h in o}) / max(len(raw), 1) for o in others]
    n = len(others)
    return RankingShift(raw, tuple(others), len(raw), tuple(moves), tuple(shared), (0.7,) * n, (0.8,) * n)


def shift(strength: float = 1.0, k: int = 10) -> RankingShift:
    raw = raw_ranking(k)
    return shift_of(raw, reranked(raw, strength))


def details(number: int = 2) -> SegmentDetails:
    """All that could be known of a scene of the second film; much of it tries to be markup."""
    tree = TREES[1]
    segment = [s for s in tree.segments if s.level == "scene"][number]
    rng = np.random.default_rng(number)
    names = (
        "loudness",
        "flash_rate",
        "flash_count",
        "green_ground",
        "dark_share",
        "bang",
        "silence",
        "warmth",
    )
    apart = sorted(rng.normal(0, 1.6, 12), key=lambda value: -abs(value))
    names += ("pan_left", "horizon", "saturation", "rumble")
    scenes = [(t, s) for t in TREES for s in t.segments if s.level == "scene" and s is not segment]

    def place(s: Segment) -> Place:
        return Place(s.segment_id, s.level, s.span)

    return SegmentDetails(
        segment.segment_id,
        segment.video_id,
        HOSTILE,
        f"/films/{HOSTILE}",
        segment.level,
        segment.span,
        "B",
        f"Corner kick from the left. {SAID[4]} The corners were dangerous all evening.",
        tuple(place(s) for s in reversed([*tree.ancestors(segment)])),
        tuple(place(s) for s in tree.children(segment)),
        tuple(
            AttributeReading(n, n.split("_")[0], 0.7 * float(v), float(v), "<b>mean</b>")
            for n, v in zip(names, apart, strict=True)
        ),
        tuple(
            Neighbour(
                s.segment_id, t.video.path.name, s.level, s.span, 0.93 - 0.05 * i, ("green", "“<b>”")[: i % 3]
            )
            for i, (t, s) in enumerate(scenes[:10])
        ),
        (
            ("Encoder", "perceptual, revision 3"),
            ("Segmentation", f"main: {HOSTILE}"),
            ("Library", "schema 4"),
        ),
        f"For the trailer? {HOSTILE}\nAsk Ada.",
        ("goal", HOSTILE.replace(",", "")),
        (Remark("ada <b>", f"Too dark. {SAID[4]}", ("dark",)),),
        ("goal", "own goal", "golden hour", "<b>x</b>"),
    )


RERANKERS = ("joint", "graph", "context", "feedback")


def rank(wish) -> RankingShift:
    """Answers a comparison's wishes: another query has other words, a mark another order for feedback."""
    raw = raw_ranking()
    raw = replace(raw, query=replace(raw.query, text=QUERIES[wish.query]))
    kinds = {"context": "pointwise"}
    others = [
        replace(
            reranked(raw, wish.strength, name + "".join(wish.relevant) * (name == "feedback")), system=name
        )
        for name in wish.systems
    ]
    return shift_of(raw, *(replace(o, kind=kinds.get(o.system, "joint")) for o in others))


QUERIES = ("a gunshot in the dark", "a corner kick", "rain on an empty street")


def empty_shift() -> RankingShift:
    raw = Ranking(Query("zyzzyva", unknown_words=("zyzzyva",)), ())
    return shift_of(raw, replace(raw, system="joint"))


@lru_cache(maxsize=256)
def poster(key: str) -> bytes:
    """A drawn street or pitch, different per segment."""
    rng = np.random.default_rng(hash_of(key) % 2**32)
    night = rng.random() < 0.5
    image = Image.new("RGB", (320, 180), (14, 18, 34) if night else (58, 128, 62))
    draw = ImageDraw.Draw(image)
    if night:
        for x in range(0, 320, 40):
            top = int(rng.integers(30, 100))
            draw.rectangle([x, top, x + 34, 150], fill=(30, 34, 52))
            for y in range(top + 8, 140, 18):
                if rng.random() < 0.5:
                    draw.rectangle([x + 8, y, x + 14, y + 8], fill=(240, 210, 120))
        draw.rectangle([0, 150, 320, 180], fill=(26, 26, 30))
    else:
        draw.line([160, 0, 160, 180], fill="white", width=2)
        draw.ellipse([125, 55, 195, 125], outline="white", width=2)
        for _ in range(14):
            x, y = rng.integers(10, 310), rng.integers(10, 170)
            draw.ellipse([x, y, x + 7, y + 12], fill=(200, 30, 30) if rng.random() < 0.5 else (30, 60, 200))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


@lru_cache(maxsize=4)
def clip(seconds: float = 2.0) -> bytes:
    """A real two-second film in which a bar moves."""
    import av

    out = io.BytesIO()
    with av.open(out, "w", format="webm") as container:
        stream = container.add_stream("libvpx", rate=20)
        stream.width, stream.height, stream.pix_fmt = 160, 90, "yuv420p"
        for i in range(int(seconds * 20)):
            rgb = np.zeros((90, 160, 3), np.uint8)
            rgb[:, i * 3 : i * 3 + 12] = (220, 120, 30)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(rgb, format="rgb24")))
        container.mux(stream.encode(None))
    return out.getvalue()
