"""A shop with the demo's data, as a process of its own with a database of its own."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPEN = re.compile(r"is open: (http://\S+?)/")


@contextlib.contextmanager
def demo():
    """Yields its address. Its data is gone afterwards."""
    from shop import embedded  # Django's settings are not needed for it

    with tempfile.TemporaryDirectory(prefix="tandem-") as folder:
        Path(folder).chmod(0o755)  # the database's server may be another user
        url = embedded.start(Path(folder) / "postgres")
        environment = os.environ | {
            "DATABASE_URL": url,
            "LOCAL": "1",
            "DJANGO_SETTINGS_MODULE": "benchmarks.settings",
            "STATIC_ROOT": f"{folder}/static",
        }
        collect = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
        subprocess.run(collect, cwd=ROOT, env=environment, check=True)
        command = [sys.executable, "-u", "manage.py", "demo", "--port", "0"]
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
        )
        try:
            said = []
            for line in process.stdout:
                said.append(line)
                if found := OPEN.search(line):
                    yield found[1]
                    break
            else:
                raise SystemExit(f"expected the demo to open, found:\n{''.join(said)}")
        finally:
            process.send_signal(signal.SIGINT)
            process.communicate()
            embedded.stop(Path(folder) / "postgres")
