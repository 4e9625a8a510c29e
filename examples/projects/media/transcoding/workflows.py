"""The workflows, as code. `publish_video()` and `thumbnails()` make definitions; nothing here talks to a server."""

from __future__ import annotations

from datetime import timedelta

from conductor_sdk import (
    ConductorWorkflow,
    DoWhileTask,
    DynamicForkTask,
    HttpInput,
    HttpTask,
    InlineTask,
    JsonJQTask,
    RetryLogic,
    SetVariableTask,
    SimpleTask,
    SubWorkflowTask,
    SwitchTask,
    TaskDef,
    WaitTask,
)

TASK_DEFS = [
    TaskDef("probe_video", retry_count=0),
    TaskDef(
        "transcode",
        retry_count=2,
        retry_logic=RetryLogic.FIXED,
        retry_delay_seconds=1,
        response_timeout_seconds=3600,
    ),
    TaskDef("scan_rights", retry_count=0),
    TaskDef("cut_image", retry_count=0),
    TaskDef("copy_to_edge", retry_count=0),
]

#: How often the edge is asked whether it has the files.
MOST_LOOKS = 3


def thumbnails() -> ConductorWorkflow:
    """Two images at once: the poster, and the strip below the player."""
    wf = ConductorWorkflow("thumbnails", version=1)
    poster = SimpleTask("cut_image", "poster").input("at", 0.1).input("video", wf.input.video)
    strip = SimpleTask("cut_image", "strip").input("at", 0.5).input("video", wf.input.video)
    wf >> [poster, strip]
    return wf.output_parameters({"images": [poster.output.image, strip.output.image]})


def publish_video() -> ConductorWorkflow:
    wf = ConductorWorkflow("publish_video", version=1)
    probe = SimpleTask("probe_video", "probe").input("video", wf.input.video)

    # As many renditions as the source is good for, side by side.
    sizes = JsonJQTask(
        "sizes",
        "[(2160, 1080, 720, 360) as $size | select($size <= .height) | {video, height: $size}]",
        {"height": probe.output.height, "video": wf.input.video},
    )
    renditions = DynamicForkTask.for_each("renditions", "transcode", sizes.output.result)

    # Films need their rights checked; home videos do not.
    rights = SwitchTask("rights", wf.input.kind).switch_case(
        "film", SimpleTask("scan_rights", "scan_rights").input("video", wf.input.video)
    )
    images = SubWorkflowTask("images", "thumbnails", 1, inputs={"video": wf.input.video}).optional()

    # The edge takes its time: look again a second later.
    look = SimpleTask("copy_to_edge", "copy")
    later = SwitchTask("later", look.output.done).switch_case("false", WaitTask("pause", duration=timedelta(seconds=1)))
    edge = DoWhileTask(
        "edge",
        f"!$.copy.done && $.edge.iteration < {MOST_LOOKS}",
        look,
        later,
    )
    remember = SetVariableTask("remember", {"looks": edge.output.iteration})
    address = InlineTask("address", "'https://videos.example/' + $.video", {"video": wf.input.video})
    announce = HttpTask(
        "announce",
        HttpInput(
            uri=wf.input.hook,
            method="POST",
            body={"video": wf.input.video, "address": address.output.result},
        ),
    )
    wanted = SwitchTask("wanted", "$.hook ? 'yes' : 'no'", javascript=True).input("hook", wf.input.hook)
    wanted.switch_case("yes", announce)

    wf >> probe >> sizes >> renditions >> rights >> images >> edge >> remember >> address >> wanted
    return wf.output_parameters(
        {
            "address": address.output.result,
            "renditions": renditions.join.output,
            "images": images.output.images,
            "looks": wf.variable.looks,
        }
    )
