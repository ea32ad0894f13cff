from django.core.management.base import BaseCommand, CommandError

from ordering.api.models import LONGEST_NAME, MOST_TOKENS, ApiToken
from ordering.domain.refusal import Refused
from ordering.domain.values import check_text
from ordering.models import Agent


class Command(BaseCommand):
    help = "Make an API token for an agent and print it, once: only its hash is stored."
    requires_system_checks = ()  # a deployment's own step; they load every page

    def add_arguments(self, parser):
        parser.add_argument("username", metavar="USERNAME")
        parser.add_argument("--name", default="Made in the console", help="what it is for")

    def handle(self, *, username, name, **options):
        agent = Agent.objects.filter(username=username).first()
        if agent is None:
            raise CommandError(f"expected the username of an agent, found {username!r}")
        if not agent.is_active:
            raise CommandError(f"expected an active agent, but {username} is deactivated")
        if agent.api_tokens.in_use().count() >= MOST_TOKENS:
            raise CommandError(f"expected at most {MOST_TOKENS} tokens in use; revoke one first")
        try:
            name = check_text("name", name, LONGEST_NAME)
        except Refused as refused:
            raise CommandError(f"--name: {refused}") from None
        _, secret = ApiToken.make(agent, name or "Made in the console")
        self.stdout.write(secret)
