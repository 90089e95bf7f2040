from django.db import migrations

from assessments.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("assessments", "0005_deadlines_and_nudges")]
    operations = [append_only("assessments_extension"), append_only("assessments_nudge")]
