from django.db import migrations
from django.db.models import F


def forget_what_is_no_reduction(apps, schema_editor):
    """On sale was what cost less than its list price; now it is what costs less than the lowest of 30 days before."""
    Product = apps.get_model("products", "Product")
    down = (F("lowest_price_30d") - F("current_price")) * 100
    Product.objects.filter(on_sale=True).annotate(down=down).filter(down__lt=F("lowest_price_30d")).update(
        on_sale=False, lowest_price_30d=None, version=F("version") + 1
    )


class Migration(migrations.Migration):

    dependencies = [
        ("products", "0002_search_indexes"),
    ]

    operations = [
        migrations.RunPython(forget_what_is_no_reduction, migrations.RunPython.noop),
    ]
