"""Settings of the shop, from the environment only (see "Settings" in the README).

Without DATABASE_URL the shop is *local*: it starts an embedded PostgreSQL under .data/, makes
itself a secret and answers on loopback. With DATABASE_URL it expects what production expects.
"""

import re
from datetime import timedelta
from pathlib import Path

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.csp import CSP

from shop import databases, embedded, environment, logs, mailer, static_files

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = BASE_DIR / ".data"

env = environ.Env()
DEBUG = env.bool("DEBUG", default=False)
# LOCAL: plain http on loopback, as `make demo` serves it. Never set it on a reachable host.
LOCAL = env.bool("LOCAL", default=DEBUG or not env.str("DATABASE_URL", default=""))
if DEBUG and not LOCAL:
    raise ImproperlyConfigured(
        "DEBUG: expected off where LOCAL is off, found on. Its pages show settings and code."
    )

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    if not LOCAL:
        raise ImproperlyConfigured(
            "SECRET_KEY is not set. Outside local mode (DATABASE_URL is set) it is required: "
            "set it to 50 or more random characters."
        )
    SECRET_KEY = embedded.local_secret(DATA_DIR)
elif not LOCAL:
    environment.sound_secret(SECRET_KEY)

ALLOWED_HOSTS = environment.exact_hosts(
    env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"] if LOCAL else [])
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])

INSTALLED_APPS = [
    "shop",
    "ordering",
    "catalog",
    "eventstore",
    "django_htmx",
    "lucide",
    "ninja",
    "axes",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "shop.apps.ShopAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "shop.observed.requests",
    "django.middleware.security.SecurityMiddleware",
    "ordering.api.middleware.api_problems",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "shop.middleware.unstored_refusals",
    "shop.middleware.GZipUntagged",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "shop.middleware.Language",
    "shop.security.denials",
    "shop.middleware.sound_session_key",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "ordering.second_factor.steps.SecondFactor",
    "shop.middleware.KeptText",
]

ROOT_URLCONF = "shop.urls"
WSGI_APPLICATION = "shop.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ordering.context.current_order",
            ],
        },
    }
]

# E-mails of local mode stay on this machine.
_email_url = env.str("EMAIL_URL", default="") or ("" if LOCAL else "smtp://localhost")
MAILERS = {"default": mailer.from_url(_email_url) if _email_url else mailer.into(DATA_DIR / "mail")}
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Tandem <orders@tandem.invalid>")
SITE_URL = env.str("SITE_URL", default="").rstrip("/")
if not re.match("https?://[^/]|$", SITE_URL):
    raise ImproperlyConfigured(f"SITE_URL: expected https://HOST, found {SITE_URL!r}.")

_database_url = env.str("DATABASE_URL", default="") or embedded.start(DATA_DIR / "postgres")
DATABASES = {"default": databases.primary(_database_url)}
# Pages that only read are asked of standbys; see shop.standby.
if _replica_url := env.str("DATABASE_REPLICA_URL", default=""):
    DATABASES["standby"] = databases.standby(_replica_url)
    DATABASE_ROUTERS = ["shop.standby.routing.Router"]
    MIDDLEWARE.append("shop.standby.middleware.Standby")

# Seconds after which a page that has not begun is answered by 503. PostgreSQL ends a transaction
# after 30 (shop.databases): whoever waits for longer waits for a server that does nothing at all.
ANSWER_WITHIN = environment.a_count(
    "ANSWER_WITHIN", env.str("ANSWER_WITHIN", default="40"), least=1
)

AUTH_USER_MODEL = "ordering.Agent"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "ordering.auth.AgentBackend",
    "ordering.second_factor.proving.CodeBackend",
]
SESSION_ENGINE = "ordering.sessions"
# After so many days without a look at any page a session is over; 0: not before its two weeks are.
SESSION_IDLE_DAYS = environment.a_count(
    "SESSION_IDLE_DAYS", env.str("SESSION_IDLE_DAYS", default="7")
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
PASSWORD_RESET_TIMEOUT = 30 * 60  # seconds
# After so many failed logins of an account, or of an address, the next try has to wait. Whoever
# tries meanwhile does not prolong it, or anybody could lock anybody out for ever.
AXES_FAILURE_LIMIT = environment.a_count(
    "LOGIN_FAILURES", env.str("LOGIN_FAILURES", default="10"), least=1
)
LOGIN_FAILURES_OF_ADDRESS = environment.a_count(
    "LOGIN_FAILURES_OF_ADDRESS", env.str("LOGIN_FAILURES_OF_ADDRESS", default="50"), least=1
)
AXES_COOLOFF_TIME = timedelta(
    minutes=environment.a_count("LOGIN_WAIT", env.str("LOGIN_WAIT", default="15"), least=1)
)
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_PARAMETERS = ["username", "ip_address"]  # each by itself
AXES_HANDLER = "shop.lockout.Lockout"
AXES_CLIENT_IP_CALLABLE = "shop.lockout.address"
AXES_LOCKOUT_CALLABLE = "shop.lockout.answer"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True  # of successes: shop.security tells of them
AXES_ENABLE_ADMIN = AXES_VERBOSE = False

# Who has to have a second factor: nobody, staff, or everybody. Whoever has one is asked for it.
SECOND_FACTOR = environment.one_of(
    "SECOND_FACTOR",
    env.str("SECOND_FACTOR", default="optional"),
    ("optional", "staff", "everybody"),
)
OTP_TOTP_ISSUER = "Tandem"  # what an app calls the account

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "login"

# Bytes. The largest form is a quick order: 64 KiB of text, which its encoding may triple,
# with the lines that its products were found in.
DATA_UPLOAD_MAX_MEMORY_SIZE = 512 * 1024
FILE_UPLOAD_HANDLERS = ["shop.uploads.NoFiles"]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("de", "Deutsch")]  # each in its own words
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60  # seconds
TIME_ZONE = "Europe/Berlin"
USE_TZ = True
FORMAT_MODULE_PATH = "shop.formats"
CURRENCY = "EUR"

STATIC_URL = "static/"
STATIC_ROOT = None if LOCAL else BASE_DIR / "staticfiles"  # local files are served in place
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if not (DEBUG or LOCAL)
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
# Local mode has no collectstatic step: files are served from where they are.
WHITENOISE_USE_FINDERS = DEBUG or LOCAL
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_ALLOW_ALL_ORIGINS = False
WHITENOISE_ADD_HEADERS_FUNCTION = static_files.harden

# How often one API token may ask. Counted in each process unless they share a storage, such as
# redis://HOST:PORT/0 (see the library `limits`).
API_RATE = env.str("API_RATE", default="6000/minute")
API_RATE_STORAGE = env.str("API_RATE_STORAGE", default="memory://")

SECURE_CSP = {
    "default-src": [CSP.SELF],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF],
    "img-src": [CSP.SELF, "data:"],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "shop.security.csrf_failure"

# Local mode is plain http, where a browser takes no Secure cookie. Elsewhere the prefix keeps a
# neighbouring host, or one that answers http, from setting these.
COOKIE_PREFIX = "" if LOCAL else "__Host-"
SESSION_COOKIE_NAME = f"{COOKIE_PREFIX}sessionid"
CSRF_COOKIE_NAME = f"{COOKIE_PREFIX}csrftoken"
LANGUAGE_COOKIE_NAME = f"{COOKIE_PREFIX}django_language"
LANGUAGE_CHOSEN_COOKIE_NAME = f"{COOKIE_PREFIX}language_chosen"
MESSAGE_STORAGE = "shop.cookies.Messages"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not LOCAL
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
# No script reads them: pages carry the token in their forms.
CSRF_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True

SECURE_SSL_REDIRECT = env.bool("SSL_REDIRECT", default=not LOCAL)
# Probes come from inside, by http. A program that forgot the s is told so instead of led on:
# each of its requests would go on to send its token in the clear.
SECURE_REDIRECT_EXEMPT = [r"^(healthz|metrics)$", r"^api/"]
SECURE_HSTS_SECONDS = environment.a_count(
    "HSTS_SECONDS", env.str("HSTS_SECONDS", default="0" if LOCAL else f"{365 * 24 * 60 * 60}")
)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", default=True)
SECURE_HSTS_PRELOAD = env.bool("HSTS_PRELOAD", default=False)
# Whether a whole domain goes into browsers' lists is not for one of its hosts to say.
SILENCED_SYSTEM_CHECKS = ["security.W021"]
# How many proxies before the shop write X-Forwarded-For and -Proto. 0: none does, or the server
# has read them already, as uvicorn does with --proxy-headers.
PROXIES = environment.a_count("PROXIES", env.str("PROXIES", default="0"))
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None

# Who may read /metrics, beside this machine itself and staff: whoever knows this token.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and len(METRICS_TOKEN) < 20:
    raise ImproperlyConfigured(
        f"METRICS_TOKEN: expected 20 or more random characters, found {len(METRICS_TOKEN)}."
    )

LOGGING = logs.configuration(local=LOCAL)
