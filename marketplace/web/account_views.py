"""allauth's pages where they answer otherwise than ours would."""

from collections.abc import Callable
from functools import wraps

from allauth.account import app_settings
from allauth.account import views as allauth_views
from allauth.account.decorators import reauthentication_required
from allauth.account.forms import default_token_generator
from allauth.account.internal.stagekit import stash_login
from allauth.account.internal.userkit import user_id_to_str
from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes import views as code_views
from allauth.usersessions.views import ListUserSessionsView
from django.contrib.auth.decorators import login_not_required, login_required
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from marketplace.accounts.addresses import change_to_undo, undo_address_change
from marketplace.accounts.second_factor import lost_factors
from marketplace.accounts.services import EmailTaken, change_unconfirmed_address, create_account
from marketplace.common.errors import Invalid, StaleState

from . import mail_again
from .account_forms import PASSWORD_HASH, ChangeEmailForm, SignupForm
from .forms import Refusal, answer_form, say_and_go
from .typed import sent


class SignupView(allauth_views.SignupView):
    def form_valid(self, form: SignupForm) -> HttpResponse:
        """What the service will not take stands in the form, as on our own pages."""
        try:
            return super().form_valid(form)
        except Invalid as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
            return self.form_invalid(form)


sessions = reauthentication_required(app="allauth.account", allow_get=True)(ListUserSessionsView.as_view())
"""Ending the other sessions shuts people out, so it asks whether it is the owner."""

set_password = reauthentication_required(app="allauth.account", allow_get=True)(
    login_required(allauth_views.PasswordSetView.as_view())
)


@login_not_required
@never_cache
def undo_email(request: HttpRequest, token: str) -> HttpResponse:
    """The link in the mail to an address that an account has left: the account comes back, with a new password."""
    change = change_to_undo(token)
    if change is None:
        return render(request, "account/email_undo.html", status=404)

    def page(refusal: Refusal) -> HttpResponse:
        return render(request, "account/email_undo.html", {"change": change, "refusal": refusal})

    return answer_form(
        request,
        lambda: undo_address_change(token=token),
        done=lambda user: say_and_go(
            request,
            _("Your account has its old address again. Please choose a new password."),
            "account_reset_password_from_key",
            user_pk_to_url_str(user),
            default_token_generator.make_token(user),
        ),
        page=page,
    )


@method_decorator(login_not_required, name="dispatch")
class ConfirmAddressView(allauth_views.ConfirmEmailVerificationCodeView):
    """The page that asks for the code out of the mail.

    Who signed up with somebody else's address waits there, too, for a code that no mail holds. allauth knows no
    account for them and so offers less; here they are offered the same, and a change of the address makes theirs.
    """

    @property
    def is_pretended(self) -> bool:
        """Whether there is no account: the address was taken."""
        return self._process.user is None

    @property
    def can_change(self) -> bool:
        """Whether a mistyped address may be changed: as allauth says, and alike for a taken one."""
        if not self.is_pretended:
            return self._process.can_change
        most = app_settings.EMAIL_VERIFICATION_MAX_CHANGE_COUNT
        return PASSWORD_HASH in self._process.state and not self._process.is_change_quota_reached(most)

    @cached_property
    def _action(self) -> str:
        if self.can_change and sent(self.request, "action") == "change":
            return "change"
        action = super()._action
        return "verify" if action == "change" else action

    def get_form_kwargs(self) -> dict:
        kwargs = super().get_form_kwargs()
        return kwargs | {"email": self._process.email} if self._action == "change" else kwargs

    def get_context_data(self, **kwargs) -> dict:
        return super().get_context_data(**kwargs) | {"can_change": self.can_change}

    def _resend_form_valid(self, form: BaseForm) -> HttpResponse:
        """A new code; to an address that is taken the same mail again, for the same time."""
        if self.is_pretended:
            self._process.generate_code()
            self._process.send()
            self._process.record_resend()
            self._process.persist()
            return self._back()
        return super()._resend_form_valid(form)

    def _change_form_valid(self, form: ChangeEmailForm) -> HttpResponse:
        """The code goes to another address; one that is taken hears that it is, and nothing changes."""
        process, email = self._process, form.cleaned_data["email"]
        is_taken = form.account_already_exists
        if not is_taken:
            try:
                self._give_address(email)
            except EmailTaken:
                is_taken = True
        process.state["account_already_exists"] = is_taken
        process.generate_code()
        process.record_change(email=email)
        process.__dict__.pop("email_address", None)  # which it had looked up for the address before
        process.send()
        process.persist()
        return self._back()

    def _give_address(self, email: str) -> None:
        """The account's address becomes `email`; where there is no account yet, now there is one."""
        process = self._process
        if not self.is_pretended:
            process.user.email = change_unconfirmed_address(user_id=process.user.pk, email=email).email
            return
        user = create_account(email=email, password_hash=process.state.pop(PASSWORD_HASH))
        process.state["user_id"] = user_id_to_str(user)
        self.stage.login.user = user
        self.stage.login.email = email
        stash_login(self.request, self.stage.login)

    def _back(self) -> HttpResponse:
        return redirect(self.passthrough_next_url(reverse("account_email_verification_sent")))

    def dispatch(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        mail_again.let_ask_again(request)
        return super().dispatch(request, *args, **kwargs)

    def _change_form_invalid(self, form: ChangeEmailForm) -> HttpResponse:
        """The page again, with what is wrong with the other address (allauth calls this and has it not)."""
        return self.render_to_response(self.get_context_data(form=form))


def _of_codes_that_can_be_read(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page that shows recovery codes: not those that a lost key would have opened, which nobody knows."""

    @wraps(view)
    def run(request: HttpRequest) -> HttpResponse:
        if Authenticator.Type.RECOVERY_CODES in lost_factors(request.user.pk):
            raise StaleState(_("The store has lost the key to these recovery codes. Please make new ones."))
        return view(request)

    return run


view_recovery_codes = _of_codes_that_can_be_read(code_views.view_recovery_codes)
download_recovery_codes = _of_codes_that_can_be_read(code_views.download_recovery_codes)
