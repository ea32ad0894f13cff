from django.apps import AppConfig


class OrderingConfig(AppConfig):
    name = "ordering"

    def ready(self):
        """The one list: which events exist, and what follows from them."""
        from eventstore.codec import codec
        from eventstore.projections import register_inline
        from ordering import projections
        from ordering.domain import order

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
            upcasts=[],
        )
        register_inline(projections.orders)
