"""/orders/<id>/history/: who did what."""

import re

from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from ordering.history import read_history
from ordering.queries import order_head


@never_cache
@require_safe
def order_history(request, order_id):
    head = order_head(request.user, order_id)
    before = request.GET.get("before", "")
    is_version = re.fullmatch(r"[0-9]{1,9}", before)
    history = read_history(order_id, before=int(before) if is_version else None)
    return render(request, "ordering/order_history.html", {"order": head, "history": history})
