"""The names of the queues that workers poll."""

from __future__ import annotations


def queue_name(task_type: str, domain: str | None) -> str:
    """``type``, or ``domain:type`` in a domain; the empty text is a domain too (``QueueUtils#getQueueName``)."""
    return task_type if domain is None else f"{domain}:{task_type}"
