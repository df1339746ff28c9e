from django.db import migrations

BATCH = 500


def save_where_people_are(apps, schema_editor):
    """Everybody's place becomes their first saved address, and their default one. Who has one already keeps it."""
    Profile = apps.get_model("accounts", "Profile")
    SavedAddress = apps.get_model("accounts", "SavedAddress")
    placed = Profile.objects.filter(
        default_address=None, location_lat__isnull=False, location_lng__isnull=False
    ).exclude(location_address="")
    last = 0
    while profiles := list(placed.filter(pk__gt=last).order_by("pk")[:BATCH]):
        last = profiles[-1].pk
        SavedAddress.objects.bulk_create(
            SavedAddress(
                owner_id=profile.pk,
                kind="door",
                label="Home",
                address=profile.location_address,
                lat=profile.location_lat,
                lng=profile.location_lng,
                notes=profile.access_notes,
            )
            for profile in profiles
        )
        # MariaDB does not tell the new keys.
        of_owner = dict(
            SavedAddress.objects.filter(owner_id__in=[profile.pk for profile in profiles], kind="door")
            .order_by("-pk")
            .values_list("owner_id", "pk")
        )
        for profile in profiles:
            profile.default_address_id = of_owner[profile.pk]
        Profile.objects.bulk_update(profiles, ["default_address"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_saved_addresses")]

    operations = [migrations.RunPython(save_where_people_are, migrations.RunPython.noop)]
