"""The public JSON API: what the pages can do, through the same door (ordering.handling).

app            the API itself: its routes, and which exception becomes which problem
auth           who asks: a token, or the session with its CSRF token
limits         how often
parsing        JSON from outside, strictly
preconditions  ETag, If-Match and If-None-Match: versions of an order
idempotency    Idempotency-Key: one effect, one answer
problems       every error, as application/problem+json (RFC 9457)
schemas        what comes in and goes out, as OpenAPI documents it
documenting    what OpenAPI says beyond those types
representing   orders, products and events as JSON
orders, products, events   the calls
middleware     what Django answers itself below /api/, as a problem
"""
