"""Who may do what in the admin: a row for each of its addresses.

A row says what each of FIVE is answered, first to GET and then to POST: a status, or "login", which
is the login page. It is posted what somebody might forge (see `forgeries` in test_admin_matrix), or
its own `form`, in which "EXAMPLE" is the key of the page's example. `changes` says who may change
what by it; for everybody and everything else it is checked that no row of any table has changed.
"""
# ruff: noqa: E501  (ROWS is a table)

from dataclasses import dataclass, field

FIVE = ("anonymous", "alice", "support", "operator", "admin")

# What they are answered, in the order of FIVE.
LOOK = "login login 200 200 200"
OPERATE = "login login 403 200 200"
SUPERUSER = "login login 403 403 200"
NOBODY = "login login 403 403 403"
ELSEWHERE = "login login 302 302 302"
ACTED = "login login 200 302 302"
DONE = "login login 403 302 302"
MISSING = "login login 404 404 404"
NOT_SO = "login login 405 405 405"


@dataclass(frozen=True)
class Row:
    route: str
    get: str
    post: str
    form: dict | None = None
    query: str = ""
    changes: dict[str, str] = field(default_factory=dict)
    """Table -> who may change it, as words of FIVE."""
    of: str = ""
    """Whose page it is, where that is not the model's example."""
    what: str = ""
    """The action, where the address names one."""

    @property
    def page(self) -> tuple:
        return self.route, self.query, self.of, self.what


def act(action: str) -> dict:
    """An action of a list, on all that there is and without asking."""
    return {"action": action, "_selected_action": "EXAMPLE", "post": "yes"}


def act_on_page(action: str) -> dict:
    return {"CHANGE_FORM-action": action, "_selected_action": "EXAMPLE", "post": "yes"}


def is_list(route: str) -> bool:
    return route.count("/") == 2 and "<" not in route


def read_only(model: str) -> list[Row]:
    """The pages of a model that is only looked at."""
    return [
        Row(f"{model}/", LOOK, LOOK),
        Row(f"{model}/", LOOK, LOOK, act("delete_selected")),
        Row(f"{model}/", LOOK, LOOK, act("nonsense")),
        Row(f"{model}/add/", NOBODY, NOBODY),
        Row(f"{model}/<path:object_id>/", ELSEWHERE, ELSEWHERE),
        Row(f"{model}/<path:object_id>/change/", LOOK, NOBODY),
        Row(f"{model}/<path:object_id>/change/", LOOK, NOBODY, act_on_page("delete_selected")),
        Row(f"{model}/<path:object_id>/delete/", NOBODY, NOBODY),
        Row(f"{model}/<path:object_id>/history/", LOOK, LOOK),
    ]


def managed(model: str) -> list[Row]:
    """The pages of what operators manage, and nobody deletes; forgeries are not valid forms."""
    return [
        Row(f"{model}/", LOOK, LOOK),
        Row(f"{model}/", LOOK, ACTED, act("delete_selected")),
        Row(f"{model}/", LOOK, ACTED, act("nonsense")),
        Row(f"{model}/add/", OPERATE, OPERATE),
        Row(f"{model}/<path:object_id>/", ELSEWHERE, ELSEWHERE),
        Row(f"{model}/<path:object_id>/change/", LOOK, OPERATE),
        Row(f"{model}/<path:object_id>/change/", LOOK, DONE, act_on_page("delete_selected")),
        Row(f"{model}/<path:object_id>/delete/", NOBODY, NOBODY),
        Row(f"{model}/<path:object_id>/history/", LOOK, LOOK),
    ]


MANAGERS = "operator admin"
AGENT = {"ordering_agent": MANAGERS}
CUSTOMER = {"ordering_customer": MANAGERS}
CHECKPOINT = {"eventstore_checkpoint": MANAGERS}
JOB = {"eventstore_job": MANAGERS}
DO = "eventstore/checkpoint/<str:key>/do/<str:what>/"
NEW_AGENT = {"username": "newcomer", "usable_password": "true", "password1": "harbour-47-lights",
             "password2": "harbour-47-lights", "is_superuser": "on"}  # fmt: skip
NEW_CUSTOMER = {"name": "New", "code": "NEW", "is_active": "on", "agents-TOTAL_FORMS": "0",
                "agents-INITIAL_FORMS": "0"}  # fmt: skip
NEW_PASSWORD = {"password1": "harbour-47-lights", "password2": "harbour-47-lights",
                "usable_password": "true", "set-password": "1"}  # fmt: skip
ROLE = dict.fromkeys(("auth_group", "auth_group_permissions", "ordering_agent_groups"), "admin")
LOGIN_OF_ALICE = {"username": "alice", "password": "demo"}

ROWS = [
    Row("", LOOK, LOOK),
    Row("login/", "200 200 302 302 302", "200 200 200 200 200"),
    Row("login/", "200 200 302 302 302", "200 200 200 200 200", LOGIN_OF_ALICE),
    Row("logout/", "login 302 405 405 405", "login 302 login login login", {}),
    Row("password_change/", LOOK, LOOK),
    Row("password_change/done/", LOOK, NOT_SO),
    Row("autocomplete/", LOOK, NOT_SO, query="app_label=ordering&model_name=agent&field_name=customer"),
    Row("autocomplete/", SUPERUSER, NOT_SO, query="app_label=ordering&model_name=agent&field_name=groups"),
    Row("jsi18n/", LOOK, NOT_SO),
    Row("r/<path:content_type_id>/<path:object_id>/", MISSING, MISSING),
    Row("^(?P<app_label>eventstore|ordering|auth|catalog)/$", LOOK, LOOK),
    Row("(?P<url>.*)$", MISSING, MISSING),
    # The event store.
    *(row for row in read_only("eventstore/stream") if "history" not in row.route),
    Row("eventstore/stream/<path:object_id>/history/", OPERATE, OPERATE),  # it has what was wrong
    *read_only("eventstore/event"),
    *read_only("eventstore/refusal"),
    *read_only("eventstore/skip"),
    *(row for row in read_only("eventstore/checkpoint") if not is_list(row.route)),
    Row("eventstore/checkpoint/", LOOK, NOT_SO),
    Row("eventstore/checkpoint/", LOOK, NOT_SO, act("delete_selected")),
    Row("eventstore/checkpoint/standing/", LOOK, LOOK),
    Row("eventstore/checkpoint/<str:key>/standing/", LOOK, LOOK),
    Row(DO, OPERATE, DONE, {}, what="replay", changes=JOB),
    Row(DO, DONE, DONE, {}, what="verify", changes=JOB),
    Row(DO, DONE, DONE, {}, what="retry", changes=CHECKPOINT),
    Row(DO, OPERATE, DONE, {"position": "EXAMPLE"}, of="failing", what="skip", changes=CHECKPOINT | {"eventstore_skip": MANAGERS}),
    Row(DO, OPERATE, DONE, {"position": "0"}, what="skip"),  # not the one that it fails at
    Row(DO, OPERATE, DONE, {}, what="rollback"),  # there is nothing to go back to
    Row(DO, OPERATE, DONE, {}, what="drop"),
    Row(DO, DONE, DONE, {}, what="go_on"),
    Row(DO, DONE, DONE, {}, what="withdraw"),
    Row(DO, "login login 403 404 404", "login login 403 404 404", what="delete"),
    Row("eventstore/stream/<path:object_id>/repair/", NOT_SO, DONE, {}, changes={"ordering_orderhead": MANAGERS}),
    # What is taken away is what events say.
    Row("eventstore/stream/export/", OPERATE, OPERATE),
    Row("eventstore/event/export/", OPERATE, OPERATE),
    Row("eventstore/event/<int:position>/json/", OPERATE, OPERATE),
    # The shop's rows.
    *read_only("ordering/orderhead"),
    *read_only("ordering/dailyfigure"),
    *read_only("catalog/product"),
    *read_only("catalog/category"),
    # Customers and agents.
    *managed("ordering/customer"),
    Row("ordering/customer/add/", OPERATE, DONE, NEW_CUSTOMER, changes=CUSTOMER),
    Row("ordering/customer/", LOOK, ACTED, act("deactivate"), changes=CUSTOMER),
    Row("ordering/customer/", LOOK, ACTED, act("reactivate")),  # it is active
    Row("ordering/customer/<path:object_id>/change/", LOOK, DONE, act_on_page("deactivate"), changes=CUSTOMER),
    Row("ordering/customer/<path:object_id>/change/", LOOK, DONE, act_on_page("reactivate")),
    *managed("ordering/agent"),
    Row("ordering/agent/add/", OPERATE, DONE, NEW_AGENT, changes=AGENT),
    Row("ordering/agent/", LOOK, ACTED, act("deactivate"), changes=AGENT),
    Row("ordering/agent/", LOOK, ACTED, act("reactivate")),  # it is active
    Row("ordering/agent/<path:object_id>/change/", LOOK, DONE, act_on_page("deactivate"), changes=AGENT),
    Row("ordering/agent/<path:object_id>/change/", LOOK, DONE, act_on_page("reactivate")),
    Row("ordering/agent/<path:object_id>/change/", LOOK, DONE, act_on_page("remove_second_factor")),  # there is none
    Row("ordering/agent/<path:object_id>/change/", LOOK, DONE, act_on_page("remove_second_factor"), of="admin"),
    Row("ordering/agent/<path:object_id>/change/", LOOK, SUPERUSER, {"email": "mine@example.org"}, of="support"),
    Row("ordering/agent/<path:object_id>/change/", LOOK, SUPERUSER, {"email": "mine@example.org"}, of="admin"),
    # As a new one: the page for adding, with what it refuses.
    Row("ordering/agent/<path:object_id>/change/", LOOK, OPERATE, {"_saveasnew": "1"}, of="admin"),
    Row("ordering/agent/<path:object_id>/change/", LOOK, DONE, act_on_page("deactivate"), of="admin"),
    Row("ordering/agent/<id>/password/", OPERATE, DONE, NEW_PASSWORD, changes=AGENT),
    Row("ordering/agent/<id>/password/", SUPERUSER, "login login 403 403 302", NEW_PASSWORD, of="support", changes={"ordering_agent": "admin"}),
    # Roles: superusers only.
    Row("auth/group/", SUPERUSER, SUPERUSER),
    Row("auth/group/", SUPERUSER, "login login 403 403 302", act("delete_selected"), changes=ROLE),
    Row("auth/group/add/", SUPERUSER, SUPERUSER),
    Row("auth/group/add/", SUPERUSER, "login login 403 403 302", {"name": "New"}, changes={"auth_group": "admin"}),
    Row("auth/group/<path:object_id>/", ELSEWHERE, ELSEWHERE),
    Row("auth/group/<path:object_id>/change/", SUPERUSER, SUPERUSER),
    Row("auth/group/<path:object_id>/change/", SUPERUSER, SUPERUSER, act_on_page("delete_selected")),  # asks first
    Row("auth/group/<path:object_id>/delete/", SUPERUSER, SUPERUSER, {}),
    Row("auth/group/<path:object_id>/delete/", SUPERUSER, "login login 403 403 302", {"post": "yes"}, changes=ROLE),
    Row("auth/group/<path:object_id>/history/", SUPERUSER, SUPERUSER),
]  # fmt: skip
