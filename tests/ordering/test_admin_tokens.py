"""An agent's API tokens in the admin."""

import pytest
from django.contrib.admin.models import LogEntry
from django.urls import reverse

from ordering.api.models import ApiToken


@pytest.fixture
def page(client, admin, alice):
    client.force_login(admin)
    return reverse("admin:ordering_agent_change", args=[alice.pk])


@pytest.fixture
def sent(client, page):
    """What the agent's form sends, as it was rendered."""

    def sent(**changes):
        form = client.get(page).context["adminform"].form
        fields = {name: form[name].value() for name in form.fields if name != "password"}
        data = {name: value for name, value in fields.items() if value not in (None, False, [])}
        for name in ("last_login", "date_joined"):
            moment = data.pop(name, None)
            if moment:
                data |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
        tokens = list(ApiToken.objects.order_by("-created_at"))
        data |= {"api_tokens-TOTAL_FORMS": len(tokens), "api_tokens-INITIAL_FORMS": len(tokens)}
        for n, token in enumerate(tokens):
            data |= {f"api_tokens-{n}-id": token.pk, f"api_tokens-{n}-agent": token.agent_id}
        return client.post(page, data | changes)

    return sent


def test_the_tokens_of_an_agent_are_listed_without_their_secrets(client, page, alice, bob):
    _, secret = ApiToken.make(alice, "Till")
    ApiToken.make(bob, "Bobs own")
    said = client.get(page).content.decode()
    assert "Till" in said
    assert secret[-4:] in said
    assert secret not in said
    assert "Bobs own" not in said


def test_a_token_is_revoked_on_the_record(page, sent, alice):
    _, secret = ApiToken.make(alice, "Till")
    other, _ = ApiToken.make(alice, "Other")
    answer = sent(**{"api_tokens-1-revoke": "on"})
    assert answer.status_code == 302, answer.context["errors"]
    assert ApiToken.objects.by_secret(secret) is None
    assert list(ApiToken.objects.in_use()) == [other]
    said = LogEntry.objects.latest("action_time").get_change_message()
    assert "Till" in said
    assert "revoke" in said.lower()


def test_nothing_else_of_a_token_changes(page, sent, alice):
    ApiToken.make(alice, "Till")
    before = ApiToken.objects.values().get()
    answer = sent(**{"api_tokens-0-name": "Mine", "api_tokens-0-ending": "none"})
    assert answer.status_code == 302
    assert ApiToken.objects.values().get() == before


def test_a_revoked_token_stays_revoked(page, sent, alice):
    token, _ = ApiToken.make(alice, "Till")
    token.revoke()
    assert sent(**{"api_tokens-0-revoke": "on"}).status_code == 302
    assert ApiToken.objects.get().revoked_at == token.revoked_at


def test_no_token_is_made_in_the_admin(page, sent, alice):
    data = {"api_tokens-TOTAL_FORMS": 1, "api_tokens-0-name": "New", "api_tokens-0-agent": alice.pk}
    sent(**data)
    assert not ApiToken.objects.exists()
