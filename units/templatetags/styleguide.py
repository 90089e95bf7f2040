"""Invented data for the page that shows every component (`styleguide.html`)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms, template
from django.core.paginator import Page, Paginator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.clock import LOCAL

from .cchc import due

register = template.Library()

NOW = dt.datetime(2026, 11, 21, 10, 35, tzinfo=LOCAL)


class SampleForm(forms.Form):
    """One field of every kind that the pages use."""

    number = forms.CharField(
        label=gettext_lazy("Số, ký hiệu"), help_text=gettext_lazy("Như trên văn bản, ví dụ 05/KH-STP")
    )
    issued = forms.DateField(label=gettext_lazy("Ngày ban hành"), help_text=gettext_lazy("ngày/tháng/năm"))
    kind = forms.ChoiceField(
        label=gettext_lazy("Loại văn bản"),
        choices=[("kh", gettext_lazy("Kế hoạch")), ("bc", gettext_lazy("Báo cáo"))],
    )
    quote = forms.CharField(label=gettext_lazy("Trích dẫn"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    result = forms.ChoiceField(
        label=gettext_lazy("Kết quả"),
        choices=[("1", gettext_lazy("Đạt")), ("0", gettext_lazy("Không đạt"))],
        widget=forms.RadioSelect,
    )
    agreed = forms.BooleanField(label=gettext_lazy("Tôi đã đối chiếu với bản gốc"))


class SampleFilter(forms.Form):
    """Filter of a list."""

    unit = forms.CharField(label=gettext_lazy("Đơn vị"), required=False)
    stage = forms.ChoiceField(
        label=gettext_lazy("Bước"),
        required=False,
        choices=[("", gettext_lazy("Tất cả")), ("self", gettext_lazy("Tự chấm"))],
    )


def _sample_page() -> Page[int]:
    return Paginator(range(96), 20).page(3)


def _sample_tasks() -> list[dict[str, Any]]:
    return [
        {
            "title": _("Bổ sung tài liệu kiểm chứng: 3.2.1 Niêm yết công khai TTHC"),
            "url": "#task-1",
            "sub": _("Hội đồng yêu cầu ngày 18/11: “Quyết định công bố danh mục chưa có số, ngày ban hành”"),
            "percent": None,
            "due": due(dt.date(2026, 11, 20), NOW),
            "action_label": _("Bổ sung ngay"),
            "primary": True,
        },
        {
            "title": _("Nhập kết quả tự đánh giá – Lĩnh vực 3: Cải cách thủ tục hành chính"),
            "url": "#task-2",
            "sub": _("14 tiêu chí được giao cho bạn · 4 tiêu chí còn thiếu tài liệu hoặc giải trình"),
            "percent": 71,
            "progress_label": _("tiêu chí đã xong"),
            "due": due(dt.date(2026, 11, 23), NOW),
            "due_note": _("hạn nội bộ"),
            "action_label": _("Nhập tiếp"),
            "primary": True,
        },
        {
            "title": _("Xác nhận danh sách người trả lời phiếu điều tra xã hội học"),
            "url": "#task-3",
            "sub": _("85 phiếu: 15 lãnh đạo, công chức của sở · 40 cấp huyện · 30 người dân, doanh nghiệp"),
            "percent": None,
            "due": due(dt.date(2026, 12, 5), NOW),
            "action_label": _("Mở danh sách"),
        },
    ]


@register.simple_tag
def sample() -> dict[str, Any]:
    """Parameters of the components that take lists or forms."""
    tasks = _sample_tasks()
    return {
        "now": NOW,
        "due": due(dt.datetime(2026, 12, 15, tzinfo=LOCAL), NOW),
        "crumbs": [
            {"label": _("Hồ sơ"), "url": "#top"},
            {"label": _("Sở Tư pháp"), "url": "#top"},
            {"label": _("Lĩnh vực 3")},
        ],
        "late_tasks": tasks[:1],
        "week_tasks": tasks[1:2],
        "later_tasks": tasks[2:],
        "steps": [
            {"label": _("Phân công"), "state": "done", "note": "10/11"},
            {"label": _("Tự chấm"), "state": "done", "note": "02/12"},
            {"label": _("Lãnh đạo duyệt"), "state": "current", "note": _("từ 03/12")},
            {"label": _("Đã gửi"), "state": "todo"},
            {"label": _("Thẩm định"), "state": "todo"},
            {"label": _("Kết luận"), "state": "todo"},
            {"label": _("Công bố"), "state": "todo"},
        ],
        "tabs": [
            {"url": "#top", "label": _("Tiêu chí"), "count": 103, "active": True},
            {"url": "#top", "label": _("Tài liệu kiểm chứng"), "count": 48},
            {"url": "#top", "label": _("Lịch sử xử lý")},
        ],
        "facts": [
            {"term": _("Đơn vị"), "value": _("Sở Tư pháp")},
            {"term": _("Người nhập"), "value": "Trần Thị Minh Hằng, Lê Văn Nam"},
            {"term": _("Hạn nộp"), "value": _("trước ngày 15/12/2026 (hết ngày thứ Hai 14/12)")},
            {"term": _("Còn thiếu"), "value": _("4 tiêu chí"), "state": "late"},
        ],
        "actions": [
            {"label": _("In"), "url": "#top", "icon": "printer"},
            {"label": _("Trình lãnh đạo"), "url": "#top", "primary": True},
        ],
        "form": SampleForm(
            {"number": "05/KH-STP", "issued": "31/02/2026", "kind": "kh", "quote": _("mục II.3, trang 6")}
        ),
        "filter": SampleFilter(),
        "page": _sample_page(),
        "signed": {"state": "ok", "text": _("Ký số hợp lệ"), "icon": "shield-check"},
    }
