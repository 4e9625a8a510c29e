"""Pages of executions as files, for emulators that no browser can ask; they are there after the program has ended."""

from __future__ import annotations

import logging
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from conductor_emulator.ui import execution_page

if TYPE_CHECKING:
    from conductor_emulator.engine.execution import Execution
    from conductor_emulator.runtime.runtime import Runtime

logger = logging.getLogger("conductor_emulator.local")


class PageFiles:
    """A folder of its own, made with the first page. A page that was asked for is written again when its run ends."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._folder: Path | None = None
        #: the status that each written page shows, by execution
        self._shown: dict[str, str] = {}
        runtime.listeners.append(self._listen)

    def write(self, workflow_id: str) -> Path:
        """Write the page of an execution as it stands now, with those of its parents and sub-workflows; its path."""
        folder = self._own_folder()
        execution = self._runtime.store.find(workflow_id)
        if execution is None:
            path = folder / _file_name(workflow_id)
            path.write_text(execution_page.render_missing(workflow_id), encoding="utf-8")
            return path
        for member in self._family(execution):
            self._write_one(folder, member)
        return folder / _file_name(workflow_id)

    def _own_folder(self) -> Path:
        """The folder; a new one where the old one was cleared away, for its name could be anybody's by now."""
        if self._folder is None or not self._folder.is_dir():
            self._folder = Path(tempfile.mkdtemp(prefix="conductor-executions-"))
            self._shown.clear()
        return self._folder

    def _write_one(self, folder: Path, execution: Execution) -> None:
        html = execution_page.render(execution, self._runtime.clock.now(), _file_name)
        (folder / _file_name(execution.workflow_id)).write_text(html, encoding="utf-8")
        self._shown[execution.workflow_id] = execution.status.value

    def _family(self, execution: Execution) -> list[Execution]:
        """The execution and all that its page leads to."""
        found = {execution.workflow_id: execution}
        pending = [execution]
        while pending:
            member = pending.pop()
            ids = [member.parent_workflow_id, *(task.sub_workflow_id for task in member.tasks)]
            for workflow_id in ids:
                relative = None if workflow_id is None else self._runtime.store.find(workflow_id)
                if relative is not None and relative.workflow_id not in found:
                    found[relative.workflow_id] = relative
                    pending.append(relative)
        return list(found.values())

    def _listen(self, execution: Execution, _command: object) -> None:
        shown = self._shown.get(execution.workflow_id)
        if shown is None or shown == execution.status.value or self._folder is None:
            return
        try:
            for member in self._family(execution):
                self._write_one(self._folder, member)
        except OSError as error:
            # A page that was cleared away is made again when somebody asks for it.
            del self._shown[execution.workflow_id]
            logger.warning("The page of execution %s cannot be brought up to date: %s", execution.workflow_id, error)


def _file_name(workflow_id: str) -> str:
    return (re.sub(r"[^\w-]", "_", workflow_id) or "execution") + ".html"
