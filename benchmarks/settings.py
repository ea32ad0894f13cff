"""The shop's settings, with a page beside the shop's to measure them against, and with its static
files as production has them: compressed, and named by their content."""

import os

from shop.settings import *  # noqa: F403
from shop.settings import STORAGES

ROOT_URLCONF = "benchmarks.urls"
STATIC_ROOT = os.environ["STATIC_ROOT"]
STORAGES["staticfiles"]["BACKEND"] = "whitenoise.storage.CompressedManifestStaticFilesStorage"
WHITENOISE_USE_FINDERS = False
