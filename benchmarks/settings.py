"""The shop's settings, with a page beside the shop's to measure them against."""

from shop.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.urls"
