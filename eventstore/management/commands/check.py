"""Django's `check`, which also looks into the store without being told to."""

from django.core.management.commands import check


class Command(check.Command):
    help = check.Command.help + " Also checks the event store in the default database."

    def add_arguments(self, parser):
        super().add_arguments(parser)
        parser.set_defaults(databases=["default"])
        parser.add_argument(
            "--without-store",
            action="store_const",
            const=None,
            dest="databases",
            help="check the code only, whatever the database holds",
        )
