from django.db import migrations

from assessments.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("results", "0002_initial"), ("assessments", "0003_ledger_append_only")]
    operations = [append_only("results_publication")]
