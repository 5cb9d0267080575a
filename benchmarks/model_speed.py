"""How fast the models of docs/encoders.md run on one core: random weights in their published shapes.

CPU time of one thread, so that other work on the machine counts little; best of some repeats. What decoding,
preparing pictures and reading words cost comes on top: see ``encoding.py``.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable

import torch
import transformers as tf
from tables import show

SIDE = 224
VIT_B16 = {
    "hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 12, "num_attention_heads": 12,
    "patch_size": 16,
}  # fmt: skip

Made = tuple[torch.nn.Module, Callable[[], dict[str, torch.Tensor]]]


def pictures(side: int = SIDE, count: int = 1) -> dict[str, torch.Tensor]:
    return {"pixel_values": torch.rand(count, 3, side, side)}


def clip(frames: int, side: int = SIDE) -> dict[str, torch.Tensor]:
    return {"pixel_values": torch.rand(1, frames, 3, side, side)}


MODELS: dict[str, tuple[str, Callable[[], Made]]] = {
    "CLIP ViT-B/32": ("frame", lambda: (tf.CLIPVisionModel(tf.CLIPVisionConfig()), pictures)),
    "SigLIP base-16": ("frame", lambda: (tf.SiglipVisionModel(tf.SiglipVisionConfig()), pictures)),
    "DINOv2 base-14": ("frame", lambda: (tf.Dinov2Model(tf.Dinov2Config(image_size=518)), pictures)),
    "DINOv3 base-16": ("frame", lambda: (tf.DINOv3ViTModel(tf.DINOv3ViTConfig(**VIT_B16)), pictures)),
    "BLIP base, 384": (
        "frame", lambda: (tf.BlipVisionModel(tf.BlipVisionConfig(image_size=384)), lambda: pictures(384)),
    ),
    "X-CLIP base-32": (
        "clip of 8", lambda: (tf.XCLIPVisionModel(tf.XCLIPVisionConfig()), lambda: pictures(count=8)),
    ),
    "VideoMAE base": ("clip of 16", lambda: (tf.VideoMAEModel(tf.VideoMAEConfig()), lambda: clip(16))),
    "AST base": (
        "10 s of sound",
        lambda: (tf.ASTModel(tf.ASTConfig()), lambda: {"input_values": torch.rand(1, 1024, 128)}),
    ),
    "CLAP HTSAT": (
        "10 s of sound",
        lambda: (
            tf.ClapAudioModel(tf.ClapAudioConfig()),
            lambda: {"input_features": torch.rand(1, 1, 1001, 64), "is_longer": torch.zeros(1, 1).bool()},
        ),
    ),
    "wav2vec 2.0 base": (
        "10 s of sound",
        lambda: (tf.Wav2Vec2Model(tf.Wav2Vec2Config()), lambda: {"input_values": torch.rand(1, 160_000)}),
    ),
    "Whisper base, encoder": (
        "30 s of sound",
        lambda: (
            tf.WhisperModel(
                tf.WhisperConfig(
                    d_model=512, encoder_layers=6, decoder_layers=6, encoder_attention_heads=8,
                    decoder_attention_heads=8, encoder_ffn_dim=2048, decoder_ffn_dim=2048,
                )
            ).encoder,
            lambda: {"input_features": torch.rand(1, 80, 3000)},
        ),
    ),
}  # fmt: skip
"""Name -> what one item is, and what builds model and input."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--times", type=int, default=3, help="repeats, of which the best counts")
    times = parser.parse_args().times
    torch.set_num_threads(1)
    # Layers come with weights of their own; drawing them anew takes longer than all passes together.
    tf.PreTrainedModel.init_weights = lambda self: None
    rows = []
    for name, (item, make) in MODELS.items():
        model, inputs = make()
        model.eval()
        weights = sum(p.numel() for p in model.parameters())
        row: dict[str, object] = {"model": name, "item": item, "million weights": round(weights / 1e6)}
        for dtype in (torch.float32, torch.bfloat16):
            seconds = measure(model.to(dtype), inputs, dtype, times)
            row[f"per s, {str(dtype).removeprefix('torch.')}"] = round(1 / seconds, 2)
        rows.append(row)
    show(f"items per second of one core, best of {times}", rows)


def measure(model: torch.nn.Module, inputs, dtype: torch.dtype, times: int) -> float:
    """CPU seconds of one forward pass."""
    given = {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs().items()}
    spent = []
    with torch.inference_mode():
        model(**given)
        for _ in range(times):
            start = time.process_time()
            model(**given)
            spent.append(time.process_time() - start)
    return min(spent)


if __name__ == "__main__":
    main()
