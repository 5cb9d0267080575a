"""A model about to be read: its parts, read from its folder and checked."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch

from videxplore.errors import ModelError
from videxplore.stages.pretrained.source import Source

_UNUSED = ("masked_spec_embed", "mask_token", "position_ids")
"""Weights for training, or computed; models without them are whole."""

_VOCABULARIES = ("tokenizer.json", "vocab.json", "vocab.txt", "*.model")


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be read, and how it is to be run.

    Attributes:
        source: where the model lies.
        config: its configuration, a transformers ``PretrainedConfig``.
        device: where it runs.
        dtype: the format it computes in.
        batch_size: items per forward, None to find it by memory.
        trust_remote_code: whether code that lies with the model may run.
    """

    source: Source
    config: Any
    device: torch.device
    dtype: torch.dtype
    batch_size: int | None
    trust_remote_code: bool

    def read_model(self, kind: Any) -> Any:
        """The weights as a model of the transformers class ``kind``, ready to run, without gradients.

        Raises:
            ModelError: the weights are missing, pickled, damaged, or do not hold all of the model.
        """
        self.source.weights()
        with self._translated("the weights"):
            model, report = kind.from_pretrained(
                self.source.folder,
                config=self.config,
                dtype=self.dtype,
                use_safetensors=True,
                output_loading_info=True,
                **self._options(),
            )
        missing = sorted(k for k in report["missing_keys"] if not k.endswith(_UNUSED))
        if missing:
            raise ModelError(
                f"the weights of {self.source.name!r} lack {len(missing)} tensors that {kind.__name__} needs,"
                f" such as {missing[0]!r}; they would be random. The model was saved as "
                f"{self.config.architectures}: take the checkpoint of the whole model."
            )
        return model.to(self.device).eval().requires_grad_(False)

    def arithmetic(self) -> contextlib.AbstractContextManager[Any]:
        """Where the model runs in a short format on a GPU: sums and exponentials in float32 nevertheless."""
        if self.device.type == "cuda" and self.dtype != torch.float32:
            return torch.autocast("cuda", dtype=self.dtype)
        return contextlib.nullcontext()

    def place(self, inputs: Any) -> dict[str, Any]:
        """Input where the model runs, numbers with a fraction in its format."""
        found = {}
        for name, value in inputs.items():
            tensor = torch.as_tensor(value)
            dtype = self.dtype if tensor.is_floating_point() else tensor.dtype
            if self.device.type == "cuda":
                # From pinned memory it is copied while the GPU computes.
                found[name] = tensor.to(dtype).pin_memory().to(self.device, non_blocking=True)
            else:
                found[name] = tensor.to(self.device, dtype)
        return found

    def read_image_processor(self) -> Any:
        """What turns pictures into input, with Pillow: the torchvision one gives other numbers."""
        from transformers import AutoImageProcessor

        with self._translated("the image processor (preprocessor_config.json or processor_config.json)"):
            return AutoImageProcessor.from_pretrained(self.source.folder, backend="pil", **self._options())

    def read_tokenizer(self) -> Any:
        """What turns text into input."""
        from transformers import AutoTokenizer

        # Where these are missing, transformers makes a tokenizer that knows no word, and says nothing.
        if not any(any(self.source.folder.glob(name)) for name in _VOCABULARIES):
            raise ModelError(
                f"model {self.source.name!r} has no tokenizer: none of {', '.join(_VOCABULARIES)} is in "
                f"{str(self.source.folder)!r}. Fetch it again with download=True, or save the tokenizer "
                "there with save_pretrained."
            )
        with self._translated("the tokenizer (tokenizer.json)"):
            return AutoTokenizer.from_pretrained(self.source.folder, **self._options())

    def read_feature_extractor(self) -> Any:
        """What turns sound into input."""
        from transformers import AutoFeatureExtractor

        with self._translated("the feature extractor (preprocessor_config.json or processor_config.json)"):
            return AutoFeatureExtractor.from_pretrained(self.source.folder, **self._options())

    def read_settings(self, part: str) -> dict[str, Any]:
        """The settings of the processor as they were saved, for a processor whose class needs torchvision.

        Args:
            part: its key where one file holds all processors, such as ``"video_processor"``.
        """
        names = (f"{part.removesuffix('_processor')}_preprocessor_config.json", "preprocessor_config.json")
        whole = self.source.folder / "processor_config.json"
        with self._translated(f"the settings of the {part} (preprocessor_config.json)"):
            if whole.is_file():
                settings = json.loads(whole.read_text("utf-8"))
                return settings.get(part, settings)
            found = next(p for n in names if (p := self.source.folder / n).is_file())
            return json.loads(found.read_text("utf-8"))

    def _options(self) -> dict[str, Any]:
        return {"local_files_only": True, "trust_remote_code": self.trust_remote_code}

    @contextlib.contextmanager
    def _translated(self, part: str) -> Iterator[None]:
        """Reading in silence, and an error that says what could not be read."""
        from safetensors import SafetensorError

        known = (OSError, ValueError, KeyError, RuntimeError, StopIteration, ImportError, SafetensorError)
        try:
            with _quiet():
                yield
        except known as error:
            why = str(error).strip().split("\n")[0] or "there is no such file"
            raise ModelError(
                f"{part} of model {self.source.name!r} cannot be read: {why} Its folder "
                f"{str(self.source.folder)!r} needs all files of the model as published; fetch it again with "
                "download=True, or save model and processor there with save_pretrained."
            ) from error


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without progress bars and reports of the transformers library."""
    from transformers.utils import logging

    level, bars = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bars:
            logging.enable_progress_bar()
