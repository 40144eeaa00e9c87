"""What the engine reaches on labelled requests: floors, below what it reached when this was written (docs/bench.md)."""

from bench import advice

NEVER_TUNED_ON = 5


def assert_reaches(found, **least):
    names = {
        "recall": "recall@3",
        "f1": "F1",
        "hit": "hit@1",
        "refusal_precision": "refusal precision",
        "refusal_recall": "refusal recall",
    }
    for name, floor in least.items():
        assert found[names[name]] >= floor, (name, found)


def test_requests_it_has_not_met_reach_the_goals_of_the_house():
    requests = advice.own_requests(NEVER_TUNED_ON)

    found = advice.figures(advice.plainly(advice.development_catalogue(), requests))

    assert_reaches(found, recall=0.82, f1=0.62, hit=0.70, refusal_recall=0.7)


def test_what_a_shop_calls_its_services_does_not_matter():
    requests = advice.own_requests(NEVER_TUNED_ON)

    found = advice.figures(advice.plainly(advice.other_words_catalogue(), requests))

    assert_reaches(found, recall=0.76, f1=0.58, hit=0.65)


def test_the_development_set_with_and_without_learning():
    catalogue, requests = advice.development_catalogue(), advice.development_requests()

    assert_reaches(advice.figures(advice.plainly(catalogue, requests)), recall=0.9, f1=0.8, hit=0.85)
    assert_reaches(advice.figures(advice.having_learnt(catalogue, requests)), recall=0.9, f1=0.8, hit=0.85)


def test_the_starter_catalogue_is_read_as_well():
    found = advice.figures(advice.plainly(advice.starter_catalogue(), advice.starter_requests()))

    assert_reaches(found, recall=0.88, f1=0.75, hit=0.78)


def test_codes_mean_nothing():
    requests = advice.development_requests()[:40]
    plain = advice.development_catalogue()
    renamed = advice.Catalogue(
        [advice.Offer(o.id, f"S{o.id:03}", o.name, o.description, o.garments) for o in advice.offers()]
    )

    for request in requests:
        ours = advice.advise(plain, request.text)
        theirs = advice.advise(renamed, request.text)
        assert {item.service.offer.id for item in ours.selected} == {item.service.offer.id for item in theirs.selected}
