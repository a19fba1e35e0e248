"""The outside world -> Iterator[Article]: every format behind one protocol."""
