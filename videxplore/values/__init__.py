"""What flows through videxplore: frozen values, checked when built, that print their shapes.

Import a value from the module that defines it: :mod:`~videxplore.values.media`,
:mod:`~videxplore.values.segments`, :mod:`~videxplore.values.vectors`,
:mod:`~videxplore.values.rankings`, :mod:`~videxplore.values.reports`.
"""
