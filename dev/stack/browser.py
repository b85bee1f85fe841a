"""The browser in which the demo page is tested: any Chromium that is there."""

import os
import shutil

PACKAGE = "chromium"
NAMES = (PACKAGE, "chromium-browser", "google-chrome", "google-chrome-stable")


def find() -> str | None:
    """Return a Chromium, the one that CHROMIUM names before all others; None without any."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def missing() -> list[str]:
    """Return what is to be installed to have one."""
    return [] if find() else [PACKAGE]
