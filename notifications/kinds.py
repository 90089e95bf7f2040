"""What a notice is about; which kinds the law forbids to switch off."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """One row of the preferences screen."""

    REMINDER = "reminder", _("Nhắc hạn")
    ESCALATION = "escalation", _("Báo việc quá hạn của đơn vị")
    TURN = "turn", _("Chuyển việc đến lượt tôi")
    RETURNED = "returned", _("Bị trả lại kèm ý kiến")
    COMMENT = "comment", _("Trao đổi về tiêu chí")
    SUBSTITUTION = "substitution", _("Nghỉ phép, thay mặt")
    ARRIVAL = "arrival", _("Đơn vị gửi hồ sơ đến")
    CONSULTATION = "consultation", _("Lấy ý kiến dự thảo bộ chỉ số")
    SUMMARY = "summary", _("Tổng hợp định kỳ")
    LAST_DAY = "last_day", _("Nhắc ngày cuối của thời hạn")
    NUDGE = "nudge", _("Đôn đốc của Sở Nội vụ")
    RECEIPT = "receipt", _("Biên nhận gửi hồ sơ")
    SUPPLEMENT = "supplement", _("Yêu cầu bổ sung")
    VISIT = "visit", _("Kiểm tra thực tế")
    EXTENSION = "extension", _("Gia hạn")
    RESULT = "result", _("Kết quả, công bố")


# A person who must act or may contest has to learn of it: why each of these is always sent.
LEGAL = {
    Kind.LAST_DAY: _("Hết ngày này là quá hạn theo kế hoạch của UBND tỉnh."),
    Kind.NUDGE: _("Văn bản đôn đốc của cơ quan chủ trì."),
    Kind.RECEIPT: _("Bằng chứng về thời điểm gửi hồ sơ."),
    Kind.SUPPLEMENT: _("Có thời hạn trả lời hội đồng."),
    Kind.VISIT: _("Đoàn kiểm tra đến đơn vị vào giờ đã hẹn."),
    Kind.EXTENSION: _("Thời hạn của đơn vị thay đổi."),
    Kind.RESULT: _("Đơn vị có quyền xem và kiến nghị trong thời hạn."),
}
