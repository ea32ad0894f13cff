"""python -m benchmarks [TABLE ...]: print the tables named, or all."""

import sys

from benchmarks import pages

TABLES = {"pages": pages.table}


def main(names: list[str]) -> None:
    unknown = set(names) - set(TABLES)
    if unknown:
        sys.exit(f"expected tables out of {', '.join(TABLES)}; found {', '.join(sorted(unknown))}")
    for name in names or TABLES:
        print(TABLES[name]())


if __name__ == "__main__":
    main(sys.argv[1:])
