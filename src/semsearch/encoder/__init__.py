"""Encoders: text to unit vectors; and the cache of what was already encoded."""
