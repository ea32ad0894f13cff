"""bin/setup on machines of all kinds: each test makes the PATH of one."""

import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from tests.shop.processes import ROOT

TOOLS = ["cat", "chmod", "cksum", "cut", "dirname", "grep", "mkdir", "rm"]

# A Python that knows what bin/setup asks for: its version, whether that is enough, its modules,
# to make an environment, and to install into it. Each installation is noted in `installed`.
PYTHON = """#!/bin/sh
case "$*" in
*sys.exit*) exit {too_old} ;;
*%d.%d.%d*|*sys.version.split*) echo {version} ;;
*ensurepip*) exit {without_venv} ;;
"-m venv .venv") mkdir -p .venv/bin; cat "$0" >.venv/bin/python; chmod +x .venv/bin/python ;;
"-m pip install "*) echo "$*" >>installed; exit {pip_fails} ;;
"-m shop.messages compile") echo "$*" >>compiled; >locale/de/LC_MESSAGES/django.mo ;;
*) echo "unexpected: $*" >&2; exit 9 ;;
esac
"""
SHIM = "#!/bin/sh\necho 'pyenv: python3: command not found' >&2\nexit 127\n"


class Machine:
    """A clone, and a PATH with the tools of any Unix and what is added to it."""

    def __init__(self, folder: Path):
        self.clone, self.path = folder / "clone", folder / "path"
        self.path.mkdir()
        for tool in TOOLS:
            (self.path / tool).symlink_to(shutil.which(tool))
        shutil.copytree(ROOT / "bin", self.clone / "bin")
        for name in ("requirements.txt", "requirements-dev.txt", "requirements-bench.txt"):
            (self.clone / name).write_text(f"{name}==1\n")

    def has(self, name: str, script: str) -> Path:
        program = self.path / name
        program.write_text(script)
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        return program

    def has_python(self, name: str, version: str, without_venv=0, pip_fails=0) -> Path:
        too_old = int(tuple(map(int, version.split("."))) < (3, 12))
        return self.has(
            name,
            PYTHON.format(
                version=version, too_old=too_old, without_venv=without_venv, pip_fails=pip_fails
            ),
        )

    def setup(self, *options: str, **variables: str):
        return subprocess.run(
            [shutil.which("sh"), "bin/setup", *options],
            cwd=self.clone,
            env={"PATH": str(self.path), **variables},
            capture_output=True,
            text=True,
        )

    def sets_up(self, *options: str, **variables: str) -> str:
        done = self.setup(*options, **variables)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    def refuses(self, *options: str, **variables: str) -> str:
        done = self.setup(*options, **variables)
        assert done.returncode == 1
        return done.stderr

    def installed(self) -> list[str]:
        """The requirements files that were installed, in order."""
        note = self.clone / "installed"
        return [line.split()[-1] for line in note.read_text().splitlines()] if note.exists() else []


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


def test_no_python_at_all_says_what_was_tried_and_what_to_do(machine):
    message = machine.refuses()
    for name in ("python3", "python3.14", "python3.13", "python3.12"):
        assert f"  {name}: not found\n" in message
    assert "needs Python 3.12 or newer" in message
    assert "apt-get install python3 python3-venv" in message
    assert "make demo PYTHON=" in message


def test_pythons_that_are_too_old_are_named_with_their_versions(machine):
    machine.has_python("python3", "3.11.2")
    machine.has_python("python3.12", "3.9.18")
    message = machine.refuses()
    assert f"{machine.path}/python3: 3.11.2, too old" in message
    assert f"{machine.path}/python3.12: 3.9.18, too old" in message


def test_a_shim_that_leads_nowhere_is_passed_over(machine):
    machine.has("python3", SHIM)
    machine.has_python("python3.13", "3.13.1")
    assert f"Making .venv with {machine.path}/python3.13\n" in machine.sets_up()


def test_only_shims_are_said_not_to_run(machine):
    machine.has("python3", SHIM)
    assert f"{machine.path}/python3: does not run" in machine.refuses()


def test_a_python_without_venv_is_passed_over_and_said_so(machine):
    machine.has_python("python3", "3.12.3", without_venv=1)
    message = machine.refuses()
    assert "3.12.3, but without venv (Debian, Ubuntu: apt-get install python3.12-venv)" in message
    machine.has_python("python3.13", "3.13.0")
    assert "python3.13" in machine.sets_up()


def test_the_python_that_is_named_is_the_one_that_is_used(machine):
    machine.has_python("python3", "3.13.0")
    named = machine.has_python("mine", "3.14.0")
    assert f"Making .venv with {named}\n" in machine.sets_up(PYTHON=str(named))


def test_the_python_that_is_named_is_not_replaced_by_another(machine):
    machine.has_python("python3", "3.13.0")
    old = machine.has_python("mine", "3.8.0")
    assert f"{old}: 3.8.0, too old" in machine.refuses(PYTHON=str(old))


def test_uv_is_asked_first_and_downloads_nothing(machine):
    known = machine.has_python("uv-python", "3.13.5")
    machine.has_python("python3", "3.12.0")
    machine.has("uv", f'#!/bin/sh\n[ "$UV_PYTHON_DOWNLOADS" = never ] && echo {known}\n')
    assert f"Making .venv with {known}\n" in machine.sets_up()


def test_a_uv_that_knows_none_is_no_obstacle(machine):
    machine.has("uv", "#!/bin/sh\necho 'error: No interpreter found' >&2\nexit 2\n")
    machine.has_python("python3", "3.12.0")
    assert f"Making .venv with {machine.path}/python3\n" in machine.sets_up()


def test_requirements_are_hash_checked_and_never_built(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up()
    (line,) = (machine.clone / "installed").read_text().splitlines()
    assert "--require-hashes --only-binary :all: -r requirements.txt" in line


def test_the_second_run_does_nothing(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up()
    assert machine.sets_up() == ""
    assert machine.installed() == ["requirements.txt"]


def test_the_development_requirements_are_enough_for_the_demo(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up()
    machine.sets_up("--dev")
    assert machine.sets_up() == machine.sets_up("--dev") == ""
    assert machine.installed() == ["requirements.txt", "requirements-dev.txt"]


def test_those_of_the_benchmarks_are_enough_for_the_tests_and_the_demo(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up("--bench")
    assert machine.sets_up("--dev") == machine.sets_up() == ""
    assert machine.installed() == ["requirements-bench.txt"]


def test_changed_requirements_are_installed_into_the_same_environment(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up("--dev")
    (machine.clone / ".venv/mine").touch()
    (machine.clone / "requirements.txt").write_text("requirements.txt==2\n")
    machine.sets_up()
    assert machine.installed() == ["requirements-dev.txt", "requirements-dev.txt"]
    assert (machine.clone / ".venv/mine").exists()


def test_translations_are_compiled_when_they_are_newer(machine):
    machine.has_python("python3", "3.13.0")
    folder = machine.clone / "locale/de/LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").touch()
    compiled = machine.clone / "compiled"

    machine.sets_up()
    machine.sets_up()
    assert len(compiled.read_text().splitlines()) == 1

    os.utime(folder / "django.po", (2**32, 2**32))
    machine.sets_up()
    assert len(compiled.read_text().splitlines()) == 2


def test_a_half_made_environment_is_made_anew(machine):
    machine.has_python("python3", "3.13.0", pip_fails=1)
    assert "requirements.txt could not be installed" in machine.refuses()
    (machine.clone / ".venv/half").touch()
    machine.has_python("python3", "3.13.0")
    assert "Making .venv" in machine.sets_up()
    assert not (machine.clone / ".venv/half").exists()


def test_an_environment_whose_python_is_gone_is_made_anew(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up()
    (machine.clone / ".venv/bin/python").unlink()
    (machine.clone / ".venv/bin/python").symlink_to("/nowhere/python3")
    assert "Making .venv" in machine.sets_up()


def test_an_environment_of_another_python_or_place_is_made_anew(machine):
    machine.has_python("python3", "3.13.0")
    machine.sets_up()
    machine.has_python("../clone/.venv/bin/python", "3.13.9")
    assert "Making .venv" in machine.sets_up()
    machine.clone = machine.clone.rename(machine.clone.with_name("elsewhere"))
    assert "Making .venv" in machine.sets_up()


def test_an_unknown_option_is_refused(machine):
    done = machine.setup("--fast")
    assert done.returncode == 2
    assert "unknown option --fast (known: --dev, --bench, --with-chromium)" in done.stderr


@pytest.fixture
def ready(machine):
    """A machine that lacks nothing but a browser."""
    machine.has_python("python3", "3.13.0")
    machine.sets_up()
    return machine


def test_a_browser_that_runs_is_enough(ready):
    ready.has("google-chrome", "#!/bin/sh\necho Google Chrome 140\n")
    assert ready.sets_up("--with-chromium") == ""


@pytest.mark.parametrize(
    ("packages", "installed"),
    [("chromium-headless-shell chromium", "chromium-headless-shell"), ("chromium", "chromium")],
    ids=["both", "only the whole one"],
)
def test_root_gets_chromium_installed_and_rather_its_headless_shell(packages, installed, ready):
    ready.has("id", "#!/bin/sh\necho 0\n")
    ready.has(
        "apt-get",
        '#!/bin/sh\n[ "$*" != "-qq update" ] || exit 0\n'
        f"for known in {packages}; do\n"
        f'    case "$*" in *" $known")\n'
        f"        echo '#!/bin/sh' >{ready.path}/$known; chmod +x {ready.path}/$known; exit ;;\n"
        "    esac\ndone\nexit 100\n",
    )
    assert "Installing chromium" in ready.sets_up("--with-chromium")
    browsers = [path.name for path in ready.path.iterdir() if path.name.startswith("chromium")]
    assert browsers == [installed]


def test_a_chromium_that_does_not_run_is_not_taken_for_one(ready):
    ready.has("id", "#!/bin/sh\necho 0\n")
    ready.has("apt-get", "#!/bin/sh\n")
    ready.has("chromium", "#!/bin/sh\necho 'requires the chromium snap' >&2\nexit 1\n")
    message = ready.refuses("--with-chromium")
    assert "apt-get could not install a chromium that runs" in message


def test_others_are_told_how_to_get_a_browser(ready):
    ready.has("id", "#!/bin/sh\necho 1000\n")
    message = ready.refuses("--with-chromium")
    assert "need chromium or google-chrome on the PATH" in message
    assert "only root can install it" in message
    assert "apt-get install chromium" in message
