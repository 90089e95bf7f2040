"""Triggers that make a table append-only, on both engines: ledger, publications, reports cannot be rewritten."""

from __future__ import annotations

from typing import Any

from django.db import migrations

POSTGRES_FUNCTION = """
CREATE OR REPLACE FUNCTION cchc_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'append-only table %: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;
"""


def create_triggers(schema_editor: Any, table: str) -> None:
    """Refuse UPDATE and DELETE on `table`."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_FUNCTION, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION cchc_refuse_change()"
        )
        return
    for verb in ("UPDATE", "DELETE"):
        schema_editor.execute(
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, 'append-only table {table}: {verb} refused'); END"
        )


def drop_triggers(schema_editor: Any, table: str) -> None:
    """Take the triggers of `table` away again."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_append_only ON {table}")
        return
    for verb in ("UPDATE", "DELETE"):
        schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_no_{verb.lower()}")


def append_only(table: str) -> migrations.RunPython:
    """A migration operation that makes `table` append-only."""

    def forwards(apps: Any, schema_editor: Any) -> None:
        create_triggers(schema_editor, table)

    def backwards(apps: Any, schema_editor: Any) -> None:
        drop_triggers(schema_editor, table)

    return migrations.RunPython(forwards, backwards)
