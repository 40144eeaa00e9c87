from django import forms
from django.db import OperationalError
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.response import Response

from accounts import filters, serializers
from accounts.models import AccountEvent, Location, PromotionRequest, User
from accounts.roles import DESCRIPTIONS, PERMISSIONS, Role
from accounts.services import people, places, sessions
from boutique import attempts, images
from boutique.api import ANYONE, SIGNED_IN
from boutique.api.parsers import UploadParser
from boutique.api.serializers import Note, Nothing, Reason
from boutique.api.viewsets import Changed, HouseViewSet, Listed, Made, Removed, Shown
from boutique.errors import RuleError


class AuthViewSet(HouseViewSet):
    """Registering, signing in and out, passwords."""

    queryset = User.objects.none()
    serializer_class = serializers.TokensSerializer
    permissions = {
        "register": ANYONE,
        "login": ANYONE,
        "refresh": ANYONE,
        "logout": ANYONE,
        "logout_all": SIGNED_IN,
        "change_password": SIGNED_IN,
        "reset_password": ANYONE,
        "confirm_reset": ANYONE,
    }
    inputs = {
        "register": serializers.RegisterSerializer,
        "login": serializers.LoginSerializer,
        "refresh": serializers.RefreshSerializer,
        "logout": serializers.RefreshSerializer,
        "logout_all": Nothing,
        "change_password": serializers.PasswordChangeSerializer,
        "reset_password": serializers.PasswordResetSerializer,
        "confirm_reset": serializers.PasswordResetConfirmSerializer,
    }
    examples = {
        "register": {
            "username": "sam",
            "email": "sam@example.com",
            "password": "seven-brass-buttons",
            "first_name": "Sam",
            "last_name": "Okafor",
            "phone": "+49 40 1234567",
        },
        "login": {"username": "owner", "password": "boutique-demo"},
        "refresh": {"refresh": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln"},
        "logout": {"refresh": "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.e30.c2ln"},
        "change_password": {"current_password": "seven-brass-buttons", "new_password": "nine-linen-shirts"},
        "reset_password": {"email": "sam@example.com"},
        "confirm_reset": {"uid": "Nw", "token": "c8x2ab-5f2c0b6e9d1f4b7a8e3c", "new_password": "nine-linen-shirts"},
    }
    outputs = {
        "register": (201, serializers.RegisteredSerializer),
        "login": (200, serializers.SignedInSerializer),
        "refresh": (200, serializers.TokensSerializer),
        "logout": (204, None),
        "logout_all": (204, None),
        "change_password": (204, None),
        "reset_password": (204, None),
        "confirm_reset": (204, None),
    }

    @property
    def one_transaction(self):
        # These count an attempt, or close a stolen family, and then refuse: that must outlive the refusal.
        return self.action not in ("login", "register", "refresh")

    def initial(self, request, *args, **kwargs):
        super().initial(request, *args, **kwargs)
        if self.action == "change_password":  # before the transaction: a refusal must not undo the count
            attempts.count("password", str(request.user.pk), limit=sessions.TRIES, window=sessions.WINDOW)

    def register(self, request):
        """Ask to be let in. The account waits until a manager or an owner approves it."""
        sent = self.sent()
        attempts.count("register", f"{sent['email']} {attempts.address_of(request)}", limit=10, window=sessions.WINDOW)
        person = people.register(**sent)
        return Response(serializers.RegisteredSerializer(person).data, status=201)

    def login(self, request):
        """Sign in. The access token goes into `Authorization: Bearer …` of every request."""
        sent, address = self.sent(), attempts.address_of(request)
        person = sessions.check_credentials(name=sent["username"], password=sent["password"], address=address)
        opened = sessions.sign_in(person=person, address=address, device=request.headers.get("User-Agent", ""))
        request.user = opened.user
        shown = serializers.ProfileSerializer(opened.user, context=self.get_serializer_context())
        return Response({**sessions.tokens_of(opened), "user": shown.data})

    def refresh(self, request):
        """New tokens for the refresh token, which can be used once."""
        return Response(sessions.tokens_of(sessions.refresh(raw=self.sent()["refresh"])))

    def logout(self, request):
        """Close the session of this refresh token."""
        sessions.sign_out(raw=self.sent()["refresh"])
        return Response(status=204)

    def logout_all(self, request):
        """Close all one's sessions, on every device."""
        self.sent()
        sessions.close_all(request.user, because="signed_out")
        return Response(status=204)

    def change_password(self, request):
        """A new password for oneself."""
        people.change_password(by=request.user, keep=request.auth, **self.sent())
        return Response(status=204)

    def reset_password(self, request):
        """A letter with a link to a new password. The answer is the same whether anybody has this address."""
        people.ask_reset(**self.sent())
        return Response(status=204)

    def confirm_reset(self, request):
        """Set the new password with what the letter's link holds."""
        people.confirm_reset(**self.sent())
        return Response(status=204)


class ProfileViewSet(HouseViewSet):
    """Oneself."""

    queryset = User.objects.none()
    serializer_class = serializers.ProfileSerializer
    permissions = {"show": SIGNED_IN, "edit": SIGNED_IN}
    inputs = {"edit": serializers.ProfileSerializer}
    examples = {"edit": {"first_name": "Sam", "phone": "+49 40 1234567"}}

    def get_queryset(self):
        return User.objects.filter(pk=self.request.user.pk).prefetch_related("locations")

    def get_object(self):
        if self.action == "show":
            prefetch_related_objects([self.request.user], "locations")
            return self.request.user
        self.kwargs = {"pk": self.request.user.pk}
        return super().get_object()

    def show(self, request):
        """Oneself, with role and places."""
        return self.answer(self.get_object())

    def edit(self, request):
        """Change one's own details; role and places are changed by others."""
        person = self.get_object()
        return self.answer(people.change_own_details(by=person, **self.sent(person)))


class PhotoViewSet(ProfileViewSet):
    """One's portrait, as a multipart upload."""

    parser_classes = [UploadParser]
    permissions = {"put": SIGNED_IN, "remove": SIGNED_IN}
    inputs = {"put": serializers.PhotoSerializer}
    outputs = {"put": (200, serializers.ProfileSerializer), "remove": (204, None)}

    def put(self, request):
        """Put up one's portrait: JPEG, PNG or WebP, as a multipart upload."""
        picture = self.sent()["photo"]
        person = self.get_object()
        images.discard(people.change_photo(by=person, photo=images.store(picture, "people")))
        return self.answer(person)

    def remove(self, request):
        """Take one's portrait down."""
        images.discard(people.change_photo(by=self.get_object(), photo=""))
        return Response(status=204)


class UserViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """People: the owner sees all, a manager those of their places and whoever waits to be let in."""

    queryset = User.objects.select_related("created_by")
    serializer_class = serializers.UserSerializer
    filterset_class = filters.UserFilter
    search_fields = ["username", "first_name", "last_name", "email", "phone"]
    orderings = {name: name for name in ("username", "first_name", "last_name", "email", "created_at")}
    default_ordering = "username"
    permissions = {
        "list": "accounts.view_user",
        "retrieve": "accounts.view_user",
        "create": "accounts.add_user",
        "update": "accounts.change_user",
        "partial_update": "accounts.change_user",
        "destroy": "accounts.delete_user",
        "approve": "accounts.approve_user",
        "reject": "accounts.approve_user",
        "dismiss": "accounts.dismiss_user",
        "reinstate": "accounts.reinstate_user",
        "demote": "accounts.demote_user",
    }
    inputs = {
        "create": serializers.HireSerializer,
        "approve": serializers.ApproveSerializer,
        "reject": Reason,
        "dismiss": Reason,
        "reinstate": serializers.ReinstateSerializer,
        "demote": serializers.DemoteSerializer,
    }
    examples = {
        "create": {
            "username": "maria",
            "email": "maria@example.com",
            "password": "seven-brass-buttons",
            "first_name": "Maria",
            "last_name": "Lopez",
            "role": "manager",
            "locations": [2],
        },
        "update": {"email": "maria@example.com", "first_name": "Maria", "last_name": "Lopez", "locations": [2, 3]},
        "partial_update": {"locations": [2, 3]},
        "approve": {"role": "staff", "locations": [2]},
        "reject": {"reason": "Nobody here knows this person."},
        "dismiss": {"reason": "Left at the end of the season."},
        "reinstate": {"role": "staff", "locations": [2]},
        "demote": {"role": "staff", "note": "On their own wish."},
    }

    def rows(self):
        places = Location.objects.visible_to(self.request.user)
        return super().rows().prefetch_related(Prefetch("locations", places))

    def make(self, **sent):
        """Hire somebody, who can sign in at once."""
        return people.hire(by=self.request.user, **sent)

    def change(self, person, **sent):
        """Correct an account: details, role, places."""
        return people.change(person=person, by=self.request.user, **sent)

    def remove(self, person):
        """For accounts that nothing refers to; dismiss the others."""
        people.delete(person=person, by=self.request.user)

    def decide(self, verb):
        return self.answer(verb(person=self.get_object(), by=self.request.user, **self.sent()))

    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Let in somebody who registered, with a role and places."""
        return self.decide(people.approve)

    @action(detail=True, methods=["post"])
    def reject(self, request, pk):
        """Do not let in somebody who registered."""
        return self.decide(people.reject)

    @action(detail=True, methods=["post"])
    def dismiss(self, request, pk):
        """They can no longer sign in, from this moment."""
        return self.decide(people.dismiss)

    @action(detail=True, methods=["post"])
    def reinstate(self, request, pk):
        """Let in again somebody who was dismissed."""
        return self.decide(people.reinstate)

    @action(detail=True, methods=["post"])
    def demote(self, request, pk):
        """Give a lower role."""
        return self.decide(people.demote)


class UserEventViewSet(Listed, HouseViewSet):
    """The log of one person: every change, who made it and when. Newest first."""

    queryset = AccountEvent.objects.select_related("by")
    serializer_class = serializers.AccountEventSerializer
    permissions = {"list": "accounts.view_accountevent"}

    def get_queryset(self):
        seen = User.objects.visible_to(self.request.user)
        person = get_object_or_404(seen, pk=self.kwargs["pk"])
        return super().get_queryset().filter(person=person)


class PromotionRequestViewSet(Listed, Shown, Made, HouseViewSet):
    """A manager asks, an owner who is neither asker nor asked-for decides."""

    queryset = PromotionRequest.objects.select_related("user", "decided_by", "created_by")
    serializer_class = serializers.PromotionRequestSerializer
    filterset_class = filters.PromotionRequestFilter
    orderings = {"created_at": "created_at"}
    permissions = {
        "list": "accounts.view_promotionrequest",
        "retrieve": "accounts.view_promotionrequest",
        "create": "accounts.add_promotionrequest",
        "approve": "accounts.decide_promotionrequest",
        "reject": "accounts.decide_promotionrequest",
        "withdraw": "accounts.withdraw_promotionrequest",
    }
    inputs = {"approve": Note, "reject": Note, "withdraw": Note}
    examples = {
        "create": {"user": 7, "to_role": "manager", "reason": "Has run the shop since March."},
        "approve": {"note": "Well deserved."},
        "reject": {"note": "After the winter season."},
        "withdraw": {"note": "Asked too early."},
    }

    def make(self, **sent):
        """Ask for a higher role for somebody."""
        return people.ask_promotion(by=self.request.user, **sent)

    def decide(self, verb):
        return self.answer(verb(asked=self.get_object(), by=self.request.user, **self.sent()))

    @action(detail=True, methods=["post"])
    def approve(self, request, pk):
        """Give the role that was asked for."""
        return self.decide(people.approve_promotion)

    @action(detail=True, methods=["post"])
    def reject(self, request, pk):
        """Leave the role as it is."""
        return self.decide(people.reject_promotion)

    @action(detail=True, methods=["post"])
    def withdraw(self, request, pk):
        """Take back what one has asked for."""
        return self.decide(people.withdraw_promotion)


class LocationViewSet(Listed, Shown, Made, Changed, Removed, HouseViewSet):
    """The places the shop consists of. Everybody but the owner sees those they work in."""

    queryset = Location.objects.select_related("manager", "created_by")
    serializer_class = serializers.LocationSerializer
    filterset_class = filters.LocationFilter
    search_fields = ["code", "name", "address"]
    orderings = {name: name for name in ("code", "name", "kind", "created_at")}
    default_ordering = "code"
    permissions = {
        "list": "accounts.view_location",
        "retrieve": "accounts.view_location",
        "create": "accounts.add_location",
        "update": "accounts.change_location",
        "partial_update": "accounts.change_location",
        "destroy": "accounts.delete_location",
        "archive": "accounts.change_location",
        "restore": "accounts.change_location",
    }
    examples = {
        "create": {"code": "CENTRE", "name": "Boutique Centre", "kind": "store", "timezone": "Europe/Berlin"},
        "update": {"code": "CENTRE", "name": "Boutique Centre", "kind": "store", "address": "1 Market Square"},
        "partial_update": {"manager": 2},
    }

    def make(self, **sent):
        """Open a place."""
        return places.open_place(by=self.request.user, **sent)

    def change(self, place, **sent):
        """Change what is sent and leave the rest."""
        return places.change(place=place, by=self.request.user, **sent)

    def remove(self, place):
        """Only while nothing refers to it, else 409 `in_use`: archive it then."""
        places.delete(place=place, by=self.request.user)

    @action(detail=True, methods=["post"])
    def archive(self, request, pk):
        """Close the place; what happened there stays in the books."""
        self.sent()
        return self.answer(places.archive(place=self.get_object(), by=request.user))

    @action(detail=True, methods=["post"])
    def restore(self, request, pk):
        """Open it again."""
        self.sent()
        return self.answer(places.restore(place=self.get_object(), by=request.user))


class RoleViewSet(HouseViewSet):
    """The roles and what each may do."""

    queryset = User.objects.none()
    serializer_class = serializers.RoleSerializer
    permissions = {"show": SIGNED_IN}
    outputs = {"show": (200, serializers.RolesSerializer)}

    def show(self, request):
        rows = [
            {
                "code": role.value,
                "name": role.label,
                "description": DESCRIPTIONS[role],
                "permissions": sorted(PERMISSIONS[role]),
            }
            for role in reversed(Role)
        ]
        envelope = {"count": len(rows), "count_exact": True, "next": None, "previous": None, "results": rows}
        return Response(serializers.RolesSerializer(envelope).data)


class NewPasswordForm(forms.Form):
    hidden = forms.PasswordInput(attrs={"autocomplete": "new-password"})
    password = forms.CharField(widget=hidden, max_length=256, strip=False)
    again = forms.CharField(widget=hidden, max_length=256, strip=False)

    def clean(self):
        if self.cleaned_data.get("password") != self.cleaned_data.get("again"):
            self.add_error("again", "The two differ.")


@method_decorator([never_cache, sensitive_post_parameters()], name="dispatch")
class ResetPassword(FormView):
    """Where the link in the mail leads, for shops whose front end has no page of its own."""

    template_name = "accounts/reset.html"
    form_class = NewPasswordForm

    def get_context_data(self, **context):
        return super().get_context_data(good=people.person_of_link(**self.kwargs) is not None, **context)

    def form_valid(self, form):
        try:
            people.confirm_reset(**self.kwargs, new_password=User.normalize_username(form.cleaned_data["password"]))
        except RuleError as error:
            form.add_error("password", error.detail)
            return self.form_invalid(form)
        except OperationalError:
            form.add_error("password", "The shop is too busy just now. Try again in a moment.")
            return self.form_invalid(form)
        return self.render_to_response({"done": True})
