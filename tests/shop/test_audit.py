"""The audit of the packages: what it says when it finds something, nothing, or cannot ask."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.shop.processes import ROOT

PACKAGES = "leftpad==1.0 --hash=sha256:{0}\nrightpad==2.0 --hash=sha256:{0}\n".format("0" * 64)
KNOWN = {
    "vulns": [
        {
            "id": "GHSA-aaaa-bbbb-cccc",
            "modified": "2026-01-01T00:00:00Z",
            "published": "2026-01-01T00:00:00Z",
            "summary": "Pads too far.",
            "affected": [
                {
                    "package": {"name": "leftpad", "ecosystem": "PyPI"},
                    "ranges": [
                        {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
                    ],
                    "versions": ["1.0"],
                }
            ],
        }
    ]
}


@pytest.fixture
def service():
    """A service of that protocol, which knows of one vulnerability. `status` is what it answers."""

    class Known(BaseHTTPRequestHandler):
        def do_POST(self):
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.server.asked.append(asked["package"]["name"])
            told = KNOWN if asked["package"]["name"] in self.server.known else {}
            self.send_response(self.server.status)
            self.end_headers()
            self.wfile.write(json.dumps(told).encode())

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Known) as server:
        server.status, server.known, server.asked = 200, set(), []
        server.url = f"http://127.0.0.1:{server.server_port}/v1/query"
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def audit(tmp_path):
    def audit(url, packages=PACKAGES):
        path = tmp_path / "requirements.txt"
        path.write_text(packages)
        command = [sys.executable, ROOT / "bin/audit", path]
        # Nothing between may answer from what it kept.
        environment = os.environ | {"OSV_URL": url, "NO_PROXY": "127.0.0.1"}
        return subprocess.run(command, env=environment, capture_output=True, text=True)

    return audit


def test_it_asks_about_each_package(audit, service):
    done = audit(service.url)
    assert done.returncode == 0, done.stderr
    assert sorted(service.asked) == ["leftpad", "rightpad"]
    assert done.stdout == "No known vulnerability in 2 packages.\n"


def test_it_names_what_is_known_and_fails(audit, service):
    service.known = {"leftpad"}
    done = audit(service.url)
    assert done.returncode == 1, done.stderr
    assert done.stdout == "leftpad 1.0: GHSA-aaaa-bbbb-cccc, fixed in 1.1\n"
    assert "1 known vulnerabilities in 2 packages." in done.stderr


def is_loud(done) -> bool:
    assert done.stdout == ""
    return done.returncode == 2 and done.stderr.startswith("THE AUDIT COULD NOT RUN")


def test_it_says_loudly_that_it_reached_nobody(audit, silent_port):
    done = audit(f"http://127.0.0.1:{silent_port}/v1/query")
    assert is_loud(done), done.stderr
    assert "Connection refused" in done.stderr


@pytest.mark.parametrize("status", [403, 500, 503])
def test_it_says_loudly_that_it_got_no_answer(status, audit, service):
    service.status = status
    assert is_loud(audit(service.url))


@pytest.mark.parametrize("packages", ["", "leftpad\n", "leftpad==\n"])
def test_it_says_loudly_that_the_packages_cannot_be_told(packages, audit, service):
    assert is_loud(audit(service.url, packages))


def test_it_says_loudly_that_there_is_no_such_file():
    command = [sys.executable, ROOT / "bin/audit", "nowhere.txt"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert is_loud(done)
    assert "found no nowhere.txt" in done.stderr
