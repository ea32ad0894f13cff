"""The second factor: a code of an app (TOTP, RFC 6238), or a recovery code in place of it.

Devices and the checking of codes are django-otp's. Its recovery codes (otp_static) are stored as
they are read out; those of ours are stored as digests.
"""
