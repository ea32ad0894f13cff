"""Why something was refused, in the language of whoever reads it.

A refusal is kept as its code and params. The domain's own message is English, for the API and the
log: here it is translated, and so are the words among its params.
"""

from typing import Any

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from ordering.domain.refusal import MESSAGES, Refused
from ordering.domain.values import FAR_TOO_LARGE

# The params that are words, and how each is told.
WORDS = {
    "status": {
        "open": pgettext_lazy("status of an order", "open"),
        "completed": pgettext_lazy("status of an order", "completed"),
        "cancelled": pgettext_lazy("status of an order", "cancelled"),
    },
    "field": {
        "reference": pgettext_lazy("field", "reference"),
        "note": pgettext_lazy("field", "note"),
        "reason": pgettext_lazy("field", "reason"),
        "name": pgettext_lazy("field", "name"),
    },
    "actual": {FAR_TOO_LARGE: _("a number far too large")},
}


def explain(refused: Refused) -> str:
    return explain_code(refused.code, refused.params)


def explain_code(code: str, params: dict[str, Any]) -> str:
    """Raises KeyError for what this version of the shop does not know, or without its params."""
    words = {name: WORDS.get(name, {}).get(value, value) for name, value in params.items()}
    return gettext(MESSAGES[code]).format(**words)
