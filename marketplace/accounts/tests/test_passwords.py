"""Which passwords are taken, at every door that asks for a new one."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from marketplace.accounts.passwords import RULES


@pytest.mark.parametrize(
    "password",
    [" " * 12, "a" * 12, "aAaAaAaAaAaA", "ab" * 6, "a b a b a b c", "\u00a0" * 10 + "abc", "x1x1x1x1x1"],
)
def test_a_password_of_hardly_any_different_characters_is_refused(password):
    with pytest.raises(ValidationError) as refusal:
        validate_password(password)

    assert "password_too_uniform" in {error.code for error in refusal.value.error_list}


def test_128_characters_are_the_most():
    validate_password("abcd efgh " * 12 + "abcdefgh")

    with pytest.raises(ValidationError) as refusal:
        validate_password("abcd efgh " * 12 + "abcdefghi")
    assert {error.code for error in refusal.value.error_list} == {"password_too_long"}


@pytest.mark.parametrize(
    "password", ["correct horse battery staple", "пароль из слов", "口令口令很长很长的口令"]
)
def test_a_phrase_in_any_script_is_taken(password):
    validate_password(password)


def test_the_rules_are_one_line():
    assert "\n" not in str(RULES) and len(str(RULES)) < 160
