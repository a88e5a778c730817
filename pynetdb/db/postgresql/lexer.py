"""SQL of PostgreSQL's cut into its words, as far as one must to find parameters and ends of statements."""

import re
from collections.abc import Iterator
from typing import NamedTuple

# https://www.postgresql.org/docs/current/sql-syntax-lexical.html. The order matters: an escape string
# before a word, `::` before `:name`, a dollar quote before a parameter. What is not ASCII is a letter.
_TOKEN = re.compile(
    r"""
    (?P<space>\s+|--[^\n]*)
    |(?P<comment>/\*)
    |(?P<string>[eE]'(?:[^'\\]|\\.|'')*(?:'|\Z)|'(?:[^']|'')*(?:'|\Z)|"(?:[^"]|"")*(?:"|\Z))
    |(?P<dollar>\$(?:[^\x00-@\[-^`{-\x7f][^\x00-/:-@\[-^`{-\x7f]*)?\$)
    |(?P<number>\$\d+)
    |(?P<word>[^\x00-@\[-^`{-\x7f][^\x00-\#%-/:-@\[-^`{-\x7f]*|[0-9][\w.]*)
    |(?P<cast>::|:=)
    |(?P<name>:[A-Za-z_]\w*)
    |(?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)

# Words that begin or end what has an END of its own in a function's body.
_BEGINS, _ENDS = ("begin", "case"), "end"


class Token(NamedTuple):
    """A word of SQL and where it stands; `kind` is a group of the expression above."""

    kind: str
    start: int
    end: int
    text: str


def tokens(sql: str) -> Iterator[Token]:
    """Cut SQL into words. What is never ended, a string or a comment, goes to the end of the text."""
    at = 0
    while match := _TOKEN.match(sql, at):
        kind, end = str(match.lastgroup), match.end()
        if kind == "comment":
            end = _end_of_comment(sql, end)
        elif kind == "dollar":
            closing = sql.find(match[0], end)
            kind, end = "string", len(sql) if closing < 0 else closing + len(match[0])
        yield Token(kind, at, end, sql[at:end])
        at = end


_COMMENT_EDGE = re.compile(r"/\*|\*/")


def _end_of_comment(sql: str, at: int) -> int:
    """Return where a comment ends; in PostgreSQL they nest."""
    depth = 1
    while match := _COMMENT_EDGE.search(sql, at):
        at = match.end()
        depth += 1 if match[0] == "/*" else -1
        if not depth:
            return at
    return len(sql)


class Statement(NamedTuple):
    """A statement of a script."""

    sql: str
    """Its text, without the semicolon and what is no word around it."""
    line: int
    """The line on which it begins."""
    verb: str
    """Its first word in capitals, with the second one of CREATE, DROP and ALTER."""
    opening: str
    """What it begins with, in lower case: its first word, or a parenthesis."""


def split_statements(text: str) -> list[Statement]:
    """Return the statements of a text; those without a word are left out."""
    found = []
    line, counted = 1, 0
    for words in _statement_tokens(text):
        start, end = words[0].start, words[-1].end
        line += text.count("\n", counted, start)
        counted = start
        names = [word.text for word in words if word.kind == "word"]
        two = bool(names) and names[0].upper() in ("CREATE", "DROP", "ALTER")
        verb = " ".join(names[: 2 if two else 1]).upper()
        found.append(Statement(text[start:end], line, verb, words[0].text.lower()))
    return found


def _statement_tokens(text: str) -> Iterator[list[Token]]:
    """The words of each statement, without comments and spaces."""
    words: list[Token] = []
    parentheses = blocks = 0
    for token in tokens(text):
        if token.kind in ("space", "comment"):
            continue
        if token.text == ";" and parentheses <= 0 and not blocks:
            if words:
                yield words
            words, parentheses = [], 0
            continue
        words.append(token)
        parentheses += (token.text == "(") - (token.text == ")")
        # The body of a function in SQL's standard form holds statements: BEGIN ATOMIC ... END.
        if token.kind == "word" and words[0].text.lower() == "create" and _makes_routine(words):
            word = token.text.lower()
            if word in _BEGINS and (blocks or word == "begin"):
                blocks += 1
            elif word == _ENDS and blocks:
                blocks -= 1
    if words:
        yield words


def _makes_routine(words: list[Token]) -> bool:
    return any(word.text.lower() in ("function", "procedure") for word in words[1:4])


class Parameters(NamedTuple):
    """A statement whose named parameters have numbers."""

    sql: str
    names: list[str]
    """The name of each number, from `$1` on."""
    numbers: int
    """The highest `$n` that the user wrote."""
    question_mark: bool
    """Whether there is a `?`, which is an operator here."""


def number_parameters(sql: str) -> Parameters:
    """Find the parameters of a statement, and write each `:name` as `$n`.

    In brackets a colon behind something is that of a slice: `a[1:n]` has no parameter, `a[1: :n]` has one.
    """
    names: list[str] = []
    pieces: list[str] = []
    numbers, at, brackets, question_mark = 0, 0, 0, False
    before = ""
    for token in tokens(sql):
        if token.kind == "name" and not (brackets and _ends_operand(before)):
            name = token.text[1:]
            if name not in names:
                names.append(name)
            pieces += [sql[at : token.start], f"${names.index(name) + 1}"]
            at = token.end
        elif token.kind == "number":
            numbers = max(numbers, int(token.text[1:]))
        elif token.text == "?":
            question_mark = True
        brackets += (token.text == "[") - (token.text == "]")
        if token.kind not in ("space", "comment"):
            before = token.text
    return Parameters("".join(pieces) + sql[at:], names, numbers, question_mark)


def _ends_operand(text: str) -> bool:
    """Whether something ends here, so that a colon behind it cannot begin a parameter."""
    return bool(text) and (text[-1].isalnum() or text[-1] in "_$)]'\"")


_TRANSACTION = re.compile(
    r"(?:begin|commit|end|rollback|abort|savepoint|release|start\s+transaction|prepare\s+transaction)\b",
    re.IGNORECASE,
)


def ends_transaction(statement: Statement) -> bool:
    """Whether a statement begins or ends a transaction."""
    return bool(_TRANSACTION.match(statement.sql))


_READING = ("select", "with", "values", "table")
_OTHERS = ("insert", "update", "delete", "merge", "create", "refresh", "execute", "declare")


def only_tells(statement: Statement) -> bool:
    """Whether a statement has rows and does nothing else: SHOW, EXPLAIN, or EXPLAIN ANALYZE of what reads."""
    if statement.opening != "explain":
        return statement.opening == "show"
    words = [token.text.lower() for token in tokens(statement.sql) if token.kind == "word"]
    explained = next((word for word in words if word in (*_READING, *_OTHERS)), "")
    return explained in _READING or not {"analyze", "analyse"} & set(words)
