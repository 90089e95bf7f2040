"""What people type about plans. Rules stand in `plans.content`; a form only brings text into its types."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from units.models import Unit

from .content import PlanContent, TargetContent, TaskContent
from .days_off import Day
from .holidays import Holiday
from .models import Milestone, Plan, PlanTask, Target
from .services import milestones_of
from .spreadsheet import MAX_BYTES
from .working_groups import WorkingGroup, WorkingGroupSeat
from .writing import HEADER

TIME_HELP = _(
    "Ghi như trong văn bản, ví dụ: trước ngày 15/12/2026; ngày 15/12/2026; tháng 4-6/2026; quý I năm 2026; "
    "năm 2026; thường xuyên. Để trống nếu văn bản không ghi thời gian."
)


class VersionedForm(forms.Form):
    """Carries the version that the person saw, so that nobody's change is overwritten unseen."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)


def _date(label: Any, *, required: bool = True) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=required,
        widget=forms.DateInput(attrs={"inputmode": "numeric", "placeholder": "15/12/2026", "autocomplete": "off"}),
        error_messages={"invalid": _("Ngày ghi dạng 15/12/2026.")},
    )


class PlanForm(VersionedForm):
    """The head of a plan and its legal dates."""

    number = forms.CharField(label=_("Số, ký hiệu"), max_length=60)
    title = forms.CharField(label=_("Tên kế hoạch"), max_length=300)
    issuing_body = forms.CharField(label=_("Cơ quan ban hành"), max_length=200)
    signer = forms.CharField(label=_("Người ký"), max_length=150, required=False)
    signed_on = _date(_("Ngày ký"))
    period_start = _date(_("Thực hiện từ ngày"))
    period_end = _date(_("Thực hiện đến ngày"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key in Milestone.Key:
            self.fields[key.value] = _date(key.label, required=False)
            self.fields[f"{key.value}_inclusive"] = forms.BooleanField(
                label=_("Tính cả ngày này (đến hết ngày)"), required=False
            )

    @staticmethod
    def initial_of(plan: Plan) -> dict[str, Any]:
        """What the form shows of a plan that stands."""
        values: dict[str, Any] = {name: getattr(plan, name) for name in HEADER} | {"version": plan.version}
        for milestone in plan.milestones.all():
            values |= {milestone.key: milestone.on, f"{milestone.key}_inclusive": milestone.inclusive}
        return values

    def head_fields(self) -> list[forms.BoundField]:
        """Fields of the decision itself."""
        return [self[name] for name in HEADER]

    def milestone_fields(self) -> list[tuple[forms.BoundField, forms.BoundField]]:
        """Each legal date with its tick."""
        return [(self[key.value], self[f"{key.value}_inclusive"]) for key in Milestone.Key]

    def content(self) -> PlanContent:
        """The typed values."""
        data = self.cleaned_data
        return PlanContent(
            **{name: data[name] for name in HEADER},
            milestones=milestones_of((key, data[key.value], data[f"{key.value}_inclusive"]) for key in Milestone.Key),
        )


class CloneForm(forms.Form):
    """A plan for a later year."""

    years = forms.IntegerField(label=_("Chuyển các mốc thời gian thêm số năm"), initial=1, min_value=1, max_value=20)
    number = forms.CharField(label=_("Số, ký hiệu của kế hoạch mới"), max_length=60)
    signed_on = _date(_("Ngày ký"))
    title = forms.CharField(label=_("Tên kế hoạch mới"), max_length=300)


class UnitsField(forms.ModelMultipleChoiceField):
    """Units to tick, given back as codes."""

    widget = forms.CheckboxSelectMultiple

    def clean(self, value: Any) -> Any:
        return tuple(unit.code for unit in super().clean(value))


class TaskForm(VersionedForm):
    """A task; `plan` gives the tasks that it may belong to."""

    number = forms.CharField(label=_("Số"), max_length=20, help_text=_("Như trong văn bản: 1, II.1, II.1.1 …"))
    parent = forms.ChoiceField(label=_("Thuộc nhiệm vụ"), required=False)
    name = forms.CharField(label=_("Nhiệm vụ"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    lead = forms.CharField(label=_("Chủ trì (như văn bản ghi)"), max_length=500, required=False)
    coordinating = forms.CharField(label=_("Phối hợp (như văn bản ghi)"), max_length=500, required=False)
    time_text = forms.CharField(label=_("Thời gian"), max_length=200, required=False, help_text=TIME_HELP)
    report_every = forms.ChoiceField(label=_("Báo cáo định kỳ"), choices=PlanTask.Report.choices)
    source = forms.CharField(label=_("Mục trong văn bản"), max_length=500, required=False)
    lead_units = UnitsField(label=_("Đơn vị chủ trì trên phần mềm"), queryset=Unit.objects.none(), required=False)
    coordinating_units = UnitsField(
        label=_("Đơn vị phối hợp trên phần mềm"), queryset=Unit.objects.none(), required=False
    )

    def __init__(self, *args: Any, plan: Plan, task: PlanTask | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = plan.tasks.exclude(pk=task.pk) if task else plan.tasks.all()
        choices = [(number, f"{number} {name[:90]}") for number, name in others.values_list("number", "name")]
        self.fields["parent"].choices = [("", _("– Không –")), *choices]  # type: ignore[attr-defined]
        units = Unit.objects.filter(active=True).order_by("kind", "group__order", "order", "code")
        for name in ("lead_units", "coordinating_units"):
            self.fields[name].queryset = units  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(task: PlanTask) -> dict[str, Any]:
        """What the form shows of a task that stands."""
        plain = ("number", "name", "lead", "coordinating", "time_text", "report_every", "source", "version")
        return {name: getattr(task, name) for name in plain} | {
            "parent": task.parent.number if task.parent else "",
            "lead_units": list(task.leads.all()),
            "coordinating_units": list(task.coordinators.all()),
        }

    def content(self) -> TaskContent:
        """The typed values."""
        return TaskContent(**{name: value for name, value in self.cleaned_data.items() if name != "version"})


class TargetForm(VersionedForm):
    """A target; `plan` gives the tasks that it may belong to."""

    number = forms.CharField(label=_("Số"), max_length=20)
    text = forms.CharField(label=_("Chỉ tiêu"), widget=forms.Textarea(attrs={"rows": 3}), max_length=2000)
    comparison = forms.ChoiceField(
        label=_("So sánh"),
        required=False,
        choices=[("", _("– Không có số –")), (">", _("trên (>)")), (">=", _("từ (≥)")), ("=", _("đúng (=)"))],
    )
    value = forms.DecimalField(
        label=_("Giá trị"),
        required=False,
        localize=True,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )
    unit = forms.CharField(label=_("Đơn vị tính"), max_length=30, required=False, help_text=_("Ví dụ: %"))
    task = forms.ChoiceField(label=_("Thuộc nhiệm vụ"), required=False)

    def __init__(self, *args: Any, plan: Plan, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(number, f"{number} {name[:90]}") for number, name in plan.tasks.values_list("number", "name")]
        self.fields["task"].choices = [("", _("– Không –")), *choices]  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(target: Target) -> dict[str, Any]:
        """What the form shows of a target that stands."""
        plain = ("number", "text", "comparison", "value", "unit", "version")
        values = {name: getattr(target, name) for name in plain}
        return values | {"task": target.task.number if target.task else ""}

    def content(self) -> TargetContent:
        """The typed values."""
        return TargetContent(**{name: value for name, value in self.cleaned_data.items() if name != "version"})


class FigureForm(forms.Form):
    """The figure of the whole province for a target."""

    value = forms.DecimalField(
        label=_("Số liệu toàn tỉnh"),
        localize=True,
        max_digits=12,
        decimal_places=2,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        error_messages={"invalid": _("Hãy nhập số, ví dụ 60 hoặc 60,5.")},
    )
    source = forms.CharField(
        label=_("Nguồn số liệu"),
        required=False,
        max_length=300,
        help_text=_("Ví dụ: Báo cáo số 120/BC-SNV ngày 05/12/2026"),
    )


class MemberForm(forms.Form):
    """A person for a seat of a working group."""

    seat = forms.ModelChoiceField(label=_("Thành phần"), queryset=WorkingGroupSeat.objects.none(), empty_label=None)
    name = forms.CharField(label=_("Họ và tên"), max_length=150)
    position = forms.CharField(label=_("Chức vụ, đơn vị"), max_length=200)
    skilled = forms.BooleanField(label=_("Có kỹ năng mà thành phần này đòi hỏi"), required=False)

    def __init__(self, *args: Any, group: WorkingGroup, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seat"].queryset = group.seats.all()  # type: ignore[attr-defined]


class DayForm(forms.Form):
    """One day off or make-up day."""

    on = _date(_("Ngày"))
    kind = forms.ChoiceField(label=_("Loại"), choices=Holiday.Kind.choices)
    name = forms.CharField(label=_("Tên"), max_length=200, help_text=_("Ví dụ: Tết Nguyên đán"))
    source = forms.CharField(label=_("Căn cứ"), max_length=300, required=False)

    def day(self) -> Day:
        """The typed values."""
        return Day(**self.cleaned_data)


class UploadForm(forms.Form):
    """A workbook; after the preview the same bytes come back in `content`, so that what was seen is what is read."""

    file = forms.FileField(label=_("Tệp"), required=False)
    content = forms.CharField(widget=forms.HiddenInput, required=False, max_length=2 * MAX_BYTES)
    filename = forms.CharField(widget=forms.HiddenInput, required=False, max_length=300)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, accept: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].widget.attrs["accept"] = accept

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload: UploadedFile | None = data.get("file")
        if upload is not None:
            if (upload.size or 0) > MAX_BYTES:
                raise forms.ValidationError({"file": _("Tệp lớn hơn 1 MB. Hãy dùng mẫu tải từ trang này.")})
            return {**data, "bytes": upload.read(), "filename": upload.name or ""}
        try:
            content = base64.b64decode(data.get("content") or "", validate=True)
        except binascii.Error as error:
            raise forms.ValidationError({"file": _("Hãy chọn tệp rồi tải lên lại.")}) from error
        if not content:
            raise forms.ValidationError({"file": _("Hãy chọn tệp.")})
        return {**data, "bytes": content}


class DaysUploadForm(UploadForm):
    """A file of days off, with the decision that they come from."""

    source = forms.CharField(
        label=_("Căn cứ"), max_length=300, required=False, help_text=_("Dùng cho những ngày mà tệp không ghi căn cứ.")
    )
    field_order = ("file", "source")


def encoded(content: bytes) -> str:
    """Bytes as the hidden field carries them."""
    return base64.b64encode(content).decode()
