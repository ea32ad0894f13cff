"""The walls between the packages, and what each may use from outside.

Who imports whom inside the house is import-linter's part (pyproject.toml); that each package
keeps to its few libraries is checked here.
"""

import ast
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shop.processes import ROOT

PACKAGES = ["shop", "ordering", "catalog", "eventstore"]
OUTSIDE = {
    "eventstore": {"django", "msgspec", "psycopg", "pygments", "rich"},
    "catalog": {"babel", "django", "lucide", "rapidfuzz"},
    "ordering": {
        "django",
        "django_htmx",
        "django_otp",
        "limits",
        "lxml",
        "ninja",
        "psycopg",
        "pydantic",
        "requests",
        "rich",
        "segno",
    },
    "ordering/domain": set(),
}


def imports(folder: Path):
    """Where in a folder which module is imported: (file, line, module)."""
    for file in sorted(folder.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Import):
                yield from ((file, node.lineno, alias.name) for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and not node.level:
                yield file, node.lineno, node.module


@pytest.mark.parametrize("package", OUTSIDE)
def test_a_package_uses_only_its_few_libraries(package):
    allowed = OUTSIDE[package] | set(PACKAGES) | sys.stdlib_module_names
    strays = [
        f"{file.relative_to(ROOT)}:{line} imports {module}"
        for file, line, module in imports(ROOT / package)
        if module.split(".")[0] not in allowed
    ]
    assert not strays, (
        "\n".join(strays)
        + f"\n{package} uses {sorted(OUTSIDE[package]) or 'the standard library only'}. Take the "
        "value in as an argument, do it in the package that may, or, when the library is worth "
        "it, say so in OUTSIDE."
    )


def lint_imports(folder: Path) -> subprocess.CompletedProcess:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-logo", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_the_packages_keep_to_their_walls():
    result = lint_imports(ROOT)
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize(
    ("file", "statement", "way_out"),
    [
        ("eventstore/signals.py", "import ordering.models", "send a signal"),
        ("catalog/models.py", "import eventstore.models", "Pass what it needs as an argument"),
        ("catalog/models.py", "import shop.settings", "move the code up"),
        ("ordering/models.py", "import shop.views", "Pass what it needs as an argument"),
        ("ordering/domain/order.py", "import catalog.models", "put the value into the command"),
        ("ordering/domain/order.py", "import ordering.models", "put the value into the command"),
    ],
)
def test_who_goes_through_a_wall_is_shown_the_way_out(tmp_path, file, statement, way_out):
    for name in PACKAGES:
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("*.pyc"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    with (tmp_path / file).open("a") as source:
        source.write(f"\n{statement}\n")
    result = lint_imports(tmp_path)
    assert result.returncode == 1, result.stdout
    module = file.removesuffix(".py").replace("/", ".")
    assert module in result.stdout
    assert statement.removeprefix("import ") in result.stdout
    assert way_out in result.stdout
