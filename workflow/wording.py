"""The wording of a reminder: a text with named places, checked when it is saved, filled when it is sent."""

from __future__ import annotations

from collections.abc import Mapping
from string import Formatter

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

# Every place that a text may name, with what stands there.
PLACES = {
    "viec": gettext_lazy("tên việc, đơn vị, lĩnh vực"),
    "don_vi": gettext_lazy("tên đơn vị"),
    "dot": gettext_lazy("tên đợt đánh giá"),
    "han": gettext_lazy("ngày cuối, kèm thứ"),
    "con_lai": gettext_lazy("“Còn 3 ngày”, “Quá hạn 2 ngày”"),
    "con_lai_thuong": gettext_lazy("như trên, viết thường"),
    "nguoi_lam": gettext_lazy("người đang phải làm"),
    "nguoi_nhan": gettext_lazy("người nhận thông báo"),
    "so_viec": gettext_lazy("số việc trong thông báo"),
    "so_qua_han": gettext_lazy("số việc quá hạn trong thông báo"),
}


def problems(text: str) -> list[str]:
    """What is wrong with a text, each said with what to do; nothing for a text that can be filled."""
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        return [_("Dấu ngoặc nhọn { } không khớp. Mỗi chỗ điền viết dạng {viec}; muốn in dấu ngoặc thì viết {{ }}.")]
    found = []
    for _literal, name, spec, conversion in parts:
        if name is None:
            continue
        if name not in PLACES or spec or conversion:
            written = name + (f"!{conversion}" if conversion else "") + (f":{spec}" if spec else "")
            found.append(
                _("Không có chỗ điền {%(name)s}. Dùng được: %(places)s.")
                % {"name": written, "places": ", ".join(f"{{{place}}}" for place in PLACES)}
            )
    return found


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its places filled; ValueError for a text with problems. What is filled in is never read again."""
    if found := problems(text):
        raise ValueError("; ".join(found))
    return text.format_map(values)
