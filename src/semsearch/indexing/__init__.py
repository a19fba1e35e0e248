"""From articles to an index: whole generations beside the live one, and changes to it."""
