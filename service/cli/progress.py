"""A progress bar on long work, when a person watches."""

import sys
from collections.abc import Iterable, Iterator

# Shorter work is over before a bar would help.
WORTH_A_BAR = 20


def watched[T](items: Iterable[T], total: int, label: str) -> Iterator[T]:
    """Yield the items, with a bar on stderr where that is a terminal and there are enough of them."""
    if total < WORTH_A_BAR or not sys.stderr.isatty():
        yield from items
        return
    from rich.console import Console  # noqa: PLC0415 - drawing is for people only
    from rich.progress import track  # noqa: PLC0415 - the same

    yield from track(items, total=total, description=label, console=Console(stderr=True))
