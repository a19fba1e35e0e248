"""Search, related lists and plain pages over HTTP; the only room that knows FastAPI."""
