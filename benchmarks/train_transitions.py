"""Train the net that finds gradual transitions and write ``transition_net.npz`` and its card.

    OMP_NUM_THREADS=1 python benchmarks/train_transitions.py

It sees synthetic clips alone (``videxplore.studio.transitions``): seeds 1,000 to 1,239, takes from the
sample films of the split ``dev`` and drawn ones. No real clip and no film of the split ``test`` is looked at,
neither for weights nor for thresholds. Five minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from videxplore.stages.features.cuts import CutDistances
from videxplore.stages.segmentation import transition_net
from videxplore.stages.segmentation.transition_net import CLASSES, DILATIONS, WIDTH_IN, read_inputs
from videxplore.studio.takes import film_takes
from videxplore.studio.transitions import Clip, draw_clip, draw_disturbed
from videxplore.values.media import Series

HIDDEN = 24
SEEDS = range(1000, 1240)
DISTURBED = range(1000, 1060)


class Net(nn.Module):
    """The layers of ``transition_net``, for training."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Linear(WIDTH_IN, HIDDEN)
        self.middle = nn.ModuleList(nn.Conv1d(HIDDEN, HIDDEN, 3, dilation=d) for d in DILATIONS)
        self.last = nn.Linear(HIDDEN, len(CLASSES))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """(b, n, inputs) → (b, n, classes)."""
        hidden = functional.relu(self.first(x)).transpose(1, 2)
        for layer, dilation in zip(self.middle, DILATIONS, strict=True):
            padded = functional.pad(hidden, (dilation, dilation), mode="replicate")
            hidden = hidden + functional.relu(layer(padded))
        return self.last(hidden.transpose(1, 2))


def measure_clip(clip: Clip) -> Series:
    distances = CutDistances()
    distances.push(clip.frames, np.arange(len(clip.frames)) / 25)
    return distances.series()


def label(clip: Clip) -> np.ndarray:
    """Class per frame; −1 where the first and last mixed frames cannot be told from their neighbours."""
    labels = np.zeros(len(clip.frames), np.int64)
    for first, last, kind in clip.gradual:
        labels[first : last + 1] = CLASSES.index(kind)
        for edge in (first, last):
            labels[max(0, edge - 1) : edge + 2] = -1
    return labels


def train(inputs: list[np.ndarray], labels: list[np.ndarray], *, epochs: int, window: int = 320) -> Net:
    torch.manual_seed(0)
    rng = np.random.default_rng(0)
    net = Net()
    steps = epochs * (sum(map(len, inputs)) // (16 * window) + 1)
    optimiser = torch.optim.AdamW(net.parameters(), lr=4e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, total_steps=steps)
    weight = torch.tensor([1.0, 1.5, 1.5, 1.5])
    share = np.array([len(x) for x in inputs], float)
    for step in range(steps):
        xs, ys = [], []
        for k in rng.choice(len(inputs), 16, p=share / share.sum()):
            start = int(rng.integers(0, max(1, len(inputs[k]) - window)))
            xs.append(inputs[k][start : start + window])
            ys.append(labels[k][start : start + window])
        short = min(map(len, xs))
        x = torch.from_numpy(np.stack([x[:short] for x in xs]))
        y = torch.from_numpy(np.stack([y[:short] for y in ys]))
        loss = functional.cross_entropy(net(x).transpose(1, 2), y, weight=weight, ignore_index=-1)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        if step % 200 == 0 or step == steps - 1:
            print(f"step {step} of {steps}: loss {loss.item():.3f}", flush=True)
    return net


def export(net: Net) -> dict[str, np.ndarray]:
    arrays = {"first": net.first.weight.T, "first_bias": net.first.bias}
    for k, layer in enumerate(net.middle):
        arrays |= {f"middle{k}": layer.weight.permute(2, 1, 0), f"middle{k}_bias": layer.bias}
    arrays |= {"last": net.last.weight.T, "last_bias": net.last.bias}
    return {name: np.ascontiguousarray(a.detach().numpy(), np.float32) for name, a in arrays.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=24)
    parser.add_argument("--out", type=Path, default=Path(transition_net.__file__).with_suffix(".npz"))
    given = parser.parse_args()
    pool = film_takes("dev")
    clips = [draw_clip(seed, pool) for seed in SEEDS] + [draw_disturbed(seed, pool) for seed in DISTURBED]
    net = train([read_inputs(measure_clip(c)) for c in clips], [label(c) for c in clips], epochs=given.epochs)
    arrays = export(net)
    np.savez(given.out, **arrays)
    card = {
        "what": "says of every frame whether it belongs to a dissolve, a wipe, a fade or none",
        "weights": int(sum(a.size for a in arrays.values())),
        "trained_on": f"{sum(len(c.frames) for c in clips)} frames: {len(SEEDS)} synthetic clips with "
        f"transitions, {len(DISTURBED)} with flashes and whips alone; takes from the sample films of the "
        "split dev, and drawn ones",
        "seeds": {"clips": [SEEDS[0], SEEDS[-1]], "disturbed": [DISTURBED[0], DISTURBED[-1]], "training": 0},
        "epochs": given.epochs,
        "never_seen": "real video; sample films of the split test",
        "made_by": "benchmarks/train_transitions.py",
        "licence": "that of this project",
    }
    given.out.with_suffix(".json").write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
