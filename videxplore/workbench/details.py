"""Details of one segment of a library: what sets it apart, what is like it, where it comes from."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

import videxplore
from videxplore.errors import LibraryError
from videxplore.stages.encoding.perceptual.attributes import ATTRIBUTES
from videxplore.stages.store.annotations import Noted
from videxplore.stages.store.fulltext import content_words
from videxplore.stages.store.snapshot import Snapshot
from videxplore.values.details import AttributeReading, Neighbour, Place, Remark, SegmentDetails
from videxplore.values.segments import COMPOSITION_LEVEL
from videxplore.values.vectors import EncoderCard, attribute_word

if TYPE_CHECKING:
    from videxplore.workbench.library import Library

NEIGHBOURS = 10
"""How many of the nearest are listed."""

_NOTABLE = 1.0
_SHARED = 3

_USUAL: WeakKeyDictionary[Snapshot, _Usual] = WeakKeyDictionary()


class _Usual:
    """What is usual in a library, worked out once for what it holds.

    Attributes:
        named: columns that have names.
        mean, spread: float32 (d,) of the encoder's own values over all segments.
        spoken: in how many transcripts each word is.
        rare: in how many a word may be that still tells something: a fifth of them.
    """

    def __init__(self, snapshot: Snapshot) -> None:
        names = snapshot.card.names or ("",) * snapshot.card.dimension
        self.named = np.flatnonzero([bool(name) for name in names])
        values = snapshot.vectors[:, self.named] * snapshot.magnitudes[:, None]
        self.mean, self.spread = values.mean(axis=0), values.std(axis=0)
        self.spoken = Counter(word for said in snapshot.transcripts if said for word in content_words(said))
        self.rare = max(2, sum(bool(said) for said in snapshot.transcripts) // 5)

    def apart(self, snapshot: Snapshot, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        """Standard deviations above the mean, float32 (rows, named)."""
        values = snapshot.vectors[np.ix_(rows, self.named)] * snapshot.magnitudes[rows, None]
        away = values - self.mean
        return np.divide(away, self.spread, out=np.zeros_like(away), where=self.spread > 1e-6)


def details_of(library: Library, segment_id: str, *, author: str = "") -> SegmentDetails:
    """Gather what is known of a segment.

    Args:
        library: that holds it.
        segment_id: of the segment.
        author: whose note and tags are given as ``note`` and ``tags``; those of others are ``remarks``.

    Raises:
        LibraryError: no such segment.
    """
    snapshot = library.snapshot()
    row = None if snapshot is None else snapshot.row_of.get(segment_id)
    if snapshot is None or row is None:
        raise LibraryError(f"no segment {segment_id!r} in {library.path!r}; it may have been removed.")
    segment = snapshot.segments[row]
    usual = _USUAL.get(snapshot)
    if usual is None:
        usual = _USUAL[snapshot] = _Usual(snapshot)
    noted = library.noted(snapshot)
    said = noted.by_row.get(row, ())
    mine = [one for one in said if one.author == author]
    composed = segment.video_id in snapshot.compositions
    return SegmentDetails(
        segment_id=segment_id,
        video_id=segment.video_id,
        video=snapshot.title(segment.video_id),
        path="" if composed else snapshot.place(segment.video_id),
        level=segment.level,
        span=segment.span,
        label=snapshot.labels[row],
        transcript=snapshot.transcripts[row],
        ancestors=tuple(_place(snapshot, i) for i in _ancestor_rows(snapshot, row)),
        parts=tuple(_place(snapshot, i) for i in snapshot.child_rows.get(row, ())),
        attributes=_attributes(snapshot, usual, row),
        neighbours=_neighbours(snapshot, usual, row),
        provenance=_provenance(library, snapshot, segment.video_id),
        note="\n".join(one.note for one in mine if one.note),
        tags=tuple(dict.fromkeys(tag for one in mine for tag in one.tags)),
        remarks=tuple(Remark(one.author, one.note, one.tags) for one in said if one.author != author),
        known_tags=_tags(noted),
        annotatable=segment.level != COMPOSITION_LEVEL,
    )


def tags_of(library: Library) -> tuple[str, ...]:
    """Return the tags that segments of a library have, the most frequent first."""
    snapshot = library.snapshot()
    return () if snapshot is None else _tags(library.noted(snapshot))


def _tags(noted: Noted) -> tuple[str, ...]:
    counts = Counter(tag for tags in noted.tags() for tag in tags)
    return tuple(sorted(counts, key=lambda tag: (-counts[tag], tag)))


def asked_modalities(library: Library) -> tuple[str, ...]:
    """Return what weights of a search can name: blocks that words can ask for, and what is said."""
    card = library.card
    blocks = card.slices()
    if card.names:  # columns without a name mean nothing by themselves: no word asks for them
        blocks = {name: block for name, block in blocks.items() if any(card.names[block])}
    return (*blocks, *({"text"} - set(blocks)))


def _ancestor_rows(snapshot: Snapshot, row: int) -> list[int]:
    found: list[int] = []
    parent = int(snapshot.parent_rows[row])
    while parent >= 0:
        found.append(parent)
        parent = int(snapshot.parent_rows[parent])
    return found[::-1]


def _place(snapshot: Snapshot, row: int) -> Place:
    segment = snapshot.segments[row]
    return Place(segment.segment_id, segment.level, segment.span)


def _attributes(snapshot: Snapshot, usual: _Usual, row: int) -> tuple[AttributeReading, ...]:
    names, meanings = snapshot.card.names, _meanings(snapshot.card)
    apart = usual.apart(snapshot, np.array([row]))[0]
    values = snapshot.vectors[row, usual.named] * snapshot.magnitudes[row]
    found = []
    for i in np.argsort(-np.abs(apart), kind="stable"):
        name = names[usual.named[i]]
        found.append(
            AttributeReading(
                name, attribute_word(name), float(values[i]), float(apart[i]), meanings.get(name, "")
            )
        )
    return tuple(found)


def _meanings(card: EncoderCard) -> dict[str, str]:
    known = {attribute.name: attribute.meaning for attribute in ATTRIBUTES}
    return known if card.name == "perceptual" else {}


def _neighbours(snapshot: Snapshot, usual: _Usual, row: int) -> tuple[Neighbour, ...]:
    """The nearest of those that tile their videos on the same level, ranked as a search for this one does."""
    segment = snapshot.segments[row]
    there = snapshot.stands_for[:, snapshot.levels.index(segment.level)].copy()
    there[row] = False
    rows = np.flatnonzero(there)
    space = snapshot.space
    direction = space.centred(snapshot.vectors[row], segment.level)
    if not len(rows) or not np.any(direction):
        return ()
    cosines = space.probe(direction).score(space.items[rows])
    nearest = np.argsort(-cosines, kind="stable")[:NEIGHBOURS]
    apart = usual.apart(snapshot, np.array([row, *rows[nearest]]))
    found = []
    for i, his in zip(nearest, apart[1:], strict=True):
        other = snapshot.segments[rows[i]]
        shared = _shared_attributes(snapshot, usual, apart[0], his)
        shared += _shared_words(snapshot, usual, row, int(rows[i]))
        found.append(
            Neighbour(
                other.segment_id,
                snapshot.title(other.video_id),
                other.level,
                other.span,
                float(cosines[i]),
                tuple(dict.fromkeys(shared))[:_SHARED],
            )
        )
    return tuple(found)


def _shared_attributes(
    snapshot: Snapshot, usual: _Usual, mine: NDArray[np.float32], his: NDArray[np.float32]
) -> list[str]:
    """What is far from usual in both, in the same direction; where they lie in their videos says nothing."""
    counts = (mine * his > 0) & ~snapshot.from_span[usual.named]
    alike = np.where(counts, np.minimum(np.abs(mine), np.abs(his)), 0.0)
    found = []
    for i in np.argsort(-alike, kind="stable")[: 2 * _SHARED]:
        if alike[i] >= _NOTABLE:
            word = attribute_word(snapshot.card.names[usual.named[i]])
            found.append(word if mine[i] > 0 else f"little {word}")
    return found[:_SHARED]


def _shared_words(snapshot: Snapshot, usual: _Usual, row: int, other: int) -> list[str]:
    """What is said in both, the rarest first; what is said everywhere says nothing."""
    both = set(content_words(snapshot.transcripts[row])) & set(content_words(snapshot.transcripts[other]))
    rare = [word for word in both if usual.spoken[word] <= usual.rare]
    return [f"“{word}”" for word in sorted(rare, key=lambda word: (usual.spoken[word], word))]


def _provenance(library: Library, snapshot: Snapshot, video_id: str) -> tuple[tuple[str, str], ...]:
    card = snapshot.card
    blocks = " + ".join(f"{name} {length}" for name, length in card.blocks)
    found = [
        ("Encoder", card.name + (f", revision {card.revision}" if card.revision else "")),
        ("Vectors", f"{card.dimension} = {blocks}"),
    ]
    found += [("Weights", f"SHA-256 {card.weights_sha256[:16]}…")] if card.weights_sha256 else []
    if video_id in snapshot.compositions:
        members = len(snapshot.compositions[video_id].members)
        found.append(("Composed of", f"{members} {'segment' if members == 1 else 'segments'}"))
    else:
        row, facts = snapshot.videos[video_id], snapshot.trees[video_id]
        found += [
            ("Segmentation", f"{library.view.segmentation}: {facts.method}"),
            ("Levels", ", ".join(reversed(facts.levels))),
            (
                "Video",
                f"{row['width']} × {row['height']}, {row['fps']:.4g} pictures per second, {row['codec']}",
            ),
            ("Ingested", f"{row['ingested_at']:%Y-%m-%d %H:%M} UTC"),
        ]
    version = f"schema {library.database.schema_version}, read by videxplore {videxplore.__version__}"
    return (*found, ("Library", version))
