from django.db import migrations
from django.db.models import F

import marketplace.common.fields


def found_as_they_are_called(apps, schema_editor):
    apps.get_model("accounts", "SellerProfile").objects.update(found_as=F("shop_name"))


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_shops_that_close")]

    operations = [
        migrations.AddField(
            "sellerprofile",
            "found_as",
            marketplace.common.fields.NameField(
                blank=True, db_default="", default="", editable=False, max_length=80
            ),
        ),
        migrations.RunPython(found_as_they_are_called, migrations.RunPython.noop),
    ]
