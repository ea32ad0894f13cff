import pytest
from django.core.management import CommandError, call_command

from ordering.api.models import MOST_TOKENS, ApiToken

COMMAND = "create_api_token"


def test_a_token_is_printed_and_nothing_else(alice, capsys):
    call_command(COMMAND, "alice")
    secret = capsys.readouterr().out.strip()
    token = ApiToken.objects.by_secret(secret)
    assert (token.agent, token.name) == (alice, "Made in the console")


def test_it_is_named(alice, capsys):
    call_command(COMMAND, "alice", "--name", "Till")
    assert ApiToken.objects.get().name == "Till"


def test_who_is_no_agent_gets_none(alice):
    with pytest.raises(CommandError, match="expected the username of an agent, found 'alicia'"):
        call_command(COMMAND, "alicia")


def test_who_is_deactivated_gets_none(alice):
    alice.is_active = False
    alice.save()
    with pytest.raises(CommandError, match="alice is deactivated"):
        call_command(COMMAND, "alice")


@pytest.mark.parametrize("name", ["x" * 61, "a\x00b"])
def test_a_name_that_does_not_fit_is_refused(alice, name):
    with pytest.raises(CommandError, match="--name: The name"):
        call_command(COMMAND, "alice", "--name", name)


def test_so_many_tokens_and_no_more(alice):
    for n in range(MOST_TOKENS):
        ApiToken.make(alice, f"{n}")
    with pytest.raises(CommandError, match=f"at most {MOST_TOKENS} tokens"):
        call_command(COMMAND, "alice")
