"""The courier's console, one module an area."""
