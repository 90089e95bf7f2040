from django.db import migrations

from units.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("plans", "0003_task_reports")]

    operations = [append_only("plans_reportentry"), append_only("plans_targetfigure")]
