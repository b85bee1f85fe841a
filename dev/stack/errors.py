"""The one exception of this package."""


class StackError(Exception):
    """Something a person has to decide or do; the message says what."""

    def __init__(self, message: str, *, advice: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.message}\n{self.advice}" if self.advice else self.message
