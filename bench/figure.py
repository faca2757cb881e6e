"""A measured figure, its bound, and the line it is printed as."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Bound(StrEnum):
    """Which side of its bound a figure has to be on."""

    AT_MOST = "≤"
    AT_LEAST = "≥"
    EXACTLY = "="
    NONE = ""


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One line of the table. `base` is what the figure was held against in the same run."""

    name: str
    value: float
    unit: str = ""
    bound: Bound = Bound.NONE
    limit: float = 0
    base: str = ""
    remark: str = ""

    @property
    def holds(self) -> bool:
        """Whether the figure is within its bound; one without a bound always is."""
        match self.bound:
            case Bound.AT_MOST:
                return self.value <= self.limit
            case Bound.AT_LEAST:
                return self.value >= self.limit
            case Bound.EXACTLY:
                return self.value == self.limit
            case Bound.NONE:
                return True


def lines(figures: Iterable[Figure]) -> list[str]:
    """The table: what, how much, its bound, OK or short, and against what."""
    return [_line(one) for one in figures]


def _line(one: Figure) -> str:
    bounded = one.bound is not Bound.NONE
    bound = f"{one.bound} {_number(one.limit)}" if bounded else ""
    verdict = ("OK" if one.holds else "short") if bounded else ""
    said = " · ".join(part for part in (one.base, one.remark) if part)
    value = f"{_number(one.value)} {one.unit}".rstrip()
    return f"  {one.name:<61} {value:>13}  {bound:<8} {verdict:<6} {said}".rstrip()


def _number(value: float) -> str:
    if value == int(value):
        return f"{int(value):,}"
    return f"{value:,.1f}" if value >= 10 else f"{value:.2f}"  # noqa: PLR2004 - three digits
