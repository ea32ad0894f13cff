"""The pages of this app. Every path below an order's page takes forms only."""

from django.contrib.auth.views import LogoutView
from django.urls import include, path

from ordering.views import (
    account,
    cart,
    current,
    forgotten,
    history,
    language,
    live,
    orders,
    password,
    quick,
    second_factor,
    undo,
)
from ordering.views.login import Login, SecondStep

an_order = [
    # /orders/<id>/
    path("", cart.order, name="order"),
    path("history/", history.order_history, name="order_history"),
    path("details/", cart.order_details, name="order_details"),
    path("completion/", cart.order_completion, name="order_completion"),
    path("cancellation/", cart.order_cancellation, name="order_cancellation"),
    path("copy/", cart.order_copy, name="order_copy"),
    path("undo/", undo.order_undo, name="order_undo"),
    path("live/", live.elsewhere, name="order_live"),
    # /orders/<id>/items/
    path("items/", cart.order_items, name="order_items"),
    path("items/<slug:sku>/", cart.order_item, name="order_item"),
    path("items/<slug:sku>/removal/", cart.order_item_removal, name="order_item_removal"),
]

urlpatterns = [
    # /orders/
    path("orders/", orders.orders, name="orders"),
    path("orders/<uuid:order_id>/", include(an_order)),
    # /current-order/
    path("current-order/", current.current_order, name="current_order"),
    path("current-order/items/", current.current_order_items, name="current_order_items"),
    # /quick-order/
    path("quick-order/", quick.quick_order, name="quick_order"),
    # /live/
    path("live/", live.elsewhere, name="live"),
    path("live/<uuid:stream_id>/", live.elsewhere, name="live_sign"),
    # /account/
    path("account/", account.account, name="account"),
    path("account/password/", password.password, name="password"),
    path("account/second-factor/", second_factor.second_factor, name="second_factor"),
    path(
        "account/tokens/<int:token_id>/revocation/",
        account.token_revocation,
        name="token_revocation",
    ),
    path("account/sessions/ending/", account.sessions_ending, name="sessions_ending"),
    path(
        "account/sessions/<int:session_id>/ending/", account.session_ending, name="session_ending"
    ),
    # /language/
    path("language/", language.set_language, name="set_language"),
    # /login/ and /logout/
    path("login/", Login.as_view(), name="login"),
    path("login/second-factor/", SecondStep.as_view(), name="second_step"),
    path("login/forgotten/", forgotten.forgotten_password, name="forgotten_password"),
    path("login/new-password/", forgotten.new_password, name="new_password"),
    path("logout/", LogoutView.as_view(), name="logout"),
]
