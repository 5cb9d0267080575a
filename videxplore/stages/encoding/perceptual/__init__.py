"""The perceptual encoder: named, calibrated attributes of picture, motion and sound, without weights."""
