"""Stored JSON as HTML: highlighted by classes, since the pages allow no inline styles."""

import json
import re
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import JsonLexer

# Characters that turn the text around them: shown as JSON writes them, so that they are seen.
TURNING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
SUMMARY = 90  # characters


def unturned(text: str) -> str:
    return TURNING.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def highlighted(value: Any) -> SafeString:
    """`value` as indented JSON for a <pre>."""
    text = unturned(json.dumps(value, indent=2, ensure_ascii=False))
    formatter = HtmlFormatter(nowrap=True, classprefix="json-")
    return mark_safe(highlight(text, JsonLexer(), formatter).rstrip("\n"))  # noqa: S308  (escaped)


def summary(data: Any) -> str:
    """`data` on one line: "sku FLR-25, quantity 5"; what is empty is left out."""
    if not isinstance(data, dict):
        return Truncator(unturned(json.dumps(data, ensure_ascii=False))).chars(SUMMARY)
    said = ", ".join(
        f"{name} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)}"
        for name, value in data.items()
        if value not in (None, "")
    )
    return Truncator(unturned(" ".join(said.split()))).chars(SUMMARY)
