"""All components on one page, with made-up content, for the eye and for the accessibility checks."""

from datetime import timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from marketplace.common import clock

from .typed import is_asked


class SampleForm(forms.Form):
    name = forms.CharField(label="Name", help_text="As it is on your door.")
    email = forms.EmailField(label="E-mail address")
    country = forms.ChoiceField(label="Country", choices=[("de", "Germany"), ("fr", "France")])
    notes = forms.CharField(
        label="Notes for the courier", widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    pack = forms.ChoiceField(
        label="Packing", widget=forms.RadioSelect, choices=[("box", "Box"), ("bag", "Bag")]
    )
    agree = forms.BooleanField(label="Ring the bell twice")


def _card(number: int, title: str, **changes: object) -> dict:
    return {
        "id": number,
        "slug": f"sample-{number}",
        "title": title,
        "current_price": 4200,
        "price": 4200,
        "on_sale": False,
        "lowest_price_30d": None,
        "rating_average": 467,
        "rating_count": 128,
        "in_stock": True,
        "version": 1,
        "picture": None,
        "seller_name": "Linden & Daughters",
        "seller_slug": "linden",
    } | changes


@login_not_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Everything that templates/components/ can draw (only where DEBUG is on)."""
    now = clock.now()
    if is_asked(request, "toasts"):
        messages.success(request, "Added to your cart.")
        messages.error(request, "Only 2 pieces are left.")
    return render(
        request,
        "styleguide.html",
        {
            "form": SampleForm(initial={"country": "fr"}),
            "bad_form": SampleForm(
                {"name": "", "email": "bea@", "country": "de", "agree": ""}, prefix=None, auto_id="bad_%s"
            ),
            "cards": [
                _card(1, "Hand-thrown stoneware mug with a speckled glaze, 350 ml"),
                _card(
                    2, "Walnut desk lamp", current_price=6890, price=8900, on_sale=True, lowest_price_30d=7900
                ),
                _card(3, "Linen apron", in_stock=False, rating_count=0),
                _card(4, "Brass teapot", current_price=129900, price=129900),
            ],
            "steps": [
                {"label": "Paid into escrow", "state": "done", "at": now - timedelta(hours=5)},
                {
                    "label": "Getting ready",
                    "state": "now",
                    "at": now - timedelta(minutes=12),
                    "note": "The seller is packing.",
                },
                {"label": "On its way", "state": ""},
                {"label": "Delivered", "state": ""},
            ],
            "tones": [
                ("waiting", "Placed"),
                ("moving", "On its way"),
                ("done", "Delivered"),
                ("trouble", "Cancelled"),
            ],
            "swatches": [
                "paper",
                "card",
                "sunken",
                "ink",
                "muted",
                "line",
                "primary",
                "accent",
                "danger",
                "success",
                "info",
            ],
        },
    )
