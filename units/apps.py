from __future__ import annotations

from typing import Any

from django.apps import AppConfig, apps
from django.db import connections
from django.db.models.signals import post_migrate


class UnitsConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "units"

    def ready(self) -> None:
        from .fields import say_what_to_do

        say_what_to_do()
        # `auth` comes after every app that names permissions: by then they are all rows.
        post_migrate.connect(renew_roles, sender=apps.get_app_config("auth"), dispatch_uid="units.renew_roles")


def renew_roles(using: str, **_signal: Any) -> None:
    """What a new version says of roles reaches those that people hold already.

    Nothing happens while only some apps are migrated and the tables of roles are not there yet.
    """
    from .access import ROLE_TABLE
    from .access import renew_roles as renew

    if ROLE_TABLE in connections[using].introspection.table_names():
        renew()
