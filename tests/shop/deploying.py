"""What deployment files and the code say of one another."""

import re
import shlex

from django.core.management import get_commands, load_command_class
from django.core.management.base import CommandParser

from tests.shop.processes import ROOT

READ = re.compile(
    r"""(?:\benv\.\w+|os\.environ\.get)\(\s*"([A-Z_]+)"|^SHARED = "([A-Z_]+)"$""", re.M
)


def read_by_the_code() -> set[str]:
    """The environment variables that the shop reads."""
    files = [*ROOT.glob("shop/*.py"), *ROOT.glob("shop/management/commands/*.py")]
    return {one or other for file in files for one, other in READ.findall(file.read_text())}


def parser_of(command: str) -> CommandParser:
    return load_command_class(get_commands()[command], command).create_parser("manage.py", command)


def commands_in(text: str) -> list[list[str]]:
    """The calls of manage.py in a text, as words."""
    found = re.findall(r"python manage\.py ([^&\n`]+)", text)
    return [shlex.split(one, comments=True) for one in found]
