"""The language of the upload API's ``checks`` parameter.

::

    expression  := conjunction ("OR" conjunction)*
    conjunction := condition ("AND" condition)*
    condition   := "(" expression ")" | field operator value
    field       := a quoted name
    value       := a quoted text | number | true | false | "[" texts "]"

An expression is parsed whole before anything is compared, so a mistake is found even behind an
``OR`` that would not have looked there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import Enum, auto
from typing import Any, NamedTuple

Facts = Mapping[str, Any]
"""What is known of an upload, by field name; what is not known is absent or None."""

Condition = Callable[[Facts], bool]

DEEPEST_NESTING = 50


class ChecksSyntaxError(ValueError):
    """The expression is not in the language."""


class Kind(Enum):
    """What a field holds."""

    TEXT = auto()
    FOLDER = auto()
    FLAG = auto()
    TAGS = auto()
    NUMBER = auto()
    SIZE = auto()


EQUALITY = frozenset({"=", "NOT ="})
MEMBERSHIP = frozenset({"IN", "NOT IN"})
PREFIX = frozenset({":"})
ORDER = frozenset({"=", "<", "<=", ">", ">="})

OPERATORS = {
    Kind.TEXT: EQUALITY | MEMBERSHIP | PREFIX,
    Kind.FOLDER: EQUALITY | MEMBERSHIP | PREFIX,
    Kind.FLAG: EQUALITY,
    Kind.TAGS: MEMBERSHIP,
    Kind.NUMBER: ORDER,
    Kind.SIZE: ORDER,
}

FIELDS = {
    "request.folder": Kind.FOLDER,
    "request.tags": Kind.TAGS,
    **dict.fromkeys(
        ("request.fileName", "request.customCoordinates", "request.webhookUrl"), Kind.TEXT
    ),
    **dict.fromkeys(
        (
            "request.useUniqueFileName",
            "request.isPrivateFile",
            "request.isPublished",
            "request.overwriteFile",
            "request.overwriteAITags",
            "request.overwriteTags",
            "request.overwriteCustomMetadata",
        ),
        Kind.FLAG,
    ),
    "file.size": Kind.SIZE,
    "file.mime": Kind.TEXT,
    **dict.fromkeys(
        (
            "mediaMetadata.width",
            "mediaMetadata.height",
            "mediaMetadata.duration",
            "mediaMetadata.bitRate",
        ),
        Kind.NUMBER,
    ),
    **dict.fromkeys(("mediaMetadata.videoCodec", "mediaMetadata.audioCodec"), Kind.TEXT),
}

CUSTOM_METADATA = "request.customMetadata."

UNITS = {"b": 1, "kb": 2**10, "mb": 2**20, "gb": 2**30}
SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(b|kb|mb|gb)", re.IGNORECASE)

TOKEN = re.compile(
    r"""\s*(?:
        "(?P<double>[^"]*)"
      | '(?P<single>[^']*)'
      | (?P<number>-?\d+(?:\.\d+)?)(?![\w.])
      | (?P<sign><=|>=|[<>=:()\[\],])
      | (?P<word>AND|OR|NOT|IN|true|false)(?!\w)
    )""",
    re.VERBOSE,
)


class Token(NamedTuple):
    """A text, a number, or a sign or word that means itself."""

    kind: str
    text: str


END = Token("end", "")


def parse_checks(expression: str) -> Condition:
    """Compile an expression; raises ``ChecksSyntaxError`` when it is not one."""
    parser = _Parser(_tokens(expression))
    condition = parser.expression(depth=0)
    parser.expect("end")
    return condition


def _tokens(expression: str) -> list[Token]:
    tokens: list[Token] = []
    text, position = expression.rstrip(), 0
    while position < len(text):
        match = TOKEN.match(text, position)
        if match is None:
            message = f"not understood: {text[position : position + 20]}"
            raise ChecksSyntaxError(message)
        group = match.lastgroup or ""
        kind = "text" if group in {"double", "single"} else group
        tokens.append(Token(kind, match[group]))
        position = match.end()
    return tokens


class _Parser:
    """Recursive descent: one method for each rule of the grammar."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens = tokens
        self._next = 0

    def expression(self, depth: int) -> Condition:
        alternatives = [self._conjunction(depth)]
        while self._accept("OR"):
            alternatives.append(self._conjunction(depth))
        return lambda facts: any(alternative(facts) for alternative in alternatives)

    def expect(self, kind: str) -> Token:
        token = self._peek()
        if token.kind != kind:
            message = f"expected {kind}, found {token.text or 'the end'}"
            raise ChecksSyntaxError(message)
        self._next += 1
        return token

    def _conjunction(self, depth: int) -> Condition:
        parts = [self._condition(depth)]
        while self._accept("AND"):
            parts.append(self._condition(depth))
        return lambda facts: all(part(facts) for part in parts)

    def _condition(self, depth: int) -> Condition:
        if not self._accept("("):
            return self._comparison()
        if depth == DEEPEST_NESTING:
            message = "too many parentheses"
            raise ChecksSyntaxError(message)
        inner = self.expression(depth + 1)
        self._demand(")")
        return inner

    def _comparison(self) -> Condition:
        field = self.expect("text").text
        kind = FIELDS.get(field)
        if kind is None and field.startswith(CUSTOM_METADATA):
            kind = Kind.TEXT
        if kind is None:
            message = f"unknown field: {field}"
            raise ChecksSyntaxError(message)
        operator = self._operator()
        if operator not in OPERATORS[kind]:
            message = f"{operator} does not go with {field}"
            raise ChecksSyntaxError(message)
        value = self._texts() if operator in MEMBERSHIP else self._value(kind)
        return _comparison(field, kind, operator, value)

    def _operator(self) -> str:
        negated = self._accept("NOT")
        token = self._peek()
        if token.kind not in {"sign", "word"}:
            message = f"expected an operator, found {token.text or 'the end'}"
            raise ChecksSyntaxError(message)
        self._next += 1
        return f"NOT {token.text}" if negated else token.text

    def _value(self, kind: Kind) -> str | float | bool:
        token = self._peek()
        self._next += 1
        if kind in {Kind.TEXT, Kind.FOLDER} and token.kind == "text":
            return token.text
        if kind is Kind.FLAG and token.text in {"true", "false"} and token.kind == "word":
            return token.text == "true"
        if kind in {Kind.NUMBER, Kind.SIZE} and token.kind == "number":
            return float(token.text)
        if kind is Kind.SIZE and token.kind == "text" and (match := SIZE.fullmatch(token.text)):
            return float(match[1]) * UNITS[match[2].lower()]
        message = f"not a value here: {token.text or 'the end'}"
        raise ChecksSyntaxError(message)

    def _texts(self) -> list[str]:
        self._demand("[")
        texts = [self.expect("text").text]
        while self._accept(","):
            texts.append(self.expect("text").text)
        self._demand("]")
        return texts

    def _peek(self) -> Token:
        return self._tokens[self._next] if self._next < len(self._tokens) else END

    def _accept(self, text: str) -> bool:
        """Take a sign or word when it comes next; a quoted text is never one."""
        token = self._peek()
        found = token.kind in {"sign", "word"} and token.text == text
        self._next += found
        return found

    def _demand(self, text: str) -> None:
        if not self._accept(text):
            message = f"expected {text}, found {self._peek().text or 'the end'}"
            raise ChecksSyntaxError(message)


def _comparison(
    field: str, kind: Kind, operator: str, value: str | float | bool | list[str]
) -> Condition:
    negated = operator.startswith("NOT ")
    compare = COMPARISONS[operator.removeprefix("NOT ")]
    if kind is Kind.FOLDER:
        value = [_folder(text) for text in value] if isinstance(value, list) else value
        if isinstance(value, str):
            value = value.lstrip("/") if operator == ":" else _folder(value)

    def holds(facts: Facts) -> bool:
        actual = facts.get(field)
        if actual is None:
            # Nothing is known, so nothing is true of it; being unlike something is.
            return negated
        if kind is Kind.FOLDER:
            actual = _folder(actual)
        return compare(actual, value) != negated

    return holds


def _folder(path: str) -> str:
    """A folder without its leading slash and with one at its end, as prefixes compare it."""
    return path.strip("/") + "/"


def _is_in(actual: Any, texts: Any) -> bool:
    return any(item in texts for item in (actual if isinstance(actual, list) else [actual]))


COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "=": lambda actual, value: actual == value,
    "<": lambda actual, value: actual < value,
    "<=": lambda actual, value: actual <= value,
    ">": lambda actual, value: actual > value,
    ">=": lambda actual, value: actual >= value,
    ":": lambda actual, value: str(actual).startswith(value),
    "IN": _is_in,
}
