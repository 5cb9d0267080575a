"""Inner loops compiled to machine code with numba, once per machine.

Importing this module imports numba (half a second): do so inside the function that first needs a loop.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any, TypeVar, cast

from numba import njit

logger = logging.getLogger(__name__)

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Have numba compile ``function`` when it is first called; it lets go of Python's lock while it runs.

    The machine code is kept on disk and used again by other processes: beside the source, in the user's
    cache folder where that may not be written to, or in ``NUMBA_CACHE_DIR``. Where none of these can be
    written to, each process compiles for itself, and a warning says so. Sums are taken in the order that is
    written, so that results are the same on every processor.
    """
    return _compiled(function, fastmath=False)


def compiled_loosely(function: F) -> F:
    """The same, but sums of floats are taken in the order that is fastest.

    Their last bits then depend on the kind of processor, as those of NumPy do, and on nothing else.
    """
    return _compiled(function, fastmath={"reassoc"})


def _compiled(function: F, **options: Any) -> F:
    try:
        return cast(F, njit(nogil=True, cache=True, **options)(function))
    except RuntimeError as error:  # numba's word for: no folder for the cache
        logger.warning("compiled code cannot be kept, so each process compiles anew (%s)", error)
        return cast(F, njit(nogil=True, **options)(function))
