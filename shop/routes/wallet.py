from django.urls import path

from shop.views import callbacks, invoices, monthly, payouts, wallet, wallet_files

urlpatterns = [
    path("wallet/", wallet.overview, name="wallet"),
    path("wallet/top-up/", wallet.top_up, name="wallet_top_up"),
    path("wallet/top-up/<slug:public_id>/", wallet.payment, name="payment"),
    path("wallet/top-up/<slug:public_id>/pay/", wallet.payment_pay, name="payment_pay"),
    path("wallet/top-up/<slug:public_id>/check/", wallet.payment_check, name="payment_check"),
    path("wallet/demo-payment/<slug:reference>/", wallet.demo_payment, name="demo_payment"),
    path("wallet/statement/", wallet.statement, name="wallet_statement"),
    path("wallet/statement.csv", wallet_files.statement_csv, name="wallet_statement_csv"),
    path("wallet/statement.xlsx", wallet_files.statement_xlsx, name="wallet_statement_xlsx"),
    path("earnings/", payouts.earnings, name="earnings"),
    path("earnings/pay-out/", payouts.payout_new, name="payout_new"),
    path("earnings/account/", payouts.payout_account, name="payout_account"),
    path("earnings/plan/", payouts.payout_plan, name="payout_plan"),
    path("earnings/invoices/", invoices.invoices, name="invoices"),
    path("earnings/invoices/<slug:number>/", invoices.invoice_pdf, name="invoice_pdf"),
    path("earnings/statements/", monthly.statements, name="statements"),
    path(
        "earnings/statements/<int:year>/<int:month>/csv/",
        monthly.statement_month_csv,
        name="statement_month_csv",
    ),
    path(
        "earnings/statements/<int:year>/<int:month>/pdf/",
        monthly.statement_month_pdf,
        name="statement_month_pdf",
    ),
    path("earnings/payouts/<slug:public_id>/", payouts.payout, name="payout"),
    path("earnings/payouts/<slug:public_id>/cancel/", payouts.payout_cancel, name="payout_cancel"),
    path("payments/<slug:name>/callback/", callbacks.payment_callback, name="payment_callback"),
    path("payouts/<slug:name>/callback/", callbacks.payout_callback, name="payout_callback"),
]
