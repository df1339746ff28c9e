"""The option values of a product in one column, for the filters of lists (marketplace/products/option_keys.py)."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("products", "0005_open_sale_events"),
    ]

    operations = [
        migrations.AddField(
            model_name="product",
            name="option_keys",
            field=models.TextField(blank=True, default=""),
        ),
    ]
