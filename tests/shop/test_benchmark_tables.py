"""What benchmarks make of their samples."""

import json

import pytest
from lxml import etree

from benchmarks.__main__ import mark_down, write
from benchmarks.chart import svg
from benchmarks.table import OURS, Goal, Table


@pytest.fixture
def table():
    goals = [Goal("4 writers", "bare", at_least=0.6), Goal("4 writers", "bare", at_most=0.4)]
    table = Table("append", 'Add "items" & save', "commands/s", goals, machine="2 processors")
    for ours, bare in ((50, 100), (60, 80), (30, 100)):
        table.add("4 writers", OURS, ours)
        table.add("4 writers", "bare", bare)
    return table


def test_a_ratio_is_of_neighbours_in_one_round(table):
    ratio = table.ratio("4 writers", OURS, "bare")
    assert (ratio.median, ratio.low, ratio.high) == (0.5, 0.3, 0.75)


def test_a_goal_that_was_not_reached_is_said_to_be(table):
    said = table.markdown()
    assert "at least 0.6 × bare | 0.50 (0.30–0.75) | **not reached** |" in said
    assert "at most 0.4 × bare | 0.50 (0.30–0.75) | **not reached** |" in said


@pytest.mark.parametrize(
    "goal",
    [Goal("4 writers", "bare", at_least=0.5), Goal("4 writers", "bare", at_most=0.5)],
    ids=str,
)
def test_a_goal_that_was_reached_is_said_to_be(table, goal):
    table.goals = [goal]
    assert "0.50 (0.30–0.75) | reached |" in table.markdown()


def test_contenders_that_took_other_turns_are_not_compared(table):
    table.add("4 writers", OURS, 70)
    with pytest.raises(ValueError, match="zip"):
        table.ratio("4 writers", OURS, "bare")


def test_the_chart_has_a_bar_a_contender_and_is_well_formed(table):
    bars = etree.fromstring(svg(table)).findall("{*}rect")
    assert [round(float(bar.get("width"))) for bar in bars] == [200, 400]


def test_it_lands_as_markdown_json_and_chart(table, tmp_path):
    write(table, tmp_path)
    kept = json.loads((tmp_path / "append.json").read_text())
    assert kept["samples"]["4 writers"][OURS] == [50, 60, 30]
    assert kept["goals"][0]["median"] == 0.5
    assert (tmp_path / "append.md").read_text() == table.markdown() + "\n"


def test_a_page_gets_the_table_between_its_marks_and_keeps_the_rest(table, tmp_path):
    page = tmp_path / "BENCHMARKS.md"
    page.write_text("Before.\n<!-- append -->\nold\n<!-- end of append -->\nAfter.\n")
    mark_down(table, page)
    mark_down(table, page)
    assert page.read_text() == (
        f"Before.\n<!-- append -->\n{table.markdown()}\n<!-- end of append -->\nAfter.\n"
    )


def test_a_page_without_marks_is_refused_and_kept(table, tmp_path):
    page = tmp_path / "BENCHMARKS.md"
    page.write_text("Nothing.\n")
    with pytest.raises(LookupError, match="expected the marks <!-- append -->"):
        mark_down(table, page)
    assert page.read_text() == "Nothing.\n"
