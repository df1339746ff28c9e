from django.db import migrations, models


class Migration(migrations.Migration):
    """Notifications are about rows with a number; of the last runs there is nothing to keep."""

    dependencies = [
        ('common', '0002_sweeps'),
    ]

    operations = [
        migrations.DeleteModel(name='SweepRun'),
        migrations.CreateModel(
            name='SweepRun',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, unique=True)),
                ('started_at', models.DateTimeField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('took_ms', models.PositiveIntegerField(default=0)),
                ('done', models.PositiveIntegerField(default=0)),
                ('failed', models.PositiveIntegerField(default=0)),
                ('error', models.CharField(blank=True, max_length=100)),
                ('runs', models.PositiveBigIntegerField(default=0)),
                ('stopped', models.CharField(blank=True, choices=[('drift', "Our clock and the database's differ by more than a minute"), ('gap', 'It has not run for two days')], max_length=12)),
            ],
            options={
                'ordering': ['name'],
            },
        ),
    ]
