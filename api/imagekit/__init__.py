"""ImageKit as this API meets it: signing uploads, describing them, asking about files."""
