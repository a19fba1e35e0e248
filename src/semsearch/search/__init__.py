"""Searching and relating: what readers and editors ask, and what they get."""
