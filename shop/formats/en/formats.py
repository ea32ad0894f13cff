"""Dates and times as the shop writes them, in the admin too: 24 Nov 2026, 16:05. The last four
are names of ours, for `date_format` and the filter `date`: every language needs them."""

DATE_FORMAT = SHORT_DATE_FORMAT = "j M Y"
TIME_FORMAT = "H:i"
DATETIME_FORMAT = SHORT_DATETIME_FORMAT = "j M Y, H:i"
YEAR_MONTH_FORMAT = "F Y"
MONTH_DAY_FORMAT = "j F"
DAY_OF_YEAR_FORMAT = "j M"
THIS_YEAR_FORMAT = "j M H:i"
WEEKDAY_FORMAT = "l j F Y"
WHOLE_MOMENT_FORMAT = "l j F Y, H:i"
