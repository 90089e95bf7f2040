from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("criteria", "0003_consultation"),
    ]

    operations = [
        migrations.AddField(
            model_name="criterion",
            name="survey_question",
            field=models.TextField(blank=True, verbose_name="Câu hỏi điều tra"),
        ),
    ]
