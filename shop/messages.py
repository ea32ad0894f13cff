"""The catalogues of translations: collected from the code, and compiled. Needs no GNU gettext.

python -m shop.messages update     texts that are new, changed or gone, into each .po file
python -m shop.messages compile    each .po file that is newer than its .mo, into that
"""

import io
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
LANGUAGES = ["de"]  # those of settings.LANGUAGES that are not written in the code
# Where a catalogue is, and the folders whose texts are in it.
CATALOGUES = {
    "locale": ("shop", "catalog", "ordering", "templates"),
    "eventstore/locale": ("eventstore",),
}
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
WIDTH = 100
# Of a .po file's header: what changes each time, and what is known to git.
UNWANTED = tuple(
    f'"{name}:'.encode()
    for name in (
        "Report-Msgid-Bugs-To",
        "POT-Creation-Date",
        "PO-Revision-Date",
        "Last-Translator",
        "Language-Team",
        "Generated-By",
    )
)


def collect(*folders: Path) -> Catalog:
    """The texts that go through translation, without any translation."""
    collected = Catalog()
    for file, line, text, comments, context in _texts(folders):
        where = [(file.relative_to(ROOT).as_posix(), line)] if file.is_relative_to(ROOT) else []
        collected.add(text, locations=where, auto_comments=comments, context=context)
    return collected


def _texts(folders: tuple[Path, ...]) -> Iterator[tuple]:
    for file in sorted(file for folder in folders for file in folder.rglob("*")):
        if file.suffix == ".py":
            source = file.read_text()
        elif file.suffix in (".html", ".txt") and "templates" in file.parts:
            # Django makes calls of a template's texts; in a template the indentation means nothing.
            calls = templatize(file.read_text(), origin=str(file))
            source = "\n".join(line.lstrip() for line in calls.split("\n"))
        else:
            continue
        code = io.BytesIO(source.encode())
        tags = ["Translators"]
        for line, text, comments, context in extract("python", code, KEYWORDS, tags):
            yield file, line, text, comments, context


def read(po: Path) -> Catalog:
    """Raises PoFileError, with the line, for a file that is none."""
    with po.open("rb") as file:
        return read_po(file, locale=po.parts[-3], abort_invalid=True)


def po_files() -> list[Path]:
    files = [_po(path, code) for path in CATALOGUES for code in LANGUAGES]
    return [file for file in files if file.exists()]


def _po(path: str, code: str) -> Path:
    return ROOT / path / code / "LC_MESSAGES/django.po"


def update() -> None:
    for path, folders in CATALOGUES.items():
        texts = collect(*(ROOT / folder for folder in folders))
        for code in LANGUAGES:
            po = _po(path, code)
            catalogue = read(po) if po.exists() else _new(code)
            catalogue.update(texts, update_creation_date=False)
            po.parent.mkdir(parents=True, exist_ok=True)
            _write(po, catalogue)


def _new(code: str) -> Catalog:
    return Catalog(
        locale=code,
        project="Tandem",
        version="1",
        header_comment="# Its msgids are collected from the code by make messages.",
        fuzzy=False,
    )


def _write(po: Path, catalogue: Catalog) -> None:
    written = io.BytesIO()
    # Without the lines of the code: those change with every other commit.
    write_po(written, catalogue, width=WIDTH, ignore_obsolete=True, include_lineno=False)
    lines = written.getvalue().splitlines(keepends=True)
    text = b"".join(line for line in lines if not line.startswith(UNWANTED))
    if not po.exists() or po.read_bytes() != text:  # or what was compiled would seem old
        po.write_bytes(text)


def stale() -> list[Path]:
    """The .po files that are newer than what is compiled of them."""

    def compiled(po: Path) -> float:
        mo = po.with_suffix(".mo")
        return mo.stat().st_mtime if mo.exists() else 0

    return [po for po in po_files() if compiled(po) < po.stat().st_mtime]


def compile_stale() -> None:
    for po in stale():
        mo = po.with_suffix(".mo")
        # Whole or not at all: processes that start at the same time may both do it.
        with tempfile.TemporaryDirectory(dir=po.parent, prefix=".") as aside:
            written = Path(aside, mo.name)
            with written.open("wb") as file:
                write_mo(file, read(po))
            written.replace(mo)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["update"]:
            update()
        case ["compile"]:
            compile_stale()
        case _:
            sys.exit(f"{__doc__}\nexpected update or compile, found {' '.join(sys.argv[1:])!r}")
