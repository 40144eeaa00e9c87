"""What every dashboard of rows and every report answers with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils import timezone


@dataclass(frozen=True, kw_only=True)
class Answer:
    title: str
    filters: Mapping
    rows: Sequence
    totals: Mapping
    generated_at: datetime = field(default_factory=timezone.now)
