"""Triggers that seal what belongs to a concluded meeting, on both engines: no row is added, changed or taken away.

The triggers of the parts look at the meeting's own table: a migration that rebuilds `assessments_councilsession` on
SQLite drops them before (`unseal`) and makes them again after it (`seal`).
"""

from __future__ import annotations

from typing import Any

SESSION = "assessments_councilsession"
# table -> how a row of it finds its meeting; {row} is NEW or OLD
PARTS = {
    "assessments_attendance": "{row}.session_id",
    "assessments_agendaitem": "{row}.session_id",
    "assessments_vote": "(SELECT session_id FROM assessments_agendaitem WHERE id = {row}.item_id)",
}
ROWS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}


def _is_sealed(table: str, verb: str) -> str:
    """SQL: whether the row that is written belongs to a concluded meeting, before or after."""
    if table == SESSION:
        return "OLD.state = 'concluded'"
    concluded = f"(SELECT id FROM {SESSION} WHERE state = 'concluded')"  # noqa: S608 (names of this file alone)
    return " OR ".join(f"{PARTS[table].format(row=row)} IN {concluded}" for row in ROWS[verb])


def _triggers() -> list[tuple[str, str]]:
    return [(SESSION, "UPDATE"), (SESSION, "DELETE"), *((table, verb) for table in PARTS for verb in ROWS)]


def seal(apps: Any, schema_editor: Any) -> None:
    """Refuse writes to concluded meetings and their parts; an operation of RunPython."""
    for table, verb in _triggers():
        name = f"{table}_sealed_{verb.lower()}"
        refusal = f"concluded meeting: {verb} on {table} refused"
        if schema_editor.connection.vendor == "postgresql":
            answer = "OLD" if verb == "DELETE" else "NEW"
            schema_editor.execute(
                f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"IF {_is_sealed(table, verb)} THEN RAISE EXCEPTION '{refusal}' "
                f"USING ERRCODE = 'integrity_constraint_violation'; END IF; RETURN {answer}; END $$",
                params=None,
            )
            schema_editor.execute(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
            )
            continue
        schema_editor.execute(
            f"CREATE TRIGGER {name} BEFORE {verb} ON {table} WHEN {_is_sealed(table, verb)} "
            f"BEGIN SELECT RAISE(ABORT, '{refusal}'); END"
        )


def unseal(apps: Any, schema_editor: Any) -> None:
    """Take the triggers away again."""
    for table, verb in _triggers():
        name = f"{table}_sealed_{verb.lower()}"
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name} ON {table}")
            schema_editor.execute(f"DROP FUNCTION IF EXISTS {name}()")
        else:
            schema_editor.execute(f"DROP TRIGGER IF EXISTS {name}")
