"""Finding rows by words at a bounded cost, however many rows there are and however common the words.

Left alone, the planner has two ways: all rows with the word (GIN), then in order; or all rows in order, until a page
has the word. The first is dear for a common word, the second for a rare one, and about beginnings of words (`KRT-…`)
it knows nothing, so it errs by seconds. A sample of the rows says which word is which, at the same cost for any table.
"""

from dataclasses import dataclass

from django.db import connection, models

SAMPLE = 2_000  # rows; read in whole blocks, so some 80 of them
OFTEN = 5  # so many of the sample: from here on a page is sooner found by walking in order
MOST_IDS = 5_000
MANY = 15_000  # more than anybody counts (boutique.api.pagination.COUNTED), with room for the sample's error

# One statement: the second half is only run where the first has found few.
SAMPLED = """
    WITH whole AS (
        SELECT greatest(reltuples, 1)::bigint AS rows FROM pg_class WHERE oid = to_regclass('{table}')
    ), seen AS MATERIALIZED (
        SELECT count(*) AS of, count(*) FILTER (WHERE {column} @@ to_tsquery('simple', %(words)s)) AS often
        FROM {table} TABLESAMPLE SYSTEM (least(100, 100.0 * {sample} / (SELECT rows FROM whole)))
    )
    SELECT NULL, often, of, greatest(rows, of) FROM seen, whole
    UNION ALL
    (SELECT {key}, NULL, NULL, NULL FROM {table} WHERE {column} @@ to_tsquery('simple', %(words)s)
        AND (SELECT often FROM seen) < {often} LIMIT {most})"""


@dataclass(frozen=True)
class Found:
    ids: list | None  # of all rows with the words, where they are few
    share: float  # of the rows that were looked at
    rows: int

    @property
    def about(self):
        return int(self.share * self.rows)


class RoughlyCounted(models.QuerySet):
    """Rows of which there may be more than anybody counts."""

    rough_count = None  # where counting would cost more than the page, see boutique.api.pagination.count_rows

    def _clone(self):
        clone = super()._clone()
        clone.rough_count = self.rough_count
        return clone

    def counted_as(self, about):
        """A copy that need not be counted; but where other filters narrow it down, nobody knows."""
        copy = self.all()
        copy.rough_count = None if self.query.where else about
        return copy


def look(table, words, key="id", column="search"):
    statement = SAMPLED.format(table=table, key=key, column=column, sample=SAMPLE, often=OFTEN, most=MOST_IDS + 1)
    with connection.cursor() as cursor:
        cursor.execute(statement, {"words": words})
        (_, often, of, rows), *found = cursor.fetchall()
    few = often < OFTEN and len(found) <= MOST_IDS
    return Found([key for key, *_ in found] if few else None, often / max(of, 1), rows)
