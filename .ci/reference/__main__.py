"""Writes the reference, `docs/reference/*.md`, and the table of calls in `docs/sdk.md`: `python .ci/reference`.

`--check` writes nothing and fails when a page is not what it should be, or something on it is not explained.
`--into FOLDER` takes another folder than `docs`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import markdown
from checks import problems
from contents import PAGES

DOCS = Path(__file__).parents[2] / "docs"
_BEGIN = "<!-- calls: written by `make docs` -->\n"
_END = "<!-- end of calls -->\n"


def pages() -> dict[str, str]:
    """Each page by its path below `docs`."""
    made = {f"reference/{contents.file}": markdown.page(contents) for contents in PAGES}
    head, begin, rest = (DOCS / "sdk.md").read_text(encoding="utf-8").partition(_BEGIN)
    _, end, tail = rest.partition(_END)
    made["sdk.md"] = f"{head}{begin}{markdown.table_of_resources()}\n{end}{tail}"
    return {"reference/index.md": markdown.index(), **made}


def main() -> int:
    """Write, or check, all pages."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--into", type=Path, default=DOCS, metavar="FOLDER")
    chosen = parser.parse_args()
    made = pages()
    wrong = list(problems())
    (chosen.into / "reference").mkdir(parents=True, exist_ok=True)
    surplus = {path.name for path in (chosen.into / "reference").iterdir()} - {Path(name).name for name in made}
    for name, text in made.items():
        path = chosen.into / name
        if not chosen.check:
            path.write_text(text, encoding="utf-8")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong.append(f"{name} is not up to date: run `make docs`")
    wrong += [f"reference/{name} is on nobody's list: delete it" for name in sorted(surplus)]
    print(*wrong, sep="\n", end="\n" if wrong else "", file=sys.stderr)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
