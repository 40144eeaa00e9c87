"""The life of a member: register, approve, promote, demote, move, dismiss, take back.

Every verb locks the people concerned, checks the move, writes one line into the log, ends the sessions that
carried the old rights, and tells the person by mail, all in one transaction.
"""

from django.conf import settings
from django.contrib.auth import password_validation
from django.contrib.auth.hashers import make_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode

from accounts.models import AccountEvent, Assignment, Location, PromotionRequest, SignIn, User
from accounts.roles import Role, is_up_to_staff, rank
from accounts.services import sessions
from boutique import attempts, mail
from boutique.errors import Forbidden, IllegalTransition, InUse, Invalid, OwnRequest, RuleError, Throttled, line_error
from boutique.models import is_referred_to

Kind, Status = AccountEvent.Kind, User.Status

# From which state each verb leads on, and the permission it needs. The one table of a member's life.
MOVES = {
    "approve": (Status.PENDING, "accounts.approve_user"),
    "reject": (Status.PENDING, "accounts.approve_user"),
    "dismiss": (Status.ACTIVE, "accounts.dismiss_user"),
    "demote": (Status.ACTIVE, "accounts.demote_user"),
    "reinstate": (Status.DISMISSED, "accounts.reinstate_user"),
}


class LastAdmin(RuleError):
    code = "last_admin"
    title = "The last owner stays"


# ------------------------------------------------------------------------------------------------ coming in


@transaction.atomic
def register(*, username, email, password, first_name, last_name, phone=""):
    """Somebody asks to be let in: a person without any right, until a manager or the owner approves."""
    person = new_person(username, email, password, first_name=first_name, last_name=last_name, phone=phone)
    person.save()
    log(person, Kind.REGISTERED, after=Status.PENDING)
    tell(person, "registered")
    # One letter an hour, however many register: nobody fills the owner's mailbox.
    hour = timezone.now().strftime("%Y-%m-%d %H")
    for owner in User.objects.active().filter(role=Role.ADMIN):
        words = {"name": owner.get_short_name(), "newcomer": str(person)}
        mail.send("accounts/registration_waits", owner.email, words, key=f"registrations {owner.pk} {hour}")
    return person


@transaction.atomic
def hire(*, username, email, password, first_name, last_name, role, locations=(), phone="", by):
    """The owner makes an account that works at once."""
    person = new_person(username, email, password, first_name=first_name, last_name=last_name, phone=phone)
    by = confirmed(by)
    person.role, person.status = role, Status.ACTIVE
    person.created_by = person.updated_by = by
    person.save()
    assign(person, locations)
    log(person, Kind.CREATED, after=role, by=by, changes=places_of(locations))
    tell(person, "approved", role=person.get_role_display())
    return person


def new_person(username, email, password, **names):
    person = User(username=User.normalize_username(username), email=email.lower(), **names)
    check_new_password(password, person, field="password")
    person.set_password(password)
    return person


@transaction.atomic
def approve(*, person, role, locations, by):
    person = lock(person, "approve", by)
    refuse_beyond_rank(role, by)
    if not locations and not by.has_perm("accounts.see_all_places"):
        text = "Say where this person works."
        raise Invalid(text, errors=[line_error("locations", "required", text)])
    person.role, person.status = role, Status.ACTIVE
    save(person, by)
    assign(person, locations)
    log(person, Kind.APPROVED, before=Status.PENDING, after=role, by=by, changes=places_of(locations))
    tell(person, "approved", role=person.get_role_display())
    return person


@transaction.atomic
def reject(*, person, reason, by):
    """Turned away: the account stays known, so that the name is not taken by the next one, but never signs in."""
    person = lock(person, "reject", by)
    person.status = Status.DISMISSED
    save(person, by)
    log(person, Kind.REJECTED, before=Status.PENDING, after=Status.DISMISSED, by=by, note=reason)
    tell(person, "rejected", reason=reason)
    return person


# ------------------------------------------------------------------------------------------------ going on


@transaction.atomic
def dismiss(*, person, reason, by):
    person = lock(person, "dismiss", by)
    if not is_up_to_staff(person.role) and not by.has_perm("accounts.give_any_role"):
        raise Forbidden("Only the owner dismisses managers and owners.")
    refuse_last_admin(person)
    person.status = Status.DISMISSED
    save(person, by)
    leave_management(person, by)
    withdraw_open_requests(person, by)
    end_sessions(person)
    log(person, Kind.DISMISSED, before=Status.ACTIVE, after=Status.DISMISSED, by=by, note=reason)
    tell(person, "dismissed", reason=reason)
    return person


@transaction.atomic
def reinstate(*, person, by, role=None, locations=None):
    """Taken back, with the role and places they had unless others are given."""
    person = lock(person, "reinstate", by)
    if role is None and person.role is None:
        text = "This person never had a role: say which one."
        raise Invalid(text, errors=[line_error("role", "required", text)])
    person.role, person.status = role or person.role, Status.ACTIVE
    save(person, by)
    if locations is not None:
        assign(person, locations)
    changes = {} if locations is None else places_of(locations)
    log(person, Kind.REINSTATED, before=Status.DISMISSED, after=person.role, by=by, changes=changes)
    tell(person, "reinstated", role=person.get_role_display())
    return person


@transaction.atomic
def demote(*, person, role, by, note=""):
    person = lock(person, "demote", by)
    if rank(role) >= rank(person.role):
        text = f"A demotion leads to less than {person.get_role_display()}."
        raise Invalid(text, errors=[line_error("role", "invalid", text)])
    refuse_last_admin(person)
    give_role(person, role, Kind.DEMOTED, by, note)
    tell(person, "demoted", role=person.get_role_display())
    return person


@transaction.atomic
def change(*, person, by, role=None, locations=None, **details):
    """The owner corrects an account: details, role, places."""
    person = lock_people(person, by)[person.pk]
    has_new_role = role is not None and role != person.role
    has_new_places = locations is not None and {place.pk for place in locations} != set(person.location_ids)
    if (has_new_role or has_new_places) and person == by:
        raise OwnRequest("Nobody changes their own role or places. Ask another owner.")
    if has_new_role:
        change_role(person, role, by)
    if has_new_places:
        move(person, locations, by)
    change_details(person, details, by)
    return person


def change_role(person, role, by):
    if not person.is_active:
        raise IllegalTransition(str(person), person.get_status_display().lower(), allowed_actions(person, by))
    refuse_last_admin(person)
    rises = rank(role) > rank(person.role)
    give_role(person, role, Kind.PROMOTED if rises else Kind.DEMOTED, by)
    tell(person, "promoted" if rises else "demoted", role=person.get_role_display())


def give_role(person, role, kind, by, note=""):
    before, person.role = person.role, role
    save(person, by)
    if not person.has_perm("accounts.manage_place"):
        leave_management(person, by)
    withdraw_open_requests(person, by)
    end_sessions(person)
    log(person, kind, before=before, after=role, by=by, note=note)


def move(person, locations, by):
    before = places_of(assignment.location for assignment in person.assignments.select_related("location"))
    assign(person, locations)
    save(person, by)
    leave_management(person, by, but=locations)
    end_sessions(person)
    after = places_of(locations)
    log(person, Kind.MOVED, by=by, changes={"locations": [before["locations"], after["locations"]]})
    tell(person, "moved", places=", ".join(place["code"] for place in after["locations"]) or "no place")


def change_details(person, details, by):
    """Name, phone and address of a person, by themselves or by the owner."""
    if "email" in details:
        details["email"] = details["email"].lower()
    before = {name: str(getattr(person, name)) for name in details}
    changed = {name: [before[name], str(value)] for name, value in details.items() if before[name] != str(value)}
    if not changed:
        return
    old_address = person.email
    for name in changed:
        setattr(person, name, details[name])
    if "email" in changed:
        person.email_changed_at = timezone.now()
    save(person, by)
    # The log says that the address changed, not what it was: logs are kept longer than people.
    log(person, Kind.CHANGED, by=by, changes=dict.fromkeys(changed))
    if "email" in changed:
        mail.send("accounts/address_changed", old_address, {"name": person.get_short_name()})


@transaction.atomic
def change_own_details(*, by, **details):
    person = confirmed(by)
    change_details(person, details, person)
    return person


@transaction.atomic
def change_photo(*, by, photo):
    """A new portrait, or none: the name of the stored picture. Returns the name of the one it replaces."""
    person = confirmed(by)
    before, person.photo = person.photo, photo
    save(person, person)
    log(person, Kind.CHANGED, by=person, changes={"photo": None})
    return before


@transaction.atomic
def delete(*, person, by):
    """For accounts that never did anything; whoever did is dismissed instead."""
    person = lock_people(person, by)[person.pk]
    if person == by:
        raise OwnRequest("Nobody deletes their own account.")
    refuse_last_admin(person)
    if is_referred_to([person]):
        raise InUse(f"{person} has a history here. Dismiss them instead.")
    log(person, Kind.DELETED, before=person.status, by=by)
    person.delete()


# ------------------------------------------------------------------------------------------------ promotions


@transaction.atomic
def ask_promotion(*, user, to_role, reason, by):
    user = lock_people(user, by)[user.pk]
    if not user.is_active:
        text = f"{user} is {user.get_status_display().lower()}; only active people are promoted."
        raise Invalid(text, errors=[line_error("user", "invalid", text)])
    if user == by:
        raise OwnRequest("Somebody else must ask for you.")
    if rank(to_role) <= rank(user.role):
        text = f"A promotion leads to more than {user.get_role_display()}."
        raise Invalid(text, errors=[line_error("to_role", "invalid", text)])
    asked = PromotionRequest.objects.create(user=user, to_role=to_role, reason=reason, created_by=by, updated_by=by)
    log(user, Kind.PROMOTION_REQUESTED, before=user.role, after=to_role, by=by, note=reason)
    return asked


@transaction.atomic
def approve_promotion(*, asked, by, note=""):
    asked, person = lock_request(asked, by)
    refuse_own(asked, person, by)
    if not person.is_active or rank(asked.to_role) <= rank(person.role):
        raise IllegalTransition(str(person), f"{person.get_status_display().lower()} as {person.role}", ["reject"])
    settle(asked, PromotionRequest.Status.APPROVED, by, note)
    give_role(person, asked.to_role, Kind.PROMOTED, by, note)
    tell(person, "promoted", role=person.get_role_display())
    return asked


@transaction.atomic
def reject_promotion(*, asked, by, note=""):
    asked, person = lock_request(asked, by)
    refuse_own(asked, person, by)
    settle(asked, PromotionRequest.Status.REJECTED, by, note)
    log(person, Kind.PROMOTION_REJECTED, before=asked.to_role, after=person.role or "", by=by, note=note)
    asker = asked.created_by
    mail.send("accounts/promotion_rejected", asker.email, {"name": asker.get_short_name(), "person": str(person)})
    return asked


@transaction.atomic
def withdraw_promotion(*, asked, by, note=""):
    asked, person = lock_request(asked, by)
    if asked.created_by_id != by.pk:
        raise Forbidden("Only who asked may withdraw the request.")
    settle(asked, PromotionRequest.Status.WITHDRAWN, by, note)
    log(person, Kind.PROMOTION_WITHDRAWN, before=asked.to_role, by=by, note=note)
    return asked


def lock_request(asked, by):
    person = lock_people(asked.user, by)[asked.user_id]
    locked = PromotionRequest.objects.select_for_update(of=("self",), no_key=True).get(pk=asked.pk)
    asked = asked.as_locked(locked)
    if not asked.is_open:
        raise IllegalTransition("This request", asked.status, [])
    return asked, person


def refuse_own(asked, person, by):
    if by.pk in (asked.created_by_id, person.pk):
        raise OwnRequest("You asked for this yourself, or it is about you. Another owner must decide.")


def settle(asked, status, by, note):
    asked.status, asked.decision_note = status, note
    asked.decided_by = asked.updated_by = by
    asked.decided_at = timezone.now()
    asked.save()


def withdraw_open_requests(person, by):
    """What was asked for somebody whose role or status has just changed is no longer a question."""
    for asked in PromotionRequest.objects.filter(user=person, status=PromotionRequest.Status.REQUESTED):
        settle(asked, PromotionRequest.Status.WITHDRAWN, by, "The role or status changed in the meantime.")
        log(person, Kind.PROMOTION_WITHDRAWN, before=asked.to_role, by=by, note=asked.decision_note)


def request_actions(asked, by):
    """What this person may do with a promotion request now."""
    if not asked.is_open:
        return []
    actions = []
    if by.has_perm("accounts.decide_promotionrequest") and by.pk not in (asked.created_by_id, asked.user_id):
        actions += ["approve", "reject"]
    if asked.created_by_id == by.pk and by.has_perm("accounts.withdraw_promotionrequest"):
        actions.append("withdraw")
    return actions


# ------------------------------------------------------------------------------------------------ passwords


@transaction.atomic
def change_password(*, by, current_password, new_password, keep=None):
    """Ends every other session: whoever knew the old password is out."""
    if not by.check_password(current_password):
        text = "The current password is wrong."
        raise Invalid(text, errors=[line_error("current_password", "invalid", text)])
    hashed = hashed_password(new_password, by)
    person = confirmed(by)
    if not constant_time_compare(person.password, by.password):
        raise Forbidden("Your password has just been changed elsewhere. Sign in again.")
    keep_password(person, hashed, keep=keep)


def hashed_password(password, person):
    """A hash costs a quarter of a second on purpose: it is made before anything is locked."""
    check_new_password(password, person)
    return make_password(password)


def keep_password(person, hashed, *, keep=None):
    person.password = hashed
    save(person, person)
    sessions.close_all(person, because=SignIn.Closed.PASSWORD_CHANGED, but=keep)
    log(person, Kind.PASSWORD_CHANGED, by=person)
    tell(person, "password_changed")


def check_new_password(password, person, field="new_password"):
    try:
        password_validation.validate_password(password, person)
    except ValidationError as error:
        reasons = [line_error(field, problem.code, " ".join(problem.messages)) for problem in error.error_list]
        raise Invalid(" ".join(error.messages), errors=reasons) from None


def ask_reset(*, email):
    """Mails a one-time link if this is somebody's address. Whether it did is the owner's to know, not a stranger's."""
    email = email.lower()
    person = User.objects.active().filter(email=email).first()
    if person is None or is_on_trial(person):
        return False
    try:
        attempts.count("password_reset", email, limit=3, window=settings.RESET_MAIL_WINDOW)
    except Throttled:
        return False  # three letters an hour are enough for one mailbox, whoever asks
    uid, token = urlsafe_base64_encode(force_bytes(person.pk)), default_token_generator.make_token(person)
    link = f"{settings.BOUTIQUE_URL}/reset/{uid}/{token}/"
    mail.send(
        "accounts/password_reset",
        person.email,
        {"name": person.get_short_name(), "link": link, "uid": uid, "token": token},
    )
    return True


def send_reset(*, person, by):
    """The owner sends somebody the link."""
    if not ask_reset(email=person.email):
        raise RuleError("No letter was sent: three went out within the hour, or the address is new since yesterday.")
    log(person, Kind.RESET_SENT, by=by)
    return person


def is_on_trial(person):
    """Whoever borrows a signed-in till for a minute can change the address; for a day the new one opens nothing.

    The old address has been told by then.
    """
    changed_at = person.email_changed_at
    return changed_at is not None and timezone.now() - changed_at < settings.NEW_ADDRESS_TRIAL


@transaction.atomic
def confirm_reset(*, uid, token, new_password):
    hashed = hashed_password(new_password, of_good_link(uid, token))
    person = of_good_link(uid, token, lock=True)
    keep_password(person, hashed)
    return person


def of_good_link(uid, token, *, lock=False):
    person = person_of_link(uid, token, lock=lock)
    if person is None:
        text = "This link is no longer good. Ask for a new one."
        raise Invalid(text, errors=[line_error("token", "invalid_token", text)])
    return person


def person_of_link(uid, token, *, lock=False):
    """Whom a reset link belongs to, while it is good: an hour, and until the password changes."""
    try:
        pk = int(urlsafe_base64_decode(uid))
    except (ValueError, OverflowError):
        return None
    people = User.objects.active()
    people = people.select_for_update(no_key=True) if lock else people
    person = people.filter(pk=pk).first() if 0 < pk < 2**63 else None
    return person if person and default_token_generator.check_token(person, token) else None


# ------------------------------------------------------------------------------------------------ the shared steps


def allowed_actions(person, by):
    """The verbs this caller may use on this person now."""
    if person.pk == by.pk:
        return []
    verbs = [verb for verb, (state, perm) in MOVES.items() if person.status == state and by.has_perm(perm)]
    above = person.role is not None and not is_up_to_staff(person.role) and not by.has_perm("accounts.give_any_role")
    lowest = person.role is not None and rank(person.role) == 0
    return [verb for verb in verbs if not (verb == "dismiss" and above) and not (verb == "demote" and lowest)]


def lock(person, verb, by):
    """The person, locked, if this verb leads on from their present state."""
    state, _perm = MOVES[verb]
    person = lock_people(person, by)[person.pk]
    if person == by:
        raise OwnRequest(f"You cannot {verb} yourself.")
    if person.status != state:
        raise IllegalTransition(str(person), person.get_status_display().lower(), allowed_actions(person, by))
    return person


def lock_people(person, by):
    """Both people and all owners, in one order: two owners who dismiss each other meet here, and one of them loses.

    What the caller may do and see is judged once more under the lock: it may have changed while they waited.
    """
    rows = User.objects.select_for_update(no_key=True).filter(Q(pk__in=[person.pk, by.pk]) | Q(role=Role.ADMIN))
    locked = {row.pk: row for row in rows.order_by("pk")}
    me = locked.get(by.pk)
    if me is None or not me.is_active or me.role != by.role:
        raise Forbidden("Your own rights have just changed. Sign in again.")
    if person.pk not in locked or not is_visible(person, me):
        raise User.DoesNotExist
    person.as_locked(locked[person.pk])
    return locked


def is_visible(person, me):
    if person.pk == me.pk or me.has_perm("accounts.see_all_places"):
        return True
    return User.objects.visible_to(me).filter(pk=person.pk).exists()


def confirmed(by):
    """The caller, locked, if they still are who the request took them for."""
    return lock_people(by, by)[by.pk]


def refuse_last_admin(person):
    others = User.objects.active().filter(role=Role.ADMIN).exclude(pk=person.pk)
    if person.role == Role.ADMIN and person.is_active and not others.exists():
        raise LastAdmin("The shop needs at least one active owner. Make somebody else owner first.")


def refuse_beyond_rank(role, by):
    if not is_up_to_staff(role) and not by.has_perm("accounts.give_any_role"):
        raise Forbidden("Only the owner makes managers and owners. Approve them as staff, then ask for a promotion.")


def assign(person, locations):
    refuse_closed(person, locations)
    Assignment.objects.filter(user=person).exclude(location__in=locations).delete()
    Assignment.objects.bulk_create(
        [Assignment(user=person, location=place) for place in locations], ignore_conflicts=True
    )
    vars(person).pop("location_ids", None)


def refuse_closed(person, locations):
    """Nobody starts in a place that is closed, or is just being closed; who was there before it closed may stay."""
    held = set(person.assignments.values_list("location_id", flat=True))
    wanted = Location.objects.select_for_update(no_key=True).filter(pk__in=[place.pk for place in locations])
    found = {place.pk: place for place in wanted.order_by("pk")}
    wrong = [
        line_error(f"locations.{index}", "invalid", f"{place.code} is closed.")
        for index, place in enumerate(locations)
        if place.pk not in found or (not found[place.pk].is_active and place.pk not in held)
    ]
    if wrong:
        raise Invalid("Choose places that are open.", errors=wrong)


def leave_management(person, by, but=()):
    """A place must not name a manager who does not work there any more."""
    left = Location.objects.filter(manager=person).exclude(pk__in=[place.pk for place in but])
    left.update(manager=None, updated_by=by, updated_at=timezone.now())


def places_of(locations):
    """For the log: the code is what people know, the id is what stays."""
    return {"locations": sorted(({"id": place.pk, "code": place.code} for place in locations), key=lambda p: p["code"])}


def end_sessions(person):
    """The old rights end with this transaction: the next request has to sign in again."""
    sessions.close_all(person, because=SignIn.Closed.RIGHTS_CHANGED)


def save(person, by):
    person.updated_by = by
    person.save()


def log(person, kind, *, by=None, before="", after="", note="", changes=None):
    AccountEvent.objects.create(
        person=person,
        person_name=str(person),
        by=by,
        kind=kind,
        before=before or "",
        after=after or "",
        note=note,
        changes=changes or {},
    )


def tell(person, template, **context):
    mail.send(f"accounts/{template}", person.email, {"name": person.get_short_name()} | context)
