"""Bars as numbers."""

import pytest

from eventstore.charts import OTHERS, SERIES, nice, stacked


@pytest.mark.parametrize(
    ("most", "end"),
    [(0, 2), (1, 2), (2, 2), (3, 4), (5, 6), (7, 10), (10, 10), (11, 20), (99, 100), (101, 200),
     (42_000, 60_000), (999_999, 1_000_000)],
)  # fmt: skip
def test_the_axis_ends_at_a_round_even_number_that_nothing_exceeds(most, end):
    assert nice(most) == end


def test_bars_are_stacked_from_the_ground_in_the_order_of_the_series():
    chart = stacked([("Mon", {"a": 1, "b": 3}), ("Tue", {})])
    assert chart.series == [("b", 3), ("a", 1)]
    assert (chart.total, chart.ticks) == (4, ["4", "2", "0"])
    low, high = chart.bars[0].parts
    assert (low.series, low.y, low.height) == (0, 25, 75)
    assert (high.series, high.y, high.height) == (1, 0, 25)
    assert chart.bars[1].parts == []
    assert chart.bars[0].words == "Mon: 4 (b 3, a 1)"
    assert chart.bars[1].words == "Tue: 0"


def test_more_series_than_there_are_colours_are_put_together():
    counts = {f"type {n}": n for n in range(1, SERIES + 3)}
    chart = stacked([("now", counts)])
    assert len(chart.series) == SERIES
    assert chart.series[-1] == (OTHERS, 1 + 2 + 3)
    assert sum(chart.bars[0].counts) == chart.total == sum(counts.values())


def test_labels_that_come_twice_stay_two_bars():
    chart = stacked([("02:00", {"a": 1}), ("02:00", {"a": 2})], every=2)
    assert [bar.total for bar in chart.bars] == [1, 2]
    assert chart.labels == ["02:00"]


def test_no_bars_make_an_empty_chart():
    assert stacked([]).total == 0
