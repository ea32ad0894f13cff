"""What tells the open pages that something has changed.

A stream of server-sent events says only *that* an order is at another version, never what changed:
the page then asks for its own part again, with its usual checks. The way of a change:

    announce  a command has committed: one NOTIFY wakes the hubs
    hub       one a process: reads what was appended, and tells the streams of that customer
    stream    one an open page: what it has still to be told, never more than fits
    door      who may open a stream, and who may keep it
    presence  whose browsers are on an order's page, and what they have the cursor in
    app       all this as an ASGI application, beside the pages
"""
