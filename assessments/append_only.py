"""The name under which migrations of this and higher apps ask for triggers; they live with the lowest app."""

from __future__ import annotations

from units.append_only import append_only, create_triggers, drop_triggers

__all__ = ["append_only", "create_triggers", "drop_triggers"]
