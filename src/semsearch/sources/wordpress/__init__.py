"""Posts of WordPress, however they come: its REST interface, its exports, its feeds, its plugin."""
