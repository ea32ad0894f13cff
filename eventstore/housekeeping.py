"""What nobody waits for: apps register their chores, and whoever runs the projections does them."""

from collections.abc import Callable

_chores: list[Callable[[], object]] = []


def register_chores(*chores: Callable[[], object]) -> None:
    """Each is called without arguments, now and then, in no transaction."""
    _chores.extend(chores)


def tidy() -> None:
    for chore in _chores:
        chore()
