"""What the tests of every app's admin do: find a row's page, fill its form, press its buttons."""

from django.urls import reverse


def page_of(row, name="change"):
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_{name}", args=[row.pk])


def list_of(model):
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


def typed(desk, row, **changes):
    """What the browser would send back from the row's page after these changes."""
    form = desk.get(page_of(row)).context["adminform"].form
    fields = {name: form[name].value() for name in form.fields}
    return {name: "" if value is None else value for name, value in (fields | changes).items()}


def messages_on(answer):
    return [str(message) for message in answer.context["messages"]]


def press(desk, row, verb, **sent):
    return desk.post(page_of(row, verb), sent, follow=True)


def listed(answer):
    return list(answer.context["cl"].result_list)


def panels_on(answer):
    return {panel["title"]: panel["table"]["rows"] for panel in answer.context["panels"]}
