"""Find where each statement of a SQL file begins and ends.

Postgres answers "the third statement failed" without saying where that is; this knows. It follows
the rules psql has for the semicolon: one inside quotes, dollar quotes, comments, parentheses or a
`begin atomic ... end` body does not end a statement.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"""
      (?P<blank>   \s+ | --[^\n]* )
    | (?P<block>   /\* )
    | (?P<quoted>  [eE]'(?:[^'\\]|\\.|'')*'? | '(?:[^']|'')*'? | "(?:[^"]|"")*"? )
    | (?P<dollar>  \$(?:[^\W\d]\w*)?\$ )
    | (?P<word>    [^\W\d][\w$]* )
    | (?P<other>   \d[\w.]* | . )
    """,
    re.VERBOSE | re.DOTALL,
)
_BLOCK_EDGE = re.compile(r"/\*|\*/")
_ROUTINE = (["function"], ["procedure"])
_TRANSACTION_CONTROL = ("abort", "begin", "commit", "end", "rollback")
_TRANSACTION_PHRASES = ("prepare transaction", "start transaction")
# Enough for "create or replace function" and a qualified name.
_HEAD_LENGTH = 8


@dataclass
class Statement:
    """One statement of a file. Comments before it are not part of it."""

    start: int
    end: int = 0
    head: list[str] = field(default_factory=list)
    """Its first tokens, as written, without blanks and comments."""

    @property
    def controls_transaction(self) -> bool:
        """Whether it would begin or end the transaction that it runs in."""
        first_two = " ".join(self.head[:2]).lower()
        return self.head[0].lower() in _TRANSACTION_CONTROL or first_two in _TRANSACTION_PHRASES

    @property
    def is_routine(self) -> bool:
        """Whether it creates a function or procedure, whose body may hold semicolons."""
        return self._created()[:1] in _ROUTINE

    @property
    def declared_name(self) -> str | None:
        """`schema.name` of the function, procedure or view that it creates, else None."""
        kind, *rest = self._created() or [""]
        if kind not in ("function", "procedure", "view"):
            return None
        parts = rest[:3:2] if rest[1:2] == ["."] else rest[:1]
        return ".".join(_folded(part) for part in parts)

    def _created(self) -> list[str]:
        words = [*(token.lower() for token in self.head[:4]), *self.head[4:]]
        if words[:3] == ["create", "or", "replace"]:
            return [words[3], *self.head[4:]] if len(words) > 3 else []
        return [words[1], *self.head[2:]] if words[0] == "create" and len(words) > 1 else []


def split(text: str) -> list[Statement]:
    """The statements of a file, in order; what is empty or only comments does not count."""
    return list(_statements(text))


def line_at(text: str, offset: int) -> int:
    """The number, from 1, of the line that holds this offset."""
    return text.count("\n", 0, offset) + 1


def _statements(text: str) -> Iterator[Statement]:
    current: Statement | None = None
    parentheses = 0
    blocks = 0
    offset = 0
    while offset < len(text):
        kind, token, after = _next_token(text, offset)
        if kind == "blank":
            offset = after
            continue
        if token == ";" and not parentheses and not blocks:
            if current:
                yield current
            current = None
            offset = after
            continue
        if current is None:
            current = Statement(start=offset)
        if len(current.head) < _HEAD_LENGTH:
            current.head.append(token)
        if token in "()" and kind == "other":
            parentheses = max(0, parentheses + (1 if token == "(" else -1))
        elif kind == "word" and not parentheses and current.is_routine:
            blocks = _depth_after(token.lower(), blocks)
        current.end = offset = after
    if current:
        yield current


def _next_token(text: str, offset: int) -> tuple[str, str, int]:
    """The kind and text of the token at this offset, and where it ends."""
    for match in _TOKEN.finditer(text, offset):
        token, kind = match.group(), match.lastgroup or "other"
        if kind == "block":
            return "blank", token, _end_of_comment(text, offset)
        if kind == "dollar":
            closing = text.find(token, match.end())
            return "quoted", token, len(text) if closing < 0 else closing + len(token)
        return kind, token, match.end()
    return "blank", "", len(text)


def _end_of_comment(text: str, offset: int) -> int:
    """Where the block comment that begins here ends; they nest."""
    depth = 0
    for edge in _BLOCK_EDGE.finditer(text, offset):
        depth += 1 if edge.group() == "/*" else -1
        if not depth:
            return edge.end()
    return len(text)


def _depth_after(word: str, depth: int) -> int:
    """How many `begin atomic` bodies and `case` expressions are open after this word."""
    if word == "begin" or (word == "case" and depth):
        return depth + 1
    return max(0, depth - 1) if word == "end" else depth


def _folded(token: str) -> str:
    """A part of a name as the catalog holds it."""
    return token[1:-1].replace('""', '"') if token.startswith('"') else token.lower()
