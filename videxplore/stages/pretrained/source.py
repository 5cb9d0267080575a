"""Where the weights of a model lie, and what is known about them."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from videxplore.errors import ModelError

_ID = re.compile(r"[\w.-]+/[\w.-]+")
_LICENCE = re.compile(r"^license:[ \t]*([^\s#]+)", re.MULTILINE)
_DIGEST = re.compile(r"[0-9a-f]{64}")
_WANTED = ("*.json", "*.txt", "*.model", "*.jinja", "*.safetensors", "README.md")
_UNWANTED = ("onnx/*", "openvino/*", "coreml/*", "flax/*", "original/*")
_PICKLED = (".bin", ".pt", ".pth", ".ckpt")


@dataclass(frozen=True, slots=True)
class Source:
    """A model on this disk.

    Attributes:
        name: id on the Hugging Face hub, or the absolute path of a folder.
        folder: where its files lie.
        revision: commit of the hub, empty for a folder of one's own.
        licence: as the README in the folder says, else an empty string.
    """

    name: str
    folder: Path
    revision: str
    licence: str

    @property
    def title(self) -> str:
        """The name for people: of a folder its last part only."""
        return self.folder.name if Path(self.name).is_absolute() else self.name

    def weights(self) -> list[Path]:
        """The weight files, all safetensors.

        Raises:
            ModelError: there are none, or only files that run code when they are read (pickles).
        """
        found = sorted(self.folder.glob("*.safetensors"))
        if found:
            return found
        pickled = sorted(p.name for p in self.folder.iterdir() if p.suffix in _PICKLED)
        if pickled:
            raise ModelError(
                f"model {self.name!r} has only pickled weights ({', '.join(pickled)}), which can run any "
                "code when they are read; only *.safetensors are loaded. Look for a revision with "
                "safetensors (revision=…), or convert them where you trust them: load the model there and "
                "call model.save_pretrained(folder)."
            )
        raise ModelError(
            f"model {self.name!r} has no weights: there is no *.safetensors in {os.fspath(self.folder)!r}. "
            "Complete the folder, or fetch the model again with download=True."
        )

    def digest(self) -> str:
        """SHA-256 of the weights: of the one file, or of the sorted list of names and digests."""
        digests = [(path.name, _sha256(path)) for path in self.weights()]
        if len(digests) == 1:
            return digests[0][1]
        return hashlib.sha256("".join(f"{d}  {name}\n" for name, d in digests).encode()).hexdigest()


def find_source(
    name: str | os.PathLike[str],
    *,
    revision: str | None = None,
    download: bool = False,
    opener: str = "vx.encoder",
) -> Source:
    """Return the model called ``name``: a folder, else what the local cache of the hub holds.

    Args:
        name: path of a folder, or an id such as ``"openai/clip-vit-base-patch32"``.
        revision: branch, tag or commit on the hub; its main branch by default.
        download: fetch what is not on this machine. Nothing is ever fetched otherwise.
        opener: what the user calls to open such a model, for the error that says how to fetch it.

    Raises:
        ModelError: there is no such model on this machine, or fetching it failed.
    """
    text = os.fspath(name)
    folder = Path(text).expanduser()
    if folder.is_dir():
        if revision is not None:
            raise ModelError(f"revision={revision!r} names a state on the hub; {text!r} is a folder.")
        return Source(os.fspath(folder.resolve()), folder.resolve(), "", _licence(folder))
    if not _is_id(text) or folder.is_absolute():
        raise ModelError(
            f"{text!r} is neither a folder on this machine nor an id of the form 'owner/model'. "
            "Check the path, or give an id such as 'openai/clip-vit-base-patch32'."
        )
    snapshot = _fetched(text, revision) if download else _cached(text, revision, opener)
    return Source(text, snapshot, snapshot.name, _licence(snapshot))


def read_config(source: Source, *, trust_remote_code: bool, supported: str) -> Any:
    """Return the configuration of a model as transformers reads it.

    Args:
        source: the model.
        trust_remote_code: let code that lies with it run.
        supported: for the error, a sentence about what could be read.

    Raises:
        ModelError: it cannot be read, or is of a kind that transformers does not know.
    """
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(
            source.folder, local_files_only=True, trust_remote_code=trust_remote_code
        )
    except (OSError, ValueError, KeyError) as error:
        raise ModelError(
            f"the configuration of model {source.name!r} cannot be read: {_first_line(error)} {supported}"
        ) from error


def _is_id(text: str) -> bool:
    from huggingface_hub.utils import HFValidationError, validate_repo_id

    try:
        validate_repo_id(text)
    except HFValidationError:
        return False
    return _ID.fullmatch(text) is not None


def _cached(name: str, revision: str | None, opener: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import LocalEntryNotFoundError

    try:
        # Without patterns, so that an answer never depends on files that nobody needs.
        return Path(snapshot_download(name, revision=revision, local_files_only=True))
    except LocalEntryNotFoundError as error:
        state = "" if revision is None else f" at revision {revision!r}"
        raise ModelError(
            f"model {name!r}{state} is not on this machine, and nothing is downloaded unasked. "
            f"{opener}({name!r}, download=True) would fetch its configuration, its processor and its "
            f"*.safetensors weights from the Hugging Face hub (https://huggingface.co/{name} tells size and "
            "licence). Without network: copy its folder here and give the path."
        ) from error


def _fetched(name: str, revision: str | None) -> Path:
    from huggingface_hub import constants, snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    if constants.is_offline_mode():
        raise ModelError(
            "download=True, but HF_HUB_OFFLINE forbids it. Unset HF_HUB_OFFLINE and restart the kernel, or "
            f"give the path of a folder with {name!r}."
        )
    try:
        return Path(
            snapshot_download(
                name, revision=revision, allow_patterns=list(_WANTED), ignore_patterns=list(_UNWANTED)
            )
        )
    except (HfHubHTTPError, LocalEntryNotFoundError, OSError) as error:
        raise ModelError(
            f"model {name!r} could not be fetched from the Hugging Face hub: {_first_line(error)} Check the "
            "id, the network, and whether the model wants you to accept its licence and log in."
        ) from error


def _first_line(error: Exception) -> str:
    lines: Sequence[str] = str(error).strip().splitlines() or [type(error).__name__]
    return lines[0].rstrip(".") + "."


def _licence(folder: Path) -> str:
    """What the front matter of the model card says."""
    readme = folder / "README.md"
    if not readme.is_file():
        return ""
    parts = readme.read_text("utf-8", errors="replace").split("---", 2)
    found = _LICENCE.search(parts[1]) if len(parts) == 3 and not parts[0].strip() else None
    return found[1].strip("'\"") if found else ""


def _sha256(path: Path) -> str:
    blob = path.resolve()
    # The hub's cache names large files by their digest.
    if blob.parent.name == "blobs" and _DIGEST.fullmatch(blob.name):
        return blob.name
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
