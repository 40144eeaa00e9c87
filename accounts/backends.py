from accounts.models import User
from accounts.services import sessions
from boutique.attempts import address_of
from boutique.errors import RuleError


class RoleBackend:
    """Sign-in for the admin: the same check, and the same patience with strangers, as the API's."""

    def authenticate(self, request, username=None, password=None):
        if request is None or username is None or password is None:
            return None
        try:
            return sessions.check_credentials(name=username, password=password, address=address_of(request))
        except RuleError as error:
            request.refusal = error.detail
            return None

    def get_user(self, pk):
        person = User.objects.filter(pk=pk).first()
        return person if person and person.is_active else None
