# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""A client that speaks what only MariaDB does, packet by packet: PyMySQL with MariaDB's half of the capabilities."""

import struct

import pymysql
from pymysql.constants import COMMAND

BULK, EXTENDED_METADATA, CACHE_METADATA = 1 << 2, 1 << 3, 1 << 4  # in the extended half
SESSION_TRACK, DEPRECATE_EOF = 1 << 23, 1 << 24
BULK_EXECUTE = 0xFA


class Default:
    pass


class Ignore:
    pass


class Client(pymysql.connections.Connection):
    """`extended` is what it can of MariaDB's half. PyMySQL's own statements work as long as it is 0 or BULK."""

    def __init__(self, extended=0, **options):
        self.extended = extended
        self.greeted = False
        super().__init__(**options)

    def write_packet(self, payload):
        if not self.greeted:
            self.greeted = True
            capabilities = struct.unpack_from("<I", payload)[0] & ~1
            payload = struct.pack("<I", capabilities) + payload[4:28] + struct.pack("<I", self.extended) + payload[32:]
        super().write_packet(payload)

    def command(self, command, payload):
        self._execute_command(command, payload)

    def packet(self):
        return self._read_packet().get_all_data()

    def run(self, *texts):
        for text in texts:
            with self.cursor() as cursor:
                cursor.execute(text)
                rows = cursor.fetchall()
        return rows

    # Answers.

    def is_end(self, packet):
        return packet[0] == 0xFE and len(packet) < (0xFFFFFF if self.client_flag & DEPRECATE_EOF else 9)

    def skip_eof(self):
        if not self.client_flag & DEPRECATE_EOF:
            assert self.packet()[0] == 0xFE

    def result(self):
        """One result: what an OK tells, or the columns and rows, with whether the columns came."""
        head = self.packet()
        if head[0] == 0:
            return ok(head)
        count, at = lenenc(head, 0)
        cached = at < len(head) and head[at] == 0
        columns = [] if cached else [self.packet() for _ in range(count)]
        self.skip_eof()
        rows = []
        while not self.is_end(packet := self.packet()):
            rows.append(packet)
        return {"columns": columns, "left out": cached, "rows": rows}

    # Prepared statements.

    def prepare(self, sql):
        self.command(COMMAND.COM_STMT_PREPARE, sql)
        head = self.packet()
        statement, columns, parameters = struct.unpack_from("<IHH", head, 1)
        out = []
        for count in (parameters, columns):
            out.append([self.packet() for _ in range(count)])
            if count:
                self.skip_eof()
        return Statement(self, statement, *out)


class Statement:
    def __init__(self, client, number, parameters, columns):
        self.client, self.number, self.parameters, self.columns = client, number, parameters, columns

    def execute(self, values, kinds=None):
        nulls = sum(1 << i for i, value in enumerate(values) if value is None).to_bytes((len(values) + 7) // 8, "little")
        kinds = kinds or [kind(value) for value in values]
        data = b"".join(binary(value, kinds[i]) for i, value in enumerate(values) if value is not None)
        types = b"".join(struct.pack("<H", value) for value in kinds)
        tail = nulls + b"\x01" + types + data if values else b""
        self.client.command(COMMAND.COM_STMT_EXECUTE, struct.pack("<IBI", self.number, 0, 1) + tail)
        return self.client.result()

    def bulk(self, rows, flags=128):
        """The answer, or the error as (errno, text)."""
        kinds = [next((kind(row[i]) for row in rows if isinstance(row[i], (int, str))), 0xFD) for i in range(len(self.parameters))]
        types = b"".join(struct.pack("<H", value) for value in kinds) if flags & 128 else b""
        body = b"".join(indicated(value, kinds[i]) for row in rows for i, value in enumerate(row))
        self.client.command(BULK_EXECUTE, struct.pack("<IH", self.number, flags) + types + body)
        try:
            return self.client.result()
        except pymysql.MySQLError as error:
            return error.args

    def close(self):
        self.client.command(COMMAND.COM_STMT_CLOSE, struct.pack("<I", self.number))


def kind(value):
    return {int: 8, type(None): 6, float: 5}.get(type(value), 0xFD)


def binary(value, its_kind):
    its_kind &= 0x7FFF
    if its_kind in (1, 2, 3, 8, 4, 5):
        return struct.pack({1: "<b", 2: "<h", 3: "<i", 8: "<q", 4: "<f", 5: "<d"}[its_kind], value)
    data = value.encode() if isinstance(value, str) else value
    return (bytes([len(data)]) if len(data) < 251 else b"\xfd" + struct.pack("<I", len(data))[:3]) + data


def indicated(value, its_kind):
    for number, mark in ((1, None), (2, Default), (3, Ignore)):
        if value is mark:
            return bytes([number])
    return b"\x00" + binary(value, its_kind)


def lenenc(data, at):
    first = data[at]
    if first < 251:
        return first, at + 1
    size = {252: 2, 253: 3, 254: 8}[first]
    return int.from_bytes(data[at + 1:at + 1 + size], "little"), at + 1 + size


def ok(data):
    affected, at = lenenc(data, 1)
    insert_id, at = lenenc(data, at)
    flags, warnings = struct.unpack_from("<HH", data, at)
    return {"affected": affected, "id": insert_id, "flags": flags, "warnings": warnings, "rest": data[at + 4:]}
