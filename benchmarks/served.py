"""A shop with the demo's data, as a process of its own with a database of its own."""

import contextlib
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator

from benchmarks.database import ROOT, environment, fresh, manage

OPEN = re.compile(r"is open: (http://\S+?)/")


@contextlib.contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Yields its address and its database's URL. Its data is gone afterwards."""
    with fresh() as url, tempfile.TemporaryDirectory(prefix="tandem-") as static:
        settings = {"DJANGO_SETTINGS_MODULE": "benchmarks.settings", "STATIC_ROOT": static}
        manage("collectstatic", "--no-input", "--verbosity", "0", url=url, **settings)
        command = [sys.executable, "-u", "manage.py", "demo", "--port", "0"]
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(url, **settings),
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if found := OPEN.search(line):
                    yield found[1], url
                    break
            else:
                raise SystemExit(f"expected the demo to open, found:\n{''.join(said)}")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
