from django.db import migrations

import marketplace.common.fields
from marketplace.common.cleaning import fold


def fold_what_is_there(apps, schema_editor):
    """Of two shops whose names are the same but for the letters' case or width, the younger one stays without a key."""
    SellerProfile = apps.get_model("accounts", "SellerProfile")
    taken = set()
    for pk, name in SellerProfile.objects.order_by("created_at", "pk").values_list("pk", "shop_name"):
        key = fold(name)[:250]
        if key not in taken:
            taken.add(key)
            SellerProfile.objects.filter(pk=pk).update(name_key=key)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_address_changes"),
    ]

    operations = [
        migrations.AddField(
            model_name="sellerprofile",
            name="name_key",
            field=marketplace.common.fields.KeyField(editable=False, max_length=250, null=True, unique=True),
        ),
        migrations.AlterField(
            model_name="sellerprofile",
            name="shop_name",
            field=marketplace.common.fields.NameField(max_length=80, unique=True, verbose_name="shop name"),
        ),
        migrations.RunPython(fold_what_is_there, migrations.RunPython.noop),
    ]
