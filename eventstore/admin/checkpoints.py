"""Projections and reactors: how they stand, and what is done about it.

What takes long is a job (eventstore.jobs), done outside the request; the pages show how far it is.
"""

from django.contrib import admin, messages
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseNotAllowed, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from eventstore import checkpoints, jobs
from eventstore.admin.cards import Card, cards, shown
from eventstore.admin.reading import VIEW_PAYLOAD, ReadOnlyAdmin
from eventstore.models import Checkpoint, Job
from eventstore.projections import asynchronous, inline
from eventstore.replay import Busy
from eventstore.standing import followers, sizes

HISTORY = 20  # jobs that a page tells of
# What a page that asks first says it means.
MEANS = {
    "replay": (
        gettext_lazy("Make the rows of %(name)s anew?"),
        gettext_lazy(
            "They are made again from the whole log in tables beside the live ones, while the shop "
            "goes on, and take their place at the end. What they replace is kept until the next "
            "replay, or until you drop it."
        ),
    ),
    "rollback": (
        gettext_lazy("Put the previous rows of %(name)s back?"),
        gettext_lazy(
            "The tables that the last replay replaced take the live ones' place again, with what "
            "has happened since folded in by today's code."
        ),
    ),
    "drop": (
        gettext_lazy("Drop the previous tables of %(name)s?"),
        gettext_lazy(
            "They were kept so that the last replay could be taken back. After this it cannot."
        ),
    ),
    "skip": (
        gettext_lazy("Leave event %(position)s out of %(name)s?"),
        gettext_lazy(
            "%(name)s goes on after it and never handles it; a replay leaves it out too. This is "
            "kept on record, and cannot be taken back."
        ),
    ),
}
# What a page says once it was asked for.
ASKED = {
    "verify": gettext_lazy("The rows of %(name)s are compared with the log."),
    "replay": gettext_lazy("The rows of %(name)s are made anew."),
    "rollback": gettext_lazy("The previous rows of %(name)s are put back."),
    "drop": gettext_lazy("The previous tables of %(name)s are dropped."),
}
GOES_ON = {
    "verify": gettext_lazy("The verification goes on."),
    "replay": gettext_lazy("The replay goes on."),
    "rollback": gettext_lazy("The rollback goes on."),
    "drop": gettext_lazy("The dropping of the previous tables goes on."),
}
WITHDRAWN = {
    "verify": gettext_lazy("The verification is withdrawn."),
    "replay": gettext_lazy("The replay is withdrawn."),
    "rollback": gettext_lazy("The rollback is withdrawn."),
    "drop": gettext_lazy("The dropping of the previous tables is withdrawn."),
}
ACTIONS = ("verify", "replay", "rollback", "drop", "retry", "skip", "go_on", "withdraw")


@admin.register(Checkpoint)
class CheckpointAdmin(ReadOnlyAdmin):
    def get_queryset(self, request):
        return super().get_queryset(request).filter(pk__in=[one.name for one in followers()])

    def get_urls(self):
        def view(of):
            return self.admin_site.admin_view(of)

        name = "eventstore_checkpoint"
        return [
            path("standing/", view(self.standing_view), name=f"{name}_standing"),
            path("<str:key>/standing/", view(self.its_standing_view), name=f"{name}_its_standing"),
            path("<str:key>/do/<str:what>/", view(self.do_view), name=f"{name}_do"),
            *super().get_urls(),
        ]

    def has_operate_permission(self, request):
        return request.user.has_perm("eventstore.change_checkpoint")

    # --- Pages ------------------------------------------------------------------------------

    def changelist_view(self, request, extra_context=None):
        if request.method not in ("GET", "HEAD"):
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return self._answer(request, "projections.html", **self._all(request))

    def standing_view(self, request):
        return self._answer(request, "projections_standing.html", **self._all(request))

    def change_view(self, request, object_id, form_url="", extra_context=None):
        if request.method not in ("GET", "HEAD"):
            raise PermissionDenied
        return self._answer(request, "projection.html", **self._one(request, unquote(object_id)))

    def its_standing_view(self, request, key):
        about = self._one(request, unquote(key))
        return self._answer(request, "projection_standing.html", **about)

    def _answer(self, request, template, **context):
        if not self.has_view_permission(request):
            raise PermissionDenied
        context |= self.admin_site.each_context(request) | {
            "opts": self.opts,
            "operates": self.has_operate_permission(request),
            "sees_payload": request.user.has_perm(VIEW_PAYLOAD),
        }
        return TemplateResponse(request, f"admin/eventstore/{template}", context)

    def _all(self, request):
        found = cards()
        return {
            "title": capfirst(self.opts.verbose_name_plural),
            "cards": found,
            "runner": found[0].runner if found else None,
            "running": any(card.job and card.job.moves for card in found),
        }

    def _one(self, request, name):
        card = self._card(name)
        projection = (inline | asynchronous).get(name)
        return {
            "title": name,
            "card": card,
            "runner": card.runner,
            "running": bool(card.job and card.job.moves),
            "sizes": sizes(projection.tables) if projection else {},
            "history": shown(Job.objects.filter(projection=name).order_by("-id")[:HISTORY]),
        }

    def _card(self, name: str) -> Card:
        for card in cards():
            if card.name == name:
                return card
        raise Http404(f"expected the name of a projection or reactor, found {name[:80]!r}")

    # --- Actions ----------------------------------------------------------------------------

    def do_view(self, request, key, what):
        """GET asks, POST does."""
        if request.method not in ("GET", "HEAD", "POST"):
            return HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if not (self.has_view_permission(request) and self.has_operate_permission(request)):
            raise PermissionDenied
        card = self._card(unquote(key))
        if what not in ACTIONS:
            raise Http404(f"expected one of {', '.join(ACTIONS)}, found {what[:40]!r}")
        page = reverse("admin:eventstore_checkpoint_change", args=[quote(card.name)])
        if request.method == "POST":
            self._do(request, card, what)
            return HttpResponseRedirect(page)
        position = card.standing.checkpoint.failing_position
        if what not in MEANS or (what == "skip" and position is None):
            return HttpResponseRedirect(page)
        about = {"name": card.name, "position": position}
        question, meaning = (text % about for text in MEANS[what])
        return self._answer(
            request, "projection_asked.html", title=question, meaning=meaning, card=card, what=what
        )

    def _do(self, request, card: Card, what: str) -> None:
        if what not in [action.what for action in card.actions]:
            why = _("That cannot be done to %(name)s now: %(standing)s.")
            about = {"name": card.name, "standing": card.headline}
            self.message_user(request, why % about, messages.WARNING)
            return
        try:
            told, said = self._done(request, card, what)
        except (Busy, LookupError, ValueError) as error:
            self.message_user(request, f"{error}.", messages.WARNING)
            return
        self.log_change(request, card.standing.checkpoint, told)
        self.message_user(request, said)

    def _done(self, request, card: Card, what: str) -> tuple[str, str]:
        """What the admin's log says of it, in English for all who read it, and what the page does.
        Raises Busy and ValueError."""
        name, position = card.name, card.standing.checkpoint.failing_position
        if what == "retry":
            checkpoints.retry(name)
            return (
                f"Told to try event {position} again.",
                _("It is tried again with the next look at the log."),
            )
        if what == "skip":
            # The one that the page asked about: by now it may fail at another.
            asked = request.POST.get("position", "")
            about = {"name": name, "position": position, "found": asked[:20]}
            if asked != f"{position}":
                wrong = _("%(name)s: expected event %(position)s, found “%(found)s”")
                raise ValueError(wrong % about)
            checkpoints.skip(name, position, by=request.user.get_username())
            said = _("Event %(position)s is left out of %(name)s.") % about
            return f"Told to skip event {position}.", said
        if what in ("go_on", "withdraw"):
            job = card.job.job
            with override("en"):
                noun = card.job.noun.lower()
            by = {"by": request.user.pk} if what == "go_on" else {}
            if not getattr(jobs, what)(job.pk, **by):
                raise Busy(_("%(name)s: somebody else was faster") % {"name": name})
            if what == "go_on":
                return f"Told to go on with the {noun}.", GOES_ON[job.what]
            return f"Withdrew the {noun}.", WITHDRAWN[job.what]
        jobs.ask(name, what, by=request.user.pk)
        return f"Asked for: {what}.", ASKED[what] % {"name": name}
