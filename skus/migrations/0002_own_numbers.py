from django.db import migrations


class Migration(migrations.Migration):
    """The running numbers of the house's own EAN-13 barcodes (skus.gtin.own_ean13)."""

    dependencies = [("skus", "0001_initial")]
    operations = [
        migrations.RunSQL("CREATE SEQUENCE skus_own_number MAXVALUE 999999999", "DROP SEQUENCE skus_own_number")
    ]
