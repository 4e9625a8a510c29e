"""What a worker registers before it polls: its task definition, with schemas of its input and output on request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from conductor_sdk.errors import ApiError, NotFound

if TYPE_CHECKING:
    from conductor_sdk.client import ApiClient
    from conductor_sdk.models.task_def import SchemaDef, TaskDef
    from conductor_sdk.worker.definition import WorkerDefinition


class Registrar:
    """Registers the definitions of one runner's workers.

    A definition that the server has is left alone unless the worker's `overwrite` is set. Schemas go to the server's
    registry, and the definition names them there; a server without one gets them inside the definition.
    """

    def __init__(self, client: ApiClient) -> None:
        self._client = client
        self._has_registry = True

    def register(self, worker: WorkerDefinition) -> None:
        """Register what the worker asks for, if anything."""
        if not (worker.register or worker.register_schema):
            return
        from conductor_sdk.models.task_def import TaskDef

        given = worker.register if isinstance(worker.register, TaskDef) else None
        replaces = worker.overwrite and (given is not None or worker.register_schema)
        if not replaces and self._is_there(worker.task_type):
            return
        definition = given or TaskDef(worker.task_type)
        if worker.register_schema:
            definition = self._with_schemas(definition, worker)
        self._client.metadata.register_task(definition)

    def _is_there(self, task_type: str) -> bool:
        try:
            self._client.metadata.get_task(task_type)
        except NotFound:
            return False
        return True

    def _with_schemas(self, definition: TaskDef, worker: WorkerDefinition) -> TaskDef:
        """The definition with the schemas that it does not bring itself."""
        from conductor_sdk.models.task_def import SchemaDef
        from conductor_sdk.worker.schema import input_schema, output_schema

        made = {
            "input_schema": input_schema(worker, strict=worker.strict_schema),
            "output_schema": output_schema(worker),
        }
        schemas = {
            field: self._stored(SchemaDef(name=f"{worker.task_type}_{field.removesuffix('_schema')}", data=schema))
            for field, schema in made.items()
            if schema is not None and getattr(definition, field) is None
        }
        return definition.model_copy(update=schemas)

    def _stored(self, schema: SchemaDef) -> SchemaDef:
        """What the definition says: where the schema is, or the schema itself."""
        from conductor_sdk.resources.dialect import lacks_path

        if self._has_registry:
            try:
                self._client.schemas.save(schema)
                return schema.model_copy(update={"data": None})
            except ApiError as error:
                if not lacks_path(error):
                    raise
                self._has_registry = False
        return schema
