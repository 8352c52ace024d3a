# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Answers without columns: MySQL 8's CLIENT_OPTIONAL_RESULTSET_METADATA and `set resultset_metadata = none`, packet by packet."""

import socket
import struct

import pytest

from gates import LOGIN_BODY
from test_sessions import answers

DEPRECATE_EOF, OPTIONAL = 1 << 24, 1 << 25
QUERY, PREPARE, EXECUTE, RESET_CONNECTION = b"\x03", b"\x16", b"\x17", b"\x1f"


class Client:
    """A client of few words. An answer is a list of packets."""

    def __init__(self, port, capabilities, database):
        self.stream = socket.create_connection(("127.0.0.1", port), 30)
        self.deprecates_eof = bool(capabilities & DEPRECATE_EOF)
        greeting = self.packet()
        at = greeting.index(b"\0", 1) + 1 + 4 + 8 + 1
        low, _, _, high = struct.unpack_from("<HBHH", greeting, at)
        self.offered = low | high << 16
        flags = (0x0000A208 | 1 | capabilities).to_bytes(4, "little")
        self.send(flags + LOGIN_BODY[4:32] + b"test\0\0" + database.encode() + b"\0", 1)
        assert self.packet()[0] == 0

    def send(self, body, sequence=0):
        self.stream.sendall(len(body).to_bytes(3, "little") + bytes([sequence]) + body)

    def packet(self):
        def exactly(size):
            data = b""
            while len(data) < size:
                more = self.stream.recv(size - len(data))
                assert more, "the gate has hung up"
                data += more
            return data

        head = exactly(4)
        return exactly(int.from_bytes(head[:3], "little"))

    def ask(self, command, text):
        self.send(command + (text.encode() if isinstance(text, str) else text))
        return self.packet()

    def rows(self, command, text):
        """The packet in front of the columns, how many come, and the rows."""
        head = self.ask(command, text)
        assert head[0] < 2, head
        columns, count = 0, head[1]
        for columns in range(1, count + 1) if head[0] == 1 else ():
            assert self.packet().startswith(b"\x03def")
        if not self.deprecates_eof:
            assert self.packet()[0] == 0xFE
        rows = []
        while not ((packet := self.packet())[0] == 0xFE and len(packet) < 20):
            rows.append(packet)
        return head, columns, rows

    def prepare(self, text):
        """The answer's first packet, and how many definitions follow."""
        head = self.ask(PREPARE, text)
        counts = [n for n in struct.unpack_from("<HH", head, 5)[::-1] if n]
        definitions = 0
        for count in counts:
            for _ in range(count) if head[12] == 1 else ():
                assert self.packet().startswith(b"\x03def")
                definitions += 1
            if not self.deprecates_eof:
                assert self.packet()[0] == 0xFE
        return head, definitions

    def execute(self, head, number):
        statement = head[1:5]
        return self.rows(EXECUTE, statement + b"\0" + (1).to_bytes(4, "little") + b"\0\x01\x08\0" + struct.pack("<q", number))


@pytest.mark.parametrize("eof", [0, DEPRECATE_EOF])
@pytest.mark.parametrize("keyspace, attach", [("app", None), ("lookup", None), ("lookup", "create temporary table beside (a int)")])
def test_columns_are_left_out_as_long_as_the_client_says(shop, keyspace, attach, eof):
    table = "settings" if keyspace == "lookup" else "users"
    with shop.connect(keyspace) as helper:
        answers(helper, [f"delete from {table}", "insert into settings values ('a', 4)" if keyspace == "lookup"
                         else "insert into users (id, name, country) values (1, 'a', 4)"])
    client = Client(shop.gate_port, OPTIONAL | eof, keyspace)
    assert client.offered & OPTIONAL
    if attach:
        assert client.ask(QUERY, attach)[0] == 0
    text = "select k, v from settings" if keyspace == "lookup" else "select name, country from users where id = 1"
    row = b"\x01a\x014"
    assert client.rows(QUERY, text) == (b"\x01\x02", 2, [row])
    prepared = ("select k, v from settings where v < ?" if keyspace == "lookup" else "select name, country from users where country < ?")
    head, definitions = client.prepare(prepared)
    assert (len(head), head[12], definitions) == (13, 1, 3)
    described = client.execute(head, 10)
    assert described[:2] == (b"\x01\x02", 2) and len(described[2]) == 1

    assert client.ask(QUERY, "set resultset_metadata = none")[0] == 0
    assert client.rows(QUERY, text) == (b"\0\x02", 0, [row])
    assert client.execute(head, 10) == (b"\0\x02", 0, described[2])
    head, definitions = client.prepare(prepared)
    assert (len(head), head[12], definitions) == (13, 0, 0)
    assert client.execute(head, 10) == (b"\0\x02", 0, described[2])
    if not attach:
        assert client.rows(QUERY, "select @@resultset_metadata")[2] == [b"\x04NONE"]

    assert client.ask(QUERY, "set session resultset_metadata = 'FULL'")[0] == 0
    assert client.rows(QUERY, text) == (b"\x01\x02", 2, [row])
    assert client.ask(QUERY, "set resultset_metadata = none")[0] == 0
    assert client.ask(RESET_CONNECTION, b"")[0] == 0
    assert client.rows(QUERY, text) == (b"\x01\x02", 2, [row])


def test_a_client_that_has_not_agreed_cannot_go_without(shop):
    client = Client(shop.gate_port, 0, "app")
    refused = client.ask(QUERY, "set resultset_metadata = none")
    assert refused[0] == 0xFF and int.from_bytes(refused[1:3], "little") == 1231
    assert b"optional metadata" in refused
    assert client.ask(QUERY, "set resultset_metadata = full")[0] == 0
    assert client.ask(QUERY, "select 1 from dual") == b"\x01"
