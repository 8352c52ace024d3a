# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What MySQL clients meet at a gate before their first command: TLS, logins, limits. Gates without tablets are enough."""

import contextlib
import json
import os
import pathlib
import signal
import ssl
import subprocess
import sys

import pymysql
import pytest

from conftest import until

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import cluster  # noqa: E402

KEYSPACES = [f"a_keyspace_whose_name_is_long_{i:04}" for i in range(400)]


class Gate:
    """A vtgate that serves no tablets, on a port and a Unix socket."""

    def __init__(self, folder, *flags, auth=("--mysql-auth-server-impl=none",)):
        self.folder = pathlib.Path(folder)
        topology = cluster.TopologyFiles(self.folder / "topo")
        topology.make_cell()
        for name in KEYSPACES:
            topology.vschemas[name] = {}
        topology.publish()
        self.port = cluster.free_port()
        self.socket = str(self.folder / "gate.sock")
        self.log = self.folder / "gate.log"
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(
                [cluster.binary("vtgate"), f"--cell={cluster.CELL}", f"--topo-global-server-address={self.folder / 'topo'}",
                 f"--mysql-server-port={self.port}", f"--mysql-server-socket-path={self.socket}", "--onterm-timeout=1s", *auth, *flags],
                stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=cluster._end_with_parent)
        try:
            until("the gate listens", lambda: "listens on unix:" in self.said() or self.process.poll() is not None, 10)
            assert self.process.poll() is None, self.said()
        except BaseException:
            self.stop()
            raise

    def said(self):
        return self.log.read_text(errors="replace")

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def connect(self, **options):
        return pymysql.connect(**{"host": "127.0.0.1", "port": self.port, "user": "ada", "charset": "utf8mb4",
                                  "connect_timeout": 10, "read_timeout": 30, **options})

    def mariadb(self, *arguments, sql="show databases", user="ada", password=""):
        """The output of the command line client, whatever became of it."""
        done = subprocess.run(["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(self.port), "-u", user, *arguments, "-N", "-B", "-e", sql],
                              capture_output=True, text=True, timeout=30, env={**os.environ, "MYSQL_PWD": password})
        return done.stdout + done.stderr

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


@contextlib.contextmanager
def gate(folder, *flags, **options):
    made = Gate(folder, *flags, **options)
    try:
        yield made
    finally:
        made.stop()


def works(connection):
    with connection.cursor() as cursor:
        cursor.execute("show databases")
        return len(cursor.fetchall()) == len(KEYSPACES)


def refusal(connect, **options):
    """The (errno, message) a login ends with."""
    with pytest.raises(pymysql.err.MySQLError) as refused:
        connect(**options).close()
    return refused.value.args


class Authority:
    """Certificates of one authority, as files in a folder."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self._openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=authority", "-days", "2")
        self.ca = str(self.folder / "ca.pem")
        (self.folder / "index").write_text("")
        (self.folder / "serial").write_text("1000\n")
        (self.folder / "crlnumber").write_text("01\n")
        (self.folder / "ca.conf").write_text(
            "[ca]\ndefault_ca=d\n[d]\ndir=.\ndatabase=index\nserial=serial\ncrlnumber=crlnumber\nnew_certs_dir=.\ncertificate=ca.pem\n"
            "private_key=ca.key\ndefault_md=sha256\ndefault_days=2\ndefault_crl_days=2\npolicy=p\ncopy_extensions=copy\n[p]\ncommonName=supplied\n")

    def _openssl(self, *words):
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)

    def issue(self, name, address="127.0.0.1"):
        """(certificate, key)"""
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
                      "-addext", f"subjectAltName=IP:{address}")
        self._openssl("ca", "-batch", "-config", "ca.conf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext")
        return str(self.folder / f"{name}.pem"), str(self.folder / f"{name}.key")

    def revoke(self, name):
        self._openssl("ca", "-config", "ca.conf", "-revoke", f"{name}.pem")
        self._openssl("ca", "-config", "ca.conf", "-gencrl", "-out", "crl.pem")
        return str(self.folder / "crl.pem")


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="session")
def server_files(authority):
    return authority.issue("server")


def tls_flags(files):
    return f"--mysql-server-ssl-cert={files[0]}", f"--mysql-server-ssl-key={files[1]}"


# --- TLS ---


def test_clients_may_use_tls(tmp_path, authority, server_files):
    with gate(tmp_path, *tls_flags(server_files)) as door:
        with door.connect() as plain:
            assert works(plain)
        with door.connect(ssl_ca=authority.ca, ssl_verify_cert=True, ssl_verify_identity=True) as secret:
            assert secret._sock.version() == "TLSv1.3"
            assert works(secret)
        assert KEYSPACES[7] in door.mariadb(f"--ssl-ca={authority.ca}", "--ssl-verify-server-cert")
        # A client that trusts another authority goes away.
        assert "certificate" in refusal(door.connect, ssl_ca=server_files[0], ssl_verify_cert=True)[1]
        with door.connect() as still:
            assert works(still)


def test_a_gate_without_tls_says_so(tmp_path):
    with gate(tmp_path) as door:
        assert "SSL" in door.mariadb("--ssl", "--ssl-verify-server-cert", "--ssl-ca=/dev/null")


def test_require_secure_transport(tmp_path, authority, server_files):
    with gate(tmp_path, *tls_flags(server_files), "--mysql-server-require-secure-transport") as door:
        errno, message = refusal(door.connect)
        assert errno == 3159 and "insecure transport" in message
        assert "ERROR 3159" in door.mariadb("--skip-ssl")
        for options in ({"ssl_ca": authority.ca}, {"unix_socket": door.socket}):
            with door.connect(**options) as secure:
                assert works(secure)


def test_the_oldest_tls_is_set(tmp_path, authority, server_files):
    def context(version):
        made = ssl.create_default_context(cafile=authority.ca)
        made.maximum_version = version
        return made

    with gate(tmp_path, *tls_flags(server_files), "--mysql-server-tls-min-version=TLSv1.3") as door:
        assert "version" in refusal(door.connect, ssl=context(ssl.TLSVersion.TLSv1_2))[1].lower()
        with door.connect(ssl=context(ssl.TLSVersion.TLSv1_3)) as secret:
            assert works(secret)
    with gate(tmp_path, *tls_flags(server_files)) as door, door.connect(ssl=context(ssl.TLSVersion.TLSv1_2)) as secret:
        assert secret._sock.version() == "TLSv1.2" and works(secret)


def test_client_certificates(tmp_path, authority, server_files):
    ada, eve = authority.issue("ada"), authority.issue("eve")
    stranger = Authority(tmp_path / "other").issue("ada")
    crl = authority.revoke("eve")
    with gate(tmp_path, *tls_flags(server_files), f"--mysql-server-ssl-ca={authority.ca}", f"--mysql-server-ssl-crl={crl}") as door:
        with door.connect(ssl_ca=authority.ca, ssl_cert=ada[0], ssl_key=ada[1]) as secret:
            assert works(secret)
        for files in (None, eve, stranger):
            shown = {"ssl_cert": files[0], "ssl_key": files[1]} if files else {}
            with pytest.raises((pymysql.err.MySQLError, OSError)):
                # With TLS 1.3 a client hears of it only when it reads.
                works(door.connect(ssl_ca=authority.ca, **shown))


def serial(door, authority):
    with door.connect(ssl_ca=authority.ca, ssl_verify_cert=True) as secret:
        return secret._sock.getpeercert()["serialNumber"]


def test_certificates_and_users_are_read_again(tmp_path, authority):
    def use(name):
        for ending in ("pem", "key"):
            (tmp_path / f"now.{ending}").write_bytes((authority.folder / f"{name}.{ending}").read_bytes())

    def let_in(user):
        users.write_text(json.dumps({user: {"Password": "secret"}, "ada": {"Password": ""}}))

    authority.issue("first")
    authority.issue("second")
    use("first")
    users = tmp_path / "users.json"
    let_in("bob")
    files = (tmp_path / "now.pem", tmp_path / "now.key")
    with gate(tmp_path, *tls_flags(files), auth=(f"--mysql-auth-server-static-file={users}",)) as door:
        old = door.connect(user="bob", password="secret", ssl_ca=authority.ca)
        before = serial(door, authority)
        use("second")
        let_in("carol")
        assert serial(door, authority) == before  # nothing is read by itself
        door.reload()
        until("the log tells", lambda: "were read again" in door.said())
        now = serial(door, authority)
        assert now != before
        with door.connect(user="carol", password="secret") as newcomer:
            assert works(newcomer)
        assert refusal(door.connect, user="bob", password="secret")[0] == 1045
        assert works(old)
        (tmp_path / "now.pem").write_text("rubbish")
        users.write_text("{")
        door.reload()
        until("the log says why", lambda: "the certificates stay" in door.said() and "the users stay" in door.said())
        said = door.said()
        assert str(tmp_path / "now.pem") in said and str(users) in said
        assert serial(door, authority) == now
        with door.connect(user="carol", password="secret") as still:
            assert works(still)
        assert works(old)
        old.close()


def test_users_are_read_again_at_intervals(tmp_path):
    users = tmp_path / "users.json"
    users.write_text('{"ada": {"Password": "x"}}')
    flags = (f"--mysql-auth-server-static-file={users}", "--mysql-auth-static-reload-interval=50ms")
    with gate(tmp_path, auth=flags) as door:
        assert refusal(door.connect)[0] == 1045
        users.write_text('{"ada": {"Password": ""}}')

        def in_now():
            with contextlib.suppress(pymysql.err.OperationalError):
                door.connect().close()
                return True

        until("the new user gets in", in_now)


@pytest.mark.parametrize("flags, said", [
    (["--mysql-server-ssl-cert=/nonexistent.pem", "--mysql-server-ssl-key=/nonexistent.key"], "/nonexistent.pem"),
    (["--mysql-server-ssl-ca=/ca.pem"], "/ca.pem"),
    (["--mysql-server-require-secure-transport"], "--mysql-server-ssl-cert"),
])
def test_flags_that_cannot_be_end_the_gate(flags, said):
    done = subprocess.run([cluster.binary("vtgate"), "--cell=c", "--mysql-server-port=1", "--mysql-auth-server-impl=none", *flags],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and said in done.stderr, done.stderr
