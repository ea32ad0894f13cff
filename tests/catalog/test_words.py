import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.words import fold, index_terms, joined, misspellings, sku_terms, split

LETTERS = "abcdefghijklmnopqrstuvwxyz"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Café", "cafe"),
        ("Crème fraîche", "creme fraiche"),
        ("Cafe\N{COMBINING ACUTE ACCENT}", "cafe"),
        ("Straße", "strasse"),
        ("Œufs", "oeufs"),
        ("Smørrebrød", "smorrebrod"),
    ],
)
def test_accents_and_capitals_do_not_matter(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("flour 25", [["flour"], ["25"]]),
        ("FLR-25", [["flr", "25"]]),
        ("25kg", [["25", "kg"]]),
        ("2.5 kg", [["2.5"], ["kg"]]),
        ("2,5 kg", [["2.5"], ["kg"]]),
        ("case of 1,000", [["case"], ["of"], ["1000"]]),
        ("baker's", [["baker", "s"]]),
        ("!!! -- \x00 '", []),
        ("", []),
    ],
)
def test_a_text_is_split_into_words_of_letters_and_numbers(text, words):
    assert split(text) == words


def test_a_word_of_several_pieces_is_also_found_as_one():
    assert index_terms("semi-skimmed milk") == ["semi", "skimmed", "semiskimmed", "milk"]


def test_half_a_number_is_not_another_number():
    assert "25" not in index_terms("2.5 kg")
    assert joined(["2.5"]) == "2.5"


def test_a_sku_is_found_whole_by_its_beginning_and_by_its_number():
    assert sku_terms("FLR-25") == ["flr25", "flr", "25"]
    assert sku_terms("TEA-GR") == ["teagr", "tea"]


def test_a_word_of_any_length_stays_within_the_tables_column():
    assert split("x" * 300) == [["x" * 50]]
    assert len(joined(["x" * 50, "9" * 50])) == 50


@pytest.mark.parametrize("word", ["", "g", "kg", "25", "flr25", "2.5"])
def test_numbers_codes_and_short_words_have_no_misspellings(word):
    assert misspellings(word) == set()


@given(
    st.text(LETTERS, min_size=5, max_size=20),
    st.sampled_from(["insert", "leave out", "replace", "swap"]),
    st.integers(0, 18),
    st.sampled_from(LETTERS),
)
def test_a_word_and_one_with_a_typing_error_share_a_key(word, error, place, letter):
    i = place % (len(word) - 1)
    typed = {
        "insert": word[:i] + letter + word[i:],
        "leave out": word[:i] + word[i + 1 :],
        "replace": word[:i] + letter + word[i + 1 :],
        "swap": word[:i] + word[i + 1] + word[i] + word[i + 2 :],
    }[error]
    assert misspellings(word) & misspellings(typed)


@given(st.text(LETTERS, max_size=60))
def test_a_word_has_few_keys_and_short_ones(word):
    keys = misspellings(word)
    assert len(keys) <= 29
    assert all(len(key) <= 7 for key in keys)


@given(st.text(max_size=200))
def test_any_text_splits_into_words_that_split_into_themselves(text):
    for pieces in split(text):
        for piece in pieces:
            assert split(piece) == [[piece]]
