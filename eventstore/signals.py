"""What the store tells its neighbours."""

from django.dispatch import Signal

# Sent inside the append's transaction: `events` is a tuple of RecordedEvent of one stream. Sent
# with `send`, so that a receiver which fails rolls the append back; never with `send_robust`.
events_appended = Signal()
