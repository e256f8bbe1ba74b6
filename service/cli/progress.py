"""A progress bar on long work, when a person watches."""

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator

# Shorter work is over before a bar would help.
WORTH_A_BAR = 20


def watched[T](items: Iterable[T], total: int, label: str, outcome: Callable[[T], str] | None = None) -> Iterator[T]:
    """Yield the items, with a bar on stderr where that is a terminal and there are enough of them.

    The bar shows how many are done, the time left, and how often each `outcome` came.
    """
    if total < WORTH_A_BAR or not sys.stderr.isatty():
        yield from items
        return
    from rich import progress  # noqa: PLC0415 - drawing is for people only
    from rich.console import Console  # noqa: PLC0415 - the same

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(bar_width=24),
        progress.MofNCompleteColumn(),
        progress.TimeRemainingColumn(compact=True),
        progress.TextColumn("{task.fields[counts]}"),
    )
    counted: Counter[str] = Counter()
    with progress.Progress(*columns, console=Console(stderr=True)) as bar:
        task = bar.add_task(label, total=total, counts="")
        for item in items:
            if outcome is not None:
                counted[outcome(item)] += 1
            bar.update(task, advance=1, counts=", ".join(f"{count} {name}" for name, count in counted.most_common()))
            yield item
