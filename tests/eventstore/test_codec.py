from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

import pytest

from eventstore.codec import Codec, UnreadableEvent, Upcast


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True)
class Part:
    size: int


@dataclass(frozen=True)
class Everything:
    text: str
    whole: int
    yes: bool
    amount: Decimal
    id: UUID
    day: date
    moment: datetime
    colour: Colour
    part: Part
    maybe: str | None
    many: tuple[Part, ...]
    named: Mapping[str, Decimal]


EVERYTHING = Everything(
    text="Crème brûlée 🍮",
    whole=3,
    yes=True,
    amount=Decimal("12.50"),
    id=UUID(int=1),
    day=date(2026, 1, 2),
    moment=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC),
    colour=Colour.RED,
    part=Part(1),
    maybe=None,
    many=(Part(2), Part(3)),
    named={"a": Decimal("1E+2")},
)


@dataclass(frozen=True)
class Renamed:
    new: int
    colour: str


@pytest.fixture
def codec():
    codec = Codec()
    codec.register([Everything])
    return codec


def decode(codec, data, type_="Everything", schema_version=1):
    return codec.decode(type_, schema_version, data, where="stream S version 4")


def test_what_is_stored_is_read_back_equal(codec):
    type_, schema_version, data = codec.encode(EVERYTHING)
    assert (type_, schema_version) == ("Everything", 1)
    assert decode(codec, data) == EVERYTHING


def test_a_decimal_keeps_every_digit(codec):
    assert codec.encode(EVERYTHING).data["amount"] == "12.50"


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("whole", True, "int"),
        ("whole", 3.0, "int"),
        ("whole", "3", "int"),
        ("text", None, "str"),
        ("amount", 12.5, "Decimal"),
        ("amount", "NaN", "Decimal"),
        ("amount", "twelve", "Decimal"),
        ("id", "not-a-uuid", "UUID"),
        ("moment", "yesterday", "datetime"),
        ("colour", "blue", "Colour"),
        ("part", [], "object"),
        ("many", {}, "list"),
        ("named", [], "object"),
        ("maybe", 5, "str"),
    ],
)
def test_a_field_that_does_not_fit_is_refused_with_expected_and_actual(
    codec, field, value, expected
):
    data = codec.encode(EVERYTHING).data | {field: value}
    with pytest.raises(UnreadableEvent) as caught:
        decode(codec, data)
    assert str(caught.value).startswith(f"stream S version 4: expected Everything.{field} to be ")
    assert expected in caught.value.expected
    assert str(value) in caught.value.actual


def test_a_missing_field_is_refused(codec):
    data = codec.encode(EVERYTHING).data
    del data["whole"]
    with pytest.raises(UnreadableEvent, match="exactly the fields"):
        decode(codec, data)


def test_an_extra_field_is_refused(codec):
    with pytest.raises(UnreadableEvent, match="'surprise'"):
        decode(codec, codec.encode(EVERYTHING).data | {"surprise": 1})


def test_a_misfit_deep_inside_is_named_by_its_path(codec):
    data = codec.encode(EVERYTHING).data | {"many": [{"size": 1}, {"size": "big"}]}
    with pytest.raises(UnreadableEvent, match=r"Everything\.many\[1\]\.size to be int"):
        decode(codec, data)


def test_data_that_is_no_object_is_refused(codec):
    with pytest.raises(UnreadableEvent, match="expected Everything to be object, found list"):
        decode(codec, [])


def test_an_unknown_type_is_refused_and_the_known_ones_are_named(codec):
    with pytest.raises(UnreadableEvent, match=r"registered \(Everything\), found Surprise"):
        decode(codec, {}, type_="Surprise")


@pytest.mark.parametrize("schema_version", [0, 2])
def test_a_schema_version_that_the_code_does_not_know_is_refused(codec, schema_version):
    with pytest.raises(UnreadableEvent, match="schema version 1 to 1, found"):
        decode(codec, codec.encode(EVERYTHING).data, schema_version=schema_version)


def test_an_event_that_could_not_be_read_back_is_not_encoded(codec):
    with pytest.raises(UnreadableEvent, match=r"expected int, found str 'x'"):
        codec.encode(Everything(**{**vars(EVERYTHING), "whole": "x"}))


def test_an_unregistered_class_is_not_encoded(codec):
    with pytest.raises(UnreadableEvent, match="a registered event class, found Part"):
        codec.encode(Part(1))


def test_upcasts_bring_old_data_up_one_version_at_a_time():
    codec = Codec()
    codec.register(
        [Renamed],
        upcasts=[
            Upcast("Renamed", 1, lambda data: {"new": data["old"]}),
            Upcast("Renamed", 2, lambda data: {**data, "colour": "red"}),
        ],
    )
    assert codec.schema_versions() == {"Renamed": 3}
    assert codec.encode(Renamed(1, "blue")).schema_version == 3
    for version, data in enumerate([{"old": 1}, {"new": 1}, {"new": 1, "colour": "red"}], start=1):
        assert decode(codec, data, "Renamed", version) == Renamed(1, "red")


def test_an_upcast_that_fails_is_named_with_the_event():
    codec = Codec()
    codec.register([Part], upcasts=[Upcast("Part", 1, lambda data: {"size": data["width"]})])
    with pytest.raises(UnreadableEvent) as caught:
        decode(codec, {"size": 1}, "Part")
    assert str(caught.value) == (
        "stream S version 4: expected Part data that its upcast from schema version 1 can change, "
        "found KeyError('width')"
    )


def test_upcasts_out_of_order_are_refused():
    with pytest.raises(ValueError, match="expected version 1, found version 2"):
        Codec().register([Renamed], upcasts=[Upcast("Renamed", 2, dict)])
    with pytest.raises(ValueError, match="a registered event"):
        Codec().register([Renamed], upcasts=[Upcast("Nobody", 1, dict)])


def test_a_name_is_registered_once(codec):
    with pytest.raises(ValueError, match="one event class named Everything"):
        codec.register([Everything])


def test_only_frozen_dataclasses_of_known_types_are_registered():
    @dataclass
    class Loose:
        a: int

    @dataclass(frozen=True)
    class Vague:
        a: object

    @dataclass(frozen=True)
    class Rounded:
        a: float

    for cls in (Loose, Vague, Rounded, int):
        with pytest.raises(TypeError):
            Codec().register([cls])
