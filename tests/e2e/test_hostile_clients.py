# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Clients that mean no good, or know no better: a well-behaved one beside them keeps getting its answers."""

import contextlib
import pathlib
import resource
import socket
import threading
import time

import pytest

from conftest import until
from gates import LOGIN, gate, works

BOUND = 2.0  # seconds an answer may take on a machine that does other things, too


class GoodClient(threading.Thread):
    """Logs in and asks, again and again. `worst` is the longest that took, login included."""

    def __init__(self, door):
        super().__init__()
        self.door, self.worst, self.rounds, self.error = door, 0.0, 0, None
        self._stop_asked = threading.Event()

    def run(self):
        try:
            while not self._stop_asked.is_set():
                start = time.monotonic()
                with self.door.connect() as connection:
                    assert works(connection)
                self.worst = max(self.worst, time.monotonic() - start)
                self.rounds += 1
        except BaseException as error:
            self.error = error

    def __enter__(self):
        self.start()
        until("the good client is served", lambda: self.rounds > 0 or self.error)
        return self

    def __exit__(self, *_):
        before = self.rounds
        until("the good client is still served", lambda: self.rounds > before or self.error)
        self._stop_asked.set()
        self.join()
        assert self.error is None, self.error
        assert self.worst < BOUND, f"an answer took {self.worst:.2f} s"


def stranger(door):
    return socket.create_connection(("127.0.0.1", door.port), 10)


def ends(connection, seconds=10):
    """What the server says until it hangs up."""
    connection.settimeout(seconds)
    said = b""
    with contextlib.suppress(ConnectionResetError):
        while data := connection.recv(65536):
            said += data
    return said


def memory(door):
    """Bytes that the gate holds."""
    return int(pathlib.Path(f"/proc/{door.process.pid}/statm").read_text().split()[1]) * resource.getpagesize()


def test_logins_a_byte_at_a_time_are_cut_off(tmp_path):
    with gate(tmp_path, "--mysql-server-connect-timeout=2s") as door, GoodClient(door):
        slow = [stranger(door) for _ in range(100)]
        began = time.monotonic()
        with contextlib.suppress(OSError):
            for byte in LOGIN:
                for connection in slow:
                    connection.send(bytes([byte]))
                time.sleep(1)  # the slowness itself
        for connection in slow:
            ends(connection)
            connection.close()
        assert time.monotonic() - began < 10


def test_logins_that_never_come_are_cut_off(tmp_path):
    with gate(tmp_path, "--mysql-server-connect-timeout=500ms") as door, GoodClient(door):
        silent = [stranger(door) for _ in range(200)]
        for connection in silent:
            assert b"mysql_native_password" in ends(connection)
            connection.close()


@pytest.mark.parametrize("sent, errno", [
    (b"\xff\xff\xff\x01" + b"x" * 100, 1153),  # a login of 16 MB is announced
    (LOGIN[:3] + b"\x09" + LOGIN[4:], 1156),  # out of step
    (b"\x04\x00\x00\x01abcd", None),  # a login that is none
    (b"\x00\x00\x00\x01", None),
    (b"GET / HTTP/1.1\r\nHost: gate\r\n\r\n", None),
    (b"\x20\x00\x00\x01\x00\xaa\x00\x00" + bytes(28), None),  # asks for TLS, which is not offered
    (LOGIN[:-5] + b"\xff" * 5, None),  # a password longer than the packet
])
def test_bytes_that_are_no_login_end_the_connection(tmp_path, sent, errno):
    with gate(tmp_path) as door:
        with stranger(door) as connection:
            greeting = connection.recv(4096)
            connection.sendall(sent)
            said = ends(connection)
            assert len(said) > 7 and said[4] == 0xff, (greeting, said)
            if errno:
                assert int.from_bytes(said[5:7], "little") == errno
        with door.connect() as good:
            assert works(good)


def test_announced_lengths_take_no_memory(tmp_path):
    with gate(tmp_path) as door, GoodClient(door):
        before = memory(door)
        liars = []
        for _ in range(200):
            connection = stranger(door)
            connection.sendall(LOGIN)
            liars.append(connection)
        for connection in liars:
            connection.recv(4096)
            connection.sendall(b"\xff\xff\xff\x00\x03select '" + b"x" * 1000)  # a query of 16 MB begins
        with door.connect() as good:
            assert works(good)
        grown = (memory(door) - before) / len(liars)
        print(f"{grown:.0f} bytes for each of {len(liars)} begun queries of 16 MB")
        assert grown < 64 << 10
        for connection in liars:
            connection.close()


def test_ten_thousand_logins_that_never_finish(tmp_path):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    count = min(10_000, hard - 500)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    crowd = []
    try:
        with gate(tmp_path, "--mysql-server-connect-timeout=10m") as door, GoodClient(door) as good:
            before = memory(door)
            for _ in range(count):
                connection = stranger(door)
                connection.sendall(LOGIN[:20])
                crowd.append(connection)
            for connection in crowd:
                assert connection.recv(4096)  # the greeting: it is being waited for
            each = (memory(door) - before) / count
            print(f"{count} unfinished logins: {each:.0f} bytes each; the good client's worst round took {good.worst * 1000:.0f} ms")
            assert each < 20 << 10
            rounds = good.rounds
            until("the good client goes on", lambda: good.rounds > rounds + 5 or good.error)
            for connection in crowd:
                connection.close()
            until("all are forgotten", lambda: len(list(pathlib.Path(f"/proc/{door.process.pid}/fd").iterdir())) < 200)
    finally:
        for connection in crowd:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_flood_of_bad_logins_does_not_fill_the_log(tmp_path):
    with gate(tmp_path, auth=('--mysql-auth-server-static-string={"bob": {"Password": "x"}}',)) as door:
        began = time.monotonic()
        for _ in range(500):
            with stranger(door) as connection:
                connection.sendall(LOGIN)
                ends(connection)
        seconds = time.monotonic() - began
        lines = door.said().count("was refused")
        assert 0 < lines <= 10 * (seconds + 2)
