"""The entry point that pytest loads: options, fixtures and reports.

Only pytest and the standard library are imported here; the rest when a fixture is used.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
from collections.abc import Generator, Iterator, Sequence
from contextvars import ContextVar
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from conductor_pytest.harness import Conductor
    from conductor_pytest.served import ConductorServer

TEST_URL = "CONDUCTOR_TEST_URL"
DEFAULT_TIMEOUT = 60.0

_URL = re.compile(r"https?://[^/\s]|memory://", re.IGNORECASE)
_OWN = frozenset({"conductor_sdk", "conductor_emulator", "conductor_pytest"})
_LEFT_RUNNING = "conductor_left_running"

_harnesses: pytest.StashKey[list[Conductor]] = pytest.StashKey()
_set_up_for: ContextVar[pytest.Item] = ContextVar("conductor_set_up_for")


# -- options -----------------------------------------------------------------------------------------------------------
def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("conductor", "Conductor workflows")
    group.addoption(
        "--conductor-url",
        metavar="URL",
        help=f"run the tests of workflows on this server instead of the emulator (also: {TEST_URL}, ini conductor_url)",
    )
    group.addoption(
        "--conductor-flavor",
        choices=("oss", "orkes"),
        help="which server the emulator is to be like (default: oss; ini conductor_flavor)",
    )
    group.addoption(
        "--conductor-timeout",
        metavar="SECONDS",
        type=float,
        help="how long a run may take on a real server, or programs outside may be silent "
        f"(default: {DEFAULT_TIMEOUT:g}; ini conductor_timeout)",
    )
    group.addoption(
        "--conductor-artifacts", metavar="DIR", help="keep the page of each run of a failed test in this directory"
    )
    parser.addini(
        "conductor_url", f"URL of a server to run on (--conductor-url and {TEST_URL} go before it)", default=""
    )
    parser.addini("conductor_flavor", "oss or orkes, for --conductor-flavor", default="")
    parser.addini("conductor_timeout", "seconds for --conductor-timeout", default="")
    parser.addini(
        "conductor_allow_unused", "stubs and faults that no task met are no mistake", type="bool", default=False
    )


def _server_url(config: pytest.Config) -> str:
    """The real server to run on; empty for the emulator. The option goes before the environment, then the ini."""
    url = config.getoption("--conductor-url") or os.environ.get(TEST_URL, "").strip() or config.getini("conductor_url")
    if url and not _URL.match(url):
        raise pytest.UsageError(
            f"{url!r} is no server's URL (--conductor-url, {TEST_URL} or conductor_url); give http://HOST:PORT/api"
        )
    return str(url)


def _timeout(config: pytest.Config) -> float:
    given = config.getoption("--conductor-timeout") or config.getini("conductor_timeout") or DEFAULT_TIMEOUT
    try:
        return float(given)
    except ValueError:
        raise pytest.UsageError(f"conductor_timeout is {given!r}; give a number of seconds") from None


def _flavor(config: pytest.Config) -> Any:
    given = config.getoption("--conductor-flavor") or config.getini("conductor_flavor") or "oss"
    if given not in ("oss", "orkes"):
        raise pytest.UsageError(f"conductor_flavor is {given!r}; give oss or orkes")
    return given


# -- how its own modules are loaded ------------------------------------------------------------------------------------
class _AsTheyAre:
    """Finds this distribution's modules as Python does. Pytest would rewrite the asserts of all of them, as it does
    with every plugin's, which takes seconds in each session that finds no bytecode of it."""

    @staticmethod
    def find_spec(name: str, path: Sequence[str] | None = None, target: Any = None) -> ModuleSpec | None:
        return PathFinder.find_spec(name, path, target) if name.partition(".")[0] in _OWN else None


def pytest_configure(config: pytest.Config) -> None:
    for setting in (_server_url, _timeout, _flavor):  # what is wrong with one is told once, not by each test
        setting(config)
    sys.meta_path.insert(0, _AsTheyAre)


def pytest_unconfigure() -> None:
    if _AsTheyAre in sys.meta_path:
        sys.meta_path.remove(_AsTheyAre)


# -- fixtures ----------------------------------------------------------------------------------------------------------
@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[Any], request: pytest.FixtureRequest) -> None:
    """Note whose engine is to be made: a fixture that asks for ``request`` itself costs pytest more than an engine's
    start costs us."""
    if fixturedef.argname == "conductor":
        _set_up_for.set(request.node)


@pytest.fixture
def conductor() -> Iterator[Conductor]:
    """An engine of its own for this test: in this thread, in virtual time, without sockets.

    With --conductor-url a real server, in real time, under names of this test's own.
    """
    item = _set_up_for.get()
    yield from _lent(item, _harness(item.config))


@pytest.fixture
def conductor_server(request: pytest.FixtureRequest) -> Iterator[ConductorServer]:
    """The same behind a real port, for programs in other processes: ``conductor_server.url``.

    With --conductor-url that server, in real time.
    """
    from conductor_pytest.served import ConductorServer

    url = _server_url(request.config)
    flavor = _flavor(request.config)
    yield from _lent(request.node, ConductorServer(url or None, timeout=_timeout(request.config), flavor=flavor))


def _harness(config: pytest.Config) -> Conductor:
    from conductor_pytest.harness import Conductor

    url = _server_url(config)
    if not url:
        return Conductor(flavor=_flavor(config))
    from conductor_pytest.on_cluster import OnCluster

    return Conductor(OnCluster(url, timeout=_timeout(config), own_names=True))


def _lent(item: pytest.Item, harness: Any) -> Iterator[Any]:
    """Give a harness to a test, and take it back."""
    _enter(item, harness)
    try:
        yield harness
    finally:
        harness.close()


def _enter(item: pytest.Item, harness: Any) -> None:
    """The test's reports and checks are about this harness, too."""
    if item.config.getini("conductor_allow_unused"):
        harness.allow_unused()
    item.stash.setdefault(_harnesses, []).append(harness)


# -- tests written as data ---------------------------------------------------------------------------------------------
def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    """``*.conductor.yaml`` holds tests for people who write no Python."""
    if not file_path.name.endswith((".conductor.yaml", ".conductor.yml")):
        return None
    from conductor_pytest.collection import CaseFile

    file = CaseFile.from_parent(parent, path=file_path)
    file.lend = _lend_to_case
    return file


def _lend_to_case(item: pytest.Item) -> Conductor:
    harness = _harness(item.config)
    _enter(item, harness)
    item.addfinalizer(harness.close)
    return harness


# -- what is checked and shown -----------------------------------------------------------------------------------------
@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, None, None]:
    """A test that passed fails for the stubs that it did not need."""
    yield
    for harness in item.stash.get(_harnesses, ()):
        try:
            harness.verify()
        except AssertionError as unused:
            raise pytest.fail.Exception(str(unused), pytrace=False) from None


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """A failed test shows what its workflows did, and the SDK's errors at its own lines.

    The test's own objects may be anything: what cannot be told of them must not end the session.
    """
    if call.excinfo is not None and not item.config.getoption("fulltrace"):
        with contextlib.suppress(Exception):
            call.excinfo = _without_the_sdk(call.excinfo)
    report = yield
    if call.excinfo is not None:
        with contextlib.suppress(Exception):
            _name_shortly(call.excinfo.type, report)
    if call.when == "call":
        lent = item.stash.get(_harnesses, [])
        if report.failed:
            for number, harness in enumerate([*lent, *_made_by(item, call, lent)]):
                _show(item, harness, report, f"{item.nodeid}-engine-{number + 1}" if number else item.nodeid)
        elif report.passed:
            report.user_properties.extend((_LEFT_RUNNING, text) for harness in lent for text in _left_by(harness))
    if call.when == "teardown" and _harnesses in item.stash:
        del item.stash[_harnesses]  # tests live as long as the session; their engines need not
    return report


def _name_shortly(kind: type[BaseException], report: pytest.TestReport) -> None:
    """Pytest's summary has room for little: the module of an error of ours tells nothing there."""
    crash = getattr(report.longrepr, "reprcrash", None)
    if crash is not None and _outermost(kind.__module__) in _OWN:
        crash.message = crash.message.removeprefix(f"{kind.__module__}.")


def _left_by(harness: Conductor) -> list[str]:
    try:
        return harness.left_running()
    except Exception as error:  # noqa: BLE001 - the test has passed
        return [f"what it leaves running cannot be told: {_shown(error)}"]


def _made_by(item: pytest.Item, call: pytest.CallInfo[None], lent: Sequence[Conductor]) -> list[Conductor]:
    """Engines that the test has made itself, or fixtures of its own: as they are seen from where it failed."""
    module = sys.modules.get("conductor_pytest.harness")
    if module is None or call.excinfo is None:
        return []
    seen = [*getattr(item, "funcargs", {}).values()]
    with contextlib.suppress(Exception):
        seen += vars(getattr(item, "instance", None)).values()
    for entry in _entries(call.excinfo.tb):
        if _package(entry.tb_frame) not in _OWN:
            with contextlib.suppress(Exception):  # where a class is made, they are whatever its metaclass has prepared
                seen += entry.tb_frame.f_locals.values()
    known = {id(harness) for harness in lent}
    ours = (one for one in seen if issubclass(type(one), module.Conductor))  # no more is asked of what isn't ours
    made = (one for one in ours if "_place" in vars(one))  # the making of others is what failed
    return list({id(one): one for one in made if id(one) not in known}.values())


def _without_the_sdk(error: pytest.ExceptionInfo[BaseException]) -> pytest.ExceptionInfo[BaseException]:
    """An error that the SDK raises speaks for itself; the way to it through the client says nothing more."""
    sdk = sys.modules.get("conductor_sdk")
    if sdk is None or not issubclass(error.type, sdk.ConductorError):
        return error
    shown = [entry for entry in _entries(error.tb) if _package(entry.tb_frame) != "conductor_sdk"]
    trace: TracebackType | None = None
    for entry in reversed(shown):
        trace = TracebackType(trace, entry.tb_frame, entry.tb_lasti, entry.tb_lineno)
    return error if trace is None else pytest.ExceptionInfo.from_exc_info((error.type, error.value, trace))


def _entries(trace: TracebackType | None) -> Iterator[TracebackType]:
    while trace is not None:
        yield trace
        trace = trace.tb_next


def _package(frame: FrameType) -> str:
    """The outermost one."""
    return _outermost(frame.f_globals.get("__name__"))


def _outermost(module: object) -> str:
    """Of a module's name, which a program may make anything."""
    return module.partition(".")[0] if type(module) is str else ""


def _show(item: pytest.Item, harness: Conductor, report: pytest.TestReport, name: str) -> None:
    """``name``: of the files that are kept."""
    try:
        text = harness.report()
    except Exception as error:  # noqa: BLE001 - it must not hide the failure that it is about
        text = f"what the workflows did cannot be told: {_shown(error)}"
    try:
        text += _pages(item, harness, name)
    except Exception as error:  # noqa: BLE001 - likewise
        text += f"\nno pages: {_shown(error)}"
    if text:
        report.sections.append(("Conductor", text))


def _pages(item: pytest.Item, harness: Conductor, name: str) -> str:
    """Where they are, or how to have them."""
    folder = item.config.getoption("--conductor-artifacts")
    if folder:
        from conductor_pytest.report import write_pages

        pages = write_pages(harness, item.config.invocation_params.dir / folder, name)
        return "".join(f"\npage: {page.as_uri()}" for page in pages)
    if harness.is_emulator and harness.place.unasked_runs():
        return f"\n\nas pages: pytest {shlex.quote(item.nodeid)} --conductor-artifacts pages"
    return ""


def _shown(error: Exception) -> str:
    try:
        return repr(error)
    except Exception:  # noqa: BLE001 - it may be the test's own
        return type(error).__name__


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Tests that leave running workflows behind are named."""
    left = [
        f"{report.nodeid}: {text}"
        for report in terminalreporter.getreports("passed")
        for name, text in report.user_properties
        if type(name) is str and name == _LEFT_RUNNING
    ]
    if left:
        terminalreporter.section("workflows left running", sep="-")
        for line in left:
            terminalreporter.line(line)


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """A status that is not the expected one comes with the run's timeline."""
    runs = sys.modules.get("conductor_pytest.runs")
    if runs is None or op != "==":
        return None
    try:
        status: Any = next((side for side in (left, right) if issubclass(type(side), runs.Status)), None)
        return None if status is None else [f"{str(left)!r} == {str(right)!r}", *status.explanation()]
    except Exception:  # noqa: BLE001 - pytest's own words have to do
        return None
