"""`${…}`: references to a workflow's values inside the parameters of its tasks."""

from __future__ import annotations

from conductor_emulator.expressions.java_text import hash_order, java_text, json_text, with_added
from conductor_emulator.expressions.path import NOTHING, is_valid_path
from conductor_emulator.expressions.scope import Scope, StaticScope
from conductor_emulator.expressions.secrets import substitute_secrets
from conductor_emulator.expressions.server_object import ServerObject, ServerStatus
from conductor_emulator.expressions.template import (
    SYSTEM_PARAMETERS,
    Reference,
    Template,
    compile_template,
    references,
    resolve,
)

__all__ = [
    "NOTHING",
    "SYSTEM_PARAMETERS",
    "Reference",
    "Scope",
    "ServerObject",
    "ServerStatus",
    "StaticScope",
    "Template",
    "compile_template",
    "hash_order",
    "is_valid_path",
    "java_text",
    "json_text",
    "references",
    "resolve",
    "substitute_secrets",
    "with_added",
]
