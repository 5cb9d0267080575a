"""Two small pretrained classifiers as zero-shot encoders: things seen (MobileNetV2), sounds heard (YAMNet).

Neither ever saw a caption. Each needs the files that :func:`models_folder` describes, and its runtime:
``onnxruntime`` for the one, ``ai-edge-litert`` for the other.
"""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import numpy as np

import videxplore as vx

MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


def models_folder() -> Path | None:
    """The folder named by ``VIDEXPLORE_MODELS``, else ``../shared/models``; None where it is not there.

    It holds ``mobilenet_v2_quant.onnx``, ``imagenet_labels_1000_wnid.txt``, ``conse_clipbank/`` (vectors of
    the labels and of 2,964 nouns in the space of CLIP's texts), ``yamnet.tflite``, ``yamnet_class_map.csv``.
    """
    default = Path(__file__).resolve().parents[2] / "shared" / "models"
    folder = Path(os.environ.get("VIDEXPLORE_MODELS", default))
    return folder if (folder / "mobilenet_v2_quant.onnx").is_file() else None


def see(model: Path):
    """A function from frames to probabilities (n, 1000)."""
    import onnxruntime
    from PIL import Image

    session = onnxruntime.InferenceSession(model)

    def classify(frames):
        rows = []
        for rgb in frames.rgb:
            side = min(rgb.shape[:2])
            top, left = (rgb.shape[0] - side) // 2, (rgb.shape[1] - side) // 2
            square = Image.fromarray(rgb[top : top + side, left : left + side]).resize((224, 224))
            pixels = ((np.asarray(square) / 255 - MEAN) / STD).astype("float32").transpose(2, 0, 1)
            rows.append(session.run(None, {"input": pixels[None]})[0][0])
        powers = np.exp(np.array(rows) - np.max(rows, axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    return classify


def hear(model: Path):
    """A function from clips of 16 kHz to the mean scores (n, 521) of their stretches of 0.975 s."""
    from ai_edge_litert.interpreter import Interpreter

    net = Interpreter(str(model))
    net.allocate_tensors()
    source, target = net.get_input_details()[0]["index"], net.get_output_details()[0]["index"]

    def classify(clips):
        rows = []
        for clip in clips:
            samples = np.pad(clip.samples, (0, -len(clip.samples) % 15600 or 15600 * (not len(clip.samples))))
            scores = []
            for stretch in samples.reshape(-1, 1, 15600):
                net.set_tensor(source, stretch.astype("float32"))
                net.invoke()
                scores.append(net.get_tensor(target)[0])
            rows.append(np.mean(scores, axis=0))
        return np.array(rows)

    return classify


def clip_words(folder: Path) -> vx.WordVectors:
    """The nouns of the bank, in the space of CLIP's texts."""
    words = json.loads((folder / "conse_clipbank" / "vocab.json").read_text())
    vectors = np.load(folder / "conse_clipbank" / "vocab_vectors_f16.npy").astype("float32")
    return vx.WordVectors(dict(zip(words, vectors, strict=True)))


def things(folder: Path, texts=None) -> vx.ConvexCombination:
    """What is seen: in the space of the bank, or of ``texts`` (a sentence encoder)."""
    if texts is None:
        labels = np.load(folder / "conse_clipbank" / "class_to_clip_1001x512_f16.npy")[1:]
        texts, space = clip_words(folder), "clip nouns"
    else:
        lines = (folder / "imagenet_labels_1000_wnid.txt").read_text().splitlines()
        labels, space = texts.encode_text([line.split(" ", 1)[1] for line in lines]), "sentences"
    classify = see(folder / "mobilenet_v2_quant.onnx")
    return vx.ConvexCombination(classify, labels, texts, name="mobilenet-v2", parameters={"space": space})


def sounds(folder: Path, texts) -> vx.ConvexSounds:
    """What is heard, in the space of ``texts``: nouns of the bank, or a sentence encoder."""
    with (folder / "yamnet_class_map.csv").open(newline="") as lines:
        names = [row["display_name"] for row in csv.DictReader(lines)]
    classify = hear(folder / "yamnet.tflite")
    space = "clip nouns" if isinstance(texts, vx.WordVectors) else "sentences"
    return vx.ConvexSounds(
        classify, texts.encode_text(names), texts, name="yamnet", top=10, parameters={"space": space}
    )
