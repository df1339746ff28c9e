from django.urls import path

from shop.views import crawlers, home, lists, product, suggest

urlpatterns = [
    path("", home.home, name="home"),
    path("c/", home.categories, name="categories"),
    path("c/<slug:slug>/", lists.category, name="category"),
    path("b/<slug:slug>/", lists.brand, name="brand"),
    path("s/<slug:slug>/", lists.seller, name="seller"),
    path("p/<slug:slug>/", product.product, name="product"),
    path("search/", lists.search, name="search"),
    path("search/suggest/", suggest.search_suggest, name="search_suggest"),
    path("robots.txt", crawlers.robots, name="robots"),
    path("sitemap.xml", crawlers.sitemap_index, name="sitemap"),
    path("sitemap-pages.xml", crawlers.sitemap_pages, name="sitemap_pages"),
    path("sitemap-products-<int:number>.xml", crawlers.sitemap_products, name="sitemap_products"),
]
