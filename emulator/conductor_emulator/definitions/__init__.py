"""Definitions: read from JSON, validated, and written back as the real server shows them."""

from __future__ import annotations

from conductor_emulator.definitions.errors import BodyError, DefinitionError, DefinitionRefused, ValidationError
from conductor_emulator.definitions.event_handler import EventHandler, OrkesEventHandler
from conductor_emulator.definitions.parts import CacheConfig, RateLimitConfig, SchemaDef, StateChangeEvent
from conductor_emulator.definitions.start_request import RerunRequest, StartWorkflowRequest
from conductor_emulator.definitions.task_def import TaskDef
from conductor_emulator.definitions.workflow_def import WorkflowDef
from conductor_emulator.definitions.workflow_task import SubWorkflowParams, WorkflowTask

__all__ = [
    "BodyError",
    "CacheConfig",
    "DefinitionError",
    "DefinitionRefused",
    "EventHandler",
    "OrkesEventHandler",
    "RateLimitConfig",
    "RerunRequest",
    "SchemaDef",
    "StartWorkflowRequest",
    "StateChangeEvent",
    "SubWorkflowParams",
    "TaskDef",
    "ValidationError",
    "WorkflowDef",
    "WorkflowTask",
]
