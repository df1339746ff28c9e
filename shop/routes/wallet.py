from django.urls import path

from shop.views import wallet

urlpatterns = [
    path("wallet/", wallet.overview, name="wallet"),
    path("wallet/top-up/", wallet.top_up, name="wallet_top_up"),
    path("wallet/top-up/<slug:public_id>/", wallet.payment, name="payment"),
    path("wallet/top-up/<slug:public_id>/pay/", wallet.payment_pay, name="payment_pay"),
    path("wallet/top-up/<slug:public_id>/check/", wallet.payment_check, name="payment_check"),
    path("wallet/demo-payment/<slug:reference>/", wallet.demo_payment, name="demo_payment"),
    path("wallet/statement/", wallet.statement, name="wallet_statement"),
    path("wallet/statement.csv", wallet.statement_csv, name="wallet_statement_csv"),
    path("payments/<slug:name>/callback/", wallet.payment_callback, name="payment_callback"),
]
