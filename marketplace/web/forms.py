"""How every form is answered: it is carried out, or its page is drawn again with what was typed and why not."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

from django.contrib import messages
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext_lazy as _

from marketplace.common.errors import DomainError

from .refusals import key_to_keep, note_for_the_log
from .see_other import see_other

Result = TypeVar("Result")


@dataclass(frozen=True)
class Refusal:
    """Why a form was not carried out, for the page that is drawn again.

    `error` is what the service said; None where what was typed cannot be used: then the form says it.
    `kept_key` is the form key that was sent, where waiting is all there is to do.
    """

    status: int
    error: DomainError | None = None
    kept_key: str = ""

    @property
    def text(self) -> str:
        """The service's sentence, "" if there is none."""
        return str(self.error) if self.error else ""


FRESH: Final = Refusal(status=200)
"""Nothing was refused: the page as it is first asked for."""

NOTHING_SENT: Final = _("Nothing of this form arrived. Please fill it in and send it again.")
"""For a form of which not one field came: that is no wish to empty them all."""


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form of a page that also answers GET."""
    return request.POST if request.method == "POST" else None


def answer_form(
    request: HttpRequest,
    act: Callable[[], Result],
    *,
    done: Callable[[Result], HttpResponse],
    page: Callable[[Refusal], HttpResponse],
    form: BaseForm | None = None,
) -> HttpResponse:
    """Carry out what a form asks: `act()` calls the service, and what it returns is answered by `done`.

    Where the service refuses or the form itself is not valid, `page` draws it again from fresh rows: 422 for
    a bad form, else the refusal's status and `Retry-After`. The sentence then stands in the form, beside the
    field that it names or above all of them; a page without a form shows `Refusal.text`. A GET is `page(FRESH)`.
    """
    if request.method != "POST":
        return page(FRESH)
    if form is not None and (not form.is_valid() or nothing_sent(form)):
        if nothing_sent(form):
            form.add_error(None, NOTHING_SENT)
        return refuse(page, Refusal(status=422))
    try:
        result = act()
    except DomainError as error:
        note_for_the_log(request, error)
        if form is not None:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        return refuse(page, Refusal(error.status, error, key_to_keep(request, error)))
    return done(result)


def nothing_sent(form: BaseForm) -> bool:
    """Whether not one field of a form was sent: that is no wish to empty them all.

    A checkbox that is not ticked is not sent either, so a form that has one can be empty.
    """
    return bool(form.fields) and all(
        field.widget.value_omitted_from_data(form.data, form.files, form.add_prefix(name))
        for name, field in form.fields.items()
    )


def refuse(page: Callable[[Refusal], HttpResponse], refusal: Refusal) -> HttpResponse:
    """The page with a refusal, and its status. Called where a service's *result* is a refusal to whoever asked."""
    response = page(refusal)
    response.status_code = refusal.status
    if retry_after := getattr(refusal.error, "retry_after", None):
        response["Retry-After"] = str(retry_after)
    return response


def say_and_go(request: HttpRequest, sentence: str, to: object, *args: object) -> HttpResponse:
    """What most forms end with: a word of success on the page that shows it."""
    messages.success(request, sentence)
    return see_other(to, *args)
