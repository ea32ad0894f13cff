from django.core.management.base import BaseCommand, CommandError

from ordering.denials import note
from ordering.models import Agent
from ordering.second_factor import setup


class Command(BaseCommand):
    help = "Take the second factor away from an agent who lost their phone and recovery codes."
    requires_system_checks = ()  # a deployment's own step; they load every page

    def add_arguments(self, parser):
        parser.add_argument("username", metavar="USERNAME")

    def handle(self, *, username, **options):
        agent = Agent.objects.filter(username=username).first()
        if agent is None:
            raise CommandError(f"expected the username of an agent, found {username!r}")
        if not setup.remove_what_is_lost(agent):
            raise CommandError(f"expected an agent with a second factor, but {username} has none")
        note("second-factor-off", address="", of_id=agent.pk)
        self.stdout.write(f"{username} logs in with a password alone now.")
