"""Signing in and staying signed in.

A sign-in is a family of refresh tokens, of which only the newest works. Every token names its family, and a
request is answered only while the family is open: closing it ends all its tokens at once, access tokens included.
"""

import datetime
import functools
import logging
import uuid

from django.conf import settings
from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from rest_framework_simplejwt.exceptions import TokenError
from rest_framework_simplejwt.tokens import AccessToken, RefreshToken

from accounts.models import AccountEvent, SignIn, User, normalised
from boutique import attempts
from boutique.errors import Forbidden, RuleError

logger = logging.getLogger("boutique.sessions")

TRIES, WINDOW = 10, datetime.timedelta(minutes=1)
# A till whose answer was lost on the way asks again with the old token: for this long it gets the same new one.
GRACE = datetime.timedelta(seconds=10)


class WrongCredentials(RuleError):
    status = 401
    code = "invalid_credentials"
    title = "Not signed in"


class InvalidToken(RuleError):
    status = 401
    code = "invalid_token"
    title = "Not signed in"


class AccountPending(Forbidden):
    code = "account_pending"
    title = "Waiting for approval"


class AccountDismissed(Forbidden):
    code = "account_dismissed"
    title = "Account closed"


def check_credentials(*, name, password, address):
    """The active person of this name and password. As slow for an unknown name as for a wrong password.

    Runs outside of any transaction: a failure must be counted even though the request is refused.
    """
    person = User.objects.named(name)
    # As typed, not by whom it belongs to: whether two spellings are counted together would tell that there is somebody.
    subject = f"{normalised(name).lower()} {address}"
    attempts.count("sign_in", subject, limit=TRIES, window=WINDOW)
    right = check_password(password, person.password if person else decoy(), setter=None)
    if not (person and right):
        raise WrongCredentials("User name or password is wrong.")
    attempts.forget("sign_in", subject)
    if person.status == User.Status.PENDING:
        raise AccountPending("Your registration waits for somebody to approve it.")
    if person.status == User.Status.DISMISSED:
        raise AccountDismissed("This account has been closed. Ask the owner.")
    return person


@functools.cache
def decoy():
    """A hash to compare with where there is no person."""
    return make_password("nobody has this password")


@transaction.atomic
def sign_in(*, person, address=None, device=""):
    """Opens a new family of tokens for somebody whose password was just checked."""
    now = timezone.now()
    current = User.objects.select_for_update(no_key=True).filter(pk=person.pk).first()
    # Between the check and this lock the password may have been changed, or the person dismissed or deleted.
    if not (current and current.is_active and constant_time_compare(current.password, person.password)):
        raise WrongCredentials("User name or password is wrong.")
    User.objects.filter(pk=person.pk).update(last_login=now)
    return SignIn.objects.create(
        user=current, current_token=uuid.uuid4(), rotated_at=now, address=address, device=device[:200]
    )


def tokens_of(sign_in):
    """The family's newest pair. Made from the row alone, so that asking twice gives the same pair."""
    refresh, access = RefreshToken(), AccessToken()
    for token in (refresh, access):
        token.set_iat(at_time=sign_in.rotated_at)
        token.set_exp(from_time=sign_in.rotated_at)
        token["jti"] = sign_in.current_token.hex
        token["sid"] = sign_in.pk
        token["sub"] = str(sign_in.user_id)
    return {"access": str(access), "refresh": str(refresh)}


def read_token(kind, raw):
    try:
        token = kind(raw)
        return int(token["sid"]), uuid.UUID(token["jti"])
    except (TokenError, KeyError, ValueError, TypeError):
        raise InvalidToken("This token is not valid, or no longer. Sign in again.") from None


def refresh(*, raw):
    """The next pair of the family. An old token that comes back late was stolen from one of two: both lose it."""
    family, token = read_token(RefreshToken, raw)
    with transaction.atomic():
        sign_in = lock_family(family)
        stolen = sign_in is not None and not is_newest_or_just_replaced(sign_in, token)
        if stolen:
            close(sign_in, because=SignIn.Closed.REUSED)
            log_reuse(sign_in)
        elif sign_in is not None and token == sign_in.current_token:
            rotate(sign_in)
    if sign_in is None or stolen:
        raise InvalidToken("This token is not valid, or no longer. Sign in again.")
    return sign_in


def lock_family(family):
    # The person first, then the family: the order in which everything else locks them.
    person = User.objects.select_for_update(no_key=True).filter(sign_ins=family).first()
    if person is None or not person.is_active:
        return None
    return SignIn.objects.select_for_update(no_key=True).filter(pk=family, closed_at=None).first()


def is_newest_or_just_replaced(sign_in, token):
    if token == sign_in.current_token:
        return True
    return token == sign_in.previous_token and timezone.now() - sign_in.rotated_at <= GRACE


def rotate(sign_in):
    sign_in.previous_token, sign_in.current_token = sign_in.current_token, uuid.uuid4()
    sign_in.rotated_at = timezone.now()
    sign_in.save(update_fields=["previous_token", "current_token", "rotated_at"])


def log_reuse(sign_in):
    person = sign_in.user
    logger.warning("an old refresh token came back", extra={"sign_in": sign_in.pk, "user": person.pk})
    AccountEvent.objects.create(person=person, person_name=str(person), kind=AccountEvent.Kind.TOKEN_REUSED)


def sign_out(*, raw):
    """Ends the session this refresh token belongs to; ending it twice is no mistake."""
    family, _token = read_token(RefreshToken, raw)
    close_where(SignIn.Closed.SIGNED_OUT, pk=family)


def close(sign_in, *, because):
    close_where(because, pk=sign_in.pk)


def close_all(person, *, because, but=None):
    """Every session of this person ends with the running transaction, the admin's included."""
    close_where(because, but, user=person)
    # A new password ends the admin's by itself, but for the one at hand.
    if because != SignIn.Closed.PASSWORD_CHANGED:
        User.objects.filter(pk=person.pk).update(session_version=F("session_version") + 1)


def close_where(because, but=None, **which):
    sessions = SignIn.objects.filter(closed_at=None, **which).exclude(pk=getattr(but, "pk", None))
    sessions.update(closed_at=timezone.now(), closed_because=because)


def forget_old():
    """Families whose newest token has run out can never come back."""
    lifetime = settings.SIMPLE_JWT["REFRESH_TOKEN_LIFETIME"]
    return SignIn.objects.filter(rotated_at__lt=timezone.now() - lifetime).delete()[0]
