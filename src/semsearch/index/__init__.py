"""The index on disk: vectors, lexical and store, in immutable generations with a live delta."""
