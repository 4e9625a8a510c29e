"""What the reference would not explain, and marks that are not so."""

from __future__ import annotations

from collections.abc import Iterator

from contents import PAGES, Item, resources
from markdown import calls_of, class_of, is_class, places
from requests_of import plain, requests_of
from sources import Call, Class, read_function

import conductor_pytest
import conductor_sdk


def problems() -> Iterator[str]:
    """Each in a line."""
    yield from _names_without_a_place()
    for contents in PAGES:
        for item in contents.items:
            if is_class(item):
                yield from _unexplained(item, class_of(item))
            elif hasattr(item.value, "__code__"):
                yield from _unexplained_arguments(item.name, read_function(item.value), None)
            if item.written.startswith("client."):
                yield from _wrong_marks(item)


def _names_without_a_place() -> Iterator[str]:
    there = places()
    for package in (conductor_sdk, conductor_pytest):
        for name in package.__all__:
            if not name.startswith("__") and (package.__name__, name) not in there:
                yield f"{package.__name__}.{name} stands on no page: see contents.py"
    shown = {item.written for contents in PAGES for item in contents.items}
    yield from (
        f"client.{name} stands on no page: see contents.py" for name in resources() if f"client.{name}" not in shown
    )


def _unexplained(item: Item, found: Class) -> Iterator[str]:
    if not found.doc.prose:
        yield f"{item.title} has no docstring"
    for call in found.calls:
        if call.name not in item.hidden:
            if not call.doc.prose:
                yield f"{item.title}.{call.name} has no docstring"
            yield from _unexplained_arguments(f"{item.title}.{call.name}", call, found)
    if found.init is not None and not item.written and "init" not in item.hidden:
        yield from _unexplained_arguments(item.title, found.init, found, of_init=True)


def _unexplained_arguments(name: str, call: Call, of_class: Class | None, *, of_init: bool = False) -> Iterator[str]:
    told = {*call.doc.quoted, *call.doc.arguments}
    if of_class is not None:
        told |= {*of_class.doc.arguments, *of_class.inherited, *(of_class.doc.quoted if of_init else ())}
    silent = [parameter.name for parameter in call.parameters if parameter.name not in told]
    if silent:
        yield f"{name}: the docstring says nothing about {', '.join(silent)}"


def _wrong_marks(item: Item) -> Iterator[str]:
    """`Orkes only.` stands where the emulator, which is held against both servers, has no route in flavor oss."""
    of_class = class_of(item).doc.only_orkes
    for call in calls_of(item):
        if item.of is None:
            continue
        marked = of_class or call.doc.only_orkes
        sent = requests_of(call, item.of)
        open_source = any(_is_open_source(method, path) for method, path, _ in sent)
        if marked == open_source:
            told = "is marked as Orkes only, and the open-source server has it"
            untold = "lacks the mark: Orkes only. The open-source server has no such request"
            yield f"{item.title}.{call.name} {told if marked else untold}"


def _is_open_source(method: str, path: str) -> bool:
    from conductor_emulator.server.routes import ROUTERS

    for route in ROUTERS["oss"].routes:
        if (route.method, plain(route.path)) == (method, plain(f"/api{path}")):
            return not _is_refused(method, path)
    return False


def _is_refused(method: str, path: str) -> bool:
    """The open-source server has the path, and answers that it cannot (501)."""
    client = conductor_sdk.ApiClient("memory://reference")
    try:
        client.request(method, path.replace("{", "").replace("}", ""), text="v", repeatable=False, timeout=10)
    except conductor_sdk.ApiError as error:
        return error.status == 501
    return False
