"""What transforms: value in, value out. Nothing here draws."""
