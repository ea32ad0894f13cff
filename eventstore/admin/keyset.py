"""A change list paged by key instead of by number: no count, and no rows that are passed over.

The address says where a page begins: `?older=KEY` has the rows after that one, `?newer=KEY` those
before it, `?oldest` the last page. What is written meanwhile moves nothing.
"""

import json
from functools import reduce
from operator import or_

from django.contrib import messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import Model, Q
from django.utils.translation import gettext as _

OLDER, NEWER, OLDEST = "older", "newer", "oldest"
PLACES = (OLDER, NEWER, OLDEST)


class KeysetChangeList(ChangeList):
    def get_filters_params(self, params=None):
        filters = super().get_filters_params(params)
        return {name: value for name, value in filters.items() if name not in PLACES}

    def get_filters(self, request):
        filters = super().get_filters(request)
        # What no filter knows would look through all rows, or be left out unseen; and by a lookup
        # such as ?data__contains= whoever may not see a value could guess it.
        if filters[2]:
            raise IncorrectLookupParameters
        return filters

    def get_query_string(self, new_params=None, remove=None):
        # A filter, or its end, begins at the first page again.
        new_params = new_params or {}
        stays = dict.fromkeys(name for name in PLACES if name not in new_params)
        return super().get_query_string(new_params | stays, remove)

    def get_results(self, request):
        for name in PLACES:  # the search form repeats the others
            self.params.pop(name, None)
        size = self.list_per_page
        names = self.model_admin.keyset
        upwards, key = self._from_place(request, names)
        found = self.read(key, upwards, size + 1)
        more, found = len(found) > size, found[:size]
        if upwards:
            found.reverse()
        placed = any(name in request.GET for name in PLACES)
        has_older = more if not upwards else OLDEST not in request.GET
        has_newer = more if upwards else placed
        self.older = self._place(OLDER, found[-1]) if has_older and found else ""
        self.newer = self._place(NEWER, found[0]) if has_newer and found else ""
        self.newest = self.get_query_string() if placed else ""
        self.oldest = self.get_query_string({OLDEST: "1"}) if has_older and found else ""
        self.result_list = found
        # Equal: the search form then does not tell how many were found, which nobody knows.
        self.result_count = self.full_result_count = len(found)
        self.show_full_result_count = False
        self.show_admin_actions = bool(found)
        self.can_show_all = True
        self.multi_page = False
        self.paginator = Paginator(found, max(1, len(found)))  # the actions' counter reads it

    def read(self, key: list | None, upwards: bool, limit: int) -> list[Model]:
        """At most `limit` rows beyond the one with `key`, newest first, or `upwards`."""
        names = self.model_admin.keyset
        rows = self.queryset.order_by(*names) if upwards else self.queryset
        if key:
            rows = rows.filter(beyond(names, key, upwards))
        return list(rows[:limit])

    def _from_place(self, request, names: tuple[str, ...]) -> tuple[bool, list | None]:
        """Whether the page is read upwards, and the key beyond which it begins."""
        if OLDEST in request.GET:
            return True, None
        for place, upwards in ((OLDER, False), (NEWER, True)):
            if place in request.GET:
                try:
                    return upwards, self._key(names, request.GET[place])
                except (ValueError, TypeError, OverflowError, RecursionError, ValidationError):
                    messages.warning(
                        request,
                        _(
                            "This page's address is damaged: expected %(place)s= to be followed by "
                            "what a link of this list has there, found “%(found)s”. The list "
                            "begins at its start."
                        )
                        % {"place": place, "found": request.GET[place][:60]},
                    )
                    return False, None
        return False, None

    def _key(self, names: tuple[str, ...], text: str) -> list:
        values = json.loads(text)
        if not isinstance(values, list) or len(values) != len(names):
            raise ValueError(text)
        fields = [self._field(name) for name in names]
        key = [field.to_python(value) for field, value in zip(fields, values, strict=True)]
        for field, value in zip(fields, key, strict=True):
            field.run_validators(value)  # a number that the column could not hold
        if None in key:
            raise ValueError(text)
        return key

    def _field(self, name: str):
        return self.opts.pk if name == "pk" else self.opts.get_field(name)

    def _place(self, place: str, row: Model) -> str:
        values = [self._field(name).value_to_string(row) for name in self.model_admin.keyset]
        return self.get_query_string({place: json.dumps(values)})


def beyond(names: tuple[str, ...], key: list, upwards: bool) -> Q:
    """The rows beyond the one with `key`, in the order of `names`."""
    than = "gt" if upwards else "lt"
    first = Q(**{f"{names[0]}__{than}e": key[0]})  # what an index can begin at
    steps = [
        Q(**dict(zip(names[:at], key[:at], strict=True)), **{f"{names[at]}__{than}": key[at]})
        for at in range(len(names))
    ]
    return first & reduce(or_, steps)
