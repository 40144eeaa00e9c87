"""The vocabulary a fresh database knows."""

import pytest

from orders.models import Basis, Family, MeasurementDefinition
from orders.vocabulary import VOCABULARY

pytestmark = pytest.mark.django_db


def test_a_fresh_database_knows_46_dimensions_of_the_body_and_16_of_the_garment():
    kinds = list(MeasurementDefinition.objects.values_list("kind", flat=True))

    assert (kinds.count(Basis.BODY), kinds.count(Basis.GARMENT)) == (46, 16)


@pytest.mark.parametrize("dimension", VOCABULARY, ids=lambda dimension: dimension.code)
def test_each_dimension_is_laid_out_with_lawful_bounds_and_families(dimension):
    kept = MeasurementDefinition.objects.get(code=dimension.code)

    kept.full_clean(validate_unique=False, validate_constraints=False)
    assert 0 <= kept.reject_min <= kept.warn_min < kept.warn_max <= kept.reject_max
    assert set(kept.garments) <= set(Family.values)
    assert Family.FULL in kept.garments
