"""python -m benchmarks [--keep] [TABLE ...]: measure the tables named, or all, and print them.

Each table runs in a process of its own and lands in .bench/ as Markdown, JSON and a chart. --keep:
also in docs/benchmarks/, and in BENCHMARKS.md between its marks.
"""

import argparse
import importlib
import json
import re
import subprocess
import sys
from pathlib import Path

from benchmarks.chart import svg
from benchmarks.table import Table

ROOT = Path(__file__).resolve().parents[1]
TABLES = ("append", "hot_order", "growth", "replay", "http", "search", "live", "memory", "pages")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("tables", nargs="*", metavar="TABLE", help=", ".join(TABLES))
    parser.add_argument("--keep", action="store_true")
    asked = parser.parse_args()
    if unknown := set(asked.tables) - set(TABLES):
        sys.exit(f"expected tables out of {', '.join(TABLES)}; found {', '.join(sorted(unknown))}")
    if len(asked.tables) == 1:
        measure(asked.tables[0], keep=asked.keep)
        return
    failed = []
    for name in asked.tables or TABLES:
        command = [sys.executable, "-m", "benchmarks", name, *(["--keep"] if asked.keep else [])]
        if subprocess.run(command, cwd=ROOT, check=False).returncode:
            failed.append(name)
    if failed:
        sys.exit(f"these tables could not be measured (see above): {', '.join(failed)}")


def measure(name: str, *, keep: bool) -> None:
    table: Table = importlib.import_module(f"benchmarks.{name}").table()
    print(f"\n{table.markdown()}\n", flush=True)
    write(table, ROOT / ".bench")
    if keep:
        write(table, ROOT / "docs" / "benchmarks")
        mark_down(table, ROOT / "BENCHMARKS.md")


def write(table: Table, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{table.name}.md").write_text(table.markdown() + "\n")
    (folder / f"{table.name}.json").write_text(json.dumps(table.json(), indent=1) + "\n")
    (folder / f"{table.name}.svg").write_text(svg(table))


def mark_down(table: Table, page: Path) -> None:
    """Put the table between its marks. Raises LookupError for a page without them."""
    begin, end = f"<!-- {table.name} -->\n", f"<!-- end of {table.name} -->"
    text, found = re.subn(
        f"({re.escape(begin)}).*?({re.escape(end)})",
        lambda marks: f"{marks[1]}{table.markdown()}\n{marks[2]}",
        page.read_text(),
        flags=re.DOTALL,
    )
    if not found:
        raise LookupError(f"{page.name}: expected the marks {begin.strip()} and {end}, found none")
    page.write_text(text)


if __name__ == "__main__":
    main()
