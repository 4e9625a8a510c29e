"""What pytest users see: fixtures, options, reports. Each test is a run of pytest of its own."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from conductor_emulator.server.serving import BackgroundServer
from conductor_pytest import plugin

HERE = Path(__file__).read_text(encoding="utf-8")

Inner = Callable[..., pytest.RunResult]

ORDER = """
from datetime import timedelta

ORDER = {
    "name": "order",
    "version": 1,
    "tasks": [
        {"name": "charge", "taskReferenceName": "charge_ref", "type": "SIMPLE"},
        {"name": "ship", "taskReferenceName": "ship_ref", "type": "SIMPLE"},
    ],
}
CHARGE = {"name": "charge", "retryCount": 1, "retryDelaySeconds": 60, "responseTimeoutSeconds": 600}
"""


@pytest.fixture(scope="module")
def server() -> Iterator[BackgroundServer]:
    with BackgroundServer() as running:
        yield running


def test_a_fresh_engine_for_each_test(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
import pytest

@pytest.mark.parametrize("again", [1, 2])
def test_order(conductor, again):
    conductor.register(CHARGE, ORDER)
    conductor.stub("ship").returns({})
    conductor.stub("charge").returns({})
    conductor.task("charge").attempt(1).crash()
    assert len(conductor.runs) == 0
    run = conductor.run("order")
    assert run.status == "COMPLETED"
    assert run.elapsed == timedelta(minutes=11)
"""
    )
    result.assert_outcomes(passed=2)


def test_a_failed_test_names_its_seed(inner: Inner) -> None:
    result = inner(
        """
from conductor_pytest import Seeded

def test_order(conductor):
    conductor.chooser = Seeded(7)
    assert conductor.runs
"""
    )
    result.stdout.fnmatch_lines(["who went first was chosen by Seeded(7)"])


def test_a_failed_assert_explains_the_run(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
def test_order(conductor):
    conductor.register(CHARGE, ORDER)
    conductor.stub("charge").fails("declined")
    assert conductor.run("order").status == "COMPLETED"
"""
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E       AssertionError: assert 'FAILED' == 'COMPLETED'",
            "E         <Run order v1 FAILED after 1 min: Task * failed with status: FAILED and reason: 'declined'>",
            "E         <Task charge_ref (charge) FAILED, attempt 2: declined>",
            "*- Conductor -*",
            "run ????????-*",
            "order v1 FAILED after 1 min: *",
            "  * charge_ref *charge  FAILED: declined",
            "  * charge_ref attempt 2  charge  FAILED*: declined",
            "last requests of the test: POST /api/metadata/taskdefs → 200; *",
        ]
    )


def test_a_run_that_cannot_end_is_shown_at_its_line(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
def test_order(conductor):
    conductor.register(CHARGE, ORDER)
    conductor.stub("charge").returns({})
    conductor.run("order")
"""
    )
    result.stdout.fnmatch_lines(
        [
            '>       conductor.run("order")',
            "E       conductor_pytest.errors.Stuck: nothing can happen any more: task `ship_ref` waits for a worker *",
            "E         0 s  charge_ref  charge  COMPLETED",
            "E         0 s  ship_ref    ship    SCHEDULED",
            "*  waits: task `ship_ref` waits for a worker of type `ship`, and none is registered; add *",
        ]
    )
    result.stdout.no_fnmatch_line("*in_process.py*")


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('conductor.run("nobody")', "*NotFound: POST /workflow answered 404: No such workflow defined. name=nobody*"),
        ('conductor.client.workflows.get("nobody")', "*NotFound: GET /workflow/nobody answered 404: No such workflow*"),
        (
            'conductor.pause(conductor.terminate(conductor.start(conductor.register(ORDER) and "order")))',
            "*Conflict: *",
        ),
        ('conductor.register({"name": "x", "tasks": []})', "*BadRequest: POST /metadata/workflow answered 400*"),
        ('conductor.run(conductor.register(ORDER) and "order")', "*Stuck: nothing can happen any more*"),
        ('conductor.start(conductor.register(ORDER) and "order").task("x")', "*NoSuchTask: *its tasks: charge_ref"),
    ],
    ids=["unknown", "unknown to the client", "conflict", "refused", "stuck", "no such task"],
)
def test_a_mistake_is_shown_at_its_line(inner: Inner, line: str, complaint: str) -> None:
    result = inner(ORDER + f"\ndef test_order(conductor):\n    {line}\n")
    result.stdout.fnmatch_lines([f">*{line}", f"E   {complaint}"])
    result.stdout.no_fnmatch_line("*pytest_plugin/conductor_pytest*")
    result.stdout.no_fnmatch_line("*conductor_sdk/*")


def test_the_whole_way_of_an_error_is_there_for_those_who_want_it(inner: Inner) -> None:
    result = inner('def test_order(conductor):\n    conductor.client.workflows.get("nobody")\n', "--full-trace")
    result.stdout.fnmatch_lines(["*conductor_sdk/*"])


def test_an_unknown_workflow_is_told_with_those_that_there_are(inner: Inner) -> None:
    result = inner(ORDER + '\ndef test_order(conductor):\n    conductor.register(ORDER).run("oder")\n')
    result.stdout.fnmatch_lines(["E   *NotFound: *name=oder*", "E * registered: order v1"])


def test_a_time_out_for_want_of_a_worker_is_remarked(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
def test_order(conductor):
    conductor.register({**ORDER, "timeoutSeconds": 600, "timeoutPolicy": "TIME_OUT_WF"})
    conductor.stub("charge").returns({})
    assert conductor.run("order").status == "COMPLETED"
"""
    )
    result.stdout.fnmatch_lines(
        ["*- Conductor -*", "task `ship_ref` waited for a worker of type `ship`, and none is registered", "", "run *"],
        consecutive=True,
    )


UNUSED = """
def test_nothing(conductor):
    conductor.stub("ship").returns({})
"""


def test_an_unused_stub_fails_its_test(inner: Inner) -> None:
    result = inner(UNUSED)
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["stub('ship').returns({}) (test_*.py:2) was never used: no such task came"])
    result.stdout.no_fnmatch_line("*During handling*")


def test_unused_stubs_may_be_allowed_for_all_tests(inner: Inner, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nconductor_allow_unused = true\n")
    inner(UNUSED).assert_outcomes(passed=1)


def test_a_test_that_failed_is_not_asked_for_its_stubs(inner: Inner) -> None:
    result = inner(UNUSED + "    assert 1 == 2\n")
    result.assert_outcomes(failed=1)
    result.stdout.no_fnmatch_line("*was never used*")


def test_fixtures_serve_asynchronous_tests(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
import pytest

@pytest.fixture
def anyio_backend():
    return "asyncio"

@pytest.mark.anyio
async def test_order(conductor):
    async def ship(task):
        return {"tracking": "T1"}
    conductor.register(ORDER)
    conductor.stub("charge").returns({})
    conductor.worker("ship", ship)
    assert conductor.run("order").task("ship").output == {"tracking": "T1"}
""",
        "-p",
        "anyio",
    )
    result.assert_outcomes(passed=1)


def test_tests_run_beside_each_other(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
import pytest

@pytest.mark.parametrize("number", range(8))
def test_order(conductor, number):
    conductor.register(ORDER)
    conductor.stub("charge").returns({})
    conductor.stub("ship").returns({"number": number})
    assert conductor.run("order").task("ship").output == {"number": number}
""",
        "-n",
        "2",
    )
    result.assert_outcomes(passed=8)


LEFT = (
    ORDER
    + """
import pytest

@pytest.mark.parametrize("leave", [True, False])
def test_order(conductor, leave):
    run = conductor.register(ORDER).start("order")
    if not leave:
        conductor.terminate(run)
"""
)


def test_an_engine_belongs_to_the_test_that_it_is_made_for(inner: Inner) -> None:
    result = inner(
        """
        import pytest

        @pytest.fixture
        def conductor(conductor):
            return conductor.register({"name": "flow", "tasks": [{"name": "a", "taskReferenceName": "a"}]})

        def test_over_another(conductor):
            conductor.start("flow")

        def test_late(request):
            request.getfixturevalue("conductor").start("flow")
        """
    )
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(["*::test_over_another: flow (RUNNING)*", "*::test_late: flow (RUNNING)*"])


def test_an_engine_lives_no_longer_than_its_test(inner: Inner) -> None:
    result = inner(
        ORDER
        + """
import gc, weakref
engines = []

def test_first(conductor):
    conductor.register(ORDER).start("order")
    engines.append(weakref.ref(conductor))

def test_second():
    gc.collect()
    assert [engine() for engine in engines] == [None]
"""
    )
    result.assert_outcomes(passed=2)


@pytest.mark.parametrize("arguments", [(), ("-n", "1")], ids=["alone", "xdist"])
def test_workflows_left_running_are_named(inner: Inner, arguments: tuple[str, ...]) -> None:
    result = inner(LEFT, *arguments)
    result.assert_outcomes(passed=2)
    result.stdout.fnmatch_lines(
        [
            "*- workflows left running -*",
            "test_*.py::test_order[[]True]: order (RUNNING): task `charge_ref` waits for a worker *",
        ]
    )
    result.stdout.no_fnmatch_line("*test_order[[]False]: order*")


@pytest.mark.parametrize("fails", [True, False])
def test_pages_of_a_failed_test_are_kept(inner: Inner, pytester: pytest.Pytester, *, fails: bool) -> None:
    result = inner(
        ORDER
        + f"""
def test_order(conductor):
    run = conductor.register(ORDER).start("order")
    assert conductor.blockers(run) {"==" if fails else "!="} []
""",
        "--conductor-artifacts",
        "pages",
    )
    result.assert_outcomes(failed=fails, passed=not fails)
    pages = list((pytester.path / "pages").glob("*.html"))
    assert len(pages) == fails
    for page in pages:
        assert "charge_ref" in page.read_text(encoding="utf-8")
        result.stdout.fnmatch_lines([f"page: {page.as_uri()}"])


def test_pages_of_sub_workflows_are_kept_too(inner: Inner, pytester: pytest.Pytester) -> None:
    inner(
        ORDER
        + """
PARENT = {"name": "parent", "version": 1, "tasks": [
    {"name": "sub", "taskReferenceName": "sub", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "order"}}]}

def test_parent(conductor):
    run = conductor.register(CHARGE, ORDER, PARENT).start("parent")
    assert conductor.blockers(run) == []
""",
        "--conductor-artifacts",
        "pages",
    )
    parent, child = sorted((pytester.path / "pages").glob("*.html"), key=lambda page: len(page.name))
    assert f"href='{child.name}'" in parent.read_text(encoding="utf-8")
    assert f"href='{parent.name}'" in child.read_text(encoding="utf-8")
    assert "charge_ref" in child.read_text(encoding="utf-8")


# On a server.

ON_A_SERVER = (
    ORDER
    + """
def test_a_worker(conductor):
    conductor.register({**CHARGE, "retryDelaySeconds": 0}, ORDER)
    conductor.worker("charge", lambda task: {"receipt": task.retry_count})
    conductor.task("charge").attempt(1).fails("declined")
    conductor.stub("ship_ref").returns({"tracking": "T1"})
    run = conductor.run("order", {"order_id": 7})
    assert run.name == "order"
    assert run.status == "COMPLETED"
    assert run.task("charge").output == {"receipt": 1}
    assert run.attempts("charge")[0].reason == "declined"
    assert run.path == ["charge_ref", "ship_ref"]

def test_an_hour(conductor):
    conductor.register({**CHARGE, "retryDelaySeconds": 3600}, ORDER)
    conductor.task("charge").attempt(1).fails("declined")
    conductor.stub("charge").returns({})
    conductor.stub("ship").returns({})
    assert conductor.run("order").elapsed == timedelta(hours=1)

def test_a_crash(conductor):
    conductor.register(CHARGE, ORDER)
    conductor.task("charge").crash()
    conductor.run("order")

CALL = {"name": "call", "version": 1, "tasks": [
    {"name": "h", "taskReferenceName": "h_ref", "type": "HTTP", "inputParameters": {"uri": "http://127.0.0.1:1/"}}]}

def test_a_call(conductor):
    conductor.register(CALL)
    conductor.stub("h_ref").returns({"status": 200})
    conductor.run("call")

def test_a_call_inside(conductor):
    sub = {"name": "sub", "taskReferenceName": "sub", "type": "SUB_WORKFLOW", "subWorkflowParam": {"name": "call"}}
    conductor.register(CALL, {"name": "outer", "version": 1, "tasks": [sub]})
    run = conductor.start("outer")
    conductor.task("h_ref").fails("no")
    conductor.wait_for(run)

def test_the_wire(conductor):
    conductor.faults.http()

def test_the_clock(conductor):
    conductor.clock.advance(timedelta(days=1))
"""
)


def test_the_same_tests_on_a_server(inner: Inner, server: BackgroundServer) -> None:
    result = inner(ON_A_SERVER, "--conductor-url", server.url, "-rs")
    result.assert_outcomes(passed=1, skipped=6)
    result.stdout.fnmatch_lines_random(
        [
            "*needs the emulator: stub('h_ref') stands in for an HTTP task",
            "*needs the emulator: task('h_ref') is a fault of an HTTP task",
            "*needs the emulator: task `charge_ref` goes on in * which takes no time only there",
            "*needs the emulator: task('charge').crash() * what comes after it is a time-out",
            "*needs the emulator: faults on the wire are made by its server",
            "*needs the emulator: time on a real server cannot be moved",
        ]
    )


def test_nothing_is_left_on_the_server(inner: Inner, server: BackgroundServer) -> None:
    inner(ON_A_SERVER, "--conductor-url", server.url)
    metadata = server.runtime.metadata
    assert (metadata.workflow_defs(), metadata.task_defs(), len(server.runtime.store)) == ([], [], 0)


FLAVOR = """
def test_flavor(conductor, conductor_server):
    for harness in (conductor, conductor_server):
        assert harness.place.runtime.flavor.name == {flavor!r}
"""


@pytest.mark.parametrize("flavor", ["oss", "orkes"])
@pytest.mark.parametrize("way", ["option", "ini"])
def test_an_emulator_is_like_the_server_that_is_asked_for(
    inner: Inner, pytester: pytest.Pytester, way: str, flavor: str
) -> None:
    if way == "ini":
        pytester.makeini(f"[pytest]\nconductor_flavor = {flavor}\n")
    inner(FLAVOR.format(flavor=flavor), *(["--conductor-flavor", flavor] if way == "option" else [])).assert_outcomes(
        passed=1
    )


def test_a_flavor_that_there_is_not(inner: Inner, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nconductor_flavor = blue\n")
    result = inner(FLAVOR.format(flavor="oss"))
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: conductor_flavor is 'blue'; give oss or orkes"])


@pytest.mark.parametrize("way", ["option", "environment", "ini"])
def test_the_server_is_named_in_one_of_three_ways(
    inner: Inner, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    other = "http://127.0.0.1:1"
    arguments = ["--conductor-url", "http://option:9/api"] if way == "option" else []
    monkeypatch.setenv("CONDUCTOR_TEST_URL", "http://environment:9/api" if way != "ini" else "")
    pytester.makeini(f"[pytest]\nconductor_url = {'http://ini:9/api' if way == 'ini' else other}\n")
    result = inner(
        f"""
def test_url(conductor, conductor_server):
    assert not conductor.is_emulator
    assert conductor.client.settings.server_url == conductor_server.url == "http://{way}:9"
""",
        *arguments,
    )
    result.assert_outcomes(passed=1)


@pytest.mark.parametrize(("option", "ini"), [("0.1", "soon"), ("", "0.1")], ids=["option", "ini"])
def test_a_run_that_takes_too_long_on_a_server_fails(
    inner: Inner, pytester: pytest.Pytester, server: BackgroundServer, option: str, ini: str
) -> None:
    pytester.makeini(f"[pytest]\nconductor_timeout = {ini}\n")
    result = inner(
        ORDER
        + """
def test_order(conductor):
    conductor.register(ORDER)
    conductor.run("order")
""",
        "--conductor-url",
        server.url,
        *(["--conductor-timeout", option] if option else []),
    )
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        [
            "E * after 0.1 s still waiting for the end of run *: task `charge_ref` waits for a worker *",
            "on http://127.0.0.1:*, where names end in _ct*",
        ]
    )


def test_a_time_limit_that_is_none_is_refused(inner: Inner, pytester: pytest.Pytester) -> None:
    pytester.makeini("[pytest]\nconductor_timeout = soon\nconductor_url = http://127.0.0.1:1\n")
    result = inner("def test_order(conductor): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines(["ERROR: conductor_timeout is 'soon'; give a number of seconds"])


@pytest.mark.parametrize("url", ["foo", "localhost:8080", "http://", "ftp://localhost"])
def test_a_url_that_is_none_is_refused_once(inner: Inner, url: str) -> None:
    result = inner("def test_a(conductor): pass\n\n\ndef test_b(conductor): pass", "--conductor-url", url)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    [line] = [line for line in result.errlines if line.startswith("ERROR: ")]
    assert line.startswith(f"ERROR: {url!r} is no server's URL (--conductor-url, ")


# A port.


def test_a_server_for_other_processes(inner: Inner) -> None:
    result = inner(
        ORDER
        + '''
import subprocess, sys

PROGRAM = """
import sys
from conductor_sdk import ApiClient
client = ApiClient(sys.argv[1])
task = client.tasks.poll_batch("charge", timeout_ms=5000)[0]
client.tasks.update_by_reference(task.workflow_instance_id, "charge_ref", "COMPLETED", {"by": "another process"})
"""

def test_order(conductor_server):
    conductor_server.register(ORDER)
    conductor_server.worker("ship", lambda task: {"tracking": "T1"})
    run = conductor_server.start("order")
    assert conductor_server.api_url == conductor_server.url + "/api"
    subprocess.run([sys.executable, "-c", PROGRAM, conductor_server.api_url], check=True)
    conductor_server.wait_for(run)
    assert run.elapsed == timedelta(0)
    assert run.task("charge").output == {"by": "another process"}
    assert run.task("ship").output == {"tracking": "T1"}
'''
    )
    result.assert_outcomes(passed=1)


# What it costs and whom it meets.


def test_nothing_is_loaded_until_a_fixture_is_used(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys

def test_nothing():
    heavy = ("conductor_sdk", "conductor_emulator", "pydantic", "requests", "starlette", "uvicorn", "orjson")
    assert [name for name in sys.modules if name.partition(".")[0] in heavy] == []
    assert [name for name in sys.modules if name.startswith("conductor_pytest.")] == ["conductor_pytest.plugin"]

def test_something(conductor):
    assert "conductor_emulator" in sys.modules
"""
    )
    # hypothesis' plugin and ours alone, so that nobody else's imports count
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist")
    result.assert_outcomes(passed=2)


def test_its_own_modules_are_loaded_as_they_are(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys

def test_something(conductor):
    own = {name: module for name, module in sys.modules.items() if name.partition("_")[0] == "conductor"}
    # the plugin's own module, and what it is in, come before anybody can say so
    rewritten = {name for name, module in own.items() if "Rewrit" in type(module.__loader__).__name__}
    assert rewritten <= {"conductor_pytest", "conductor_pytest.plugin"}
    assert len(own) > 100
"""
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=1)


def test_a_run_inside_of_a_run_takes_nothing_away(inner: Inner) -> None:
    before = list(sys.meta_path)
    inner("def test_nothing(): pass").assert_outcomes(passed=1)
    assert sys.meta_path == before


def test_the_engine_in_process_needs_no_server(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
import sys

def test_something(conductor):
    assert [name for name in ("uvicorn", "requests", "starlette") if name in sys.modules] == []
"""
    )
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:xdist").assert_outcomes(passed=1)


class Said:
    """A parser that remembers what the plugin says to it."""

    def __init__(self) -> None:
        self.names: set[str] = set()

    def getgroup(self, *_names: str) -> Said:
        return self

    def addoption(self, name: str, **_rest: object) -> None:
        self.names.add(name)

    def addini(self, name: str, *_rest: object, **_others: object) -> None:
        self.names.add(name)


def test_every_option_and_setting_is_tested() -> None:
    said = Said()
    plugin.pytest_addoption(said)  # type: ignore[arg-type]
    used = [*re.findall(r'"(--conductor-[a-z-]+)"', HERE), *re.findall(r"(?m)\\n(conductor_[a-z_]+) = ", HERE)]
    assert said.names == set(used)
    assert len(said.names) >= 6


def test_its_names_are_its_own(inner: Inner) -> None:
    result = inner("def test_nothing(): pass", "--fixtures", "-v")
    fixtures = [line.split()[0] for line in result.outlines if "conductor_pytest" in line and " -- " in line]
    assert sorted(fixtures) == ["conductor", "conductor_server"]


def test_the_public_names_exist() -> None:
    package = sys.modules["conductor_pytest"]
    assert sorted(package.__all__) == package.__all__
    assert [name for name in package.__all__ if getattr(package, name).__name__ != name] == []
    with pytest.raises(AttributeError, match="no attribute 'Nothing'"):
        _ = package.Nothing
