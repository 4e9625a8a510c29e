"""Beside conductor-python, whose pytest plugin is loaded in the same session: nobody takes the other's names."""

from __future__ import annotations

from typing import Any

import pytest
from order import run_order

from conductor_pytest import Conductor


def test_both_plugins_are_loaded(pytestconfig: pytest.Config) -> None:
    names = {name for name, _ in pytestconfig.pluginmanager.list_name_plugin()}
    assert {"conductor-agents-testing", "conductor_local"} <= names


def test_fixtures_of_both_in_one_test(conductor: Conductor, event: Any, mock_agent_run: Any) -> None:
    from conductor.client.configuration.configuration import Configuration

    assert event.__name__ == "MockEvent"
    assert callable(mock_agent_run)
    assert Configuration(server_api_url="http://127.0.0.1:1/api")
    run_order(conductor)


@pytest.mark.agent_correctness
def test_its_markers_stay_known(conductor: Conductor) -> None:
    run_order(conductor)


def test_its_client_speaks_to_the_fixture(conductor_server: Any) -> None:
    from conductor.client.configuration.configuration import Configuration
    from conductor.client.http.models import StartWorkflowRequest
    from conductor.client.orkes_clients import OrkesClients

    run_order(conductor_server)
    clients = OrkesClients(Configuration(server_api_url=conductor_server.api_url)).get_workflow_client()
    with conductor_server.in_background():
        workflow_id = clients.start_workflow(StartWorkflowRequest(name="order"))
        while clients.get_workflow(workflow_id, include_tasks=False).status == "RUNNING":
            pass
    assert conductor_server.run_of(workflow_id).status == "COMPLETED"
