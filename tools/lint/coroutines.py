#!/usr/bin/env python3
# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Holds the one rule for co_await: it stands alone as an initializer, a statement, an assignment's right side or
`co_return co_await`, its operand is no dereference, and its arguments hold no braces and no lambda. g++ 12 silently mis-compiles other shapes."""

import re
import sys

from source_tree import ROOT, sources, without_comments_and_strings

# What may stand before co_await on its logical line.
BEFORE = re.compile(
    r"^\s*(?:(?:else|do)\s+)?(?:\}\s*)?"
    r"(?:co_return\s*|"                                     # co_return co_await
    r"(?:CO_TRY|CO_TRY_OK|TESSERA_\w+)\s*\((?:[^;]*,)?\s*|"   # CO_TRY(decl, co_await ...)
    r"(?:[\w:<>,&*\s\[\]\.\->()]+?[^=!<>]=\s*)|"              # declaration or assignment
    r"(?:if|while|for)\s*\([^;]*\)\s*|"                      # a statement under a condition on the same line
    r"case\s[^:]*:\s*|)$")


def logical_line(code, at):
    """From the end of the statement before to the co_await."""
    start = max(code.rfind(c, 0, at) for c in ";{}")
    return code[start + 1:at], start + 1


def arguments(code, at):
    """The text from the co_await to the end of its statement, brackets balanced."""
    depth, i = 0, at
    while i < len(code):
        if code[i] in "([":
            depth += 1
        elif code[i] in ")]":
            depth -= 1
            if depth < 0:
                break
        elif code[i] == ";" and depth == 0:
            break
        i += 1
    return code[at:i]


def main():
    errors = []
    for path in sources():
        code = without_comments_and_strings((ROOT / path).read_text())
        for match in re.finditer(r"(?<!operator )\bco_await\b", code):
            before, _ = logical_line(code, match.start())
            number = code.count("\n", 0, match.start()) + 1
            place = f"{path}:{number}"
            before = re.sub(r"\s+", " ", re.sub(r"^\s*#[^\n]*$", "", before, flags=re.M))
            if before.lstrip().startswith("#define"):
                continue
            if re.match(r"^\s*(else\s+)?(if|while|switch)\s*\((?:(?!\)\s).)*$", before) or not BEFORE.match(before):
                errors.append(f"{place}: co_await inside an expression or a condition: await into a local first")
            rest = arguments(code, match.end())
            if rest.lstrip().startswith("*"):
                errors.append(f"{place}: co_await of a dereference, whose copy g++ 12 awaits: name the object first")
            if "{" in rest:
                errors.append(f"{place}: braces in the arguments of co_await: name the object first")
    print("\n".join(errors) if errors else "coroutines: every co_await stands alone")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
