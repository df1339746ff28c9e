from django.urls import path

from shop.views import catalogue, crawlers

urlpatterns = [
    path("", catalogue.home, name="home"),
    path("c/", catalogue.categories, name="categories"),
    path("c/<slug:slug>/", catalogue.category, name="category"),
    path("b/<slug:slug>/", catalogue.brand, name="brand"),
    path("s/<slug:slug>/", catalogue.seller, name="seller"),
    path("p/<slug:slug>/", catalogue.product, name="product"),
    path("search/", catalogue.search, name="search"),
    path("search/suggest/", catalogue.search_suggest, name="search_suggest"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap_index, name="sitemap"),
    path("sitemap-pages.xml", crawlers.sitemap_pages, name="sitemap_pages"),
    path("sitemap-products-<int:number>.xml", crawlers.sitemap_products, name="sitemap_products"),
]
