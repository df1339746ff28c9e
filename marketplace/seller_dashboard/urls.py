from django.urls import URLPattern, path

from marketplace.seller_dashboard import views

app_name = "seller_dashboard"


def editor_routes(kind: str, below: str) -> list[URLPattern]:
    """The editor's pages for what it edits (marketplace/seller_dashboard/edited.py), beneath a listing's address."""
    steps = (
        ("edit", "edit/", views.edit),
        ("keep", "keep/", views.keep),
        ("preview", "preview/", views.preview),
        ("submit", "submit/", views.hand_in),
        ("pictures", "pictures/", views.add_pictures),
        ("sort", "pictures/sort/", views.sort_pictures),
        ("picture", "pictures/<int:number>/", views.describe_picture),
    )
    return [
        path(f"listings/<slug:slug>/{below}{address}", view, {"kind": kind}, name=f"{kind}_{step}")
        for step, address, view in steps
    ]


urlpatterns = [
    path("", views.home, name="home"),
    path("settings/", views.settings, name="settings"),
    path("settings/shop/", views.settings_shop, name="settings_shop"),
    path("settings/pictures/<slug:place>/", views.settings_picture, name="settings_picture"),
    path("settings/vacation/", views.settings_vacation, name="settings_vacation"),
    path("settings/delivery/", views.settings_delivery, name="settings_delivery"),
    path("settings/tax/", views.settings_tax, name="settings_tax"),
    path("settings/back/", views.settings_back, name="settings_back"),
    path("parcels/<slug:number>/", views.shipment, name="parcel"),
    path("parcels/<slug:number>/lines/<int:position>/", views.parcel_listing, name="parcel_listing"),
    path("parcels/<slug:number>/packed/", views.pack, name="parcel_pack"),
    path("parcels/<slug:number>/pin/", views.reissue, name="parcel_reissue"),
    path("sales/", views.sales, name="sales"),
    path("sales/new/", views.reduce, name="reduce"),
    path("sales/end/", views.end_discount, name="discount_end"),
    path("sales/events/<slug:slug>/", views.event, name="event"),
    path("sales/events/<slug:slug>/end/", views.end_event, name="event_end"),
    path("coupons/", views.coupons, name="coupons"),
    path("coupons/new/", views.new_coupon, name="coupon_new"),
    path("coupons/<str:code>/", views.coupon, name="coupon"),
    path("coupons/<str:code>/stop/", views.stop, name="coupon_stop"),
    path("coupons/<str:code>/resume/", views.resume, name="coupon_resume"),
    path("imports/", views.imports, name="imports"),
    path("imports/products.csv", views.export, name="export"),
    path("imports/shop.zip", views.export_zip, name="export_zip"),
    path("imports/<slug:public_id>/", views.import_page, name="import"),
    path("imports/<slug:public_id>/start/", views.import_start, name="import_start"),
    path("imports/<slug:public_id>/stop/", views.import_cancel, name="import_cancel"),
    path("imports/<slug:public_id>/pictures/", views.import_pictures, name="import_pictures"),
    path("imports/<slug:public_id>/report.csv", views.import_report, name="import_report"),
    path("listings/", views.listings, name="listings"),
    path("listings/new/", views.new, name="listing_new"),
    path("listings/categories/", views.categories, name="listing_categories"),
    path("listings/move/", views.move_many, name="listings_move"),
    path("listings/<slug:slug>/", views.listing, name="listing"),
    *editor_routes("listing", ""),
    *editor_routes("change", "change/"),
    path("listings/<slug:slug>/change/", views.begin_change, name="change_begin"),
    path("listings/<slug:slug>/change/withdraw/", views.take_back_change, name="change_withdraw"),
    path("listings/<slug:slug>/change/cancel/", views.cancel_change, name="change_cancel"),
    path("listings/<slug:slug>/pause/", views.move_one, {"move": "pause"}, name="listing_pause"),
    path("listings/<slug:slug>/resume/", views.move_one, {"move": "resume"}, name="listing_resume"),
    path("listings/<slug:slug>/archive/", views.move_one, {"move": "archive"}, name="listing_archive"),
    path("listings/<slug:slug>/withdraw/", views.take_back, name="listing_withdraw"),
    path("listings/<slug:slug>/pick-up/", views.listing_pick_up, name="listing_pick_up"),
    path("listings/<slug:slug>/duplicate/", views.duplicate, name="listing_duplicate"),
    path("listings/<slug:slug>/offer/<int:number>/", views.offer, name="offer"),
    path("listings/<slug:slug>/offer/<int:number>/price/", views.price, name="offer_price"),
    path("listings/<slug:slug>/offer/<int:number>/stock/", views.stock, name="offer_stock"),
]
