"""Picture processors that transformers has for torchvision only, with Pillow."""

from __future__ import annotations

from typing import Any

_MEAN = [0.485, 0.456, 0.406]
_STD = [0.229, 0.224, 0.225]


def processor_like(settings: dict[str, Any], *, size: dict[str, int] | None = None) -> Any:
    """Return a processor that takes the steps of one whose class needs torchvision.

    Resize, crop where wanted, scale to [0, 1], normalise. Pillow resizes whole numbers where torchvision
    resizes fractions, so vectors differ a little from torchvision's; the card names the class.

    Args:
        settings: of the processor, as saved with the model.
        size: target of the resizing; by default what the settings say.
    """
    from transformers import BitImageProcessorPil

    return BitImageProcessorPil(
        size=size or settings.get("size", {"height": 224, "width": 224}),
        resample=settings.get("resample", 2),
        do_center_crop=bool(settings.get("do_center_crop")),
        crop_size=settings.get("crop_size"),
        image_mean=settings.get("image_mean", _MEAN),
        image_std=settings.get("image_std", _STD),
    )
