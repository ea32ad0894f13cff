"""What `manage.py check` says of the translations."""

from django.core.checks import Warning, register

from shop import messages


@register()
def translations_are_compiled(**kwargs) -> list[Warning]:
    """Without its .mo file a language is English, and nothing else would tell."""
    return [
        Warning(
            f"{po.relative_to(messages.ROOT)} is newer than what is compiled of it.",
            hint="Run `python -m shop.messages compile`, as bin/setup does.",
            id="shop.W001",
        )
        for po in messages.stale()
    ]
