"""Which units the monitor shows, and in which order: the filter that stands in the address."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.models import Cycle
from assessments.stages import STEPS
from plans.calendar import Timeliness

from ..forecast import AT_RISK, Outlook
from .standings import Standing

OUTLOOKS: tuple[tuple[str, Any, frozenset[Outlook]], ...] = (
    ("tre", gettext_lazy("Dự báo trễ hạn"), AT_RISK),
    ("sat", gettext_lazy("Sát hạn theo đà hiện nay"), frozenset({Outlook.TIGHT})),
    ("kip", gettext_lazy("Kịp hạn"), frozenset({Outlook.ON_TRACK, Outlook.DONE})),
)
# Waiting and a forecast are asked of dossiers that still move; the others come last.
WORST_FIRST = (
    *(Outlook.OVERDUE, Outlook.STALLED, Outlook.MISS, Outlook.TIGHT, Outlook.UNKNOWN, Outlook.ON_TRACK),
    *(Outlook.DONE, Outlook.SENT),
)


def folded(text: str) -> str:
    """`text` in small letters without marks, so that "le thuy" finds "Lệ Thủy"."""
    parts = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return " ".join("".join(letter for letter in parts if not unicodedata.combining(letter)).split())


ORDERS: dict[str, tuple[Any, Callable[[Standing], Any] | None]] = {
    "": (gettext_lazy("Thứ tự đơn vị"), None),
    "ten": (gettext_lazy("Tên đơn vị"), lambda row: folded(row.unit)),
    "tien-do": (gettext_lazy("Tự đánh giá thấp nhất trước"), lambda row: row.progress.percent),
    "cho": (gettext_lazy("Chờ lâu nhất trước"), lambda row: (not row.is_waiting, row.since)),
    "han": (gettext_lazy("Hạn gần nhất trước"), lambda row: (not row.is_open, row.deadline.ends_at)),
    "du-bao": (
        gettext_lazy("Dự báo xấu nhất trước"),
        lambda row: (WORST_FIRST.index(row.forecast.outlook), -row.forecast.days_late),
    ),
}


class MonitorFilter(forms.Form):
    """Which units to show; kept in the address. Each field stands alone: a wrong one shows everything."""

    tim = forms.CharField(label=gettext_lazy("Tên đơn vị"), required=False, max_length=100)
    khoi = forms.TypedChoiceField(label=gettext_lazy("Nhóm"), required=False, coerce=int, empty_value=None)
    buoc = forms.TypedChoiceField(label=gettext_lazy("Bước"), required=False, coerce=int, empty_value=None)
    tinh_trang = forms.ChoiceField(
        label=gettext_lazy("Tình trạng"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *((state.value, state.label) for state in Timeliness)],
    )
    du_bao = forms.ChoiceField(
        label=gettext_lazy("Dự báo"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), *((key, label) for key, label, _outlooks in OUTLOOKS)],
    )
    sap_xep = forms.ChoiceField(
        label=gettext_lazy("Sắp xếp"), required=False, choices=[(key, label) for key, (label, _by) in ORDERS.items()]
    )

    def __init__(self, *args: Any, cycle: Cycle, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._choose("khoi", [(row.group_id, row.group.name) for row in cycle.groups.select_related("group")])
        self._choose("buoc", [(number, label) for number, (label, _stages) in enumerate(STEPS, start=1)])

    def _choose(self, name: str, choices: Sequence[tuple[int, Any]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.TypedChoiceField)
        field.choices = [("", _("Tất cả")), *choices]

    def chosen(self) -> Chosen:
        """What was asked for; fields that do not fit are left out."""
        self.is_valid()
        return Chosen(self.cleaned_data)


class Chosen:
    """A filter as it was asked for, without its faults."""

    def __init__(self, fields: dict[str, Any]) -> None:
        self.fields = {name: value for name, value in fields.items() if value not in ("", None)}
        self.needle = folded(self.fields.get("tim", ""))

    @property
    def group(self) -> int | None:
        group: int | None = self.fields.get("khoi")
        return group

    def query(self, **changes: Any) -> str:
        """The filter as it stands in an address, with `changes`; None takes a field out."""
        fields = self.fields | changes
        return urlencode({name: value for name, value in fields.items() if value not in ("", None)})

    def in_scope(self, row: Standing) -> bool:
        """Whether group, step and name leave `row`: what the tiles count."""
        if "khoi" in self.fields and row.group_id != self.fields["khoi"]:
            return False
        if "buoc" in self.fields and row.step != self.fields["buoc"]:
            return False
        return not self.needle or self.needle in folded(row.unit)

    def in_state(self, row: Standing) -> bool:
        """Whether timeliness and forecast leave `row`: what a tile stands for."""
        if "tinh_trang" in self.fields and row.timeliness != self.fields["tinh_trang"]:
            return False
        return "du_bao" not in self.fields or row.forecast.outlook in _outlooks(self.fields["du_bao"])

    def words(self, form: MonitorFilter) -> str:
        """The filter in words, for what leaves the screen: "Nhóm: Các sở · Tình trạng: Quá hạn"."""
        parts = []
        for name, value in self.fields.items():
            options: Any = getattr(form.fields[name], "choices", ())
            shown = {str(key): label for key, label in options}.get(str(value), value)
            parts.append(f"{form.fields[name].label}: {shown}")
        return " · ".join(parts)


def _outlooks(key: str) -> frozenset[Outlook]:
    return next(outlooks for name, _label, outlooks in OUTLOOKS if name == key)


@dataclass(frozen=True)
class Shown:
    """What a filter leaves, in its order, and the counts of all that the other filters leave."""

    rows: Sequence[Standing]
    total: int
    by_state: Counter[Timeliness]
    at_risk: int


def shown(rows: Sequence[Standing], chosen: Chosen) -> Shown:
    """Cut `rows` by the filter. Counts of the tiles ignore the fields that the tiles themselves set."""
    wide = [row for row in rows if chosen.in_scope(row)]
    kept = [row for row in wide if chosen.in_state(row)]
    order = ORDERS[chosen.fields.get("sap_xep", "")][1]
    return Shown(
        rows=sorted(kept, key=order) if order else kept,
        total=len(wide),
        by_state=Counter(row.timeliness for row in wide),
        at_risk=sum(row.forecast.outlook in AT_RISK for row in wide),
    )
