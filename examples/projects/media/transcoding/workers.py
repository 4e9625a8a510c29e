"""The workers. A real one would call ffmpeg; these know a few videos by heart."""

from __future__ import annotations

from conductor_sdk import TerminalError, task_context, worker

HEIGHTS = {"holiday.mp4": 720, "film.mov": 2160, "cat.gif": 360}


@worker("probe_video")
def probe_video(video: str) -> dict[str, int]:
    if video not in HEIGHTS:
        raise TerminalError(f"{video} is no video")
    return {"height": HEIGHTS[video]}


@worker("transcode")
async def transcode(video: str, height: int) -> dict[str, str]:
    task_context().log(f"{video} in {height} lines")
    return {"file": f"{video}.{height}"}


@worker("scan_rights")
def scan_rights(video: str) -> dict[str, bool]:
    return {"cleared": True}


@worker("cut_image")
def cut_image(video: str, at: float) -> dict[str, str]:
    return {"image": f"{video}@{at}.jpg"}


@worker("copy_to_edge")
def copy_to_edge() -> dict[str, bool]:
    return {"done": True}
