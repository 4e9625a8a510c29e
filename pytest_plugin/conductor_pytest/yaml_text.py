"""YAML that says what JSON can say. Imported when the first YAML file is met: PyYAML need not be there before."""

from __future__ import annotations

from typing import Any, Final

import yaml

from conductor_pytest.errors import HarnessError, shown_at_the_test

__tracebackhide__ = shown_at_the_test

_DATES: Final = "tag:yaml.org,2002:timestamp"


class _Loader(yaml.SafeLoader):
    """A date stays the text that it is: a server is sent none."""

    yaml_implicit_resolvers = {  # noqa: RUF012 - as the class above has it
        first: [rule for rule in rules if rule[0] != _DATES]
        for first, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


def parse(text: str, where: str) -> Any:
    """The value of a YAML text. Raises ``HarnessError``, with ``where`` and the line."""
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - it derives from the safe one
    except yaml.YAMLError as error:
        raise HarnessError(f"{where}: not YAML: {error}") from None
