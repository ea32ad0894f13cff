"""What the store tells its neighbours."""

from django.dispatch import Signal

# Sent inside the append's transaction: `events` is a tuple of RecordedEvent of one stream. Sent
# with `send`, so that a receiver which fails rolls the append back; never with `send_robust`.
events_appended = Signal()

# Sent when a command has come to its end, behind its transaction, for those who count: `command` is
# its name; `outcome` one of "accepted", "refused", "conflict", "repeated" and "failed"; `attempts`
# how often it was tried, 0 when it was refused before the store was asked; `seconds` how long that
# took; `events` what it appended. Sent with `send_robust`: the outcome stands.
command_handled = Signal()
