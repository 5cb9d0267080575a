"""The device and the number format that suit this machine."""

from __future__ import annotations

import os

import torch

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}

_UNKNOWN_BYTES = 4 << 30
"""Taken as free where the system does not say."""


def choose_device(device: str | None) -> torch.device:
    """Return the wanted device; by default CUDA, else Apple's MPS, else the CPU.

    Raises:
        ValueError: there is no such device here.
    """
    if device is None:
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    here = ["cpu"]
    if torch.cuda.is_available():
        here += ["cuda", *(f"cuda:{i}" for i in range(torch.cuda.device_count()))]
    if torch.backends.mps.is_available():
        here.append("mps")
    if device not in here:
        raise ValueError(f"device={device!r} is not here; allowed: None (the best), {', '.join(here)}.")
    return torch.device(device)


def choose_dtype(dtype: str | None, device: torch.device) -> torch.dtype:
    """Return the wanted number format; by default bfloat16 where the device computes in it, else float32.

    A CPU counts only with instructions for it (AVX512-BF16 or AMX): without them bfloat16 is emulated,
    slower than float32 and less exact.

    Raises:
        ValueError: ``dtype`` is no format that models are run in.
    """
    if dtype is not None:
        if dtype not in DTYPES:
            raise ValueError(
                f"dtype={dtype!r} is not allowed; allowed: None (the best), {', '.join(DTYPES)}."
            )
        return DTYPES[dtype]
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        native = device.type == "cpu" and has_bfloat16()
    return torch.bfloat16 if native else torch.float32


def has_bfloat16() -> bool:
    """Whether this CPU multiplies in bfloat16."""
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


def free_bytes(device: torch.device) -> int:
    """Memory that is free on ``device``, in bytes."""
    if device.type == "cuda":
        return torch.cuda.mem_get_info(device)[0]
    if device.type == "mps":
        return torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory()
    if "SC_AVPHYS_PAGES" in os.sysconf_names:
        return os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return _UNKNOWN_BYTES


def release(device: torch.device) -> None:
    """Give cached memory back to the device."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
