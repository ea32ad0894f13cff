"""Every text that people read goes through translation, and German has them all."""

import re
from itertools import zip_longest
from pathlib import Path

import django
import pytest
from babel.messages.pofile import PoFileError, read_po
from django.conf import settings
from django.core.checks import run_checks
from django.utils import translation

from shop import messages
from shop.django_texts import MISSING, MORE
from shop.messages import ROOT
from tests.translating import strays_of_template

# In English on purpose: the API and its documentation are for programmers.
ENGLISH = {"ninja/swagger.html"}
TEMPLATES = sorted(
    file
    for folder in (ROOT / "templates", ROOT / "eventstore/templates")
    for file in folder.rglob("*.*")
    if file.relative_to(folder).as_posix() not in ENGLISH
)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}|<[^>]+>|&\w+;")
CATALOGUES = [
    pytest.param(po, folders, id=f"{path}-{code}")
    for path, folders in messages.CATALOGUES.items()
    for code in messages.LANGUAGES
    if (po := ROOT / path / code / "LC_MESSAGES/django.po").exists()
]
every_catalogue = pytest.mark.parametrize(("po", "folders"), CATALOGUES)


@pytest.mark.parametrize(
    "file", TEMPLATES, ids=[file.relative_to(ROOT).as_posix() for file in TEMPLATES]
)
def test_no_text_of_a_template_escapes_translation(file):
    assert strays_of_template(file) == []


@pytest.mark.parametrize(
    ("template", "line", "text"),
    [
        ("<p>\n  Hello</p>", 2, "Hello"),
        ('<p>\n<b aria-label="Hello you">1</b></p>', 2, "Hello you"),
        ('{% if x %}<input placeholder="Type">{% endif %}', 1, "Type"),
        ('{% translate "a" %}\n{{ x }} of', 2, "of"),
        ('{{ x|default:"Nobody" }}', 1, "Nobody"),
        ('{% include "a.html" with text="Not here" %}', 1, "Not here"),
        ("{% blocktranslate %}a{% endblocktranslate %} b", 1, "b"),
        ('{# a #}<p class="row">1 · {{ x }}</p>é', 1, "é"),
    ],
)
def test_a_text_that_escapes_is_found_with_its_line(template, line, text, tmp_path):
    file = tmp_path / "page.html"
    file.write_text(template)

    assert strays_of_template(file) == [f"page.html:{line}: {text}"]


def test_what_is_translated_or_a_name_does_not_escape(tmp_path):
    file = tmp_path / "page.html"
    file.write_text(
        '{% load i18n %}<title>{% translate "Hello" %} · Tandem</title>'
        '<a title="{% blocktranslate %}Hello {{ x }}{% endblocktranslate %}" class="button">×</a>'
        '{% include "toast.html" with text=_("Hello you") %}{% icon "arrow-left" %}'
        '<p translate="no">Tan<b>dem and so on</b></p><style>p { color: red }</style>'
    )

    assert strays_of_template(file) == []


@every_catalogue
def test_a_catalogue_has_every_text_of_the_code_and_no_other(po, folders):
    wanted = {(m.context, m.id) for m in messages.collect(*(ROOT / one for one in folders)) if m.id}
    catalogue = messages.read(po)
    there = {(message.context, message.id) for message in catalogue if message.id}

    assert (wanted - there, there - wanted) == (set(), set()), "run make messages"
    assert catalogue.obsolete == {}


@every_catalogue
def test_every_text_is_translated_with_the_same_placeholders(po, folders):
    wrong = []
    for message in messages.read(po):
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string)
        if not ids[0]:
            continue
        if message.fuzzy or not all(strings):
            wrong.append(f"{ids[0]!r} is not translated")
        # One form for the singular, as many as the language has for the plural.
        for source, string in zip_longest(ids, strings, fillvalue=ids[-1]):
            wanted = sorted(PLACEHOLDER.findall(source))
            if sorted(PLACEHOLDER.findall(string)) != wanted:
                wrong.append(f"{ids[0]!r}: expected {wanted} in {string!r}")
    assert wrong == []


def test_every_language_of_the_settings_has_its_catalogue_and_its_formats():
    codes = [code for code, _ in settings.LANGUAGES]

    assert sorted(codes) == sorted([settings.LANGUAGE_CODE, *messages.LANGUAGES])
    for code in codes:
        assert (ROOT / "shop/formats" / code / "formats.py").exists()


def test_what_is_collected_comes_from_code_and_templates_with_context_and_plural(tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates/a.html").write_text(
        '{% load i18n %}\n  <p>{% translate "One" %}</p>\n'
        "    {% blocktranslate trimmed count n=n %}\n  {{ n }} cow\n {% plural %}{{ n }} cows"
        '{% endblocktranslate %}\n{{ x|default:_("None at all") }}'
    )
    (tmp_path / "b.py").write_text('pgettext_lazy("of a file", "Open")\nprint("not this")\n')
    (tmp_path / "c.txt").write_text('{% translate "No template" %}')

    found = {(message.context, message.id) for message in messages.collect(tmp_path) if message.id}

    assert found == {
        (None, "One"),
        (None, ("%(n)s cow", "%(n)s cows")),
        (None, "None at all"),
        ("of a file", "Open"),
    }


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A project of its own with one text."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    (tmp_path / "shop").mkdir()
    code = tmp_path / "shop/code.py"
    code.write_text('gettext("Good day")\n')
    messages.update()
    return code


def po_of(root: Path) -> Path:
    return root / "locale/de/LC_MESSAGES/django.po"


def test_updating_adds_what_is_new_drops_what_is_gone_and_keeps_what_was_translated(
    elsewhere, tmp_path
):
    po = po_of(tmp_path)
    po.write_text(
        po.read_text()
        .replace('msgstr ""\n', 'msgstr "Guten Tag"\n')
        .replace('msgid ""\nmsgstr "Guten Tag"', 'msgid ""\nmsgstr ""')
    )
    elsewhere.write_text('gettext("Good day")\ngettext("Entirely other words")\n')
    messages.update()
    once, at = po.read_text(), po.stat().st_mtime_ns
    messages.update()

    assert (po.read_text(), po.stat().st_mtime_ns) == (once, at)
    catalogue = messages.read(po)
    assert catalogue["Good day"].string == "Guten Tag"
    assert catalogue["Entirely other words"].string == ""

    elsewhere.write_text('gettext("Entirely other words")\n')
    messages.update()
    assert "Good day" not in po.read_text()


def test_compiling_is_done_when_it_is_due_and_the_check_says_when_it_is(elsewhere, tmp_path):
    told = [found.msg for found in run_checks() if found.id == "shop.W001"]
    assert "locale/de/LC_MESSAGES/django.po is newer than what is compiled of it." in told

    messages.compile_stale()
    mo = po_of(tmp_path).with_suffix(".mo")
    made = mo.stat().st_mtime_ns
    messages.compile_stale()

    assert mo.stat().st_mtime_ns == made
    assert not [found for found in run_checks() if found.id == "shop.W001"]
    assert [file.name for file in mo.parent.iterdir() if file.name.startswith(".")] == []


def test_a_broken_catalogue_is_named_with_its_line_and_compiles_to_nothing(elsewhere, tmp_path):
    po = po_of(tmp_path)
    po.write_text(po.read_text() + 'nonsense "a"\n')

    with pytest.raises(PoFileError) as broken:
        messages.compile_stale()

    assert not po.with_suffix(".mo").exists()
    assert broken.value.lineno > 5


def test_german_is_compiled_and_read():
    with translation.override("de"):
        assert translation.gettext("Complete order") == "Bestellung abschließen"


def test_what_stands_in_for_djangos_german_is_what_that_lacks():
    """A new Django may have it: then ours goes."""
    texts = {}
    for file in Path(django.__file__).parent.rglob("locale/de/LC_MESSAGES/django.po"):
        with file.open("rb") as opened:
            texts |= {one.id: one.string for one in read_po(opened) if one.id and not one.fuzzy}
    assert [text for text in MISSING if texts.get(text)] == []
    with translation.override("de"):
        assert translation.gettext("- Select an option -") == "– Bitte wählen –"
        assert str(MORE % {"count": 2}) == "… und 2 weitere Objekte."
