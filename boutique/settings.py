"""All settings, read from the environment once. docs/configuration.md lists them for the person who runs the shop.

`DEBUG` has three values. Unset: this machine only (`make run`), plain HTTP, no debug pages. 1: the same with
Django's debug pages, for developing. 0: a real server: HTTPS, and no start without its secrets.
"""

import contextlib
import hmac
import os
import secrets
import zoneinfo
from datetime import timedelta
from decimal import Decimal, InvalidOperation
from ipaddress import ip_network
from urllib.parse import urlsplit

import environ

from boutique import postgres

BASE_DIR = postgres.BASE_DIR
env = environ.Env()


class Misconfigured(SystemExit):
    """Ends the process with its sentence."""


def required(name, why):
    value = env.str(name, default="")
    if not value:
        raise Misconfigured(f"{name} is not set. {why}")
    return value


def percentage(name, default):
    text = env.str(name, default=default)
    with contextlib.suppress(InvalidOperation):
        if 0 <= Decimal(text) <= 100:
            return Decimal(text)
    raise Misconfigured(f"{name}={text} is not a percentage. Write it as {default} or 12.50.")


def between(name, least, most, default):
    if not least <= (number := env.int(name, default=default)) <= most:
        raise Misconfigured(f"{name}={number} does not lie between {least} and {most}.")
    return number


DEBUG = env.bool("DEBUG", default=False)
IS_SERVER = "DEBUG" in env.ENVIRON and not DEBUG
# On a real server nobody may walk in with a password that everybody knows.
BOUTIQUE_DEMO = env.bool("BOUTIQUE_DEMO", default=not IS_SERVER)
DATA_DIR = postgres.data_dir()

# ------------------------------------------------------------------------------------------------ secrets


def kept_secret(name):
    """A secret of this machine: made on the first start, kept in the data folder."""
    path = DATA_DIR / name
    DATA_DIR.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        # Whole before it has its name: two first commands at once must not read half of it, or two of them.
        draft = path.with_name(f"{name}.{os.getpid()}")
        with open(draft, "w", opener=postgres.private) as made:
            made.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text()


if IS_SERVER:
    SECRET_KEY = required(
        "SECRET_KEY", "Set it to 50 or more random characters and keep it: sessions and tokens are signed with it."
    )
    if len(SECRET_KEY) < 50 or len(set(SECRET_KEY)) < 10:
        raise Misconfigured("SECRET_KEY is too simple. Set it to 50 or more random characters.")
else:
    SECRET_KEY = env.str("SECRET_KEY", default="") or kept_secret("secret_key")
# The API's tokens have a key of their own, so that neither kind of signature can stand for the other.
SIGNING_KEY = hmac.new(SECRET_KEY.encode(), b"boutique api tokens", "sha256").hexdigest()

# ------------------------------------------------------------------------------------------------ the house

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "boutique.apps.DeskConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "corsheaders",
    "pgtrigger",
    "phonenumber_field",
    "django_tasks",
    "django_tasks_db",
    "boutique",
    "accounts",
    "skus",
    "inventory",
    "orders",
    "suppliers",
    "alterations",
    "forecasting",
    "reports",
    "webhooks",
    "demo",
]

MIDDLEWARE = [
    "boutique.middleware.RequestLog",
    "django.middleware.security.SecurityMiddleware",
    "boutique.middleware.ContentSecurity",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "boutique.urls"
WSGI_APPLICATION = "boutique.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]

BOUTIQUE_CURRENCY = env.str("BOUTIQUE_CURRENCY", default="EUR")
BOUTIQUE_TAX_RATE = percentage("BOUTIQUE_TAX_RATE", default="0")  # of a new product, in percent
BOUTIQUE_PRICES_INCLUDE_TAX = env.bool("BOUTIQUE_PRICES_INCLUDE_TAX", default=True)
BOUTIQUE_DISCOUNT_LIMIT = percentage("BOUTIQUE_DISCOUNT_LIMIT", default="20")  # of sales staff, in percent
BOUTIQUE_DEPOSIT_PERCENT = percentage("BOUTIQUE_DEPOSIT_PERCENT", default="50")
BOUTIQUE_DEPOSIT_FREE_BELOW = Decimal(20)  # an order of less needs no deposit
BOUTIQUE_ENFORCE_DEPOSIT = env.bool("BOUTIQUE_ENFORCE_DEPOSIT", default=False)
BOUTIQUE_BASKET_DAYS = env.int("BOUTIQUE_BASKET_DAYS", default=7)  # a basket nobody touches is put aside so long
if not 1 <= BOUTIQUE_BASKET_DAYS <= 365:
    raise Misconfigured(f"BOUTIQUE_BASKET_DAYS={BOUTIQUE_BASKET_DAYS} is not between 1 and 365.")
BOUTIQUE_RUSH_PERCENT = percentage("BOUTIQUE_RUSH_PERCENT", default="25")  # what haste costs on top
BOUTIQUE_CANCEL_FEE_PERCENT = percentage("BOUTIQUE_CANCEL_FEE_PERCENT", default="10")  # of a garment that was pinned
BOUTIQUE_WARRANTY_DAYS = env.int("BOUTIQUE_WARRANTY_DAYS", default=30)
BOUTIQUE_UTILISATION = percentage("BOUTIQUE_UTILISATION", default="80")  # of a tailor's minutes that go as planned
BOUTIQUE_RUSH_RESERVE = percentage("BOUTIQUE_RUSH_RESERVE", default="15")  # of them, kept for what is in a hurry
BOUTIQUE_ENFORCE_SKILLS = env.bool("BOUTIQUE_ENFORCE_SKILLS", default=False)
BOUTIQUE_TAG_FULL_NAME = env.bool("BOUTIQUE_TAG_FULL_NAME", default=False)  # else initials
BOUTIQUE_CUSTOMER_MAIL = env.bool("BOUTIQUE_CUSTOMER_MAIL", default=True)
# So much more than was ordered may be received, of each line, in percent.
BOUTIQUE_OVER_RECEIPT_PERCENT = percentage("BOUTIQUE_OVER_RECEIPT_PERCENT", default="0")
# Forecasts and what to buy: how many weeks ahead, how often there is enough (in percent), and how often somebody looks.
BOUTIQUE_FORECAST_WEEKS = between("BOUTIQUE_FORECAST_WEEKS", 1, 52, default=13)
BOUTIQUE_FORECAST_WEEKLY = env.bool("BOUTIQUE_FORECAST_WEEKLY", default=True)
BOUTIQUE_SERVICE_LEVEL = percentage("BOUTIQUE_SERVICE_LEVEL", default="95")
if not 50 <= BOUTIQUE_SERVICE_LEVEL <= Decimal("99.5"):
    raise Misconfigured(f"BOUTIQUE_SERVICE_LEVEL={BOUTIQUE_SERVICE_LEVEL} does not lie between 50 and 99.5.")
BOUTIQUE_REVIEW_DAYS = between("BOUTIQUE_REVIEW_DAYS", 1, 365, default=7)
# Of a supplier whose lead time nobody knows.
BOUTIQUE_LEAD_TIME_DAYS = between("BOUTIQUE_LEAD_TIME_DAYS", 0, 1000, default=14)
BOUTIQUE_PUBLIC_DOCS = env.bool("BOUTIQUE_PUBLIC_DOCS", default=DEBUG)
# Where people reach the shop: mails carry links to it.
BOUTIQUE_URL = env.str("BOUTIQUE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}").rstrip("/")
BOUTIQUE_NAME = env.str("BOUTIQUE_NAME", default="Boutique")

BOUTIQUE_ALERT_MAIL = env.str("BOUTIQUE_ALERT_MAIL", default="now")
if BOUTIQUE_ALERT_MAIL not in ("now", "daily", "off"):
    raise Misconfigured(f"BOUTIQUE_ALERT_MAIL={BOUTIQUE_ALERT_MAIL} is none of now, daily and off.")

if (zone := env.str("BOUTIQUE_TIME_ZONE", default="UTC")) not in zoneinfo.available_timezones():
    raise Misconfigured(f"BOUTIQUE_TIME_ZONE={zone} is not a time zone. Write it as Europe/Berlin.")
USE_TZ = True
TIME_ZONE = "UTC"  # everything is kept and sent in UTC; a place has its own zone
BOUTIQUE_TIME_ZONE = zone  # what a new place gets
LANGUAGE_CODE = "en"
USE_I18N = False

# ------------------------------------------------------------------------------------------------ database

if env.str("DATABASE_URL", default=""):
    DATABASES = {"default": env.db(postgres.Role.address)}
elif env.str("MIGRATION_DATABASE_URL", default=""):
    raise Misconfigured("MIGRATION_DATABASE_URL is set, so DATABASE_URL must be too: it names the role of daily work.")
else:
    DATABASES = {"default": postgres.settings(DATA_DIR)}
# Where another role owns the tables, what this one may is laid down anew after each migrate (boutique.app_role).
APP_ROLE = env.db("DATABASE_URL")["USER"] if env.str("MIGRATION_DATABASE_URL", default="") else ""
DATABASES["default"] |= {
    "CONN_MAX_AGE": 60,  # a new connection costs more than a small request
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": DATABASES["default"].get("OPTIONS", {})
    | {
        "connect_timeout": 5,
        "keepalives_idle": 30,
        # A session that waits for a lock, computes for ever, or was forgotten in a transaction must not stop the shop.
        "options": "-c lock_timeout=3s -c statement_timeout=15s -c idle_in_transaction_session_timeout=30s"
        " -c client_connection_check_interval=1s"
        # Each trigger asks which are to be ignored; an answer (none) costs less than the error that means the same.
        " -c pgtrigger.ignore={}",
    },
}

if env.str("DATABASE_REPLICA_URL", default=""):
    DATABASES["replica"] = DATABASES["default"] | env.db("DATABASE_REPLICA_URL")
    limits = DATABASES["default"]["OPTIONS"]["options"]
    DATABASES["replica"]["OPTIONS"] = (
        DATABASES["default"]["OPTIONS"]
        | DATABASES["replica"]["OPTIONS"]
        | {"options": f"{limits} -c default_transaction_read_only=on"}
    )
    DATABASE_ROUTERS = ["boutique.replica.Router"]
# So long a session that wrote reads on the primary: longer than the copy is ever behind.
REPLICA_LAG = timedelta(seconds=between("DATABASE_REPLICA_SECONDS", 1, 3600, default=10))

# Nothing that must add up over processes lies in the cache.
if REDIS_URL := env.str("REDIS_URL", default=""):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

TASKS = {"default": {"BACKEND": "boutique.tasks.Outbox", "QUEUES": ["default"]}}

# ------------------------------------------------------------------------------------------------ people

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.RoleBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
PASSWORD_RESET_TIMEOUT = 60 * 60
RESET_MAIL_WINDOW = timedelta(hours=1)
NEW_ADDRESS_TRIAL = timedelta(days=1)
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# Who is asked, in turn, what a scanned code stands for: (code, person) -> what it is, or None.
LOOK_UPS = [
    "inventory.services.lookup.sku",
    "inventory.services.lookup.transfer",
    "orders.services.lookup.order",
    "orders.services.lookup.sale",
    "suppliers.services.lookup.purchase_order",
    "alterations.services.lookup.garment",
    "alterations.services.lookup.ticket",
]
# Who says what is ordered and has not come: functions that return rows of `sku`, `location` and `coming`.
INCOMING = ["suppliers.models.outstanding"]
# Whose document must know when a movement is reversed: functions that lock it, and answer what is to be called with the
# opposite movement; None for what is not theirs.
REVERSALS = ["suppliers.services.receiving.reversing"]
# What `manage.py check_books` asks, in turn: () -> the differences it finds.
BOOKS = [
    "inventory.services.checking.differences",
    "inventory.services.checking.of_documents",
    "suppliers.services.checking.differences",
    "orders.services.checking.differences",
    "inventory.services.days.differences",
    "orders.services.days.differences",
    "alterations.services.checking.differences",
]
# What follows when a backup was put back: () -> what to say about it, or nothing.
AFTER_RESTORE = ["webhooks.services.sending.after_restore"]
# What each app knows of a customer; docs/architecture.md, "Customers and their bodies", has the shape of each.
# (customer, person) -> what they ordered and spent, as this person may see it
CUSTOMER_PAPERS = [
    "orders.services.papers.ordered",
    "orders.services.papers.bought",
    "alterations.services.papers.altered",
]
# (customer) -> the numbers of papers that keep them from being erased
CUSTOMER_OPEN_WORK = ["orders.services.papers.open_work", "alterations.services.papers.open_work"]
# (customer) -> {name: all that is held}
CUSTOMER_EXPORTS = [
    "orders.services.papers.export",
    "alterations.services.papers.export",
    "alterations.services.advising.export",
]
# (customer, by): takes every personal word out
CUSTOMER_ERASERS = [
    "orders.services.papers.forget",
    "alterations.services.papers.forget",
    "alterations.services.advising.forget",
]
# (person) -> Q of the measurement sets that their own work needs
BODIES_AT_WORK = ["alterations.services.papers.bodies_at_work"]
PHONENUMBER_DEFAULT_REGION = env.str("BOUTIQUE_COUNTRY", default="DE")
PHONENUMBER_DEFAULT_FORMAT = "E164"

SIMPLE_JWT = {
    "ALGORITHM": "HS256",
    "SIGNING_KEY": SIGNING_KEY,
    "AUDIENCE": "boutique-api",
    "ISSUER": "boutique",
    "LEEWAY": 10,
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=10),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=14),
}

# ------------------------------------------------------------------------------------------------ advice

# Advice is given offline; with a provider, a language model refines it (docs/configuration.md).
AI_PROVIDER = env.str("AI_PROVIDER", default="none").lower()
if AI_PROVIDER not in ("none", "openai", "anthropic"):
    raise Misconfigured(f"AI_PROVIDER={AI_PROVIDER} is none of none, openai and anthropic.")
AI_BASE_URL = env.str("AI_BASE_URL", default="") or {
    "openai": "https://api.openai.com/v1",
    "anthropic": "https://api.anthropic.com",
}.get(AI_PROVIDER, "")
AI_API_KEY = env.str("AI_API_KEY", default="")
AI_MODEL = env.str("AI_MODEL", default="")
if AI_PROVIDER != "none":
    if urlsplit(AI_BASE_URL).scheme not in ("http", "https") or not urlsplit(AI_BASE_URL).hostname:
        raise Misconfigured(f"AI_BASE_URL={AI_BASE_URL} is no address. Write it as https://api.openai.com/v1.")
    required("AI_MODEL", "Name the model that AI_PROVIDER is to ask, or set AI_PROVIDER=none.")
    if AI_PROVIDER == "anthropic":
        required("AI_API_KEY", "Anthropic answers nobody without one. Set it, or AI_PROVIDER=none.")
AI_DEADLINE = 6.0  # seconds by the clock for all of one question; after them the local answer stands
AI_CALLS_PER_HOUR = env.int("AI_CALLS_PER_HOUR", default=20)  # of one person
AI_DAILY_TOKENS = env.int("AI_DAILY_TOKENS", default=500_000)  # of the house
AI_PRICE_IN = env.float("AI_PRICE_IN", default=0.0)  # of a million tokens, for the estimate in the audit
AI_PRICE_OUT = env.float("AI_PRICE_OUT", default=0.0)

# ------------------------------------------------------------------------------------------------ webhooks

# Networks of the house itself that webhooks may point to all the same, and without TLS: an intranet's.
try:
    WEBHOOK_NETWORKS = [ip_network(network) for network in env.list("BOUTIQUE_WEBHOOK_NETWORKS", default=[])]
except ValueError as error:
    raise Misconfigured(f"BOUTIQUE_WEBHOOK_NETWORKS: {error}. Write it as 10.1.0.0/16,192.168.4.7.") from error

# ------------------------------------------------------------------------------------------------ API

API_VERSION = "1.0.0"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["accounts.authentication.TokenAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["accounts.permissions.ActionPermission"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["boutique.api.parsers.StrictJSONParser"],
    "DEFAULT_PAGINATION_CLASS": "boutique.api.pagination.KeysetPagination",
    "DEFAULT_FILTER_BACKENDS": [
        "boutique.api.filters.StrictFilter",
        "boutique.api.filters.StrictSearch",
        "boutique.api.filters.StrictOrdering",
    ],
    "DEFAULT_SCHEMA_CLASS": "boutique.api.schema.HouseSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "boutique.api.problems.problem_handler",
    "NUM_PROXIES": env.int("NUM_PROXIES", default=0),
    "PAGE_SIZE": 25,
}
SPECTACULAR_SETTINGS = {
    "GET_LIB_DOC_EXCLUDES": "boutique.api.schema.not_for_readers",
    "TITLE": "Boutique",
    "DESCRIPTION": (
        "The back end of a fashion boutique or tailoring house.\n\n"
        "**Sign in** with `POST /api/v1/auth/login/`, press *Authorize*, and paste the `access` token.\n\n"
        "Every refusal is `application/problem+json` with a stable `code`. Any POST may carry an `Idempotency-Key`: "
        "a repeat gets the first answer back. Details carry an `ETag`; a write with a stale `If-Match` is 412. "
        "Lists go on through `next` and `previous`."
    ),
    "VERSION": API_VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {
        "persistAuthorization": True,
        "displayRequestDuration": True,
        "docExpansion": "list",
        "filter": True,
    },
    "SERVE_PERMISSIONS": ["accounts.permissions.MayReadDocs"],
    "SERVE_AUTHENTICATION": [
        "accounts.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",  # the admin's, so that its people can read on
    ],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "boutique.api.schema.mend"],
    "ENUM_NAME_OVERRIDES": {
        "RoleCode": "accounts.roles.Role",
        "UserStatus": "accounts.models.User.Status",
        "PromotionStatus": "accounts.models.PromotionRequest.Status",
        "LocationKind": "accounts.models.Location.Kind",
        "AccountEventKind": "accounts.models.AccountEvent.Kind",
        "ProductKind": "skus.models.Product.Kind",
        "Unit": "skus.models.Product.Unit",
        "BarcodeKind": "skus.models.Barcode.Kind",
        "CatalogueEventKind": "skus.models.CatalogueEvent.Kind",
        "ImportMode": "skus.models.SkuImport.Mode",
        "StockReason": "inventory.models.Reason",
        "AdjustmentReason": "inventory.models.StockAdjustment.Reason",
        "ImportStatus": "skus.models.SkuImport.Status",
        "OrderStatus": "orders.models.Order.Status",
        "PaymentStatus": "orders.models.Order.PaymentStatus",
        "PaymentKind": "orders.models.Payment.Kind",
        "PaymentMethod": "orders.models.Payment.Method",
        "TillSessionStatus": "orders.models.TillSession.Status",
        "TillEntryKind": "orders.models.TillEntry.Kind",
        "BasketStatus": "orders.models.Basket.Status",
        "TransferStatus": "inventory.models.Transfer.Status",
        "StockRequestStatus": "inventory.models.StockRequest.Status",
        "StockCountStatus": "inventory.models.StockCount.Status",
        "PurchaseOrderStatus": "suppliers.models.PurchaseOrder.Status",
        "ForecastRunStatus": "forecasting.models.ForecastRun.Status",
        "ForecastPeriod": "forecasting.models.Forecast.Period",
        "SuggestionKind": "forecasting.models.ReorderSuggestion.Kind",
        "SuggestionStatus": "forecasting.models.ReorderSuggestion.Status",
        "ScanAction": "inventory.services.scanning.Action",
        "AlertKind": "inventory.models.AlertKind",
        "GarmentFamily": "orders.models.Family",
        "MeasurementBasis": "orders.models.Basis",
        "MeasurementUnit": "orders.models.Unit",
        "DimensionUnit": "orders.models.MeasurementDefinition.Scale",
        "DimensionSide": "orders.models.MeasurementDefinition.Side",
        "ConsentPurpose": "orders.models.Consent.Purpose",
        "ConsentWay": "orders.models.Consent.Way",
        "GarmentType": "alterations.models.GarmentType",
        "FabricKind": "alterations.models.Fabric",
        "ReworkCause": "alterations.models.Cause",
        "TicketStatus": "alterations.models.Ticket.Status",
        "GarmentStatus": "alterations.models.Garment.Status",
        "AdviceEngine": "alterations.models.Recommendation.Engine",
        "AdviceOutcome": "alterations.models.Recommendation.Outcome",
        "NoticeOutcome": "alterations.models.Notice.Outcome",
        "WebhookEvent": "webhooks.models.Event",
        "DeliveryStatus": "webhooks.models.WebhookDelivery.Status",
        "ReportName": "reports.models.Subscription.Report",
        "ReportFrequency": "reports.models.Subscription.Frequency",
    },
}

CORS_ALLOWED_ORIGINS = env.list("CORS_ALLOWED_ORIGINS", default=[])
CORS_URLS_REGEX = r"^/api/"
CORS_EXPOSE_HEADERS = ["ETag", "Location", "Idempotent-Replayed", "Retry-After", "X-Request-ID"]
CORS_ALLOW_HEADERS = ["accept", "authorization", "content-type", "idempotency-key", "if-match", "x-request-id"]

# ------------------------------------------------------------------------------------------------ the web

ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]", env.str("HOST", default="127.0.0.1"), urlsplit(BOUTIQUE_URL).hostname],
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=IS_SERVER)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked by the machine next door, over plain HTTP
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if IS_SERVER else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = IS_SERVER
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = IS_SERVER
SESSION_COOKIE_AGE = 12 * 3600  # a working day
if env.bool("BEHIND_PROXY", default=False):
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2500  # of a form: a delivery of 500 lines, each with good, rejected, replaced and cost
# An upload is at most 12 MB (boutique.api.parsers) and never touches a disk that may be full.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 13 * 1024 * 1024

STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True  # collectstatic took 7 s and 37 MB and bought nothing
WHITENOISE_AUTOREFRESH = DEBUG

MEDIA_ROOT = DATA_DIR / "media"
MEDIA_URL = "/media/"
STORAGES = {
    "default": {"BACKEND": "boutique.media.SignedFileStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if S3_BUCKET := env.str("S3_BUCKET", default=""):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.str("S3_ENDPOINT_URL", default="") or None,
            "access_key": env.str("S3_ACCESS_KEY", default="") or None,
            "secret_key": env.str("S3_SECRET_KEY", default="") or None,
            "region_name": env.str("S3_REGION", default="") or None,
            "default_acl": "private",
            "querystring_expire": 3600,
            "file_overwrite": False,
        },
    }

# ------------------------------------------------------------------------------------------------ mail, logs, errors

DEFAULT_FROM_EMAIL = env.str("EMAIL_FROM", default="boutique@localhost")
if EMAIL_URL := env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
    EMAIL_TIMEOUT = 10
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = DATA_DIR / "mail"
    EMAIL_FILE_PATH.mkdir(mode=0o700, parents=True, exist_ok=True)  # letters hold links to new passwords

LOGGING_CONFIG = "boutique.logs.configure"
LOGGING = {"level": env.str("LOG_LEVEL", default="INFO")}

if SENTRY_DSN := env.str("SENTRY_DSN", default=""):
    import sentry_sdk

    sentry_sdk.init(dsn=SENTRY_DSN, send_default_pii=False, release=API_VERSION)

UNFOLD = {
    "SITE_TITLE": BOUTIQUE_NAME,
    "SITE_HEADER": BOUTIQUE_NAME,
    "SITE_SYMBOL": "checkroom",
    "SITE_FAVICONS": [{"rel": "icon", "href": f"{STATIC_URL}boutique/icon.svg", "type": "image/svg+xml"}],
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": False,
    "SCRIPTS": [f"{STATIC_URL}reports/leaving.js"],
    "DASHBOARD_CALLBACK": "reports.desk.start",
    "TABS": "boutique.admin.tabs",
    "SIDEBAR": {"show_search": True, "show_all_applications": False, "navigation": "reports.desk.navigation"},
    "COLORS": {
        "primary": {  # the wine red of house.css
            "50": "oklch(97.5% .012 5)",
            "100": "oklch(94.5% .026 5)",
            "200": "oklch(89.5% .05 5)",
            "300": "oklch(82% .085 5)",
            "400": "oklch(72% .12 5)",
            "500": "oklch(60% .14 5)",
            "600": "oklch(46% .13 5)",
            "700": "oklch(41% .12 5)",
            "800": "oklch(35% .1 5)",
            "900": "oklch(30% .085 5)",
            "950": "oklch(22% .06 5)",
        }
    },
}

# The release checks (`manage.py check --deploy`) we answer differently, each with its reason.
SILENCED_SYSTEM_CHECKS = [
    "auth.W004",  # user names are unique without regard to case, which the check does not see (user_username_once)
]
