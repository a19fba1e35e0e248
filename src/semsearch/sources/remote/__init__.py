"""Live sources: what a site, a feed or a database holds now, and what changed since the last look."""
