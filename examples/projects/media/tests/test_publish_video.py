"""Videos are published: branches that are known only at run time, loops, sub-workflows, calls of other services."""

from __future__ import annotations

from datetime import timedelta

import pytest

from conductor_pytest import Conductor, Seeded
from transcoding import workers
from transcoding.workflows import MOST_LOOKS, TASK_DEFS, publish_video, thumbnails

HOLIDAY = {"video": "holiday.mp4", "kind": "home"}
ALL = (workers.probe_video, workers.transcode, workers.scan_rights, workers.cut_image, workers.copy_to_edge)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def studio(conductor: Conductor) -> Conductor:
    """The definitions and all workers."""
    conductor.register(*TASK_DEFS, thumbnails(), publish_video())
    for work in ALL:
        conductor.worker(work)
    return conductor


def test_a_video_is_published(studio: Conductor) -> None:
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "COMPLETED"
    assert run.output["address"] == "https://videos.example/holiday.mp4"
    assert run.output["images"] == ["holiday.mp4@0.1.jpg", "holiday.mp4@0.5.jpg"]


@pytest.mark.parametrize(
    ("video", "heights"), [("cat.gif", [360]), ("holiday.mp4", [720, 360]), ("film.mov", [2160, 1080, 720, 360])]
)
def test_there_are_as_many_renditions_as_the_source_is_good_for(
    studio: Conductor, video: str, heights: list[int]
) -> None:
    run = studio.run("publish_video", {"video": video, "kind": "home"})
    made = [branch["file"] for branch in run.output["renditions"].values()]
    assert sorted(made) == sorted(f"{video}.{height}" for height in heights)


def test_what_is_no_video_fails_at_once(studio: Conductor) -> None:
    run = studio.run("publish_video", {"video": "letter.txt", "kind": "home"})
    assert run.status == "FAILED"
    assert run.path == ["probe"]
    assert "letter.txt is no video" in str(run.reason)


# One of many.


def test_one_rendition_that_fails_is_made_again_and_the_others_are_not(studio: Conductor) -> None:
    studio.task("transcode").attempt(1).when(lambda task: task.input_data["height"] == 720).fails("disk full")
    run = studio.run("publish_video", {"video": "film.mov", "kind": "home"})
    assert run.status == "COMPLETED"
    attempts = {task.input["height"]: task.attempt for task in run.tasks if task.type == "transcode"}
    assert attempts == {2160: 1, 1080: 1, 720: 2, 360: 1}


def test_a_rendition_that_never_works_fails_the_video(studio: Conductor) -> None:
    studio.task("transcode").when(lambda task: task.input_data["height"] == 720).fails("no such codec")
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "FAILED"
    assert len([task for task in run.tasks if task.reason == "no such codec"]) == 3


def test_a_machine_that_is_switched_off_costs_an_hour(studio: Conductor) -> None:
    studio.task("transcode").attempt(1).times(1).crash()
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "COMPLETED"
    assert run.elapsed >= timedelta(hours=1)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_does_not_matter_which_rendition_is_ready_first(studio: Conductor, seed: int) -> None:
    studio.chooser = Seeded(seed)
    run = studio.run("publish_video", {"video": "film.mov", "kind": "film"})
    assert len(run.output["renditions"]) == 4


# Ways to go.


@pytest.mark.parametrize(("kind", "scanned"), [("film", True), ("home", False)])
def test_only_films_are_scanned_for_rights(studio: Conductor, kind: str, *, scanned: bool) -> None:
    run = studio.run("publish_video", {"video": "cat.gif", "kind": kind})
    assert ("scan_rights" in run.path) is scanned


def test_a_film_without_rights_is_not_published(studio: Conductor) -> None:
    studio.stub("scan_rights").fails_terminally("belongs to somebody else")
    run = studio.run("publish_video", {"video": "film.mov", "kind": "film"})
    assert run.status == "FAILED"
    assert "images" not in run.path


# A workflow inside.


def test_the_images_are_made_by_a_workflow_of_their_own(studio: Conductor) -> None:
    images = studio.run("publish_video", HOLIDAY).task("images").sub_run
    assert images.status == "COMPLETED"
    assert images.task("poster").input == {"at": 0.1, "video": "holiday.mp4"}


def test_a_video_without_images_is_published_all_the_same(studio: Conductor) -> None:
    studio.stub("strip").fails("nothing to see")
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "COMPLETED"
    assert run.task("images").status == "COMPLETED_WITH_ERRORS"
    assert run.task("images").sub_run.status == "FAILED"


def test_the_images_may_be_stubbed_as_a_whole(studio: Conductor) -> None:
    studio.stub("images").returns({"images": ["a.jpg"]})
    assert studio.run("publish_video", HOLIDAY).output["images"] == ["a.jpg"]


# Again and again.


@pytest.mark.parametrize("looks", [1, 2])
def test_the_edge_is_asked_until_it_has_the_files(studio: Conductor, looks: int) -> None:
    studio.stub("copy_to_edge").returns(lambda task: {"done": task.iteration == looks})
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "COMPLETED"
    assert run.output["looks"] == looks
    assert run.task("copy").reference == f"copy__{looks}"


def test_the_edge_is_not_asked_for_ever(studio: Conductor) -> None:
    studio.stub("copy_to_edge").returns({"done": False})
    run = studio.run("publish_video", HOLIDAY)
    assert run.output["looks"] == MOST_LOOKS


def test_an_edge_that_fails_at_its_second_look_fails_the_video(studio: Conductor) -> None:
    studio.stub("copy_to_edge").iteration(1).returns({"done": False})
    studio.task("copy_to_edge").iteration(2).fails("edge is gone")
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "FAILED"
    assert run.task("copy").iteration == 2


# Others on the wire.


def test_a_hook_is_told_the_address(studio: Conductor) -> None:
    studio.stub("announce").returns({"response": {"statusCode": 200}})
    run = studio.run("publish_video", {**HOLIDAY, "hook": "https://partner.example/hook"})
    request = run.task("announce").input["http_request"]
    assert request["body"] == {"video": "holiday.mp4", "address": "https://videos.example/holiday.mp4"}


def test_a_hook_that_does_not_answer_fails_the_run(studio: Conductor) -> None:
    studio.stub("announce").fails("503 Service Unavailable")
    run = studio.run("publish_video", {**HOLIDAY, "hook": "https://partner.example/hook"})
    assert run.status == "FAILED"
    assert "503" in str(run.reason)


# From inside of an event loop, as the studio's own program would.


@pytest.mark.anyio
async def test_a_program_with_an_event_loop_may_start_it(studio: Conductor) -> None:
    run = studio.run("publish_video", HOLIDAY)
    assert run.status == "COMPLETED"


# A hand in it.


def test_a_video_that_is_stopped_and_started_again_is_published(studio: Conductor) -> None:
    run = studio.start("publish_video", HOLIDAY)
    studio.pause(run)
    studio.terminate(run, "wrong file")
    assert run.status == "TERMINATED"
    studio.wait_for(studio.restart(run))
    assert run.status == "COMPLETED"
