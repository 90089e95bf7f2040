"""Triggers that keep the unit's side of a score as the unit left it, on both engines.

Figures, self points and giải trình change only while the dossier is with the unit: neither the council nor a mistake
in the code can touch them afterwards.

A later migration that alters the score's table must begin with `lift()` and end with `guard()`: SQLite rebuilds the
table, which loses its triggers.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import migrations

TABLE: Final = "assessments_score"
COLUMNS: Final = ("self_points", "declared", "not_applicable", "overridden", "override_reason", "explanation")
WITH_THE_UNIT: Final = ("self_assessing", "checking", "supplementing")

_STAGES: Final = ", ".join(f"'{stage}'" for stage in WITH_THE_UNIT)

_POSTGRES: Final = f"""
CREATE OR REPLACE FUNCTION cchc_refuse_self_side() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM assessments_dossier d WHERE d.id = NEW.dossier_id AND d.stage NOT IN ({_STAGES})) THEN
        RAISE EXCEPTION 'the unit''s side of a score changes only while the dossier is with the unit'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
"""  # noqa: S608


def create_trigger(schema_editor: Any) -> None:
    """Guard the unit's side from now on."""
    if schema_editor.connection.vendor == "postgresql":
        changed = " OR ".join(f"OLD.{column} IS DISTINCT FROM NEW.{column}" for column in COLUMNS)
        schema_editor.execute(_POSTGRES, params=None)
        schema_editor.execute(
            f"CREATE TRIGGER {TABLE}_self_side BEFORE UPDATE ON {TABLE} FOR EACH ROW WHEN ({changed}) "
            "EXECUTE FUNCTION cchc_refuse_self_side()"
        )
        return
    changed = " OR ".join(f"OLD.{column} IS NOT NEW.{column}" for column in COLUMNS)
    away = f"EXISTS (SELECT 1 FROM assessments_dossier d WHERE d.id = NEW.dossier_id AND d.stage NOT IN ({_STAGES}))"  # noqa: S608
    schema_editor.execute(
        f"CREATE TRIGGER {TABLE}_self_side BEFORE UPDATE ON {TABLE} WHEN ({changed}) AND {away} "
        "BEGIN SELECT RAISE(ABORT, 'the unit''s side of a score changes only while the dossier is with the unit'); END"
    )


def drop_trigger(schema_editor: Any) -> None:
    """Let the table be altered."""
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER IF EXISTS {TABLE}_self_side{on}")


def guard() -> migrations.RunPython:
    """A migration operation that guards the unit's side."""
    return migrations.RunPython(
        lambda apps, schema_editor: create_trigger(schema_editor),
        lambda apps, schema_editor: drop_trigger(schema_editor),
    )


def lift() -> migrations.RunPython:
    """The opposite of `guard`, to stand before operations on the table."""
    return migrations.RunPython(
        lambda apps, schema_editor: drop_trigger(schema_editor),
        lambda apps, schema_editor: create_trigger(schema_editor),
    )
