# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""A relay between clients and a server that notes each statement the server answers with an error.

It changes no byte. What is compressed or encrypted passes unread."""

import collections
import socket
import threading

QUERY, CHANGE_USER, PREPARE, EXECUTE = 0x03, 0x11, 0x16, 0x17
COMMANDS = {0x00: "COM_SLEEP", 0x01: "COM_QUIT", 0x02: "COM_INIT_DB", 0x03: "COM_QUERY", 0x04: "COM_FIELD_LIST",
            0x05: "COM_CREATE_DB", 0x06: "COM_DROP_DB", 0x07: "COM_REFRESH", 0x08: "COM_SHUTDOWN", 0x09: "COM_STATISTICS",
            0x0a: "COM_PROCESS_INFO", 0x0c: "COM_PROCESS_KILL", 0x0d: "COM_DEBUG", 0x0e: "COM_PING",
            0x11: "COM_CHANGE_USER", 0x12: "COM_BINLOG_DUMP", 0x16: "COM_STMT_PREPARE", 0x17: "COM_STMT_EXECUTE",
            0x18: "COM_STMT_SEND_LONG_DATA", 0x19: "COM_STMT_CLOSE", 0x1a: "COM_STMT_RESET", 0x1b: "COM_SET_OPTION",
            0x1c: "COM_STMT_FETCH", 0x1f: "COM_RESET_CONNECTION", 0xfa: "COM_STMT_BULK_EXECUTE"}
LONGEST_KEPT = 400


class Packets:
    """Cuts a stream into packets and keeps the head of each."""

    def __init__(self):
        self._head, self._left, self._sequence = b"", 0, 0
        self._kept = b""

    def feed(self, data):
        """Yields (sequence number, first bytes) of each packet that ends in these bytes."""
        position = 0
        while position < len(data):
            if self._left == 0:
                take = min(4 - len(self._head), len(data) - position)
                self._head += data[position:position + take]
                position += take
                if len(self._head) < 4:
                    return
                self._left, self._sequence = int.from_bytes(self._head[:3], "little"), self._head[3]
                self._head, self._kept = b"", b""
                if self._left == 0:
                    yield self._sequence, b""
                continue
            take = min(self._left, len(data) - position)
            if len(self._kept) < LONGEST_KEPT:
                self._kept += data[position:position + min(take, LONGEST_KEPT - len(self._kept))]
            position += take
            self._left -= take
            if self._left == 0:
                yield self._sequence, self._kept


class Connection:
    """What is known of one connection: its last command and its prepared statements."""

    def __init__(self, refused):
        self._refused, self._last, self._statements = refused, "(handshake)", {}
        self._preparing = None

    def from_client(self, sequence, head):
        if sequence != 0 or not head:
            return
        command, body = head[0], head[1:]
        name = COMMANDS.get(command, f"command {command:#x}")
        self._preparing = None
        if command in (QUERY, PREPARE):
            text = body.decode("utf-8", "replace")
            self._last = text if command == QUERY else f"{name}: {text}"
            self._preparing = text if command == PREPARE else None
        elif command == EXECUTE:
            self._last = f"{name}: {self._statements.get(body[:4], '?')}"
        else:
            self._last = name

    def from_server(self, sequence, head):
        if head[:1] == b"\xff" and len(head) >= 3:
            message = head[9:] if head[3:4] == b"#" else head[3:]
            self._refused[(self._last, int.from_bytes(head[1:3], "little"), message.decode("utf-8", "replace"))] += 1
        elif self._preparing is not None and sequence == 1 and head[:1] == b"\x00" and len(head) >= 5:
            self._statements[head[1:5]] = self._preparing
            self._preparing = None


class Relay:
    """Listens on `port` of 127.0.0.1 for connections to a server. `refused` counts (statement, errno, message)."""

    def __init__(self, host, port):
        self._server = (host, port)
        self.refused = collections.Counter()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self):
        self._listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(self._server)
            except OSError:
                client.close()
                continue
            state = Connection(self.refused)
            for ends in ((client, server, state.from_client), (server, client, state.from_server)):
                for end in ends[:2]:
                    end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=_pump, args=ends, daemon=True).start()


def _pump(source, sink, note):
    packets = Packets()
    try:
        while data := source.recv(1 << 16):
            try:
                for packet in packets.feed(data):
                    note(*packet)
            finally:
                sink.sendall(data)
    except OSError:
        pass
    finally:
        for end, how in ((sink, socket.SHUT_WR), (source, socket.SHUT_RD)):
            try:
                end.shutdown(how)
            except OSError:
                pass
