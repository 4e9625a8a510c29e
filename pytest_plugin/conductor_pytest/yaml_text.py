"""YAML that says what JSON can say. Imported when the first YAML file is met: PyYAML need not be there before."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import yaml

from conductor_pytest.errors import HarnessError, shown_at_the_test
from conductor_pytest.lines import FileMistake, Lines, Path

__tracebackhide__ = shown_at_the_test

_DATES: Final = "tag:yaml.org,2002:timestamp"
#: A key that takes over what stands elsewhere; there may be several.
_MERGE: Final = "<<"


class _Loader(yaml.SafeLoader):
    """A date stays the text that it is: a server is sent none."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the class above has it
        first: [rule for rule in rules if rule[0] != _DATES]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse_with_lines(text: str, where: str) -> tuple[Any, Lines]:
    """The value of a YAML text, and where its keys and elements stand. Raises ``FileMistake``, with ``where`` and the
    line."""
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None, Lines()
        lines = dict(_lines(node, (), frozenset(), where))
        return loader.construct_document(node), Lines(lines)
    except yaml.YAMLError as error:
        raise _mistake(error, where) from None
    finally:
        loader.dispose()


def _mistake(error: yaml.YAMLError, where: str) -> HarnessError:
    """In one line."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return HarnessError(f"{where}: not YAML: {error}")
    mark = error.problem_mark
    said = ", ".join(part for part in (error.problem, error.context) if part)
    hint = "; YAML is indented with spaces" if "\\t" in said else ""
    return FileMistake(f"{where}:{mark.line + 1}", f"not YAML: {said}, at column {mark.column + 1}{hint}")


def _lines(node: yaml.Node, path: Path, around: frozenset[int], where: str) -> Iterator[tuple[Path, int]]:
    """Raises ``FileMistake`` for a key that stands twice: the first one would be lost."""
    if id(node) in around:
        return  # a text that contains itself
    around |= {id(node)}
    if isinstance(node, yaml.SequenceNode):
        for position, element in enumerate(node.value):
            yield (*path, str(position)), element.start_mark.line + 1
            yield from _lines(element, (*path, str(position)), around, where)
    elif isinstance(node, yaml.MappingNode):
        seen: dict[str, int] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if name in seen and name != _MERGE:
                raise FileMistake(f"{where}:{line}", f"`{name}` stands here twice, first in line {seen[name]}")
            seen[name] = line
            yield (*path, name), line
            yield from _lines(value, (*path, name), around, where)
