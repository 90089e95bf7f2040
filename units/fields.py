"""Form fields that every app shares."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

# What is asked of whoever left a field empty. Django's own words say that it is required, not what to do.
TO_DO: dict[type[forms.Field], Any] = {
    forms.Field: gettext_lazy("Hãy nhập mục này."),
    forms.ChoiceField: gettext_lazy("Hãy chọn một mục."),
    forms.ModelChoiceField: gettext_lazy("Hãy chọn một mục."),
    forms.MultipleChoiceField: gettext_lazy("Hãy chọn ít nhất một mục."),
    forms.ModelMultipleChoiceField: gettext_lazy("Hãy chọn ít nhất một mục."),
    forms.BooleanField: gettext_lazy("Hãy đánh dấu ô này."),
    forms.DateField: gettext_lazy("Hãy nhập ngày, ví dụ 20/12/2026."),
    forms.TimeField: gettext_lazy("Hãy nhập giờ, ví dụ 14:00."),
    forms.IntegerField: gettext_lazy("Hãy nhập một số."),
    forms.FileField: gettext_lazy("Hãy chọn một tệp."),
}


def say_what_to_do() -> None:
    """Let every form of the product, and of its packages, ask for an empty field in these words."""
    for field, words in TO_DO.items():
        own = field.__dict__.get("default_error_messages", {})
        field.default_error_messages = {**own, "required": words}


class DayField(forms.DateField):
    """A day as offices write it, 20/12/2026. Typed, not picked: a browser's own picker may put the month first."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("help_text", gettext_lazy("ngày/tháng/năm, ví dụ 20/12/2026"))
        kwargs.setdefault(
            "widget", forms.DateInput(attrs={"inputmode": "numeric", "autocomplete": "off"}, format="%d/%m/%Y")
        )
        super().__init__(**kwargs)
        self.error_messages["invalid"] = gettext_lazy("Ngày không đúng: hãy viết ngày/tháng/năm, ví dụ 20/12/2026.")
