"""Measurements of quality on public collections; see README.md for what was found."""
