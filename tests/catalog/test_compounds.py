from catalog.compounds import Compounds


def test_a_compound_ends_in_words_that_stand_alone_longest_first():
    assert Compounds(["essig", "weinessig"]).ends("weissweinessig") == ["weinessig", "essig"]
    assert Compounds(["milch"]).ends("mandelmilch") == ["milch"]


def test_one_and_many_are_the_same_word():
    assert Compounds(["tomate"]).ends("kirschtomaten") == ["tomaten"]
    assert Compounds(["zwiebeln"]).ends("gemusezwiebel") == ["zwiebel"]


def test_a_short_word_or_a_short_beginning_makes_no_compound():
    assert Compounds(["ei", "eis", "rot"]).ends("vollkornbrot") == []
    assert Compounds(["wein"]).ends("schwein") == []


def test_a_word_is_no_compound_of_itself():
    assert Compounds(["milch"]).ends("milch") == []
