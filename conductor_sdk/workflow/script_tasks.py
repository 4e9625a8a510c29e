"""INLINE, LAMBDA and JSON_JQ_TRANSFORM: small scripts that the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.workflow.task import WorkflowTask


class InlineTask(WorkflowTask):
    """Runs JavaScript; `$.name` is the input `name`, the script's value becomes the output `result`."""

    def __init__(
        self,
        reference_name: str,
        script: str,
        inputs: Mapping[str, Any] | None = None,
        *,
        evaluator: str = "javascript",
    ) -> None:
        super().__init__("INLINE", reference_name)
        self.input("evaluatorType", evaluator).input("expression", script).inputs(inputs or {})


class LambdaTask(WorkflowTask):
    """The older form of InlineTask: the body of a JavaScript function. Deprecated by Conductor."""

    def __init__(self, reference_name: str, script: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__("LAMBDA", reference_name)
        self.input("scriptExpression", script).inputs(inputs or {})


class JsonJQTask(WorkflowTask):
    """Applies a jq query to the task's inputs. Output: `result` (the first one) and `resultList`."""

    def __init__(self, reference_name: str, query: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__("JSON_JQ_TRANSFORM", reference_name)
        self.input("queryExpression", query).inputs(inputs or {})
