from django.db import migrations

import marketplace.common.fields
from marketplace.common.cleaning import clean_email


def clean_what_is_there(apps, schema_editor):
    """Addresses of before get the spelling that signing in looks for; one that another account has stays."""
    User, EmailAddress = apps.get_model("accounts", "User"), apps.get_model("account", "EmailAddress")
    for pk, old in User.objects.values_list("pk", "email").iterator():
        new = clean_email(old)
        if new == old or User.objects.filter(email=new).exclude(pk=pk).exists():
            continue
        EmailAddress.objects.filter(user_id=pk, email=old).update(email=new)
        User.objects.filter(pk=pk).update(email=new)


def compare_letter_by_letter(apps, schema_editor):
    """allauth's own column on MariaDB, as ours (AddressField): running it again changes nothing."""
    if schema_editor.connection.vendor == "mysql":
        schema_editor.execute(
            "ALTER TABLE account_emailaddress MODIFY email varchar(254) COLLATE utf8mb4_bin NOT NULL"
        )


class Migration(migrations.Migration):
    dependencies = [
        ("account", "0009_emailaddress_unique_primary_email"),
        ("accounts", "0002_phone_in_brackets"),
    ]

    operations = [
        migrations.RunPython(clean_what_is_there, migrations.RunPython.noop),
        migrations.AlterField(
            model_name="user",
            name="email",
            field=marketplace.common.fields.AddressField(
                max_length=254, unique=True, verbose_name="e-mail address"
            ),
        ),
        migrations.RunPython(compare_letter_by_letter, migrations.RunPython.noop, atomic=False),
    ]
