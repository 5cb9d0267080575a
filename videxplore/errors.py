"""The errors that videxplore raises, in one tree.

::

    VidexploreError
    ├── VideoError            a media file cannot be used; names the file, a reason code and the remedy
    ├── LibraryError          a library cannot be opened, read or written
    │   └── CardMismatchError vectors of two encoder cards would meet in one comparison
    ├── ModelError            a pretrained model cannot be found, read or run (also a ValueError)
    ├── QueryError            a query cannot be understood or has no side in this encoder (also a ValueError)
    └── MissingExtraError     an optional package is not installed; names the extra (also an ImportError)

Wrong argument values raise the built-in ``ValueError`` or ``TypeError``. Every message says what was
wrong, what was given, what is allowed and what to do.
"""

from __future__ import annotations

from os import PathLike, fspath


class VidexploreError(Exception):
    """Base class: catch this to catch every error that videxplore itself raises."""


class VideoError(VidexploreError):
    """A media file cannot be used.

    Attributes:
        path: the file, as given.
        reason: a short stable code such as ``"empty"``, ``"not-a-video"`` or ``"no-picture"``.
        remedy: one sentence that says what the user can do.
    """

    def __init__(self, path: str | PathLike[str], reason: str, detail: str, remedy: str) -> None:
        self.path = fspath(path)
        self.reason = reason
        self.detail = detail
        self.remedy = remedy
        super().__init__(path, reason, detail, remedy)

    def __str__(self) -> str:
        return f"{self.path!r}: {self.detail} [{self.reason}]. {self.remedy}"


class LibraryError(VidexploreError):
    """A library cannot be opened, read or written."""


class CardMismatchError(LibraryError):
    """Vectors of two encoder cards would meet in one comparison."""


class ModelError(VidexploreError, ValueError):
    """A pretrained model is not on this machine, of a kind not supported, incomplete, or too large to run."""


class QueryError(VidexploreError, ValueError):
    """A query is empty, malformed, or of a kind that the encoder has no side for."""


class MissingExtraError(VidexploreError, ImportError):
    """An optional package is not installed; the message names the extra that brings it."""
