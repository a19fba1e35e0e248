"""What each part of the ranking is worth: one part changed, the rest as it is."""
