"""Triggers that keep a frozen set as it is, on both engines: not even a mistake in the code can change its numbers.

They guard the rows of a frozen set (criteria, bands, units named by criteria) and the set itself, against INSERT,
UPDATE, DELETE; freezing is the last update that a set sees. Rows of other tables may refer to them at will.

A later migration that alters one of these tables must begin with `lift()` and end with `guard()`: SQLite rebuilds the
table, which loses its own triggers and stumbles over those of the others.
"""

from __future__ import annotations

from typing import Any, Final

from django.db import migrations

SET: Final = "criteria_criteriaset"
OWN: Final = ("criteria_criterion", "criteria_gradeband")  # rows that name their set
LINKS: Final = ("criteria_criterion_leads", "criteria_criterion_dropped_for")  # rows that name a criterion
_VERBS: Final = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

# FOR SHARE waits for a transaction that is freezing the set at this moment.
_POSTGRES: Final = """
CREATE OR REPLACE FUNCTION cchc_refuse_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    one jsonb;
    locked text;
BEGIN
    FOR one IN SELECT r FROM unnest(ARRAY[to_jsonb(OLD), to_jsonb(NEW)]) AS given(r) WHERE r IS NOT NULL LOOP
        IF TG_TABLE_NAME = 'criteria_criteriaset' THEN
            locked := to_jsonb(OLD) ->> 'status';
        ELSIF one ? 'criterion_id' THEN
            SELECT s.status INTO locked
            FROM criteria_criteriaset s JOIN criteria_criterion c ON c.criteria_set_id = s.id
            WHERE c.id = (one ->> 'criterion_id')::bigint FOR SHARE OF s;
        ELSE
            SELECT s.status INTO locked FROM criteria_criteriaset s
            WHERE s.id = (one ->> 'criteria_set_id')::bigint FOR SHARE OF s;
        END IF;
        IF locked = 'frozen' THEN
            RAISE EXCEPTION 'frozen criteria set: % of % refused', TG_OP, TG_TABLE_NAME
                USING ERRCODE = 'integrity_constraint_violation';
        END IF;
    END LOOP;
    RETURN COALESCE(NEW, OLD);
END $$;
"""


def _condition(table: str, row: str) -> str:
    """Whether `row` (OLD or NEW) of `table` belongs to a frozen set, in SQLite's words."""
    if table == SET:
        return f"{row}.status = 'frozen'"
    of_row = f"s.id = {row}.criteria_set_id"
    if table in LINKS:
        of_row = f"s.id = (SELECT c.criteria_set_id FROM criteria_criterion c WHERE c.id = {row}.criterion_id)"  # noqa: S608
    return f"EXISTS (SELECT 1 FROM criteria_criteriaset s WHERE s.status = 'frozen' AND {of_row})"  # noqa: S608


def _tables() -> dict[str, dict[str, tuple[str, ...]]]:
    """For each table the verbs and the rows that are looked at; a set may be created, and become frozen."""
    of_set: dict[str, tuple[str, ...]] = {"UPDATE": ("OLD",), "DELETE": ("OLD",)}
    return {SET: of_set, **{table: dict(_VERBS) for table in (*OWN, *LINKS)}}


def create_triggers(schema_editor: Any) -> None:
    """Guard frozen sets from now on."""
    postgres = schema_editor.connection.vendor == "postgresql"
    if postgres:
        schema_editor.execute(_POSTGRES, params=None)  # its % are no placeholders
    for table, verbs in _tables().items():
        if postgres:
            schema_editor.execute(
                f"CREATE TRIGGER {table}_frozen BEFORE {' OR '.join(verbs)} ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION cchc_refuse_frozen()"
            )
            continue
        for verb, rows in verbs.items():
            condition = " OR ".join(_condition(table, row) for row in rows)
            schema_editor.execute(
                f"CREATE TRIGGER {table}_frozen_{verb.lower()} BEFORE {verb} ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, 'frozen criteria set: {verb} of {table} refused'); END"
            )


def drop_triggers(schema_editor: Any) -> None:
    """Let frozen sets be changed, for a migration of their tables."""
    postgres = schema_editor.connection.vendor == "postgresql"
    for table, verbs in _tables().items():
        if postgres:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen ON {table}")
            continue
        for verb in verbs:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {table}_frozen_{verb.lower()}")


def guard() -> migrations.RunPython:
    """A migration operation that guards frozen sets."""
    return migrations.RunPython(
        lambda apps, schema_editor: create_triggers(schema_editor),
        lambda apps, schema_editor: drop_triggers(schema_editor),
    )


def lift() -> migrations.RunPython:
    """The opposite of `guard`, to stand before operations on the guarded tables."""
    return migrations.RunPython(
        lambda apps, schema_editor: drop_triggers(schema_editor),
        lambda apps, schema_editor: create_triggers(schema_editor),
    )
