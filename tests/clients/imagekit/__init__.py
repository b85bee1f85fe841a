"""ImageKit's own SDKs and the upload code of the README, against the stand-in."""
