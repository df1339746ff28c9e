"""The pages of the house itself."""

NOT_PAGES: dict[str, str] = {
    "healthz": "a word for machines",
    "favicon.ico": "leads to the icon",
    "photo": "a picture",
}
