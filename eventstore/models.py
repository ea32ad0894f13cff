"""The store's tables. Events are append-only, enforced by triggers in the first migration."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.fields.json import KT
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _


class ClockTimestamp(Func):
    """The time of the statement, not of the transaction's start: a command may wait for its
    stream's lock, and its events must not seem older than the ones it waited for."""

    function = "clock_timestamp"
    arity = 0
    output_field = models.DateTimeField()


def said(name: str) -> Coalesce:
    """What an event's metadata says of `name`, as text."""
    return Coalesce(KT(f"metadata__{name}"), Value(""))


class Stream(models.Model):
    """One aggregate's events. Its row is the lock under which they are decided and appended.

    `bytes` is what its events' data and metadata take as JSON text in UTF-8. `actors` are the
    users who caused any of its events: neither is asked of millions of events.
    """

    id = models.UUIDField(primary_key=True)
    category = models.CharField(_("category"), max_length=40)
    version = models.PositiveIntegerField(_("version"), default=0)
    created_at = models.DateTimeField(db_default=ClockTimestamp())
    bytes = models.PositiveBigIntegerField(default=0, db_default=0)
    actors = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    class Meta:
        verbose_name = _("stream")
        verbose_name_plural = _("streams")
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="stream_newest"),
            models.Index(fields=["category", "-created_at", "-id"], name="stream_of_category"),
            GinIndex(fields=["actors"], name="stream_of_actor", fastupdate=False),
        ]

    def __str__(self):
        return f"{self.category} {self.id}"


class Event(models.Model):
    """One fact, as stored. `position` orders the whole log, `version` one stream from 1 on.

    `data` is what the codec encodes, `metadata` is {"actor", "source", "correlation_id",
    "causation_id"}: who, from where, in which request, because of what. `hash`, which the database
    makes, is of the event and of the hash before it in its stream: see eventstore.chain.
    """

    position = models.BigAutoField(_("position"), primary_key=True)
    stream = models.ForeignKey(Stream, on_delete=models.PROTECT, db_index=False)
    version = models.PositiveIntegerField()
    type = models.CharField(_("type"), max_length=80)
    schema_version = models.PositiveSmallIntegerField()
    data = models.JSONField()
    metadata = models.JSONField()
    command_id = models.UUIDField(null=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())
    hash = models.BinaryField(max_length=32)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        constraints = [
            models.UniqueConstraint(fields=["stream", "version"], name="event_stream_version"),
            models.CheckConstraint(condition=models.Q(version__gte=1), name="event_version_from_1"),
        ]
        indexes = [
            # Which types and schema versions are stored at all, and the latest of one type.
            models.Index(fields=["type", "schema_version", "position"], name="event_type"),
            # For eventstore.finding, which asks for them by the same expressions.
            models.Index(
                F("type"), said("source"), F("recorded_at"), F("position"), name="event_kind"
            ),
            models.Index(
                said("actor"),
                F("type"),
                said("source"),
                F("recorded_at"),
                F("position"),
                name="event_actor",
            ),
            models.Index(
                said("correlation_id"), F("recorded_at"), F("position"), name="event_correlation"
            ),
            models.Index(
                fields=["command_id"], condition=Q(command_id__isnull=False), name="event_command"
            ),
        ]
        permissions = [("view_payload", "Can see what events say")]

    def __str__(self):
        return f"{self.type} {self.stream_id}@{self.version}"


class Command(models.Model):
    """The outcome of a command id, written in the same transaction as the command's events.

    `fingerprint` is a SHA-256 of what was asked. Accepted: the stream went from version
    `before` to `after`. Refused: both equal, `refusal` is {"code", "params"}.
    """

    id = models.UUIDField(primary_key=True)
    stream_id = models.UUIDField()
    fingerprint = models.BinaryField(max_length=32)
    before = models.PositiveIntegerField()
    after = models.PositiveIntegerField()
    refusal = models.JSONField(null=True)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())

    def __str__(self):
        return str(self.id)


class Refusal(models.Model):
    """A command that was refused, for whoever is asked why: see `eventstore.refusals`.

    `stream_id` is where it was sent; there need be no such stream (version 0), and there is none
    for a command that names none. `actor`, `source` and `correlation_id` are as in an event's
    metadata. `command` and `asked` are what was wanted: a name, and JSON, cut where it is long.
    `code` and `params` say why. `seen` is the version that the sender saw (None: did not care),
    `version` that of the stream then (None: nobody had looked); the events between them were not
    seen. `repeats`: how often the very same came again within a minute. `unkept`: how many others
    of this actor in that minute were too many to keep.
    """

    stream_id = models.UUIDField(null=True)
    category = models.CharField(max_length=40)
    actor = models.BigIntegerField(null=True)
    source = models.CharField(max_length=40)
    correlation_id = models.CharField(max_length=64)
    command_id = models.UUIDField(null=True)
    command = models.CharField(max_length=80)
    asked = models.JSONField()
    code = models.CharField(max_length=80)
    params = models.JSONField()
    seen = models.PositiveIntegerField(null=True)
    version = models.PositiveIntegerField(null=True)
    repeats = models.PositiveIntegerField(default=0)
    unkept = models.PositiveIntegerField(default=0)
    recorded_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        verbose_name = _("refused command")
        verbose_name_plural = _("commands refused")
        indexes = [
            models.Index(fields=["-recorded_at", "-id"], name="refusal_newest"),
            models.Index(fields=["code", "-recorded_at", "-id"], name="refusal_code"),
            models.Index(fields=["actor", "-recorded_at", "-id"], name="refusal_actor"),
            models.Index(fields=["stream_id", "-recorded_at", "-id"], name="refusal_stream"),
            models.Index(fields=["correlation_id"], name="refusal_request"),
        ]

    def __str__(self):
        return f"{self.command}: {self.code}"

    @property
    def unseen(self) -> int:
        """How many events the sender had not seen."""
        if self.seen is None or self.version is None:
            return 0
        return max(0, self.version - self.seen)


class Snapshot(models.Model):
    """A stream's folded state at `version`: a cache, safe to delete.

    A stream keeps all of them, so that its past is as quick to look at as its present. Only read
    while `fingerprint` is that of the code that would fold it today. `state` is JSON as text,
    since jsonb would forget the order of its keys.
    """

    pk = models.CompositePrimaryKey("stream_id", "version")
    stream = models.ForeignKey(Stream, on_delete=models.CASCADE, db_index=False)
    version = models.PositiveIntegerField()
    fingerprint = models.CharField(max_length=64)
    state = models.TextField()

    def __str__(self):
        return f"{self.stream_id}@{self.version}"


class Checkpoint(models.Model):
    """How far a projection or a reactor has come, and what stopped it.

    All of the log up to `position` has been handled. `last_event` is the last event up to there, as
    "stream@version": in a log that was put back, another one is found there. `code` is the digest
    of the code that made a projection's rows; "": not known. While `failing_position` is set, that
    event fails, and is tried again at `retry_at`.

    `minute_events` were handled in the minute that began at `minute`, and `minute_before` in the
    one before it: eventstore.pace makes a rate of them.
    """

    name = models.CharField(primary_key=True, max_length=80)
    kind = models.CharField(max_length=12)
    position = models.BigIntegerField(default=0)
    last_event = models.CharField(max_length=60, blank=True)
    cluster = models.CharField(max_length=24, blank=True)
    code = models.CharField(max_length=64, blank=True)
    failing_position = models.BigIntegerField(null=True)
    error = models.TextField(blank=True)
    attempts = models.PositiveIntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    moved_at = models.DateTimeField(db_default=ClockTimestamp())
    minute = models.DateTimeField(null=True)
    minute_events = models.PositiveBigIntegerField(default=0)
    minute_before = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = _("projection or reactor")
        verbose_name_plural = _("projections and reactors")

    def __str__(self):
        return self.name


class Skip(models.Model):
    """An event that a projection or reactor was told to leave out, by whom, and why it failed.
    A replay leaves it out too."""

    subscription = models.CharField(_("subscription"), max_length=80)
    position = models.BigIntegerField(_("position"))
    error = models.TextField(_("error"), blank=True)
    skipped_by = models.CharField(_("skipped by"), max_length=150)
    skipped_at = models.DateTimeField(_("skipped at"), db_default=ClockTimestamp())

    class Meta:
        verbose_name = _("skip")
        verbose_name_plural = _("skips")
        constraints = [
            models.UniqueConstraint(fields=["subscription", "position"], name="skip_once"),
        ]

    def __str__(self):
        return f"{self.subscription} without {self.position}"


class Build(models.Model):
    """Tables of a projection beside the live ones, in `schema`, and how far they have come.

    All of the log up to `position` is in them once every slice is done. A build that was
    interrupted is gone on with while `code` is still that of the projection.
    """

    projection = models.CharField(max_length=80)
    schema = models.CharField(max_length=40)
    code = models.CharField(max_length=64)
    position = models.BigIntegerField()
    indexed = models.BooleanField(default=False)
    began_at = models.DateTimeField(db_default=ClockTimestamp())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["projection", "schema"], name="build_once"),
        ]

    def __str__(self):
        return f"{self.projection} in {self.schema} at {self.position}"


class Slice(models.Model):
    """A part of a build's first pass: the streams with `after` < id <= `until`."""

    build = models.ForeignKey(Build, on_delete=models.CASCADE, related_name="slices")
    after = models.UUIDField(null=True)
    until = models.UUIDField()
    events = models.BigIntegerField()
    done = models.BooleanField(default=False)

    def __str__(self):
        return f"{self.build_id} until {self.until}"


class Job(models.Model):
    """Work on a projection that somebody asked for, done by whoever runs the projections (see
    eventstore.jobs). `what` is a key of jobs.WORK, `asked_by` a user's id.

    Begun and not finished, it is running while a session holds its advisory lock, else it was
    interrupted. `done` of `total` events are handled. Finished, `outcome` is a jobs.Outcome,
    `words` say what came of it, and `found` is what a verification found: {"count", "rows":
    [{"table", "key", "expected", "actual"}, ...]}. `result` has what those words were made of, for
    who reads another language (see jobs.words_of): of a replay {"resumed", "waited" in ms}, of a
    rollback {"waited"}, of a verification {"rows"}, of dropping {"tables"}; None: it failed.
    """

    projection = models.CharField(max_length=80)
    what = models.CharField(max_length=12)
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField(db_default=ClockTimestamp())
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    outcome = models.CharField(max_length=12, blank=True)
    words = models.TextField(blank=True)
    found = models.JSONField(null=True)
    result = models.JSONField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["projection"],
                condition=models.Q(finished_at__isnull=True),
                name="job_one_open",
            ),
        ]
        indexes = [models.Index(fields=["projection", "-id"], name="job_newest")]

    def __str__(self):
        return f"{self.what} {self.projection}"


class Stall(models.Model):
    """A time for which the log's reader could not go on, because `who` held the gate."""

    began_at = models.DateTimeField(db_index=True)
    seen_at = models.DateTimeField()
    who = models.TextField()

    def __str__(self):
        return f"{self.began_at:%Y-%m-%d %H:%M:%S}: {self.who}"
