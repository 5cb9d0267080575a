"""Encoders by name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from videxplore.stages.encoding.installed import installed_names, load_installed
from videxplore.stages.encoding.perceptual.encoder import PerceptualEncoder
from videxplore.stages.encoding.protocol import Encoder, check_encoder
from videxplore.stages.encoding.strategies.rebuild import is_made_of_others, rebuild
from videxplore.values.checks import check_kind
from videxplore.values.vectors import EncoderCard

PERCEPTUAL, SENTENCES = "perceptual", "sentences"


def encoder(name: str | os.PathLike[str] = PERCEPTUAL, **options: Any) -> Encoder:
    """Return the encoder called ``name``.

    Args:
        name: ``"perceptual"``, named audio-visual attributes; ``"sentences"``, what is said, by its meaning,
            with the model that the extra of that name installs; the name of an encoder that an installed
            package brings (:data:`~videxplore.stages.encoding.installed.GROUP`); or a pretrained model: the
            path of its folder, or its id on the Hugging Face hub, such as
            ``"openai/clip-vit-base-patch32"``. A model that is not on this machine is fetched only with
            ``download=True``.
        **options: of the encoder. For a model: ``device``, ``dtype``, ``batch_size``, ``revision``,
            ``download``, ``local_files_only``, ``trust_remote_code``, see
            :func:`~videxplore.stages.encoding.models.load.load_encoder`.

    Raises:
        ModelError: there is no such model on this machine, or it cannot be used; says what to do.
        MissingExtraError: ``"sentences"``, and that extra is not installed.
        ValueError: an option is not allowed.
    """
    check_kind("name", name, (str, os.PathLike), "the name of an encoder, or the path or id of a model")
    if name == PERCEPTUAL:
        return PerceptualEncoder(**options)
    if name == SENTENCES:
        from videxplore.stages.encoding.models.load import load_bundled

        return load_bundled(SENTENCES, **options)
    text = os.fspath(name).strip()
    brought = load_installed(text, **options)
    if brought is not None:
        return brought
    if not text or ("/" not in text and os.sep not in text and not Path(text).is_dir()):
        names = ", ".join(map(repr, (PERCEPTUAL, SENTENCES, *installed_names())))
        raise ValueError(
            f"name={text!r} is no encoder; allowed: {names}, the path of a folder with a model, or "
            "the id of a model on the Hugging Face hub, such as 'openai/clip-vit-base-patch32'. An object of "
            "your own with .card and .encode_frames() serves wherever an encoder is expected."
        )
    from videxplore.stages.encoding.models.load import load_encoder

    return load_encoder(text, **options)


def as_encoder(encoder_or_name: Encoder | str) -> Encoder:
    """Return an encoder itself, or the one of that name.

    Raises:
        TypeError: it is neither.
    """
    if isinstance(encoder_or_name, str):
        return encoder(encoder_or_name)
    check_encoder(encoder_or_name)
    return encoder_or_name


def restore(card: EncoderCard) -> Encoder:
    """Return the encoder that a card describes, as far as it is on this machine.

    Raises:
        ValueError: its name is not known here (of an encoder of one's own), or the model is missing.
    """
    if is_made_of_others(card):
        return rebuild(card, restore)
    if card.name in (PERCEPTUAL, SENTENCES, *installed_names()) or "dtype" not in card.parameters:
        return encoder(card.name)
    return encoder(card.name, revision=card.revision or None, dtype=card.parameters["dtype"])
