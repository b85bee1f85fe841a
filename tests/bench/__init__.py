"""The benches themselves: that they run, and that what they say is right."""
