import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '0002_accountevent_account_log_is_not_emptied'),
    ]

    operations = [
        migrations.CreateModel(
            name='Customer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('name', models.CharField(max_length=200)),
                ('email', models.EmailField(blank=True, max_length=254)),
                ('phone', models.CharField(blank=True, max_length=16)),
                ('address', models.TextField(blank=True, max_length=500)),
                ('notes', models.TextField(blank=True, max_length=5000)),
                ('birthday', models.DateField(blank=True, null=True)),
                ('is_active', models.BooleanField(default=True)),
                ('erased_at', models.DateTimeField(editable=False, null=True)),
                ('search', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('search_by_name', django.contrib.postgres.search.SearchVectorField(editable=False, null=True)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['name', 'id'],
                'permissions': [('view_contact', 'Sees how customers are reached'), ('view_history', 'Sees what customers ordered and spent'), ('archive_customer', 'Can archive and restore customers'), ('export_customer', 'Can export all we hold about a customer'), ('erase_customer', 'Can erase what we know about a customer')],
                'indexes': [models.Index(fields=['name', 'id'], name='customer_by_name'), models.Index(fields=['created_at', 'id'], name='customer_by_age'), models.Index(condition=models.Q(('email', ''), _negated=True), fields=['email'], name='customer_by_email'), models.Index(condition=models.Q(('phone', ''), _negated=True), fields=['phone'], name='customer_by_phone'), django.contrib.postgres.indexes.GinIndex(fields=['search'], name='customer_search'), django.contrib.postgres.indexes.GinIndex(fields=['search_by_name'], name='customer_search_by_name')],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='customer_has_a_name'), models.CheckConstraint(condition=models.Q(('email', django.db.models.functions.text.Lower('email'))), name='customer_email_folded'), models.CheckConstraint(condition=models.Q(('erased_at', None), models.Q(('address', ''), ('birthday', None), ('email', ''), ('is_active', False), ('notes', ''), ('phone', '')), _connector='OR'), name='customer_erased_is_nobody')],
            },
        ),
        migrations.CreateModel(
            name='Consent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('purpose', models.CharField(choices=[('marketing', 'News and offers'), ('photos', 'Photos shown to others'), ('ai', 'Advice by a machine')], max_length=10)),
                ('is_given', models.BooleanField()),
                ('how', models.CharField(choices=[('in_person', 'In person'), ('on_paper', 'Signed on paper'), ('by_phone', 'By phone'), ('by_email', 'By e-mail'), ('online', 'Online'), ('erased', 'Erased with the customer')], default='in_person', max_length=10)),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='consents', to='orders.customer')),
            ],
            options={
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['customer', 'purpose', '-id'], name='consent_by_customer')],
            },
        ),
        migrations.CreateModel(
            name='CustomerPlace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='places', to='orders.customer')),
                ('location', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.location')),
            ],
            options={
                'indexes': [models.Index(fields=['location', 'customer'], name='customer_by_place')],
                'constraints': [models.UniqueConstraint(fields=('customer', 'location'), name='customer_place_once')],
            },
        ),
        migrations.CreateModel(
            name='MeasurementDefinition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('code', models.CharField(max_length=40, validators=[django.core.validators.RegexValidator('\\A[a-z][a-z0-9]*(_[a-z0-9]+)*\\Z', 'Small letters, digits and single _ only.')])),
                ('name', models.CharField(max_length=80)),
                ('description', models.CharField(blank=True, max_length=200)),
                ('kind', models.CharField(choices=[('body', 'Body'), ('garment', 'Garment')], default='body', max_length=7)),
                ('side', models.CharField(choices=[('none', 'One value'), ('pair', 'Left and right')], default='none', max_length=4)),
                ('unit', models.CharField(choices=[('cm', 'Centimetres'), ('kg', 'Kilograms'), ('deg', 'Degrees')], default='cm', max_length=3)),
                ('garments', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('trousers', 'Trousers'), ('skirt', 'Skirt'), ('shirt', 'Shirt'), ('blouse', 'Blouse'), ('dress', 'Dress'), ('jacket', 'Jacket'), ('coat', 'Coat'), ('jumpsuit', 'Jumpsuit'), ('lehenga', 'Lehenga'), ('kurta', 'Kurta'), ('saree_blouse', 'Saree blouse'), ('full', 'The whole body')], max_length=12), blank=True, default=list, size=12)),
                ('warn_min', models.DecimalField(decimal_places=2, max_digits=6, validators=[django.core.validators.MinValueValidator(0)])),
                ('warn_max', models.DecimalField(decimal_places=2, max_digits=6, validators=[django.core.validators.MinValueValidator(0)])),
                ('reject_min', models.DecimalField(decimal_places=2, max_digits=6, validators=[django.core.validators.MinValueValidator(0)])),
                ('reject_max', models.DecimalField(decimal_places=2, max_digits=6, validators=[django.core.validators.MinValueValidator(0)])),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('is_active', models.BooleanField(default=True)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'ordering': ['position', 'id'],
                'indexes': [models.Index(fields=['position', 'id'], name='definition_in_order')],
                'constraints': [models.UniqueConstraint(fields=('code',), name='definition_code_once'), models.CheckConstraint(condition=models.Q(('reject_max__gte', models.F('warn_max')), ('reject_min__gte', 0), ('warn_max__gt', models.F('warn_min')), ('warn_min__gte', models.F('reject_min'))), name='definition_bounds_in_order', violation_error_message='The bounds must rise: reject_min, warn_min, warn_max, reject_max.')],
            },
        ),
        migrations.CreateModel(
            name='MeasurementSet',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('updated_at', models.DateTimeField(auto_now=True)),
                ('wearer', models.CharField(blank=True, max_length=100)),
                ('basis', models.CharField(choices=[('body', 'Body'), ('garment', 'Garment')], default='body', max_length=7)),
                ('type', models.CharField(choices=[('trousers', 'Trousers'), ('skirt', 'Skirt'), ('shirt', 'Shirt'), ('blouse', 'Blouse'), ('dress', 'Dress'), ('jacket', 'Jacket'), ('coat', 'Coat'), ('jumpsuit', 'Jumpsuit'), ('lehenga', 'Lehenga'), ('kurta', 'Kurta'), ('saree_blouse', 'Saree blouse'), ('full', 'The whole body')], max_length=12)),
                ('unit', models.CharField(choices=[('cm', 'Centimetres'), ('in', 'Inches')], default='cm', max_length=2)),
                ('version', models.PositiveIntegerField()),
                ('note', models.TextField(blank=True, max_length=2000)),
                ('was_confirmed', models.BooleanField(default=False)),
                ('warnings', models.JSONField(blank=True, default=list)),
                ('deleted_at', models.DateTimeField(editable=False, null=True)),
                ('created_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('customer', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='measurement_sets', to='orders.customer')),
                ('deleted_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('updated_by', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'measurements',
                'verbose_name_plural': 'measurements',
                'ordering': ['-id'],
                'permissions': [('view_body', 'Sees body measurements'), ('delete_any_measurementset', 'Can take out measurements that others took, or that are older than today')],
                'indexes': [models.Index(fields=['created_at', 'id'], name='measurement_set_by_age')],
                'constraints': [models.UniqueConstraint(models.F('customer'), django.db.models.functions.text.Upper('wearer'), models.F('type'), models.F('version'), name='measurement_version_once'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='measurement_version_from_one'), models.CheckConstraint(condition=models.Q(models.Q(('deleted_at', None), ('deleted_by', None)), models.Q(('deleted_at__isnull', False), ('deleted_by__isnull', False)), _connector='OR'), name='measurement_deleted_by_somebody')],
            },
        ),
        migrations.CreateModel(
            name='MeasurementValue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('side', models.CharField(choices=[('none', 'One value'), ('left', 'Left'), ('right', 'Right'), ('both', 'Both alike')], default='none', max_length=5)),
                ('size', models.DecimalField(decimal_places=2, max_digits=6)),
                ('entered', models.CharField(max_length=20)),
                ('definition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='values', to='orders.measurementdefinition')),
                ('taken', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='values', to='orders.measurementset')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('taken', 'definition', 'side'), name='measurement_value_once'), models.CheckConstraint(condition=models.Q(('size__gte', 0)), name='measurement_value_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='BodyDataRead',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(default=django.utils.timezone.now)),
                ('customers', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None)),
                ('route', models.CharField(max_length=200)),
                ('by', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'reading of body data',
                'verbose_name_plural': 'readings of body data',
                'ordering': ['-id'],
                'indexes': [models.Index(fields=['by', 'id'], name='body_data_read_by_person'), models.Index(fields=['at', 'id'], name='body_data_read_by_moment'), django.contrib.postgres.indexes.GinIndex(fields=['customers'], name='body_data_read_by_customer')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bodydataread',
            trigger=pgtrigger.compiler.Trigger(name='body_data_reads_is_append_only', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='8feaf48660f8e6ad4e97fb9a5417561de9f1b3ba', operation='UPDATE OR DELETE', pgid='pgtrigger_body_data_reads_is_append_only_b1b9f', table='orders_bodydataread', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bodydataread',
            trigger=pgtrigger.compiler.Trigger(name='body_data_reads_is_not_emptied', sql=pgtrigger.compiler.UpsertTriggerSql(func="\nIF current_setting('boutique.may_truncate', true) IS DISTINCT FROM 'on' THEN\n    RAISE EXCEPTION 'the rows of % stay', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';\nEND IF;\nRETURN NULL;\n", hash='8f814a1b95795ecd28c1c744bafc82ab1df6166c', level='STATEMENT', operation='TRUNCATE', pgid='pgtrigger_body_data_reads_is_not_emptied_717ab', table='orders_bodydataread', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='consent',
            trigger=pgtrigger.compiler.Trigger(name='consent_is_not_rewritten', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='644f87cb608370cca983dfc1bef156ef6156b4db', operation='UPDATE', pgid='pgtrigger_consent_is_not_rewritten_2f3e5', table='orders_consent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measurementset',
            trigger=pgtrigger.compiler.Trigger(name='measurement_version_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."customer_id" IS DISTINCT FROM (NEW."customer_id") OR OLD."basis" IS DISTINCT FROM (NEW."basis") OR OLD."type" IS DISTINCT FROM (NEW."type") OR OLD."unit" IS DISTINCT FROM (NEW."unit") OR OLD."version" IS DISTINCT FROM (NEW."version") OR OLD."created_by_id" IS DISTINCT FROM (NEW."created_by_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1774dfa9b1b021a3ae4343c918bf8f27ec2bd92d', operation='UPDATE', pgid='pgtrigger_measurement_version_stays_fac2d', table='orders_measurementset', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='measurementvalue',
            trigger=pgtrigger.compiler.Trigger(name='measurement_value_is_not_rewritten', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='d6da90f6435a7df1325a7c771e288814f8e590e4', operation='UPDATE', pgid='pgtrigger_measurement_value_is_not_rewritten_f23f0', table='orders_measurementvalue', when='BEFORE')),
        ),
    ]
