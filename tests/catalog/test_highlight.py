"""What is marked in a product's name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.highlight import Marks, highlight


def marked(text, words="", begun=""):
    return highlight(text, Marks(frozenset(words.split()), frozenset(begun.split())))


@pytest.mark.parametrize(
    ("text", "words", "begun", "expected"),
    [
        ("Coffee beans", "coffee", "", "<mark>Coffee</mark> beans"),
        ("Coffee beans", "coffee beans", "", "<mark>Coffee</mark> <mark>beans</mark>"),
        ("Coffee beans", "", "cof", "<mark>Cof</mark>fee beans"),
        ("Coffee beans", "coffee", "cof", "<mark>Coffee</mark> beans"),
        ("Coffee beans", "tea", "offee", "Coffee beans"),
        ("Iced coffee, coffee", "coffee", "", "Iced <mark>coffee</mark>, <mark>coffee</mark>"),
        # accents, capitals, letters that fold into two
        ("Crème fraîche", "creme", "fra", "<mark>Crème</mark> <mark>fra</mark>îche"),
        ("Crème fraîche", "", "fraic", "Crème <mark>fraîc</mark>he"),
        ("Cre\u0300me", "", "cre", "<mark>Cre\u0300</mark>me"),
        ("Œufs", "", "o", "<mark>Œ</mark>ufs"),
        # words of several pieces
        ("FLR-25", "flr25", "", "<mark>FLR-25</mark>"),
        ("FLR-25", "flr", "", "<mark>FLR</mark>-25"),
        ("FLR-25", "", "flr2", "<mark>FLR-2</mark>5"),
        ("FLR-25", "", "flr", "<mark>FLR</mark>-25"),
        ("chef's knife", "chef", "", "<mark>chef</mark>&#x27;s knife"),
        ("2,5 kg bag", "2.5", "", "<mark>2,5</mark> kg bag"),
        ("1,000 napkins", "1000", "", "<mark>1,000</mark> napkins"),
        ("25kg sack", "25 kg", "", "<mark>25kg</mark> sack"),
        # nothing
        ("Coffee", "", "", "Coffee"),
        ("", "coffee", "c", ""),
    ],
    ids=str,
)
def test_it_marks_what_was_meant(text, words, begun, expected):
    assert marked(text, words, begun) == expected


def test_what_it_marks_is_text_and_never_markup():
    assert marked("<b>Salt</b> & pepper", "salt", "") == (
        "&lt;b&gt;<mark>Salt</mark>&lt;/b&gt; &amp; pepper"
    )
    assert marked("<script>", "script") == "&lt;<mark>script</mark>&gt;"


@given(
    text=st.text(max_size=60),
    words=st.frozensets(st.text(max_size=4), max_size=4),
    begun=st.frozensets(st.text(max_size=3), max_size=4),
)
def test_without_its_marks_it_is_the_text(text, words, begun):
    bare = highlight(text, Marks(words, begun)).replace("<mark>", "").replace("</mark>", "")
    assert bare == highlight(text, Marks())
