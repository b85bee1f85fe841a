"""The one exception that ends a deploy with a message for people."""


class DeployError(Exception):
    """Something a person has to put right; its text is shown as it is, without a traceback."""
