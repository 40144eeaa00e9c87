"""Who is asking: one query for the person, their session and their places."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework_simplejwt.tokens import AccessToken

from accounts.models import Assignment, SignIn
from accounts.services.sessions import InvalidToken, read_token


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer <access>`. The token names the session; every right comes from the database."""

    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"bearer":
            return None
        if len(parts) != 2:
            raise InvalidToken("Write the header as: Authorization: Bearer <access token>.")
        family, _token = read_token(AccessToken, parts[1])
        places = Assignment.objects.filter(user=OuterRef("user")).order_by("location_id").values("location_id")
        sessions = SignIn.objects.filter(closed_at=None).select_related("user")
        sign_in = sessions.annotate(location_ids=ArraySubquery(places)).filter(pk=family).first()
        if sign_in is None or not sign_in.user.is_active:
            raise InvalidToken("This session has ended. Sign in again.")
        sign_in.user.location_ids = sign_in.location_ids
        return sign_in.user, sign_in

    def authenticate_header(self, request):
        return 'Bearer realm="boutique"'
