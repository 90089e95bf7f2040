from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assessments", "0013_sessions_sealed")]

    operations = [
        migrations.RemoveConstraint(model_name="lastlook", name="last_look_once"),
        migrations.RenameField(model_name="lastlook", old_name="domain", new_name="criterion"),
        migrations.AlterModelOptions(name="lastlook", options={"ordering": ["dossier", "criterion", "user"]}),
        migrations.AddConstraint(
            model_name="lastlook",
            constraint=models.UniqueConstraint(fields=("user", "dossier", "criterion"), name="last_look_once"),
        ),
    ]
