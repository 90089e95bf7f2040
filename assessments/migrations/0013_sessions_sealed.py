from django.db import migrations

from assessments.sealed import seal, unseal


class Migration(migrations.Migration):
    dependencies = [("assessments", "0012_sessions_and_visits")]
    operations = [migrations.RunPython(seal, unseal)]
