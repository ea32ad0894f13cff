from datetime import datetime

import pytest
from django.template import Context
from django.utils import timezone

from ordering.templatetags.ordering import command_id, when


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime(2026, 5, 4, 9, 5), ">09:05<"),
        (datetime(2026, 5, 3, 23, 59), ">yesterday 23:59<"),
        (datetime(2026, 1, 2, 9, 5), ">2 Jan 09:05<"),
        (datetime(2025, 12, 31, 9, 5), ">31 Dec 2025<"),
    ],
)
def test_a_moment_is_told_as_people_do_with_the_whole_of_it_on_hover(moment, shown, monkeypatch):
    now = timezone.make_aware(datetime(2026, 5, 4, 12, 0))
    monkeypatch.setattr(timezone, "now", lambda: now)

    told = when(timezone.make_aware(moment))

    assert shown in told
    assert f"{moment:%Y}, {moment:%H:%M}" in told


def test_every_form_gets_a_command_id_of_its_own_that_no_reload_keeps():
    page = Context()
    assert command_id(page) != command_id(page)
    assert 'autocomplete="off"' in command_id(page)
