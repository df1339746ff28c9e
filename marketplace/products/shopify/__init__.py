"""Shopify's product files, both ways: bytes → drafts of products, drafts → bytes. Nothing here knows the database."""

from .drafts import ImageDraft, OptionDraft, ProductDraft, RefusedProduct, Remark, VariantDraft
from .reading import ProductFile
from .writing import csv_lines

__all__ = [
    "ImageDraft",
    "OptionDraft",
    "ProductDraft",
    "ProductFile",
    "RefusedProduct",
    "Remark",
    "VariantDraft",
    "csv_lines",
]
