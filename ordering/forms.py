"""What agents type. A form only reads; the domain decides, and its refusal lands on the field."""

from collections.abc import Callable

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from catalog.numbers import typed_number
from eventstore.decider import Outcome
from ordering.domain.refusal import Refused
from ordering.domain.values import MAX_NOTE, MAX_QUANTITY, MAX_REASON, MAX_REFERENCE
from ordering.explaining import explain

FIELDS = {  # the field that a refusal is about, where its params do not name one
    "no-such-product": "sku",
    "quantity-out-of-range": "quantity",
    "line-full": "quantity",
}


class QuantityField(forms.Field):
    """A whole number; anything else stays as typed, for the domain to refuse by name."""

    default_error_messages = {
        "required": format_lazy(
            _("How many? A whole number from 1 to {limit}."), limit=MAX_QUANTITY
        ),
        "ambiguous": _(
            "“%(typed)s” can be read as a whole number and as a fraction. Type a whole number "
            "without a point or comma."
        ),
    }

    def to_python(self, value):
        value = (value or "").strip()
        try:
            number = typed_number(value)
        except ValueError:
            message, params = self.error_messages["ambiguous"], {"typed": value}
            raise forms.ValidationError(message, "ambiguous", params) from None
        return value if number is None else number


class CommandForm(forms.Form):
    """A form that sends one command. `refused` is the domain's answer when it was no."""

    refused: Refused | None = None

    def send(self, command: Callable[..., Outcome]) -> Outcome | None:
        """Send what was typed. None when it was refused; then the form says why.

        Raises Refused for an order that is not there: no form can show that.
        """
        if not self.is_valid():
            return None
        try:
            return command(**self.cleaned_data)
        except Refused as refused:
            if refused.code == "no-such-order":
                raise
            self.refuse(refused)
            return None

    def refuse(self, refused: Refused) -> None:
        self.refused = refused
        field = refused.params.get("field") or FIELDS.get(refused.code)
        self.add_error(field if field in self.fields else None, explain(refused))

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        if not self.errors:
            return 200
        return 409 if self.refused and self.refused.code in ("order-closed", "conflict") else 422


class QuantityForm(CommandForm):
    quantity = QuantityField()


class ItemForm(QuantityForm):
    sku = forms.CharField(
        label=_("SKU"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "FLR-25",
            }
        ),
        error_messages={"required": _("Which product? Type its SKU, such as FLR-25.")},
    )


class DetailsForm(CommandForm):
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": MAX_REFERENCE}),
    )
    note = forms.CharField(
        label=_("Note"),
        required=False,
        widget=forms.Textarea(attrs={"maxlength": MAX_NOTE, "rows": 4}),
    )

    def typed(self) -> dict[str, str]:
        return {name: self.data.get(name, "") for name in self.fields}


class NewOrderForm(CommandForm):
    reference = forms.CharField(
        label=_("Reference"),
        required=False,
        widget=forms.TextInput(
            attrs={"maxlength": MAX_REFERENCE, "placeholder": _("Saturday breakfast")}
        ),
    )


class CancellationForm(CommandForm):
    reason = forms.CharField(
        label=_("Reason"), required=False, widget=forms.TextInput(attrs={"maxlength": MAX_REASON})
    )
