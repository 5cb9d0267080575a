"""A model run batch by batch, as large as memory allows."""

from __future__ import annotations

import gc
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.errors import ModelError
from videxplore.stages.pretrained.hardware import free_bytes, release

_log = logging.getLogger(__name__)

_LARGEST = 64
_SHARE = 0.5
"""Share of the free memory that a batch may take."""

_LIVE = 8
"""Tensors as large as the largest output that live at once: residual, queries, keys, values, the hidden
layer of the perceptron before and after its nonlinearity, and room for casts."""

_EXHAUSTED = ("out of memory", "can't allocate memory", "failed to allocate")

T = TypeVar("T")


class Batches:
    """Runs a model over items and keeps the batch size that fits.

    Without ``size`` the first item is run alone and the largest output of any layer is noted: a batch
    then takes at most half of the free memory, and at most 64 items. Where memory runs out all the same, the
    size is halved, for good, and the batch is run again. Several threads may run batches at a time.

    Args:
        model: what is run.
        device: where it runs.
        size: items per batch; None finds it.
        lanes: threads that run batches at a time, which share the memory.
    """

    def __init__(
        self, model: torch.nn.Module, device: torch.device, size: int | None, lanes: int = 1
    ) -> None:
        if size is not None and (isinstance(size, bool) or size < 1):
            raise ValueError(f"batch_size must be at least 1, or None to find it by memory, got {size!r}.")
        self.size = size
        self._model = model
        self._device = device
        self._lanes = lanes
        self._finding = threading.Lock()

    def run(self, forward: Callable[[Sequence[T]], torch.Tensor], items: Sequence[T]) -> NDArray[np.float32]:
        """Return the rows float32 (n, d) that ``forward`` gives for n ≥ 1 items.

        Raises:
            ModelError: not even one item fits into memory.
        """
        parts: list[NDArray[np.float32]] = []
        done = 0
        with self._finding:
            if self.size is None:
                parts.append(self._find_size(forward, items[:1]))
                done = 1
        while done < len(items):
            batch = items[done : done + (self.size or 1)]
            rows = self._attempt(forward, batch)
            if rows is None:
                self._halve(len(batch))
                continue
            parts.append(rows)
            done += len(batch)
        return np.concatenate(parts)

    def _find_size(
        self, forward: Callable[[Sequence[T]], torch.Tensor], one: Sequence[T]
    ) -> NDArray[np.float32]:
        """Rows of one item, from whose run the size of a batch follows."""
        with _largest_output(self._model) as largest:
            rows = self._attempt(forward, one)
        if rows is None:
            raise self._too_large()
        room = _SHARE * free_bytes(self._device) / (_LIVE * max(largest[0], 1) * self._lanes)
        self.size = int(min(max(room, 1), _LARGEST))
        return rows

    @torch.inference_mode()
    def _attempt(
        self, forward: Callable[[Sequence[T]], torch.Tensor], batch: Sequence[T]
    ) -> NDArray[np.float32] | None:
        """Rows of one batch, or None where memory ran out."""
        try:
            return forward(batch).float().cpu().numpy()
        except (RuntimeError, MemoryError) as error:
            if not _is_exhausted(error):
                raise
            return None

    def _halve(self, tried: int) -> None:
        gc.collect()
        release(self._device)
        if tried == 1:
            raise self._too_large()
        self.size = tried // 2
        _log.info("out of memory with %d at once; from now on %d.", tried, self.size)

    def _too_large(self) -> ModelError:
        return ModelError(
            f"not even one item fits into the memory of {self._device}. Close what else uses it, or take a "
            "smaller model, dtype='bfloat16' or device='cpu'."
        )


@contextmanager
def _largest_output(model: torch.nn.Module) -> Iterator[list[int]]:
    """Size in bytes, in a list of one, of the largest tensor that any layer returns meanwhile."""
    largest = [0]

    def note(_module: torch.nn.Module, _given: Any, returned: Any) -> None:
        if isinstance(returned, torch.Tensor):
            largest[0] = max(largest[0], returned.nbytes)

    hooks = [module.register_forward_hook(note) for module in model.modules()]
    try:
        yield largest
    finally:
        for hook in hooks:
            hook.remove()


def _is_exhausted(error: Exception) -> bool:
    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(words in str(error).lower() for words in _EXHAUSTED)
