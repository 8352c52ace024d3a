# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What a server answered, and whether two servers answered the same."""

import collections
import dataclasses
import re

import pymysql
from pymysql.constants import FIELD_TYPE, FLAG

UNSUPPORTED = 1235
BINARY_CHARSET = 63


@dataclasses.dataclass
class Column:
    name: str
    type: int
    unsigned: bool
    charset: int

    def __str__(self):
        return f"{self.name}:{self.type}{'u' if self.unsigned else ''}/{self.charset}"


@dataclasses.dataclass
class Answer:
    """Rows with columns, or counts, or an error. Values are the texts that came over the wire; NULL is None."""
    columns: list = dataclasses.field(default_factory=list)
    rows: list = dataclasses.field(default_factory=list)
    affected: int = 0
    insert_id: int = 0
    errno: int = 0
    message: str = ""
    go_rows: str = ""

    @property
    def is_unsupported(self):
        return self.errno == UNSUPPORTED and "VT12001" in self.message

    def brief(self, most=12):
        if self.errno:
            return f"error {self.errno}: {self.message[:300]}"
        if not self.columns:
            return f"ok, {self.affected} affected, insert id {self.insert_id}"
        head = " ".join(str(column) for column in self.columns)
        more = f" ... {len(self.rows)} rows" if len(self.rows) > most else ""
        return f"[{head}] {self.rows[:most]}{more}"


def connect_options():
    # No conversions: values are compared as the servers wrote them.
    return {"conv": {}, "read_timeout": 20}


def ask(connection, sql):
    answer = Answer()
    try:
        connection.query(sql)
        result = connection._result
        if result is None:
            return answer
        if getattr(result, "fields", None):
            answer.columns = [Column(field.name, field.type_code, bool(field.flags & FLAG.UNSIGNED), field.charsetnr)
                              for field in result.fields]
            answer.rows = [tuple(row) for row in result.rows]
            answer.go_rows = go_notation(result)
        else:
            answer.affected, answer.insert_id = result.affected_rows, result.insert_id or 0
        while connection._result.has_next:
            connection.next_result()
    except pymysql.err.MySQLError as error:
        answer.errno = error.args[0] if error.args and isinstance(error.args[0], int) else -1
        answer.message = str(error.args[1]) if len(error.args) > 1 else str(error)
    except UnicodeDecodeError as error:
        answer.errno, answer.message = -2, str(error)
    return answer


# A word, a quoted text, a comment, or one other character.
TOKEN = re.compile(r"""'(?:[^'\\]|\\.|'')*'|"(?:[^"\\]|\\.|"")*"|`[^`]*`|/\*.*?\*/|--[^\n]*|\w+|\S""", re.S)


def outer_tokens(sql):
    """The tokens outside parentheses; what was inside becomes one '()'."""
    depth, out = 0, []
    for token in TOKEN.findall(sql):
        if token.startswith("/*") or token.startswith("--"):
            continue
        if token == "(":
            depth += 1
        elif token == ")":
            depth -= 1
            if depth == 0:
                out.append("()")
        elif depth == 0:
            out.append(token)
    return out


def order_items(sql):
    """The items of the outermost ORDER BY as texts without blanks; None when there is none."""
    depth, items = 0, None
    previous = ""
    for token in TOKEN.findall(sql):
        word = token.lower()
        depth += (token == "(") - (token == ")")
        if depth == 0 and word == "by" and previous == "order":
            items = [""]
        elif items is not None and depth <= 0 and word in ("limit", "for", "lock", "into", "union", ";", ")"):
            if word != ")" or depth < 0:
                items = items if word != "union" else None
                break
            items[-1] += token
        elif items is not None and depth == 0 and token == ",":
            items.append("")
        elif items is not None and not (depth == 0 and word in ("asc", "desc")):
            items[-1] += token
        previous = word
    return items


def has_limit(sql):
    return "limit" in [token.lower() for token in outer_tokens(sql)]


def _key_columns(items, columns):
    names = [re.sub(r"[\s`]", "", column.name).lower() for column in columns]
    out = []
    for item in items:
        name = item.replace("`", "").lower()
        if name.isdigit() and 1 <= int(name) <= len(names):
            out.append(int(name) - 1)
        elif name in names:
            out.append(names.index(name))
        elif re.fullmatch(r"[\w.]+", name) and name.split(".")[-1] in names:
            out.append(names.index(name.split(".")[-1]))
        else:
            return None
    return out


def same_rows(sql, gate, plain, order=None):
    """`order`: 'rows' (any order), 'values' (all values, any order), 'exact'; None goes by the statement's ORDER BY, and
    'lenient' as well, but takes any order where the keys are not among the columns."""
    if gate.rows == plain.rows:
        return True
    if order == "values":
        flat = lambda rows: collections.Counter(value for row in rows for value in row)
        return flat(gate.rows) == flat(plain.rows)
    multiset = collections.Counter(gate.rows) == collections.Counter(plain.rows)
    if order == "rows":
        return multiset
    if order == "exact":
        return False
    items = order_items(sql)
    if items is None:
        # Which rows a LIMIT without ORDER BY keeps is nobody's promise.
        return multiset or (has_limit(sql) and len(gate.rows) == len(plain.rows))
    if not multiset:
        return False
    keys = _key_columns(items, plain.columns)
    if keys is None:
        return order == "lenient"
    # Rows that the order leaves equal may stand in any order among themselves.
    return [[row[k] for k in keys] for row in gate.rows] == [[row[k] for k in keys] for row in plain.rows]


def same_columns(gate, plain):
    if len(gate.columns) != len(plain.columns):
        return False
    for a, b in zip(gate.columns, plain.columns):
        if a.name != b.name or a.type != b.type or a.unsigned != b.unsigned:
            return False
        if (a.charset == BINARY_CHARSET) != (b.charset == BINARY_CHARSET):
            return False
    return True


def difference(sql, gate, plain, order=None, insert_id=True):
    """None when both answered the same; else what differs: error, errno, rows, columns, affected, insert id."""
    if bool(gate.errno) != bool(plain.errno):
        return "error"
    if gate.errno:
        return None if gate.errno == plain.errno else "errno"
    if bool(gate.columns) != bool(plain.columns):
        return "rows"
    if plain.columns:
        if not same_rows(sql, gate, plain, order):
            return "rows"
        return None if same_columns(gate, plain) else "columns"
    if gate.affected != plain.affected:
        return "affected"
    return "insert id" if insert_id and gate.insert_id != plain.insert_id else None


GO_TYPES = {
    FIELD_TYPE.TINY: "INT8", FIELD_TYPE.SHORT: "INT16", FIELD_TYPE.INT24: "INT24", FIELD_TYPE.LONG: "INT32",
    FIELD_TYPE.LONGLONG: "INT64", FIELD_TYPE.FLOAT: "FLOAT32", FIELD_TYPE.DOUBLE: "FLOAT64",
    FIELD_TYPE.NEWDECIMAL: "DECIMAL", FIELD_TYPE.DATE: "DATE", FIELD_TYPE.NEWDATE: "DATE", FIELD_TYPE.TIME: "TIME",
    FIELD_TYPE.DATETIME: "DATETIME", FIELD_TYPE.TIMESTAMP: "TIMESTAMP", FIELD_TYPE.YEAR: "YEAR", FIELD_TYPE.BIT: "BIT",
    FIELD_TYPE.JSON: "JSON", FIELD_TYPE.ENUM: "ENUM", FIELD_TYPE.SET: "SET", FIELD_TYPE.NULL: "NULL_TYPE",
}
BARE = ("INT", "UINT", "FLOAT", "DECIMAL", "YEAR")


def go_type(field):
    if field.flags & FLAG.ENUM:
        return "ENUM"
    if field.flags & FLAG.SET:
        return "SET"
    name = GO_TYPES.get(field.type_code)
    if name is not None:
        return "U" + name if name.startswith("INT") and field.flags & FLAG.UNSIGNED else name
    binary = field.charsetnr == BINARY_CHARSET
    if field.type_code == FIELD_TYPE.STRING:
        return "BINARY" if binary else "CHAR"
    if field.type_code in (FIELD_TYPE.VAR_STRING, FIELD_TYPE.VARCHAR):
        return "VARBINARY" if binary else "VARCHAR"
    return "BLOB" if binary else "TEXT"


def go_notation(result):
    """Rows as the recorded expectations write them: [[INT64(1) VARCHAR("a")] [NULL ...]]."""
    types = [go_type(field) for field in result.fields]
    rows = []
    for row in result.rows:
        cells = []
        for name, value in zip(types, row):
            if value is None:
                cells.append("NULL")
                continue
            text = value.decode("utf8", "replace") if isinstance(value, bytes) else str(value)
            cells.append(f"{name}({text})" if name.startswith(BARE) else f'{name}("{text}")')
        rows.append("[" + " ".join(cells) + "]")
    return "[" + " ".join(rows) + "]"
