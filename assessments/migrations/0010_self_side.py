from django.db import migrations

from assessments.self_side import guard


class Migration(migrations.Migration):
    dependencies = [("assessments", "0009_rounds_and_conflicts")]
    operations = [guard()]
