"""Catalogs of any size, made of the shop's own: its products, as other makers and sizes sell them.

The makers' names are made up, and some are far more common than others, as in any trade."""

import csv
import random
from pathlib import Path

from catalog.source import CATEGORIES, PRODUCTS

MAKERS = 4_000
SYLLABLES = (
    "ba ber bo cor da del fa fen gra hal ka lin lor ma mer na nor pa ren sa sol ta tor va wen"
)
GRADES = ("", "", "", "organic", "fine", "classic", "premium", "family", "chef's", "value")
IN_GERMAN = {
    "organic": "Bio",
    "fine": "fein",
    "classic": "klassisch",
    "family": "Familienpackung",
    "chef's": "Profi",
    "value": "Spar",
}
SEED = 8


def write(folder: Path, products: int) -> tuple[Path, Path]:
    """The two files for load_catalog, with their German texts beside them; the same ones each
    time. Fewer products than the shop has are some of its own."""
    chance = random.Random(SEED)  # noqa: S311  (nothing secret)
    fields, own = _read(PRODUCTS)
    german_fields, german = _read(PRODUCTS.with_suffix(".de.csv"))
    in_german = {row["sku"]: row for row in german}
    rows = chance.sample(own, min(products, len(own)))
    german_rows = [in_german[row["sku"]] for row in rows]
    makers = [_maker(chance) for _ in range(MAKERS)]
    weights = [1 / (rank + 10) for rank in range(MAKERS)]
    for number in range(products - len(rows)):
        base = own[number % len(own)]
        [maker] = chance.choices(makers, weights)
        grade, size = chance.choice(GRADES), chance.choice((1, 2, 4, 5, 6, 10, 12, 20, 24, 50))
        sku = f"{base['sku'].partition('-')[0][:3]}X-{number}"
        rows.append(
            base
            | {
                "sku": sku,
                "name": " ".join(f"{maker} {grade} {base['name']}".split())[:80],
                "unit": f"{base['unit']}, {size} pieces"[:40],
                "price": f"{chance.randint(90, 9_900) / 100:.2f}",
            }
        )
        text = in_german[base["sku"]]
        graded = f"{maker} {IN_GERMAN.get(grade, grade)} {text['name']}"
        german_rows.append(
            text
            | {
                "sku": sku,
                "name": " ".join(graded.split())[:80],
                "unit": f"{text['unit']}, {size} Stück"[:40],
            }
        )
    used = {row["category"] for row in rows}
    paths = folder / "products.csv", folder / "categories.csv"
    _write(paths[0], fields, rows)
    _write(paths[0].with_suffix(".de.csv"), german_fields, german_rows)
    for suffix in (".csv", ".de.csv"):
        names, categories = _read(CATEGORIES.with_suffix(suffix))
        _write(paths[1].with_suffix(suffix), names, [c for c in categories if c["slug"] in used])
    return paths


def _maker(chance: random.Random) -> str:
    return "".join(chance.choice(SYLLABLES.split()) for _ in range(chance.randint(2, 3))).title()


def _read(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(newline="", encoding="utf-8") as file:
        reader = csv.DictReader(file)
        return list(reader.fieldnames), list(reader)


def _write(path: Path, fields: list[str], rows: list[dict[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, fields)
        writer.writeheader()
        writer.writerows(rows)
