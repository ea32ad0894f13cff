"""The Dockerfile and the compose file, held against the code.

No engine is needed: a linter and a schema say whether an engine would take them, and here is
compared what no engine would notice.
"""

import importlib.util
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path

import environ
import pytest
import yaml
from dockerfile_parse import DockerfileParser

from shop.management.commands import serve
from tests.shop.deploying import commands_in, parser_of, read_by_the_code
from tests.shop.processes import ROOT

BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def image():
    """The Dockerfile's instructions: those of the build, and those of the last stage."""
    with (ROOT / "Dockerfile").open("rb") as file:
        steps = [
            (step["instruction"], step["value"])
            for step in DockerfileParser(fileobj=file).structure
            if step["instruction"] != "COMMENT"
        ]
    last = max(n for n, (instruction, _) in enumerate(steps) if instruction == "FROM")
    return steps[:last], steps[last:]


@pytest.fixture(scope="module")
def services():
    return yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]


def ours(services):
    return {name: one for name, one in services.items() if one["image"] == "tandem"}


def values(steps, instruction):
    return [value for name, value in steps if name == instruction]


# --- The image ------------------------------------------------------------------------------------


def test_the_linter_has_nothing_against_the_dockerfile():
    done = subprocess.run(
        [BIN / "hadolint", "Dockerfile"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_what_is_copied_is_there_and_let_through(image):
    sources = [shlex.split(value)[:-1] for value in values(image[0], "COPY")]
    let_through = (ROOT / ".dockerignore").read_text().splitlines()
    for [source] in sources:
        assert (ROOT / source).exists(), source
        assert f"!{source}" in let_through
    assert [line[1:] for line in let_through if line[0] == "!"] == [one for [one] in sources]
    packages = {file.parent.name for file in ROOT.glob("*/__init__.py")}
    assert packages - {"tests", "benchmarks"} <= {one for [one] in sources}


def test_every_requirement_is_checked_by_its_hash(image):
    [install] = [value for value in values(image[0], "RUN") if "pip install" in value]
    assert "--require-hashes" in install
    assert "--only-binary :all:" in install
    text = (ROOT / "requirements.txt").read_text()
    pinned = re.findall(r"^[\w.-]+(?:\[\w+\])?==.*?(?=^\S|\Z)", text, re.M | re.S)
    assert len(pinned) > 20
    assert all("--hash=sha256:" in one for one in pinned)


def test_the_image_has_no_secret_and_does_not_run_as_root(image):
    build, final = image
    assert [int(user) for user in values(final, "USER")][-1] > 0
    assert not values(build + final, "ARG")
    for value in values(build + final, "ENV"):
        assert not re.search("SECRET|PASSWORD|TOKEN", value)
    for value in values(build, "RUN"):
        for secret in re.findall(r"SECRET_KEY=(\S+)", value):
            assert secret.startswith('"$(python'), "made in the step, and gone with it"


def test_what_it_runs_is_there_on_the_port_that_it_exposes(image):
    _, final = image
    said = dict(re.findall(r"(\w+)=(\S+)", " ".join(values(final, "ENV"))))
    assert values(final, "EXPOSE") == [said["PORT"]]
    assert said["LOCAL"] == "0"
    known = read_by_the_code() | {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE"}
    assert set(said) <= known
    python, script, command, *arguments = json.loads(values(final, "CMD")[0])
    assert (python, script) == ("python", "manage.py")
    assert parser_of(command).parse_args(arguments).host == "0.0.0.0"  # noqa: S104  (in a container)
    check = json.loads(values(final, "HEALTHCHECK")[0].partition("CMD")[2])
    assert check[:2] == ["python", "-m"]
    assert importlib.util.find_spec(check[2])
    assert values(final, "STOPSIGNAL") == ["SIGTERM"]


def test_every_python_that_it_brings_is_one_that_the_shop_is_for(image):
    version = (ROOT / ".python-version").read_text().strip()
    for base in values(image[0] + image[1], "FROM"):
        assert base.split()[0].startswith(f"python:{version}-")


# --- The compose file -----------------------------------------------------------------------------


def test_the_compose_file_is_one():
    command = [BIN / "check-jsonschema", "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_each_service_is_told_only_what_the_code_reads_and_all_that_it_must_be(services):
    known = read_by_the_code()
    for name, service in ours(services).items():
        told = service["environment"]
        assert set(told) <= known, name
        assert {"DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS"} <= set(told), name
        assert not {"DEBUG", "LOCAL"} & set(told), name


def test_no_secret_has_a_value_or_a_default(services):
    for name, service in services.items():
        for variable, value in service.get("environment", {}).items():
            if re.search("SECRET|PASSWORD|TOKEN", variable):
                assert re.fullmatch(r"\$\{\w+:\?.+\}", value), (name, variable)


def test_its_databases_are_ones_that_the_settings_take_by_roles_that_are_made(services):
    roles = (ROOT / "deploy/roles.sql").read_text()
    for name, service in ours(services).items():
        for variable, value in service["environment"].items():
            if not variable.startswith("DATABASE"):
                continue
            url = re.sub(r"\$\{\w+:\?.+?\}", "secret", value)
            config = environ.Env.db_url_config(url)
            assert config["HOST"] in services, name
            assert f"CREATE ROLE {config['USER']} LOGIN" in roles
            assert f"CREATE DATABASE {config['NAME']} " in roles
    users = {
        name: re.search(r"//(\w+):", service["environment"]["DATABASE_URL"])[1]
        for name, service in ours(services).items()
    }
    assert users == {"migrate": "tandem", "web": "tandem_web", "projections": "tandem"}


def test_what_the_services_run_is_there(services):
    for name, service in ours(services).items():
        said = service.get("command", [])
        words = said[2] if said[:2] == ["sh", "-c"] else shlex.join(said)
        for command, *arguments in commands_in(words):
            parser_of(command).parse_args(arguments)
        assert bool(commands_in(words)) == (name != "web"), "the image's own command"
    assert services["projections"]["command"][2] == "run_projections"


def test_a_service_has_time_to_end_well(services):
    for service in ours(services).values():
        assert int(service["stop_grace_period"].removesuffix("s")) > serve.GRACEFUL + 5


def test_only_loopback_is_published_on_the_port_of_the_image(services, image):
    published = [
        (name, *port.split(":"))
        for name, service in services.items()
        for port in service.get("ports", [])
    ]
    assert {address for _, address, _, _ in published} == {"127.0.0.1"}
    assert [port for name, *_, port in published if name == "web"] == values(image[1], "EXPOSE")


def test_what_is_mounted_and_waited_for_is_there(services):
    compose = yaml.safe_load((ROOT / "compose.yaml").read_text())
    for service in services.values():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            assert source in compose["volumes"] or (ROOT / source).is_file(), volume
        for other in service.get("depends_on", {}):
            assert other in services
