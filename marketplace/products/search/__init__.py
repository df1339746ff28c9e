"""Search: one way in for three databases' full-text indexes, with typing mistakes forgiven."""
