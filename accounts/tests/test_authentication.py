from accounts.authentication import open_session
from accounts.models import SignIn, User
from accounts.services import sessions


def test_the_written_out_question_reads_what_django_would(clerk, store):
    sign_in = sessions.sign_in(person=clerk, address="10.0.0.7", device="till")
    User.objects.filter(pk=clerk.pk).update(phone="+49401234567")

    found = open_session(sign_in.pk)

    for mine, theirs in ((found, SignIn.objects.get(pk=sign_in.pk)), (found.user, User.objects.get(pk=clerk.pk))):
        for field in mine._meta.concrete_fields:
            assert getattr(mine, field.attname) == getattr(theirs, field.attname)
            assert type(getattr(mine, field.attname)) is type(getattr(theirs, field.attname))
    assert found.user.location_ids == [store.pk]
