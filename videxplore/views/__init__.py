"""What shows: value in, picture out. Pixels come through callables."""
