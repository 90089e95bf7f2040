"""The project itself as an app: it owns the server command and nothing in the database."""

from __future__ import annotations

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Makes `manage.py serve` and `manage.py collect_assets` known to Django."""

    name = "config"
    label = "config"
    verbose_name = "Cấu hình"
