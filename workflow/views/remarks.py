"""Rows of "criterion and what is to be mended": named by code, kept on every refusal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from criteria.models import Criterion

ROWS, MORE, MOST = 3, 3, 60


class RemarksForm(forms.Form):
    """Remarks on criteria, and one on the whole; `criteria` may be named, `rows` lines are shown."""

    comment = forms.CharField(
        label=_l("Ý kiến khi trả lại"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )

    def __init__(self, *args: Any, criteria: Sequence[Criterion], rows: int = ROWS, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by_code: Mapping[str, Criterion] = {criterion.code: criterion for criterion in criteria}
        self.rows = min(max(rows, ROWS), MOST)
        for number in range(self.rows):
            self.fields[f"code.{number}"] = forms.CharField(
                label=_("Mã tiêu chí, dòng %(row)s") % {"row": number + 1},
                required=False,
                max_length=40,
                widget=forms.TextInput(attrs={"list": "remark-codes", "autocomplete": "off", "size": 8}),
            )
            self.fields[f"remark.{number}"] = forms.CharField(
                label=_("Nội dung cần sửa, dòng %(row)s") % {"row": number + 1},
                required=False,
                max_length=2000,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    @property
    def lines(self) -> list[dict[str, Any]]:
        """The fields, line by line."""
        return [{"code": self[f"code.{row}"], "remark": self[f"remark.{row}"]} for row in range(self.rows)]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        seen: set[str] = set()
        for row in range(self.rows):
            code, remark = cleaned.get(f"code.{row}", "").strip(), cleaned.get(f"remark.{row}", "").strip()
            if not code and not remark:
                continue
            if not code:
                self.add_error(f"code.{row}", _("Hãy chọn tiêu chí cho ý kiến này."))
            elif code not in self.by_code:
                self.add_error(f"code.{row}", _("Không có tiêu chí mã “%(code)s” do đơn vị tự chấm.") % {"code": code})
            elif code in seen:
                self.add_error(f"code.{row}", _("Tiêu chí %(code)s đã có ở dòng trên.") % {"code": code})
            if code and not remark:
                self.add_error(f"remark.{row}", _("Hãy ghi nội dung cần sửa ở tiêu chí này."))
            seen.add(code)
        return cleaned

    def remarks(self) -> dict[int, str]:
        """What was written, by the criterion's id."""
        found = {}
        for row in range(self.rows):
            code = self.cleaned_data.get(f"code.{row}", "").strip()
            if code in self.by_code:
                found[self.by_code[code].pk] = self.cleaned_data[f"remark.{row}"].strip()
        return found

    def named(self) -> list[Criterion]:
        """The criteria that were named."""
        wanted = self.remarks()
        return [criterion for criterion in self.by_code.values() if criterion.pk in wanted]


def rows_of(data: QueryDict) -> int:
    """How many lines a sent form had, with those asked for by "Thêm dòng"."""
    sent = [name.removeprefix("code.") for name in data if name.startswith("code.")]
    highest = max((int(row) for row in sent if row.isdecimal() and len(row) < 4), default=-1)
    return highest + 1 + (MORE if data.get("action") == "more" else 0)
