# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""`tessera sql`, as people and programs use it."""

import json
import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[2]
TESSERA = pathlib.Path(os.environ.get("TESSERA_BUILD", ROOT / "build" / "dev")) / "bin" / "tessera"


def sql(*words, text=""):
    return subprocess.run([TESSERA, "sql", *words], input=text, capture_output=True, text=True)


def lines(verb, statements, *flags):
    """The answers to statements sent as JSON lines."""
    text = "".join(json.dumps({"sql": statement}) + "\n" for statement in statements)
    done = sql(verb, "--jsonl", *flags, text=text)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_formats_a_statement():
    assert sql("format", "SELECT  1 FROM `t` WHERE a=5").stdout == "select 1 from t where a = 5\n"
    assert sql("format", text="select 1\n").stdout == "select 1 from dual\n"
    assert sql("format", "--dialect", "server", "do 1").stdout == "do 1\n"


def test_fingerprints_fold_values():
    done = sql("fingerprint", "SELECT a FROM t WHERE id IN (1, 2) AND b = 'x'")
    answer = json.loads(done.stdout)
    assert answer["text"] == "select a from t where id in ::vtg1 and b = :vtg2"
    assert answer["values"]["vtg2"] == {"type": "VARCHAR", "value": "x"}
    one, other = lines("fingerprint", ["select a from t where id = 1", "SELECT a\nFROM t WHERE id = 22"])
    assert one["ok"]["hash"] == other["ok"]["hash"]


def test_redacts_every_value():
    done = sql("redact", "update t set a = 'secret', b = -5 where c in (1, 'x')")
    assert done.returncode == 0
    assert "secret" not in done.stdout and "5" not in done.stdout and "'x'" not in done.stdout


def test_shows_the_tree():
    assert sql("ast", "select 1").stdout.startswith("Select{")


def test_an_error_points_at_its_place():
    done = sql("format", "select a\nfrom t where where b")
    assert done.returncode == 1 and done.stdout == ""
    assert done.stderr.endswith("  from t where where b\n               ^\n")
    answer = lines("format", ["select 1 from t where where", "select 1"])
    assert answer[0]["position"] == 28 and answer[0]["line"] == 1 and answer[0]["column"] == 23
    assert answer[0]["errno"] == 1064 and "near 'where'" in answer[0]["error"]
    assert answer[1] == {"ok": "select 1 from dual"}


def test_a_broken_line_breaks_no_other():
    done = sql("format", "--jsonl", text='{"sql": 5}\nnot json\n{"sql": "select 1"}\n{}\n')
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert ["error" in answer for answer in answers] == [True, True, False, True]


def test_bytes_that_are_no_text_break_nothing():
    for verb in ("format", "fingerprint", "redact", "ast"):
        done = subprocess.run([TESSERA, "sql", verb], input=b"select '\xff\x00' from `\xfe`", capture_output=True)
        assert done.returncode == 0, (verb, done.stderr)


def test_modes_change_the_reading():
    text = json.dumps({"sql": 'select "a" from t', "sql_mode": "ANSI_QUOTES"}) + "\n"
    done = sql("format", "--jsonl", text=text)
    assert json.loads(done.stdout) == {"ok": "select a from t"}


def test_wrong_words_name_what_is_right():
    done = sql("formt", "select 1")
    assert done.returncode == 2 and "format" in done.stderr
    assert sql("format", "--dialect", "klingon", "select 1").returncode == 2
    assert "tessera sql format" in sql("--help").stdout
