from typing import Any

from django.db import migrations, models


def name_visits(apps: Any, schema_editor: Any) -> None:
    """Appointments were told as supplements before they had a kind of their own."""
    apps.get_model("notifications", "Notice").objects.filter(event__startswith="visit:").update(kind="visit")


def name_supplements(apps: Any, schema_editor: Any) -> None:
    apps.get_model("notifications", "Notice").objects.filter(kind="visit").update(kind="supplement")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0005_substitution_kind")]

    operations = [
        migrations.AlterField(
            model_name="notice",
            name="kind",
            field=models.CharField(
                choices=[
                    ("reminder", "Nhắc hạn"),
                    ("escalation", "Báo việc quá hạn của đơn vị"),
                    ("turn", "Chuyển việc đến lượt tôi"),
                    ("returned", "Bị trả lại kèm ý kiến"),
                    ("comment", "Trao đổi về tiêu chí"),
                    ("substitution", "Nghỉ phép, thay mặt"),
                    ("arrival", "Đơn vị gửi hồ sơ đến"),
                    ("consultation", "Lấy ý kiến dự thảo bộ chỉ số"),
                    ("summary", "Tổng hợp định kỳ"),
                    ("last_day", "Nhắc ngày cuối của thời hạn"),
                    ("nudge", "Đôn đốc của Sở Nội vụ"),
                    ("receipt", "Biên nhận gửi hồ sơ"),
                    ("supplement", "Yêu cầu bổ sung"),
                    ("visit", "Kiểm tra thực tế"),
                    ("extension", "Gia hạn"),
                    ("result", "Kết quả, công bố"),
                ],
                default="reminder",
                max_length=15,
                verbose_name="Loại",
            ),
        ),
        migrations.RunPython(name_visits, name_supplements),
    ]
