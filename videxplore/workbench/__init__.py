"""Where stages and views meet. Thin: it wires, it does not compute."""
