"""The language that an agent reads. A browser remembers what was chosen in it, in Django's cookie;
the agent keeps it too, for e-mails and for other browsers that they log in with."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from ordering.models import Agent

# Its cookie says that whoever is not logged in has just chosen: once they are, it is their choice.
CHOSEN = settings.LANGUAGE_CHOSEN_COOKIE_NAME
CHOSEN_AGE = 10 * 60  # seconds


def of_email(agent: Agent) -> str:
    """The agent's language; the shop's own where they never chose one that there is."""
    return agent.language if agent.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def choose(request: HttpRequest, language: str) -> None:
    """Read this language from now on. The cookies come with the answer, see `remember`."""
    request.chosen_language = language
    if request.user.is_authenticated:
        request.user.language = language
        Agent.objects.filter(pk=request.user.pk).update(language=language)


def on_login(request: HttpRequest, user: Agent, **kwargs) -> None:
    """Who chose on the way in keeps that; otherwise the agent's language follows them here."""
    languages = dict(settings.LANGUAGES)
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME)
    if CHOSEN in request.COOKIES and chosen in languages:
        choose(request, chosen)
    elif user.language in languages:
        request.chosen_language = user.language


def remember(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Give the browser the cookies of a language chosen during this request, if one was."""
    if language := getattr(request, "chosen_language", ""):
        how = {
            "path": settings.LANGUAGE_COOKIE_PATH,
            "domain": settings.LANGUAGE_COOKIE_DOMAIN,
            "secure": settings.LANGUAGE_COOKIE_SECURE,
            "httponly": settings.LANGUAGE_COOKIE_HTTPONLY,
            "samesite": settings.LANGUAGE_COOKIE_SAMESITE,
        }
        age = settings.LANGUAGE_COOKIE_AGE
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=age, **how)
        if not request.user.is_authenticated:
            response.set_cookie(CHOSEN, "1", max_age=CHOSEN_AGE, **how)
        elif CHOSEN in request.COOKIES:
            response.delete_cookie(
                CHOSEN, path=how["path"], domain=how["domain"], samesite=how["samesite"]
            )
    return response
