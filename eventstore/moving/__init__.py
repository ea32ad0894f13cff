"""Moving events between stores, as JSON Lines: `lines` is the format, written by `exports`, read by
`imports`."""

# What the checkpoint of an inline projection has as its code while its rows lack imported events.
IMPORTED = "imported"
