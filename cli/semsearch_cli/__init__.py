"""The command line: each module parses, calls and prints; functions below do the work."""
