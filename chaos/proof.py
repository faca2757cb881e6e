"""What a proof is: it makes trouble, prints its figures, and raises when a promise is broken."""

from collections.abc import Iterable
from typing import Protocol

from bench.figure import Figure, lines


class Proof(Protocol):
    """A module of this folder. Its docstring's first line is the promise that it puts to trouble.

    `__name__` and `__doc__` are what every module has.
    """

    __name__: str
    __doc__: str | None

    def run(self, short: bool) -> list[str]:
        """The lines to print; `short` is the slice that the tests run, in seconds.

        Raises AssertionError when the promise is broken.
        """


def held(figures: Iterable[Figure]) -> list[str]:
    """The table of the figures; raises AssertionError, with the table, when one is short."""
    found = list(figures)
    table = lines(found)
    if not all(one.holds for one in found):
        raise AssertionError("\n".join(table))
    return table


def named(proof: Proof) -> str:
    """What it is called on the command line."""
    return proof.__name__.rpartition(".")[2]
