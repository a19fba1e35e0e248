"""What editors ask of the archive and are told by it; knows the index, no search and no HTTP server."""
