"""What the store's admin pages say the same way everywhere."""

import json
import re

from django import template

register = template.Library()


@register.filter
def in_words(name: str) -> str:
    """ "Change quantity" of "ChangeQuantity", "Order closed" of "order-closed"."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|-", " ", name).capitalize()


@register.filter
def as_json(value) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
