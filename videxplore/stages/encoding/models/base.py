"""What the adapters of all models share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from videxplore.stages.encoding.models.lanes import count_lanes, side_by_side
from videxplore.stages.pooling import normalise
from videxplore.stages.pretrained.batches import Batches
from videxplore.stages.pretrained.limits import text_limit
from videxplore.stages.pretrained.plan import Plan
from videxplore.values.vectors import EncoderCard

T = TypeVar("T")
R = TypeVar("R")

_ON_CPU, _ON_GPU = 8, 64


class ModelEncoder:
    """A pretrained model that gives unit vectors.

    It pickles as the way to read it again, so that worker processes get no copy of the weights through a
    pipe.

    Args:
        plan: where the model lies and how it runs.
        model: the model, read.
        card: see :func:`make_card`.
    """

    def __init__(self, plan: Plan, model: Any, card: EncoderCard) -> None:
        self.card = card
        self.model = model
        self._plan = plan
        self.lanes = count_lanes(plan.device)
        self._batches = Batches(model, plan.device, plan.batch_size, self.lanes)

    @property
    def device(self) -> str:
        """Where the model runs, such as ``"cpu"`` or ``"cuda"``."""
        return str(self._plan.device)

    @property
    def batch_size(self) -> int | None:
        """Items per forward; None until it was found by memory."""
        return self._batches.size

    @property
    def frames_at_once(self) -> int:
        """How many frames or clips make one batch of a film, as far as memory allows.

        A CPU is as fast with a few as with many; a GPU wants many.
        """
        return _ON_CPU if self._plan.device.type == "cpu" else _ON_GPU

    def side_by_side(self, function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
        """Yield ``function(item)`` for all items in their order, several under way at a time."""
        return side_by_side(function, items, self.lanes)

    def run(self, forward: Callable[[Sequence[T]], torch.Tensor], items: Sequence[T]) -> NDArray[np.float32]:
        """Unit rows float32 (n, d) that ``forward`` gives for n items."""
        if not len(items):
            return np.zeros((0, self.card.dimension), np.float32)
        return normalise(self.run_raw(forward, items))[0]

    def run_raw(
        self, forward: Callable[[Sequence[T]], torch.Tensor], items: Sequence[T]
    ) -> NDArray[np.float32]:
        """What ``forward`` gives for n ≥ 1 items, as it is: float32 (n, …)."""
        with self._plan.arithmetic():
            return self._batches.run(forward, items)

    def place(self, inputs: Any) -> dict[str, Any]:
        """Input where the model runs, numbers with a fraction in its format."""
        return self._plan.place(inputs)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        from videxplore.stages.encoding.models.load import load_again

        plan = self._plan
        return load_again, (
            plan.source.name,
            plan.source.revision or None,
            self.device,
            self.card.parameters["dtype"],
            plan.batch_size,
            plan.trust_remote_code,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.card.name!r}, {self.card.dimension} columns, {self.device})"


class TextSide(ModelEncoder):
    """A model whose text lies in the space of what it sees or hears."""

    _tokenizer: Any
    _padding: bool | str = True

    def encode_text(self, texts: list[str]) -> NDArray[np.float32]:
        """Return float32 (n, d), rows of unit length; longer texts than the model reads are cut."""
        return self.run(self._read, texts)

    def _read(self, texts: Sequence[str]) -> torch.Tensor:
        return pooled(self.model.get_text_features(**self.place(self._tokens(texts))))

    def _tokens(self, texts: Sequence[str]) -> Any:
        return self._tokenizer(
            list(texts),
            padding=self._padding,
            truncation=True,
            max_length=text_limit(self._tokenizer, self._plan.config.text_config),
            return_tensors="pt",
        )


def pooled(output: Any) -> torch.Tensor:
    """The vectors (n, d) of a ``get_*_features`` call: transformers 5 wraps them in an output object."""
    return output if isinstance(output, torch.Tensor) else output.pooler_output


def make_card(
    plan: Plan,
    dimension: int,
    *,
    modalities: tuple[str, ...],
    block: str = "",
    processor: str,
    sampling: str,
) -> EncoderCard:
    """Return the card of a model.

    Args:
        plan: where the model lies and how it runs.
        dimension: length of a vector.
        modalities: what the model takes in.
        block: name of its only block; the first modality by default.
        processor: class that prepares its input, which says the backend too.
        sampling: what of a segment is looked at, in words.
    """
    parameters = {
        "model_type": plan.config.model_type,
        "processor": processor,
        "dtype": str(plan.dtype).removeprefix("torch."),
        "sampling": sampling,
    }
    if plan.source.licence:
        parameters["licence"] = plan.source.licence
    return EncoderCard(
        plan.source.name,
        dimension,
        modalities=modalities,
        blocks=((block or modalities[0], dimension),),
        revision=plan.source.revision,
        weights_sha256=plan.source.digest(),
        parameters=parameters,
    )
