"""The pages of the reference as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache

from command_line import commands, pytest_options
from contents import PAGES, Contents, Item
from requests_of import requests_of
from sources import Call, Class, Doc, Field, read_alias, read_class, read_function

import conductor_sdk
from conductor_sdk import errors

_WRITTEN = "<!-- Written by `make docs` from the docstrings. -->"
_ONLY_ORKES = "**Orkes only.**"
ASTERISK = "\\*"
_ABOUT = f"""\
Any call that sends a request may raise [TransportError](errors.md#transporterror), \
[RequestTimedOut](errors.md#requesttimedout), [Unauthorized](errors.md#unauthorized) and \
[ServerError](errors.md#servererror); each call names what else to expect. Times are in seconds where the name of an \
argument does not say otherwise. {_ONLY_ORKES} marks what the open-source server (3.32) has not."""
#: What waits or follows an execution sends more than one request of one kind.
_MANY = frozenset({"monitor_execution", "wait_for", "wait_for_all", "run", "completed", "execution_url"})


@cache
def class_of(item: Item) -> Class:
    """The class of an item."""
    return read_class(item.value)


def is_class(item: Item) -> bool:
    """Neither a function nor the name of a type."""
    return isinstance(item.value, type)


def calls_of(item: Item) -> list[Call]:
    """The calls that are shown: methods, in the order of the source."""
    return [call for call in class_of(item).calls if not call.is_property and call.name not in item.hidden]


def page(contents: Contents) -> str:
    """One page."""
    lines = [_WRITTEN, f"# {contents.title}", "", contents.about, "", *_table_of_contents(contents)]
    if contents.file == "errors.md":
        lines += ["", *_code("\n".join(line for line in (errors.__doc__ or "").splitlines()[2:] if line))]
    if contents.file == "pytest.md":
        lines += ["", *_pytest()]
    if contents.file == "emulator.md":
        lines += ["", *_commands()]
    for item in contents.items:
        lines += ["", *_item(item)]
    return _tidy(lines)


def index() -> str:
    """The first page: what is where."""
    lines = [
        _WRITTEN,
        "# Reference",
        "",
        "All public names, their arguments, and the REST calls behind them, from the docstrings.",
        "",
        _ABOUT,
        "",
        "| page | |",
        "|---|---|",
    ]
    lines += [f"| [{contents.title}]({contents.file}) | {_sentence(contents.about)} |" for contents in PAGES]
    lines += ["", "## Names of conductor_sdk", "", _names(conductor_sdk.__all__, "conductor_sdk")]
    import conductor_pytest

    lines += ["", "## Names of conductor_pytest", "", _names(conductor_pytest.__all__, "conductor_pytest")]
    return _tidy(lines)


def table_of_resources() -> str:
    """The table of the client's resources for the page about the SDK."""
    lines = ["| resource | calls |", "|---|---|"]
    for contents in PAGES:
        for item in contents.items:
            if item.written.startswith("client."):
                everything = class_of(item).doc.only_orkes
                link = f"[`{item.written}`](reference/{contents.file}#{anchor(item.written)})"
                calls = [
                    f"`{call.name}`{'†' if call.doc.only_orkes and not everything else ''}" for call in calls_of(item)
                ]
                lines.append(f"| {link}{'†' if everything else ''} | {', '.join(calls)} |")
    return "\n".join(lines)


def anchor(heading: str) -> str:
    """The name by which a heading is linked to."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-")


def places() -> dict[tuple[str, str], str]:
    """Where each class, function and name of a type stands: package and name → page and anchor."""
    found = {}
    for contents in PAGES:
        for item in contents.items:
            found.setdefault((item.module.partition(".")[0], item.name), f"{contents.file}#{anchor(item.title)}")
    return found


def _names(names: Iterable[str], package: str) -> str:
    there = places()
    return ", ".join(
        f"[{name}]({there[package, name]})" for name in sorted(names, key=str.lower) if not name.startswith("__")
    )


def _table_of_contents(contents: Contents) -> list[str]:
    lines = []
    if contents.file == "pytest.md":
        lines.append("- [Fixtures](#fixtures), [options](#options)")
    if contents.file == "emulator.md":
        lines += [f"- [conductor-emulator {name}](#conductor-emulator-{name})" for name in commands()]
    plain: list[str] = []
    for item in contents.items:
        link = f"[{item.title}](#{anchor(item.title)})"
        calls = calls_of(item) if is_class(item) else []
        if not calls:
            plain.append(link)
            continue
        if plain:
            lines.append(f"- {', '.join(plain)}")
            plain = []
        named = [f"[{call.name}](#{anchor(f'{item.title}: {call.name}')})" for call in calls]
        lines.append(f"- {link}: {', '.join(named)}")
    return [*lines, *([f"- {', '.join(plain)}"] if plain else [])]


# -- one item ----------------------------------------------------------------------------------------------------------
def _item(item: Item) -> Iterator[str]:
    yield f"## {item.title}"
    yield ""
    if not is_class(item):
        yield from _function_or_alias(item)
        return
    found = class_of(item)
    if item.written:
        yield from (f"`{item.module}.{item.name}`" if item.of is None else "", "")
    yield from _code(_head(item, found))
    yield from _prose(found.doc, item.written)
    yield from _arguments(found.init, found.doc)
    yield from _fields([field for field in found.fields if field.name not in item.hidden])
    yield from _attributes(item, found)
    for call in calls_of(item):
        yield from _call(item, call, found.doc)


def _function_or_alias(item: Item) -> Iterator[str]:
    if not callable(item.value) or not hasattr(item.value, "__code__"):
        written, comment = read_alias(item.module, item.name)
        yield from _code(written)
        yield comment
        return
    call = read_function(item.value)
    yield from _code(call.written())
    yield from _prose(call.doc)
    yield from _arguments(call, call.doc)


def _head(item: Item, found: Class) -> str:
    if item.of is not None and item.written:
        return ""
    bases = [base for base in found.bases if not base.startswith("_") and base not in ("Protocol", "dict", "Generic")]
    described = f"class {found.name}({', '.join(bases)})" if bases else f"class {found.name}"
    if found.init is not None and found.init.parameters and "init" not in item.hidden:
        return f"{described}\n\n{found.init.written(found.name).removesuffix(' -> None')}"
    return described


def _call(item: Item, call: Call, of_class: Doc) -> Iterator[str]:
    yield from ("", f"### {item.title}: {call.name}", "")
    written = f"{item.title}.{call.name}" if item.written else call.name
    keyword = "await " if call.is_async else "with " if "contextmanager" in call.decorators else ""
    yield from _code(
        "\n".join(
            keyword + line if not line.startswith((" ", ")")) else line for line in call.written(written).splitlines()
        )
    )
    yield from _prose(call.doc)
    yield from _arguments(call, of_class)
    if item.of is not None and call.name not in _MANY:
        sent = requests_of(call, item.of)
        if sent:
            yield from ("", "REST: " + ", or ".join(_request(*request) for request in sent))


def _request(method: str, path: str, names: list[str]) -> str:
    return f"`{method} {path}{'?' + '&'.join(names) if names else ''}`"


def _prose(doc: Doc, heading: str = "") -> Iterator[str]:
    """The sentences; a heading is not said again."""
    prose = re.sub(rf"^`{re.escape(heading)}`[:.]\s+", "", doc.prose) if heading else doc.prose
    if prose:
        yield from ("", _linked(re.sub(r"Orkes\s+only\.", _ONLY_ORKES, _single(prose[0].upper() + prose[1:]))))


def _linked(prose: str) -> str:
    """`Raises NotFound` leads to the error."""
    errors = {name: place for (package, name), place in places().items() if place.startswith("errors.md")}

    def link(match: re.Match[str]) -> str:
        return re.sub(r"\b[A-Z]\w+\b", lambda m: f"[{m[0]}]({errors[m[0]]})" if m[0] in errors else m[0], match[0])

    return re.sub(r"Raises\s[^.]*", link, prose)


def _arguments(call: Call | None, of_class: Doc) -> Iterator[str]:
    """What the arguments mean of which the sentences say nothing."""
    if call is None:
        return
    by_meaning: dict[str, list[str]] = {}
    for parameter in call.parameters:
        own = call.doc.arguments.get(parameter.name)
        shared = None if parameter.name in call.doc.quoted else of_class.arguments.get(parameter.name)
        if meaning := own or shared:
            by_meaning.setdefault(meaning, []).append(f"`{parameter.name}`")
    if by_meaning:
        yield from ("", *(f"- {', '.join(names)}: {meaning}" for meaning, names in by_meaning.items()))


def _fields(fields: list[Field]) -> Iterator[str]:
    if not fields:
        return
    told = any(field.meaning for field in fields)
    typed = any(field.annotation for field in fields)
    defaults = any(field.default is not None for field in fields)
    heads = ["name", *(["type"] if typed else []), *(["default"] if defaults else []), *([" "] if told else [])]
    yield from ("", f"| {' | '.join(heads)} |", "|---" * len(heads) + "|")
    for field in fields:
        cells = [f"`{field.name}`"]
        cells += [_quoted(field.annotation)] if typed else []
        cells += [_quoted(field.default)] if defaults else []
        cells += [field.meaning] if told else []
        yield f"| {' | '.join(cells)} |"


def _attributes(item: Item, found: Class) -> Iterator[str]:
    described = [
        Field(call.name, call.returns, None, _in_one_line(call.doc.prose)) for call in found.calls if call.is_property
    ]
    shown = [one for one in (*found.attributes, *described) if one.name not in item.hidden]
    if shown:
        yield from ("", "| attribute | type | |", "|---|---|---|")
        for one in shown:
            yield f"| `.{one.name}` | {_quoted(one.annotation)} | {_in_one_line(one.meaning)} |"


def _in_one_line(text: str) -> str:
    """For a table's cell."""
    return " ".join(_single(text).replace("|", "\\|").split())


def _single(text: str) -> str:
    """Code in double backquotes, as some docstrings have it, in single ones."""
    return re.sub(r"``([^`]*)``", r"`\1`", text)


def _quoted(text: str | None) -> str:
    return "" if not text else f"`{text}`".replace("|", "\\|")


def _code(text: str) -> Iterator[str]:
    if text:
        yield from ("```", text, "```")


# -- pytest and the command line ---------------------------------------------------------------------------------------
def _pytest() -> Iterator[str]:
    from conductor_pytest import plugin

    yield from ("## Fixtures", "", "| fixture | gives | |", "|---|---|---|")
    for name in ("conductor", "conductor_server"):
        call = read_function(getattr(plugin, name).__wrapped__)
        kind = call.returns.removeprefix("Iterator[").removesuffix("]")
        link = f"[{kind}](#{'conductor' if name == 'conductor' else anchor(name)})"
        yield f"| `{name}` | {link} | {_in_one_line(call.doc.prose)} |"
    options, settings = pytest_options()
    yield from ("", "## Options", "", "| option | |", "|---|---|")
    yield from (f"| {name} | {meaning} |" for name, meaning in options)
    yield from ("", "| in pytest's settings | |", "|---|---|")
    yield from (f"| {name} | {meaning} |" for name, meaning in settings)


def _commands() -> Iterator[str]:
    for name, (about, rows) in commands().items():
        yield from (f"## conductor-emulator {name}", "", _in_one_line(about), "")
        yield from ("| argument | default | |", "|---|---|---|")
        for option, default, text in rows:
            yield f"| {_in_one_line(option)} | {default} | {_in_one_line(text).replace('*', ASTERISK)} |"
        yield ""
    yield "`python -m conductor_emulator` is the same command."


def _sentence(text: str) -> str:
    head, found, _ = text.partition(". ")
    return head + "." if found else head


def _tidy(lines: Iterable[str]) -> str:
    text = "\n".join(lines).rstrip()
    return re.sub(r"\n{3,}", "\n\n", text) + "\n"
