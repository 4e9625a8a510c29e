"""INLINE, LAMBDA and JSON_JQ_TRANSFORM: small scripts that the server runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from conductor_sdk.workflow.task import WorkflowTask


class InlineTask(WorkflowTask):
    """Runs a script on the server. Output: `result`, the script's value.

    `script`: `$.name` in it is the input `name`
    `evaluator`: javascript or graaljs; value-param gives the input whose name the script is
    """

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
    """The older form of InlineTask. Deprecated by Conductor.

    `script`: the body of a JavaScript function
    """

    def __init__(self, reference_name: str, script: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__("LAMBDA", reference_name)
        self.input("scriptExpression", script).inputs(inputs or {})


class JsonJQTask(WorkflowTask):
    """Applies a jq query to the task's inputs. Output: `result` (the first one) and `resultList`.

    `query`: `.numbers | add`, say, for an input `numbers`
    """

    def __init__(self, reference_name: str, query: str, inputs: Mapping[str, Any] | None = None) -> None:
        super().__init__("JSON_JQ_TRANSFORM", reference_name)
        self.input("queryExpression", query).inputs(inputs or {})
