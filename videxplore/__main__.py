"""`python -m videxplore` is the `videxplore` command."""

from videxplore.workbench.cli import main

if __name__ == "__main__":
    main()
