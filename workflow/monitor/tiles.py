"""The numbers at the top of the monitor; each leads to its units."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from plans.calendar import Timeliness

from .shown import Chosen, Shown

TILES = (
    (Timeliness.ON_TIME, "ok", "check-lg"),
    (Timeliness.LATE, "late", "clock-history"),
    (Timeliness.EXTENDED, "info", "calendar-event"),
    (Timeliness.MISSING, "late", "exclamation-circle"),
    (Timeliness.PENDING, "mute", "hourglass-split"),
)


def tiles(found: Shown, chosen: Chosen) -> list[dict[str, Any]]:
    """One tile for all, one for each state, one for the forecast; red only where a number is not zero."""
    rows = [
        {
            "key": "",
            "value": found.total,
            "label": _("đơn vị"),
            "state": "",
            "icon": "",
            "url": "?" + chosen.query(tinh_trang=None, du_bao=None),
        }
    ]
    rows += [
        {
            "key": key.value,
            "value": found.by_state[key],
            "label": key.words,
            "state": mood if found.by_state[key] else "mute",
            "icon": icon,
            "url": "?" + chosen.query(tinh_trang=key.value, du_bao=None),
        }
        for key, mood, icon in TILES
    ]
    risk = found.at_risk
    rows.append(
        {
            "key": "tre",
            "value": risk,
            "label": _("dự báo trễ hạn"),
            "state": "late" if risk else "mute",
            "icon": "graph-up",
            "url": "?" + chosen.query(tinh_trang=None, du_bao="tre"),
        }
    )
    return rows
