"""The store in Django admin: for reading. Nothing in it is added, changed or deleted by hand."""

from eventstore.admin import checkpoints, events, refusals, skips, streams  # noqa: F401  (register)
