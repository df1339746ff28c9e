"""The file that a store's own bank reads: transfers as ISO 20022 pain.001.001.09, or as CSV where SEPA does not reach.

Written here and by no library (docs/decisions/0024-payouts.md): thirty elements, which were checked against the
published XSD. A test holds what is written to the file that passed.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree import ElementTree as Xml

from marketplace.common.formulas import defuse
from marketplace.common.money import to_plain

from .accounts import MAX_HOLDER, BankAccount
from .latin import to_latin

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
MAX_PURPOSE = 140
NO_BANK = "NOTPROVIDED"
"""What stands for a bank's own code: within SEPA the IBAN says which bank it is."""

# Where SEPA transfers go (European Payments Council, EPC409-09): the EEA, and who joined beside it.
_COUNTRIES = (
    "AD AL AT BE BG CH CY CZ DE DK EE ES FI FR GB GI GR HR HU IE IS IT LI LT LU LV MC MD ME MK MT NL NO PL PT RO RS"
    " SE SI SK SM VA"
)
SEPA = frozenset(_COUNTRIES.split())


@dataclass(frozen=True)
class Transfer:
    """One line of the file: what is paid to whom, under which name of ours."""

    name: str
    account: BankAccount
    amount: int


def sepa_file(
    *, name: str, payer: BankAccount, transfers: Sequence[Transfer], at: datetime, day: date, purpose: str
) -> bytes:
    """The transfers as pain.001.001.09, all from `payer`; the same bytes for the same arguments.

    The bank carries them out on `day`; the file was made `at` that moment (UTC).
    """
    document = Xml.Element("Document", {"xmlns": NAMESPACE})
    order = Xml.SubElement(document, "CstmrCdtTrfInitn")
    sums = {"NbOfTxs": str(len(transfers)), "CtrlSum": to_plain(sum(one.amount for one in transfers))}
    holder = _name(payer)
    _add(
        order, "GrpHdr", {"MsgId": name, "CreDtTm": f"{at:%Y-%m-%dT%H:%M:%SZ}", **sums, "InitgPty/Nm": holder}
    )
    part = _add(
        order,
        "PmtInf",
        {
            "PmtInfId": name,
            "PmtMtd": "TRF",
            "BtchBookg": "true",
            **sums,
            "PmtTpInf/SvcLvl/Cd": "SEPA",
            "ReqdExctnDt/Dt": day.isoformat(),
            "Dbtr/Nm": holder,
            "DbtrAcct/Id/IBAN": payer.iban,
            "DbtrAgt/FinInstnId/Othr/Id": NO_BANK,
            "ChrgBr": "SLEV",
        },
    )
    for one in transfers:
        line = _add(part, "CdtTrfTxInf", {"PmtId/EndToEndId": one.name})
        amount = Xml.SubElement(Xml.SubElement(line, "Amt"), "InstdAmt", {"Ccy": "EUR"})
        amount.text = to_plain(one.amount)
        _fill(
            line,
            {
                "Cdtr/Nm": _name(one.account),
                "CdtrAcct/Id/IBAN": one.account.iban,
                "RmtInf/Ustrd": to_latin(f"{purpose} {one.name}", most=MAX_PURPOSE),
            },
        )
    Xml.indent(document)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + Xml.tostring(document, encoding="utf-8") + b"\n"


def csv_file(*, transfers: Sequence[Transfer], currency: str, purpose: str) -> bytes:
    """The transfers as CSV for a bank that takes no pain.001, names as their owners write them."""
    out = io.StringIO()
    rows = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    rows.writerow(["Number", "Account holder", "IBAN", "Amount", "Currency", "Purpose"])
    for one in transfers:
        holder, words = defuse(one.account.holder), defuse(f"{purpose} {one.name}")
        rows.writerow([one.name, holder, one.account.iban, to_plain(one.amount), currency, words])
    return ("\ufeff" + out.getvalue()).encode()


def _name(account: BankAccount) -> str:
    return to_latin(account.holder, most=MAX_HOLDER) or NO_BANK


def _add(parent: Xml.Element, tag: str, fields: dict[str, str]) -> Xml.Element:
    element = Xml.SubElement(parent, tag)
    _fill(element, fields)
    return element


def _fill(element: Xml.Element, fields: dict[str, str]) -> None:
    """Put the texts at their paths ("Dbtr/Nm"), in this order."""
    for path, text in fields.items():
        at = element
        for tag in path.split("/"):
            at = Xml.SubElement(at, tag)
        at.text = text
