"""Fields that the forms of the steps share."""

from __future__ import annotations

from units.fields import DayField

__all__ = ["DayField"]
