from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrderingConfig(AppConfig):
    name = "ordering"
    verbose_name = _("Ordering")

    def ready(self):
        """The one list: which events exist, and what follows from them."""
        from django.contrib.auth.signals import user_logged_in

        from catalog.shelves import register_shelf
        from eventstore.categories import register_category
        from eventstore.codec import Upcast, codec
        from eventstore.errands import register_errands
        from eventstore.figures import register_figure
        from eventstore.housekeeping import register_chores
        from eventstore.projections import register_asynchronous, register_inline
        from eventstore.reactors import register_reactors
        from eventstore.signals import events_appended
        from ordering import auth, projections, reactors
        from ordering.api.idempotency import forget_old_answers
        from ordering.domain import order
        from ordering.favourites import OFTEN
        from ordering.figures import OPEN_ORDERS
        from ordering.forgotten import send_links
        from ordering.language import on_login
        from ordering.live.announce import announce_events
        from ordering.sessions import SessionStore
        from ordering.telling import ORDERS

        codec.register(
            [
                order.OrderOpened,
                order.ItemAdded,
                order.QuantityChanged,
                order.ItemRemoved,
                order.DetailsChanged,
                order.OrderCompleted,
                order.OrderCancelled,
            ],
            upcasts=[
                # Not settings.CURRENCY, which may change: these orders were in euros.
                Upcast("OrderCompleted", 1, lambda data: {**data, "currency": "EUR"}),
            ],
        )
        register_category(ORDERS)
        register_inline(projections.orders)
        register_asynchronous(projections.favourites, projections.daily_figures)
        register_reactors(reactors.completion_email)
        register_chores(forget_old_answers, SessionStore.clear_expired)
        register_errands(send_links)
        register_shelf(OFTEN)
        register_figure(OPEN_ORDERS)
        events_appended.connect(announce_events, dispatch_uid="ordering.live.announce")
        user_logged_in.connect(on_login, dispatch_uid="ordering.language")
        user_logged_in.connect(auth.on_login, dispatch_uid="ordering.auth")
