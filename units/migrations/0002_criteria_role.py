from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("units", "0001_initial"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name="unit",
            options={
                "ordering": ["group__order", "order", "code"],
                "permissions": [
                    ("view_dossier", "VIEW_DOSSIER"),
                    ("assign_criteria", "ASSIGN_CRITERIA"),
                    ("score", "SCORE"),
                    ("check_dossier", "CHECK"),
                    ("approve_dossier", "APPROVE"),
                    ("submit_dossier", "SUBMIT"),
                    ("manage_criteria", "MANAGE_CRITERIA"),
                ],
                "verbose_name": "Đơn vị",
                "verbose_name_plural": "Đơn vị",
            },
        ),
        migrations.RemoveConstraint(
            model_name="membership",
            name="membership_role_is_unit_role",
        ),
        migrations.AlterField(
            model_name="membership",
            name="role",
            field=models.CharField(
                choices=[
                    ("officer", "Chuyên viên"),
                    ("coordinator", "Cán bộ đầu mối"),
                    ("head", "Thủ trưởng đơn vị"),
                    ("criteria", "Quản lý bộ chỉ số"),
                ],
                max_length=20,
                verbose_name="Vai trò",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["officer", "coordinator", "head", "criteria"])),
                name="membership_role_is_unit_role",
            ),
        ),
    ]
