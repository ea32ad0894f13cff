"""Filters that are typed, for what has too many values to list."""

from django.contrib import messages
from django.contrib.admin import ListFilter


class TypedFilter(ListFilter):
    """A small form among the filters. `inputs` are {parameter: {"label", "type", ...}}, the rest
    attributes of the <input>. `narrow` may raise ValueError, whose words are shown; then the list
    is empty, rather than one that nobody asked for."""

    template = "admin/eventstore/typed_filter.html"
    inputs: dict[str, dict[str, str]] = {}

    def __init__(self, request, params, model, model_admin):
        super().__init__(request, params, model, model_admin)
        for name in self.inputs:
            if name in params:
                value = params.pop(name)[-1].strip()
                if value:
                    self.used_parameters[name] = value

    def has_output(self):
        return True

    def expected_parameters(self):
        return list(self.inputs)

    def choices(self, changelist):
        others = changelist.get_query_string(remove=self.expected_parameters())
        return [
            {
                "inputs": [
                    {"name": name, "value": self.used_parameters.get(name, ""), **about}
                    for name, about in self.inputs.items()
                ],
                "others": [
                    (name, value)
                    for name, values in changelist.get_filters_params().items()
                    if name not in self.inputs
                    for value in (values if isinstance(values, list) else [values])
                ]
                + ([("q", changelist.query)] if changelist.query else []),
                "clear": others if self.used_parameters else "",
            }
        ]

    def queryset(self, request, queryset):
        if not self.used_parameters:
            return queryset
        try:
            for name, value in self.used_parameters.items():
                if "\0" in value:
                    raise ValueError(f"{self.inputs[name]['label']}: expected text, found a NUL.")
            return self.narrow(request, queryset, **self.used_parameters)
        except ValueError as error:
            messages.error(request, str(error))
            return queryset.none()

    def narrow(self, request, queryset, **values: str):
        raise NotImplementedError
