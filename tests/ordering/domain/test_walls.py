import ast
import sys
from pathlib import Path

import pytest

import ordering.domain

MODULES = sorted(Path(ordering.domain.__path__[0]).rglob("*.py"))


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.name)
def test_the_domain_imports_the_standard_library_and_itself_only(path):
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names):
                imported = [alias.name for alias in names]
            case ast.ImportFrom(module=module, level=level):
                imported = [module if level == 0 else "." * level + (module or "")]
            case _:
                continue
        for name in imported:
            own = name.startswith("ordering.domain")
            assert own or name.partition(".")[0] in sys.stdlib_module_names, (
                f"{path}:{node.lineno} imports {name}: bring it in at the edge, with the command"
            )
