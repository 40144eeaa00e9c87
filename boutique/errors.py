"""What a service says when a rule forbids something. `boutique.api.problems` puts it on the wire."""


def line_error(field, code, message, **params):
    """One entry of a problem's `errors`: which field, why, and the figures a program needs to react."""
    return {"field": field, "code": code, "message": message} | ({"params": params} if params else {})


class RuleError(Exception):
    """A rule of the shop forbids it. `detail` tells the person what to do; `errors` name the fields or lines."""

    status = 409
    code = "conflict"
    title = "Not possible now"

    def __init__(self, detail, *, errors=(), **extra):
        super().__init__(detail)
        self.detail = detail
        self.errors = list(errors)
        self.extra = extra


class IllegalTransition(RuleError):
    code = "illegal_transition"
    title = "Not possible in this state"

    def __init__(self, what, state, allowed, *, because=""):
        moves = ", ".join(allowed) or "nothing"
        said = f"{state}: {because}" if because else state
        super().__init__(f"{what} is {said}. Possible now: {moves}.", allowed=list(allowed))


class Duplicate(RuleError):
    code = "duplicate"
    title = "Already there"


class InUse(RuleError):
    code = "in_use"
    title = "Still in use"


class OwnRequest(RuleError):
    code = "own_request"
    title = "Somebody else must decide"


class Forbidden(RuleError):
    """The row is the caller's to see, the act is not theirs to do."""

    status = 403
    code = "permission_denied"
    title = "Not allowed"


class Invalid(RuleError):
    """What was sent cannot be right, and only the service could know."""

    status = 400
    code = "invalid"
    title = "Invalid input"


class Stale(RuleError):
    status = 412
    code = "stale"
    title = "Changed in the meantime"


class Busy(RuleError):
    """A lock was not to be had in time. The same request may be sent again."""

    status = 503
    code = "busy"
    title = "Busy"
    retry_after = 1


class Throttled(RuleError):
    status = 429
    code = "throttled"
    title = "Too many attempts"

    def __init__(self, detail, *, retry_after):
        super().__init__(detail)
        self.retry_after = retry_after


class StorageFull(RuleError):
    status = 507
    code = "storage_full"
    title = "No room left"
