"""Form fields that every app shares."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy


class DayField(forms.DateField):
    """A day as offices write it, 20/12/2026. Typed, not picked: a browser's own picker may put the month first."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("ngày/tháng/năm, ví dụ 20/12/2026"))
        kwargs.setdefault(
            "widget", forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%d/%m/%Y")
        )
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Ngày không đúng: hãy viết ngày/tháng/năm, ví dụ 20/12/2026.")
