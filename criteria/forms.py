"""Forms of the criteria screens: what is typed, read with the same rules as an uploaded sheet."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.models import Unit, UnitGroup

from .consultation import Comment
from .models import CriteriaSet, Criterion
from .nodes import NotApplicable, Source
from .points import NumberError, format_number, parse_percent, parse_points
from .review import MAX_CODE, MAX_LABEL, MAX_NAME, MAX_SET_NAME, MAX_TEXT
from .rule_reading import ReadRule, read_rule
from .rule_text import FORMS, form_of, rule_to_text
from .setdata import BandData, NodeData, SetData, one_line


class PointsField(forms.CharField):
    """Points as an office writes them, "1,5" or "1.5"; gives a Decimal, None where it may stay empty."""

    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
    read = staticmethod(parse_points)

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(max_length=20, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return format_number(value) if isinstance(value, Decimal) else value

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        if not text:
            return None
        try:
            return type(self).read(text)
        except NumberError as error:
            raise ValidationError(str(error)) from error


class PercentField(PointsField):
    """A percentage, with or without its sign."""

    read = staticmethod(parse_percent)


def _text(label: Any, *, rows: int, help_text: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": rows}),
        help_text=help_text,
    )


def _units(label: Any, help_text: Any = "") -> forms.ModelMultipleChoiceField:
    return forms.ModelMultipleChoiceField(
        label=label,
        required=False,
        queryset=Unit.objects.none(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        help_text=help_text,
    )


class CriterionForm(forms.Form):
    """One node of the tree. A heading (`heading`: it has criteria below it) asks for less."""

    code = forms.CharField(label=gettext_lazy("Mã"), max_length=MAX_CODE)
    name = forms.CharField(label=gettext_lazy("Tên"), max_length=MAX_NAME, widget=forms.Textarea(attrs={"rows": 2}))
    maximum = PointsField(label=gettext_lazy("Điểm tối đa"))
    sum_up = forms.BooleanField(
        label=gettext_lazy("Cộng lại điểm tối đa của các mục cấp trên"), required=False, initial=True
    )
    source = forms.ChoiceField(
        label=gettext_lazy("Nguồn điểm"), choices=[("", gettext_lazy("Chọn…")), *Criterion.SourceChoice.choices]
    )
    form = forms.ChoiceField(label=gettext_lazy("Cách chấm"), choices=[("", gettext_lazy("Chọn…")), *FORMS.items()])
    rule = forms.CharField(
        label=gettext_lazy("Chi tiết cách chấm"),
        required=False,
        max_length=MAX_TEXT,
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=gettext_lazy("Các phần cách nhau bằng dấu chấm phẩy hoặc xuống dòng, xem mẫu bên dưới."),
    )
    na_policy = forms.ChoiceField(label=gettext_lazy("Khi không phát sinh"), choices=Criterion.NaPolicy.choices)
    overridable = forms.BooleanField(label=gettext_lazy("Đơn vị được chấm khác quy tắc khi ghi lý do"), required=False)
    evidence = _text(gettext_lazy("Tài liệu kiểm chứng yêu cầu"), rows=3)
    guidance = _text(gettext_lazy("Hướng dẫn"), rows=3)
    survey_question = _text(
        gettext_lazy("Câu hỏi điều tra xã hội học"),
        rows=2,
        help_text=gettext_lazy("Chỉ ghi khi điểm lấy từ điều tra xã hội học."),
    )
    leads = _units(gettext_lazy("Cơ quan chủ trì thẩm định"))
    dropped_for = _units(
        gettext_lazy("Không áp dụng cho"),
        gettext_lazy("Chỉ chọn khi ô “Khi không phát sinh” là bỏ đối với đơn vị được nêu tên."),
    )
    comments = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Thay đổi này theo ý kiến của"),
        required=False,
        queryset=Comment.objects.none(),
        widget=forms.CheckboxSelectMultiple,
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, *args: Any, heading: bool = False, asked: Iterable[Comment] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.heading = heading
        kept = {code for name in ("leads", "dropped_for") for code in self.initial.get(name, ())}
        for name in ("leads", "dropped_for"):
            field = self.fields[name]
            field.queryset = Unit.objects.filter(  # type: ignore[attr-defined]
                Q(active=True) & ~Q(kind=Unit.Kind.PROVINCE) | Q(code__in=kept)
            )
        self.reading: ReadRule | None = None
        if heading:
            for name in ("source", "form", "rule", "na_policy", "overridable", "evidence", "survey_question"):
                del self.fields[name]
            del self.fields["dropped_for"]
        rows = list(asked)
        if rows:
            field = self.fields["comments"]
            field.queryset = Comment.objects.filter(pk__in=[row.pk for row in rows]).select_related("unit")  # type: ignore[attr-defined]
            field.label_from_instance = lambda row: f"{row.unit.name}: {row.body[:120]}"  # type: ignore[attr-defined]
        else:
            del self.fields["comments"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if not self.heading and values.get("form"):
            maximum = values.get("maximum")
            self.reading = read_rule(values["form"], values.get("rule", ""), maximum)
            for problem in self.reading.problems:
                self.add_error("rule", problem)
        return values

    def node(self) -> NodeData:
        """What was typed, as a node without children. Only for a valid form."""
        values = self.cleaned_data
        found = NodeData(
            code=values["code"],
            name=values["name"],
            maximum=values["maximum"],
            guidance=values["guidance"],
            leads=tuple(unit.code for unit in values["leads"]),
        )
        if self.heading:
            return found
        assert self.reading is not None
        return NodeData(
            code=found.code,
            name=found.name,
            maximum=found.maximum,
            source=Source(values["source"]),
            rule=self.reading.rule,
            na_policy=NotApplicable(values["na_policy"]),
            overridable=values["overridable"],
            evidence=values["evidence"],
            guidance=found.guidance,
            survey_question=values["survey_question"],
            leads=found.leads,
            dropped_for=tuple(unit.code for unit in values["dropped_for"]),
        )

    @property
    def chosen_comments(self) -> list[int]:
        return [comment.pk for comment in self.cleaned_data.get("comments") or ()]


def initial_of(node: NodeData) -> dict[str, Any]:
    """The fields of `CriterionForm` for a node as it stands."""
    values: dict[str, Any] = {
        "code": node.code,
        "name": node.name,
        "maximum": node.maximum,
        "source": node.source.value if node.source else "",
        "na_policy": node.na_policy.value,
        "overridable": node.overridable,
        "evidence": node.evidence,
        "guidance": node.guidance,
        "survey_question": node.survey_question,
        "leads": list(node.leads),
        "dropped_for": list(node.dropped_for),
        "sum_up": True,
    }
    if node.rule is not None:
        text = rule_to_text(node.rule)[1]
        values["form"] = form_of(node.rule)
        # A line for each part is easier to read; a quoted label may itself hold the sign between parts.
        values["rule"] = text if '"' in text else text.replace("; ", ";\n")
    return values


class SettingsForm(forms.Form):
    """What holds for the whole set."""

    name = forms.CharField(label=gettext_lazy("Tên bộ chỉ số"), max_length=MAX_SET_NAME)
    source_decision = forms.CharField(
        label=gettext_lazy("Căn cứ"),
        required=False,
        max_length=MAX_SET_NAME,
        help_text=gettext_lazy("Số, ký hiệu, ngày quyết định ban hành, ví dụ 3251/QĐ-UBND ngày 10/11/2026."),
    )
    rounding_step = PointsField(
        label=gettext_lazy("Bước làm tròn"), help_text=gettext_lazy("Ví dụ 0,01, 0,05, 0,25 hoặc 0,5.")
    )
    rounding_mode = forms.ChoiceField(label=gettext_lazy("Cách làm tròn"), choices=CriteriaSet.RoundingMode.choices)
    bonus_cap = PointsField(label=gettext_lazy("Điểm thưởng tối đa"))
    penalty_cap = PointsField(label=gettext_lazy("Điểm trừ tối đa"))
    illustrative = forms.BooleanField(
        label=gettext_lazy("Bộ chỉ số minh họa, chưa phải bộ chỉ số chính thức"), required=False
    )
    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def settings(self, data: SetData) -> SetData:
        """`data` with what was typed."""
        values = {name: self.cleaned_data[name] for name in self.cleaned_data if name != "seen"}
        return SetData(code=data.code, year=data.year, **values)


class CloneForm(forms.Form):
    """The year of the next version."""

    year = forms.IntegerField(label=gettext_lazy("Năm đánh giá của bản sao"), min_value=2000, max_value=2100)


class BandForm(forms.Form):
    """One grade; an empty line is left out."""

    label = forms.CharField(label=gettext_lazy("Mức"), required=False, max_length=MAX_LABEL)
    lower = PercentField(label=gettext_lazy("Từ (%)"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if values.get("label") and values.get("lower") is None and "lower" not in self.errors:
            self.add_error("lower", _("Ghi mức này bắt đầu từ bao nhiêu phần trăm."))
        if values.get("lower") is not None and not one_line(values.get("label", "")):
            self.add_error("label", _("Ghi tên mức."))
        return values


BandFormSet = forms.formset_factory(BandForm, extra=3, max_num=20, absolute_max=20)


def bands_typed(formset: Any) -> list[BandData]:
    """The grades of a valid formset, from the highest."""
    rows = [form.cleaned_data for form in formset if form.cleaned_data.get("label")]
    return sorted((BandData(row["label"], row["lower"]) for row in rows), key=lambda band: -band.lower)


class ScaleForm(forms.Form):
    """Which scale: a part of the set and a ranking group."""

    phan = forms.ChoiceField(label=gettext_lazy("Áp dụng cho"), required=False)
    nhom = forms.ModelChoiceField(
        label=gettext_lazy("Nhóm xếp hạng"),
        required=False,
        queryset=UnitGroup.objects.all(),
        to_field_name="code",
        empty_label=gettext_lazy("Mọi nhóm"),
    )

    def __init__(self, *args: Any, data_set: SetData, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        parts = [("", _("Toàn bộ chỉ số"))]
        for domain in data_set.nodes:
            parts.append((domain.code, f"{domain.code}. {domain.name}"))
            parts += [(child.code, f"{child.code} {child.name}") for child in domain.children if child.children]
        self.fields["phan"].choices = parts  # type: ignore[attr-defined]


class UploadForm(forms.Form):
    """A workbook."""

    file = forms.FileField(
        label=gettext_lazy("Tệp Excel (.xlsx)"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx"}),
        error_messages={"required": gettext_lazy("Hãy chọn tệp Excel.")},
    )
