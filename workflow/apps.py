from __future__ import annotations

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "workflow"

    def ready(self) -> None:
        from .hooks import connect

        connect()
