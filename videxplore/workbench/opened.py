"""An open library: a folder, the encoder whose vectors are looked at, and what is held of it in memory."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from videxplore.errors import CardMismatchError, LibraryError, ModelError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.registry import as_encoder, restore
from videxplore.stages.store.annotations import Noted, place, read_annotations
from videxplore.stages.store.background import Background
from videxplore.stages.store.database import Database, describe_difference
from videxplore.stages.store.frames import FrameCache
from videxplore.stages.store.history import complete_restore
from videxplore.stages.store.migrations import migrate
from videxplore.stages.store.reading import current_versions, read_snapshot
from videxplore.stages.store.repooling import check_pooling
from videxplore.stages.store.schema import ANNOTATIONS, FRAMES, MAIN, SEGMENTS
from videxplore.stages.store.sets import set_key, set_tables
from videxplore.stages.store.snapshot import Snapshot, View
from videxplore.stages.store.spoken import Spoken
from videxplore.values.checks import check_kind
from videxplore.values.segments import Segment, SegmentTree
from videxplore.values.vectors import EncoderCard

DEFAULT_ENCODER = "perceptual"


def _check_segmentation(database: Database, name: str) -> None:
    """Refuse a segmentation that is not there: the library would look as if it were empty."""
    from lancedb.expr import col, lit

    check_kind("segmentation", name, str, "the name of a segmentation, such as 'main'")
    table = None if name == MAIN else database.table(SEGMENTS)
    if table is None or table.count_rows((col("segmentation") == lit(name)).to_sql()):
        return
    rows = table.search().select(["segmentation"]).limit(None).to_arrow()
    held = ", ".join(map(repr, rows.column("segmentation").unique().to_pylist()))
    raise LibraryError(
        f"no segmentation {name!r} in {database.location!r}; it has {held}. "
        "library.add_segmentation(method, name=…) adds one."
    )


class OpenedLibrary:
    """What :class:`videxplore.Library` stands on: see there."""

    def __init__(
        self,
        path: str | os.PathLike[str],
        *,
        encoder: Encoder | str | None = None,
        segmentation: str = MAIN,
        pooling: str | None = None,
    ) -> None:
        self.database = Database(path)
        migrate(self.database)
        complete_restore(self.database)
        self._encoder = None if encoder is None else as_encoder(encoder)
        if pooling is not None:
            check_pooling(pooling)
        _check_segmentation(self.database, segmentation)
        self.view = View(segmentation, self._choose_card(), pooling)
        self._snapshot: Snapshot | None = None
        self._held: object = None
        self._noted: tuple[Snapshot, int | None, Noted] | None = None
        self._frames: dict[bool, FrameCache] = {}
        self._background: Background | None = None
        self._spoken: tuple[Snapshot, Spoken | None] | None = None
        self._posters: dict[str, bytes] = {}
        self._checked: dict[tuple[str, int], str] = {}
        self._bank: NDArray[np.float32] | None = None
        self._bank_made = False

    def _choose_card(self) -> EncoderCard | None:
        """The card of a further vector set, where the encoder given is that of one; else None, the first."""
        if self._encoder is None:
            return None
        card = self._encoder.card
        if set_key(card) in self.database.further_cards:
            return card
        self.database.require_card(card)
        return None

    @property
    def path(self) -> str:
        """The folder, or the URI."""
        return self.database.location

    @property
    def encoder(self) -> Encoder:
        """What makes and reads the vectors.

        Raises:
            LibraryError: the library was made with an encoder of one's own; open it with ``encoder=``.
            CardMismatchError: the installed encoder of that name is not the one the library was made with.
        """
        if self._encoder is None:
            stored = self.database.card
            self._encoder = as_encoder(DEFAULT_ENCODER) if stored is None else self._restored(stored)
        return self._encoder

    def _restored(self, stored: EncoderCard) -> Encoder:
        try:
            made = restore(stored)
        except ValueError as error:
            why = f" ({error})" if isinstance(error, ModelError) else ""
            raise LibraryError(
                f"the library {self.path!r} was made with the encoder {stored.name!r}, which has to be "
                f"given: vx.Library(path, encoder=…).{why}"
            ) from error
        if stored != made.card:
            raise CardMismatchError(
                f"the library {self.path!r} was made with another version of its encoder: "
                f"{describe_difference(stored, made.card)}. Ingest its videos into a new folder."
            )
        return made

    @property
    def card(self) -> EncoderCard:
        """Where the vectors come from."""
        return self.view.card or self.database.card or self.encoder.card

    @property
    def levels(self) -> tuple[str, ...]:
        """Level names, finest first; that of compositions last. Empty for an empty library."""
        snapshot = self.snapshot()
        return () if snapshot is None else snapshot.levels

    @property
    def vectors_table(self) -> str:
        """Name of the table with the vectors of segments by this encoder."""
        return SEGMENTS if self.view.card is None else set_tables(self.view.card)[0]

    @property
    def frames_table(self) -> str:
        """Name of the table with the vectors of single frames by this encoder."""
        return FRAMES if self.view.card is None else set_tables(self.view.card)[1]

    def snapshot(self) -> Snapshot | None:
        """What the library holds now, in memory; None where nothing was ever stored.

        Raises:
            CardMismatchError: the folder was made anew with another encoder since it was opened.
        """
        versions = current_versions(self.database)
        state = self.database.meta().get("library_id"), versions
        if self._snapshot is None or self._held != state:
            if self._encoder is not None:
                self.view = replace(self.view, card=self._choose_card())
            self._snapshot, self._held = read_snapshot(self.database, self.view), state
        return self._snapshot

    def noted(self, snapshot: Snapshot) -> Noted:
        """What was noted of the segments of a snapshot by now; held until something else is noted."""
        table = self.database.table(ANNOTATIONS)
        version = None if table is None else int(table.version)
        if self._noted is None or self._noted[0] is not snapshot or self._noted[1] != version:
            self._noted = snapshot, version, place(snapshot, read_annotations(self.database))
        return self._noted[2]

    def spoken_of(self, snapshot: Snapshot) -> Spoken | None:
        """What is said in the segments of a snapshot, by meaning; held until the library changes."""
        from videxplore.workbench.spoken import read_spoken

        if self._spoken is None or self._spoken[0] is not snapshot:
            self._spoken = snapshot, read_spoken(self, snapshot)
        return self._spoken[1]

    def _look_at(self, database: Database | None = None, view: View | None = None) -> None:
        """Look at something else from now on; what was held is let go."""
        self.database = database or self.database
        self.view = view or self.view
        self._snapshot = None

    def _repooled(self, pooling: str | None) -> View:
        return replace(self.view, pooling=pooling)

    def tree(self, video_id: str) -> SegmentTree:
        """Return the segment tree of one video.

        Raises:
            LibraryError: no such video.
        """
        return self._holding(video_id).tree(video_id)

    def _holding(self, video_id: str) -> Snapshot:
        snapshot = self.snapshot()
        if snapshot is None or video_id not in snapshot.videos:
            raise LibraryError(
                f"no video {video_id!r} in {self.path!r}; library.videos() lists what is there."
            )
        return snapshot

    def segment(self, segment_id: str) -> Segment:
        """Return one segment.

        Raises:
            LibraryError: no such segment.
        """
        snapshot, row = self._row(segment_id)
        return snapshot.segments[row]

    def _row(self, segment_id: str) -> tuple[Snapshot, int]:
        snapshot = self.snapshot()
        if snapshot is None or segment_id not in snapshot.row_of:
            raise LibraryError(
                f"no segment {segment_id!r} in {self.path!r}; it may have been removed, "
                "library.segments() lists what is there."
            )
        return snapshot, snapshot.row_of[segment_id]

    def query_bank(self) -> NDArray[np.float32] | None:
        """float32 (q, d): generic queries of the encoder, or None where it has no text side."""
        from videxplore.stages.encoding.embed import query_bank

        if not self._bank_made:
            self._bank, self._bank_made = query_bank(self.encoder), True
        return self._bank
