"""The film studio in code: sample videos whose truth is known to the frame."""
