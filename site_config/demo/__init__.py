"""The demo store: people, shelves and goods as data, and the world that is built from them by services."""
