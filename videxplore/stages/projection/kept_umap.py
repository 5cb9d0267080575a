"""UMAP, with the machine code that numba makes of it kept on disk."""

from __future__ import annotations

import contextlib
import sys
from functools import cache
from typing import Any


@cache
def load_umap() -> Any:
    """Return the package ``umap``; what numba compiles of it is used again by the next process.

    Left to itself every process compiles UMAP's loops anew, which takes most of the time of a first map. Kept
    code lies where numba keeps it, beside the source or in the user's cache folder; where neither may be
    written to, nothing is kept. It is the same code, so the map is the same to the bit.
    """
    import umap
    from numba.core.dispatcher import Dispatcher

    modules = [m for name, m in sys.modules.items() if name.split(".")[0] in ("umap", "pynndescent")]
    for function in [value for module in modules for value in vars(module).values()]:
        if isinstance(function, Dispatcher):
            with contextlib.suppress(RuntimeError):  # numba's word for: no folder for the cache
                function.enable_caching()
    return umap
