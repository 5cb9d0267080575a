"""Optional packages: a missing one becomes an error that names the extra to install."""

from __future__ import annotations

from videxplore.errors import MissingExtraError


def missing_extra(package: str, extra: str, purpose: str) -> MissingExtraError:
    """Return the error to raise where an optional ``package`` cannot be imported.

    Call sites keep a real ``import`` statement, so that readers and tools see the dependency::

        try:
            import pooch
        except ImportError as error:
            raise missing_extra("pooch", "clips", "fetching the open clips") from error

    Args:
        package: name of the package that failed to import.
        extra: the extra of videxplore that installs it (a key of ``[project.optional-dependencies]``).
        purpose: what the user was doing, as a noun phrase.
    """
    return MissingExtraError(
        f"{purpose} needs the package {package!r}, which is not installed. "
        f"Install it with: pip install 'videxplore[{extra}]', then restart the kernel."
    )
