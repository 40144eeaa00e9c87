"""The one shape of all answers that are rows: `{title, filters, columns, rows, totals, generated_at}`."""

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from boutique.api.serializers import HouseSerializer
from boutique.tables.table import Column, serializer_types


class ColumnSerializer(HouseSerializer):
    name = serializers.CharField(read_only=True)
    label = serializers.CharField(read_only=True)
    type = serializers.CharField(read_only=True, help_text="text, integer, decimal, date, datetime or boolean.")


class FiltersSerializer(HouseSerializer):
    """What was asked, and what was taken where nothing was said. No `location`: all that the caller sees."""

    location = serializers.ListField(child=serializers.IntegerField(), read_only=True)
    location_codes = serializers.ListField(child=serializers.CharField(), read_only=True)
    after = serializers.DateField(read_only=True)
    before = serializers.DateField(read_only=True)


class CurveFiltersSerializer(FiltersSerializer):
    group_by = serializers.CharField(read_only=True)


class AnswerSerializer(HouseSerializer):
    """A subclass has `rows` (many) and `totals`: the columns are what the caller is shown of a row."""

    title = serializers.CharField(read_only=True)
    filters = FiltersSerializer(read_only=True)
    columns = serializers.SerializerMethodField()
    generated_at = serializers.DateTimeField(read_only=True)

    @extend_schema_field(ColumnSerializer(many=True))
    def get_columns(self, answer):
        types = serializer_types(self.fields["rows"])
        columns = [Column(name, type=kind or "text") for name, kind in types.items()]
        return [{"name": column.name, "label": column.label, "type": column.type} for column in columns]
