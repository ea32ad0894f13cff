from django.core.management.base import BaseCommand, CommandError

from eventstore.grants import Unfit, grant


class Command(BaseCommand):
    help = (
        "Give a database role what the web processes need, and no right to change history. Run it "
        "as the owner of the tables, once and after each migrate."
    )
    requires_system_checks = ()  # a deployment's own step; they load every page

    def add_arguments(self, parser):
        parser.add_argument("role", help="a role that is there, without rights of its own")

    def handle(self, *, role, **options):
        try:
            grant(role)
        except Unfit as error:
            raise CommandError(f"{error}. Nothing was granted.") from None
        self.stdout.write(f"{role} can now run the shop, and cannot change its history.")
