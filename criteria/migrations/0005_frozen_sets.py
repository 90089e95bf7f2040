from django.db import migrations

from criteria.frozen import guard


class Migration(migrations.Migration):
    dependencies = [("criteria", "0004_survey_question")]
    operations = [guard()]
