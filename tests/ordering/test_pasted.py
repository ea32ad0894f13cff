"""Pasted text and what it orders, as a table: the line, then the quantity and what may be the SKU
or the name, or why the line cannot be taken."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ordering.pasted import MAX_BYTES, MAX_LINES, TooMuch, read

WRITTEN = """
    bare       | FLR-25                            | 1?   FLR-25
    bare       | flr25                             | 1?   flr25
    after      | FLR-25 4                          | 4    FLR-25
    after      | FLR-25 (4)                        | 4    FLR-25
    after      | FLR-25 ..... 4                    | 4    FLR-25
    after      | FLR-25 - 4                        | 4    FLR-25
    after      | flr25: 4                          | 4    flr25
    after      | FLR 25 {EN} 4 pcs                    | 4    FLR 25
    after      | FLR 25 4                          | 4    FLR 25
    after      | FLR-25 Plain wheat flour 4        | 4    FLR-25
    after      | oat milk 2                        | 2    oat milk
    after      | FLR-25 qty: 4                     | 4    FLR-25
    before     | 4 FLR-25                          | 4    FLR-25
    before     | 4 FLR 25                          | 4    FLR 25
    before     | - 4 Stück FLR-25                  | 4    FLR-25
    before     | 4 bags of FLR-25                  | 4    FLR-25
    before     | 2 oat milk 1 l                    | 2    oat milk 1 l
    before     | Menge: 4 FLR-25                   | 4    FLR-25
    times      | 4 x FLR-25                        | 4    FLR-25
    times      | 4× FLR-25                         | 4    FLR-25
    times      | 4xFLR-25                          | 4    FLR-25
    times      | FLR-25 x4                         | 4    FLR-25
    times      | FLR-25 * 4                        | 4    FLR-25
    times      | 2x oat milk                       | 2    oat milk
    times      | Plain wheat flour 25 kg sack x 4  | 4    Plain wheat flour 25 kg sack
    times      | 2 x oat milk 6 x 1 l              | 2    oat milk 6 x 1 l
    cells      | FLR-25⇥4                          | 4    FLR-25
    cells      | 4⇥FLR-25                          | 4    FLR-25
    cells      | FLR-25;4                          | 4    FLR-25
    cells      | FLR-25,4                          | 4    FLR-25
    cells      | FLR-25,"4,0"                      | 4    FLR-25
    cells      | FLR-25;4,0;19,80;79,20            | 4    FLR-25
    cells      | FLR-25⇥Wheat flour⇥4⇥19.80⇥79.20  | 4    FLR-25
    cells      | 19.80⇥79.20⇥4 pcs⇥FLR-25          | 4    FLR-25
    cells      | "Flour, small sack",FLR-5,3       | 3    FLR-5
    cells      | oat milk, 2                       | 2    oat milk
    in an list | 1. FLR-25 4                       | 4    FLR-25
    in an list | • FLR-25 4                        | 4    FLR-25
    in an list | ☐ 4 x FLR-25                      | 4    FLR-25
    in a mail  | > > - 4x FLR-25                   | 4    FLR-25
    in a mail  | Hi Bob, 4 x FLR-25 please         | 4    FLR-25
    in a mail  | bitte noch 4 x FLR-25             | 4    FLR-25
    priced     | FLR-25 4 19.80 79.20              | 4    FLR-25
    priced     | FLR-25 4 €19.80                   | 4    FLR-25
    priced     | 4 x FLR-25 à 19,80 €              | 4    FLR-25
    a number   | FLR-25 {WIDE}                         | 4    FLR-25
    a number   | FLR-25 4.0                        | 4    FLR-25
    a number   | 4,0 FLR-25                        | 4    FLR-25
    a number   | FLR-25 1,000                      | 1000 FLR-25
    a number   | 1.000 FLR-25                      | 1000 FLR-25
    a number   | FLR-25 1'000                      | 1000 FLR-25
    a number   | FLR-25 1°000                      | 1000 FLR-25
    a number   | FLR-25°4                          | 4    FLR-25
    explained  | FLR-25 0                          | quantity-out-of-range 0
    explained  | FLR-25 -4                         | quantity-out-of-range -4
    explained  | {MINUS}4 x FLR-25                       | quantity-out-of-range -4
    explained  | FLR-25 10000                      | quantity-out-of-range 10000
    explained  | FLR-25;10.000                     | quantity-out-of-range 10.000
    explained  | FLR-25 1.5                        | quantity-not-whole 1.5
    explained  | 1,5 x FLR-25                      | quantity-not-whole 1,5
    explained  | FLR-25⇥½                          | quantity-not-whole 1{SLASH}2
    explained  | 4 kg flour                        | quantity-measured 4 kg
    explained  | FLR-25 10 kg                      | quantity-measured 10 kg
    explained  | FLR-25 4 25                       | which-quantity 4/25
    explained  | FLR-25⇥4⇥25                       | which-quantity 4/25
    explained  | FLR-25 1 000                      | which-quantity 1/000
    explained  | x 4                               | no-product
    explained  | "FLR-25⇥4                         | open-quote
"""
SIGNS = {"{EN}": "\u2013", "{MINUS}": "\u2212", "{WIDE}": "\uff14", "{SLASH}": "\u2044"}
SIGNS |= {"⇥": "\t", "°": "\N{NO-BREAK SPACE}"}
TABLE = [re.split(r"\s+\|\s+", line.strip()) for line in WRITTEN.strip().splitlines()]


def told(entry):
    """An entry as the table writes it."""
    if entry.readings:
        first = entry.readings[0]
        how_many = "1?" if first.quantity is None else str(first.quantity)
        return how_many, first.codes[0] if first.codes else first.name
    shown = entry.trouble.params.get("actual") or "/".join(entry.trouble.params.get("numbers", ()))
    return entry.trouble.code, str(shown)


def orders(text):
    return [told(entry) for entry in read(text).entries]


@pytest.mark.parametrize(
    ("line", "expected"),
    [(line, expected) for _, line, expected in TABLE],
    ids=[f"{n:02} {line!a}" for n, (_, line, _) in enumerate(TABLE)],
)
def test_a_line_is_read_as_people_write_it(line, expected):
    for sign, written in SIGNS.items():
        line, expected = line.replace(sign, written), expected.replace(sign, written)
    [(first, rest)] = orders(line)
    assert f"{first} {rest}".split() == expected.split()


def test_the_table_has_at_least_forty_lines_in_six_shapes():
    assert len(TABLE) >= 40
    assert len({shape for shape, _, _ in TABLE}) >= 6


@pytest.mark.parametrize(
    "line",
    [
        "Hi Bob,",
        "Sehr geehrte Frau Kühn,",
        "Thanks!",
        "Mit freundlichen Grüßen",
        "Our order for Saturday:",
        "Could you send us these, please?",
        "Please leave it all at the back door.",
        "From: alice@example.com",
        "On Mon, 23 Nov 2026 at 10:00, Bob wrote:",
        "-----",
        "|---|---|",
        "Total 12 221.90",
    ],
)
def test_what_orders_nothing_is_left_out_and_told(line):
    pasted = read(f"\n{line}\n4 x FLR-25")
    assert [told(entry) for entry in pasted.entries] == [("4", "FLR-25")]
    assert pasted.left_out == ((2, line),)


def test_a_signature_is_left_out_and_what_is_still_ordered_below_it_is_not():
    text = "2 x oat milk\nKind regards\nAlice\n12 Harbour Street\n+49 30 123456\nPS: 4 x FLR-25"
    assert orders(text) == [("2", "oat milk"), ("4", "FLR-25")]


def test_several_orders_on_one_line_are_told_apart():
    text = "please send 4 x FLR-25, 2 x BUT-10 and 3 x oat milk\nTEA-EG 1, COF-1 5"
    assert orders(text) == [
        ("4", "FLR-25"),
        ("2", "BUT-10"),
        ("3", "oat milk"),
        ("1", "TEA-EG"),
        ("5", "COF-1"),
    ]
    assert [entry.number for entry in read(text).entries] == [1, 1, 1, 2, 2]


def test_the_head_of_a_table_says_which_column_is_the_quantity():
    text = (
        "Pos\tPrice\tOrder quantity\tDescription\tArticle no.\n"
        "1\t20\t4\tWheat flour\tFLR-25\n"
        "2\t70\t\tButter\tBUT-10\n"
        "3\t15\t1,5\tCoffee\tCOF-1\n"
        "\t\t6\t\t\n"
    )
    pasted = read(text)
    assert [told(entry) for entry in pasted.entries] == [
        ("4", "FLR-25"),
        ("quantity-not-whole", "1,5"),
    ]
    # Its row of nothing asked for, and its sum, order nothing; and a row keeps what says its cells.
    assert [number for number, _ in pasted.left_out] == [1, 3, 5]
    assert {entry.head for entry in pasted.entries} == {text.splitlines()[0]}


def test_a_german_head_is_read_too():
    text = "Artikelnummer;Bezeichnung;Menge;ME;Einzelpreis\nBUT-10;Butter;1.000;Karton;71,35 €"
    assert orders(text) == [("1000", "BUT-10")]


def test_without_a_head_a_column_that_counts_the_rows_and_one_that_sums_them_up_are_passed_over():
    rows = "1\tFLR-25\t4\t20.00\t80\n2\tBUT-10\t2\t70.00\t140\n3\tCOF-1\t7\t15.00\t105"
    assert orders(rows) == [("4", "FLR-25"), ("2", "BUT-10"), ("7", "COF-1")]


def test_without_a_head_two_columns_of_whole_numbers_are_asked_about():
    rows = "FLR-25\t4\t20\nBUT-10\t2\t70"
    assert orders(rows) == [("which-quantity", "4/20"), ("which-quantity", "2/70")]


def test_what_may_be_a_sku_or_a_quantity_is_read_both_ways():
    [entry] = read("FLR 25").entries
    assert [(one.quantity, one.codes[0]) for one in entry.readings] == [
        (None, "FLR 25"),
        (25, "FLR"),
    ]
    # Neither is certain where there is no such SKU.
    [entry] = read("flour 25 4").entries
    assert [(one.quantity, one.codes[0]) for one in entry.readings] == [(4, "flour 25")]
    assert entry.trouble.params == {"numbers": ("25", "4")}
    [entry] = read("FLR-25x4").entries
    assert [(one.quantity, one.codes[0]) for one in entry.readings] == [
        (None, "FLR-25x4"),
        (4, "FLR-25"),
    ]


def test_a_line_keeps_its_number_and_its_words_whatever_its_ends_of_line():
    pasted = read("\r\n  4 x FLR-25  \r\rBUT-10 2\n")
    assert [(entry.number, entry.raw) for entry in pasted.entries] == [
        (2, "4 x FLR-25"),
        (4, "BUT-10 2"),
    ]


@pytest.mark.parametrize(
    ("text", "unit", "expected", "actual"),
    [
        ("FLR-25 4\n\n" * (MAX_LINES + 1), "lines", MAX_LINES, MAX_LINES + 1),
        ("é" * (MAX_BYTES // 2 + 1), "bytes", MAX_BYTES, MAX_BYTES + 2),
    ],
    ids=["lines", "bytes"],
)
def test_more_than_the_most_is_refused_with_the_limit_and_what_came(text, unit, expected, actual):
    with pytest.raises(TooMuch) as caught:
        read(text)
    assert (caught.value.unit, caught.value.expected, caught.value.actual) == (
        unit,
        expected,
        actual,
    )
    assert str(caught.value) == f"expected at most {expected} {unit}, found {actual}"


def test_a_line_that_is_too_long_is_explained():
    assert orders("4 x FLR-25 " + "and so on " * 30)[0][0] == "line-too-long"
    assert orders("x" * 1_001)[0] == ("line-too-long", "1001")


PIECES = st.sampled_from(
    [
        *"0149xX×-,;:.\t|>\"'()½€$@=\n ",
        "FLR-25",
        "oat",
        " x ",
        "Qty",
        "SKU",
        "kg",
        "pcs",
        "\0",
        "\ud800",
    ]
)


@given(st.one_of(st.text(max_size=200), st.lists(PIECES, max_size=60).map("".join)))
def test_any_text_is_read_and_no_line_of_it_is_lost(text):
    pasted = read(text)
    told_of = {entry.number for entry in pasted.entries} | {n for n, _ in pasted.left_out}
    assert told_of == {n for n, line in enumerate(text.splitlines(), 1) if line.strip()}
    for entry in pasted.entries:
        assert bool(entry.readings) or bool(entry.trouble)
        assert all(one.codes or one.name for one in entry.readings)
        assert all(one.quantity is None or 1 <= one.quantity <= 9_999 for one in entry.readings)
