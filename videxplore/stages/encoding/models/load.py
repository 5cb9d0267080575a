"""From the id or folder of a model to the adapter of its kind."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib import import_module
from typing import Any

import torch

from videxplore.errors import ModelError
from videxplore.stages.encoding.protocol import Encoder
from videxplore.stages.encoding.sentences import bundled_folder
from videxplore.stages.pretrained.hardware import choose_device, choose_dtype
from videxplore.stages.pretrained.plan import Plan
from videxplore.stages.pretrained.source import Source, find_source, read_config

_ADAPTERS = {
    "clip": "image_text.ImageTextEncoder",
    "siglip": "image_text.ImageTextEncoder",
    "siglip2": "image_text.ImageTextEncoder",
    "blip": "blip.BlipPictureEncoder",
    "blip-2": "blip.BlipPictureEncoder",
    "dinov2": "features.PictureEncoder",
    "dinov2_with_registers": "features.PictureEncoder",
    "dinov3_vit": "features.PictureEncoder",
    "dinov3_convnext": "features.PictureEncoder",
    "xclip": "video.VideoTextEncoder",
    "videomae": "video.TubeletEncoder",
    "vjepa2": "video.TubeletEncoder",
    "clap": "audio.SoundTextEncoder",
    "audio-spectrogram-transformer": "audio.SpectrogramEncoder",
    "wav2vec2": "audio.SpeechEncoder",
    "whisper": "audio.SpeechEncoder",
    "qwen3_vl": "chat.ChatEncoder",
    "vilt": "single_stream.SingleStreamEncoder",
}
"""Model type, as config.json says, -> module and class."""

SUPPORTED = (*sorted(_ADAPTERS), "any sentence-transformers model")

_TOLD = (
    f"Supported are the model types {', '.join(SUPPORTED)}; code that comes with a model runs only with "
    "trust_remote_code=True."
)


def load_encoder(
    name: str | os.PathLike[str],
    *,
    device: str | None = None,
    dtype: str | None = None,
    batch_size: int | None = None,
    revision: str | None = None,
    download: bool = False,
    local_files_only: bool = False,
    trust_remote_code: bool = False,
) -> Encoder:
    """Return the encoder for a pretrained model.

    Args:
        name: folder, or id on the Hugging Face hub.
        device: ``"cuda"``, ``"cuda:1"``, ``"mps"`` or ``"cpu"``; by default the first of them that is there.
        dtype: ``"float32"``, ``"bfloat16"`` or ``"float16"``; by default bfloat16 where the device
            computes in it, else float32.
        batch_size: items per forward; by default found by memory. Halved where memory runs out.
        revision: branch, tag or commit on the hub.
        download: fetch what is not on this machine. Nothing is ever fetched otherwise.
        local_files_only: never fetch; contradicts ``download``.
        trust_remote_code: let code that lies with the model run.

    Raises:
        ModelError: the model is not on this machine, incomplete, pickled, or of a kind not supported.
        MissingExtraError: a sentence-transformers model, and that library is not installed.
        ValueError: an option is not allowed.
    """
    if download and local_files_only:
        raise ValueError("download=True and local_files_only=True contradict each other; give one of them.")
    source = find_source(name, revision=revision, download=download)
    config = read_config(source, trust_remote_code=trust_remote_code, supported=_TOLD)
    if (source.folder / "modules.json").is_file():
        return _load_sentences(source, config, device, dtype)
    if config.model_type not in _ADAPTERS:
        raise ModelError(
            f"model {source.name!r} is of the type {config.model_type!r}, which has no adapter; supported "
            f"are {', '.join(SUPPORTED)}. Wrap it in an object of your own with .card and .encode_frames()."
        )
    chosen = choose_device(device)
    plan = Plan(source, config, chosen, choose_dtype(dtype, chosen), batch_size, trust_remote_code)
    return _adapter(config)(plan)


def load_bundled(name: str, *, device: str | None = None, dtype: str | None = None) -> Encoder:
    """Return the sentence encoder that the extra ``sentences`` installs; its card says ``name``.

    Raises:
        MissingExtraError: the extra is not installed.
        ValueError: another device or dtype than those of sentence encoders.
    """
    source = replace(find_source(bundled_folder()), name=name)
    config = read_config(source, trust_remote_code=False, supported=_TOLD)
    return _load_sentences(source, config, device, dtype)


def load_again(
    name: str, revision: str | None, device: str, dtype: str, batch_size: int | None, trust_remote_code: bool
) -> Encoder:
    """What unpickling an encoder calls."""
    return load_encoder(
        name,
        revision=revision,
        device=device,
        dtype=dtype,
        batch_size=batch_size,
        trust_remote_code=trust_remote_code,
    )


def _adapter(config: Any) -> Any:
    from videxplore.stages.encoding.models.blip import MATCHING

    path = _ADAPTERS[config.model_type]
    if (config.architectures or [""])[0] in MATCHING:
        path = "blip.BlipMatchingEncoder"
    module, _, kind = path.partition(".")
    return getattr(import_module(f"videxplore.stages.encoding.models.{module}"), kind)


def _load_sentences(source: Source, config: Any, device: str | None, dtype: str | None) -> Encoder:
    from videxplore.stages.encoding.models.said import SaidEncoder

    if device not in (None, "cpu") or dtype not in (None, "float32"):
        raise ValueError(
            f"device={device!r}, dtype={dtype!r}: sentence encoders run on device='cpu' in dtype='float32'."
        )
    return SaidEncoder(Plan(source, config, torch.device("cpu"), torch.float32, None, False))
