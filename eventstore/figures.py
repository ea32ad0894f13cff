"""Figures that admins see first: the store itself knows none of the shop's.

Each app registers its own in its AppConfig, and the dashboard shows them.
"""

from collections.abc import Callable
from dataclasses import dataclass

MOST_COUNTED = 10_000  # and there may be more


@dataclass(frozen=True, eq=False)
class Figure:
    """`value` counts, in few and bounded queries, to MOST_COUNTED at the most; `page` is the
    address of what it counts. `permission` is what somebody needs to be told. `label` may be
    lazy."""

    label: str
    permission: str
    value: Callable[[], int]
    page: Callable[[], str]


# In the order in which they are shown; filled by the apps' AppConfigs.
figures: list[Figure] = []


def register_figure(figure: Figure) -> None:
    if any(one.label == figure.label for one in figures):
        raise ValueError(f"expected one figure named {figure.label}, found two")
    figures.append(figure)
