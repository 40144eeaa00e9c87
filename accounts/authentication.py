"""Who is asking: one query for the person, their session and their places."""

from django.db import connection
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import SignIn, User
from accounts.services.sessions import InvalidToken, read_token

SESSION = [field.attname for field in SignIn._meta.concrete_fields]
PERSON = [field.attname for field in User._meta.concrete_fields]


def columns(alias, model):
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


# Written out: to have Django compose it for every request cost twice as much as the rest of what comes before a view.
QUESTION = f"""
SELECT {columns("s", SignIn)}, {columns("u", User)},
       ARRAY(SELECT location_id FROM accounts_assignment a WHERE a.user_id = u.id ORDER BY location_id)
FROM accounts_signin s JOIN accounts_user u ON u.id = s.user_id
WHERE s.id = %s AND s.closed_at IS NULL
"""  # noqa: S608 (names of our own columns)


def open_session(family):
    """The session with its person and their places, or None where it was closed."""
    with connection.cursor() as cursor:
        cursor.execute(QUESTION, [family])
        row = cursor.fetchone()
    if row is None:
        return None
    sign_in = SignIn.from_db(connection.alias, SESSION, row[: len(SESSION)])
    sign_in.user = User.from_db(connection.alias, PERSON, row[len(SESSION) : -1])
    sign_in.user.location_ids = row[-1]
    return sign_in


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access>`. The token names the session; every right comes from the database."""

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise InvalidToken("Write the header as: Authorization: Bearer <access token>.")
        family, _token = read_token(AccessToken, parts[1])
        sign_in = open_session(family)
        if sign_in is None or not sign_in.user.is_active:
            raise InvalidToken("This session has ended. Sign in again.")
        return sign_in.user, sign_in

    def authenticate_header(self, request):
        return 'Bearer realm="boutique"'
