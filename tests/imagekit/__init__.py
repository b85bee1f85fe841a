"""The signatures, the client and the stand-in for ImageKit, over real HTTP."""
