"""The nearest of the names that there are, for whoever has mistyped one."""

from collections.abc import Iterable


def nearest(name: str, names: Iterable[str]) -> str:
    """The words that tell the nearest of `names`, if one is near."""
    from difflib import get_close_matches  # needed only when something is wrong

    close = get_close_matches(name, list(names), n=1)
    return f"; did you mean {close[0]}?" if close else ""
