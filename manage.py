#!/usr/bin/env python3
"""Django's command line for the shop."""

import os
import sys

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "shop.settings")
    try:
        from django.conf import settings
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError:
        sys.exit(
            "Django is not installed here. Run `make demo` or `make test`, or use .venv/bin/python."
        )
    try:
        settings.DATABASES  # noqa: B018  (starts the embedded PostgreSQL)
    except ImproperlyConfigured as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
    from shop import logs

    logs.belong_to(command="".join(sys.argv[1:2]))
    if not settings.LOCAL:
        sys.excepthook = logs.uncaught
    execute_from_command_line(sys.argv)
