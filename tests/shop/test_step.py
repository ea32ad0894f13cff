"""bin/step, which `make test` runs its steps with."""

import subprocess

import pytest

from tests.shop.processes import ROOT


def step(*arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([ROOT / "bin/step", *arguments], capture_output=True, text=True)


def test_a_step_that_succeeds_is_one_line():
    done = step("import rules", "sh", "-c", "echo much; echo more >&2")
    assert (done.returncode, done.stdout, done.stderr) == (0, "ok      import rules\n", "")


@pytest.mark.parametrize("show", [[], ["--show"]])
def test_a_step_that_fails_shows_what_it_wrote_then_its_name(show):
    done = step(*show, "import rules", "sh", "-c", "echo 'a wall is broken' >&2; exit 3")
    assert done.returncode == 3
    assert done.stderr == "a wall is broken\nFAILED  import rules (exit code 3)\n"
