"""Which apps' static files are shipped."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.staticfiles.finders import AppDirectoriesFinder

# Their own pages are never mounted; Viewflow's stylesheets also name font files that it does not ship.
NOT_SHIPPED = {"viewflow", "viewflow.workflow", "guardian"}


class AppFinder(AppDirectoriesFinder):
    """Django's finder without the apps in NOT_SHIPPED."""

    def __init__(self, app_names: Any = None, *args: Any, **kwargs: Any) -> None:
        shipped = {config.name for config in apps.get_app_configs()} - NOT_SHIPPED
        super().__init__(shipped, *args, **kwargs)
