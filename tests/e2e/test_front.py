# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What MySQL clients meet at a gate before their first command: TLS, logins, limits. Gates without tablets are enough."""

import contextlib
import json
import pathlib
import socket
import ssl
import subprocess
import threading
import time

import pymysql
import pytest

from conftest import until
from gates import KEYSPACES, LOGIN, cluster, gate, refusal, works
from real_clients import run_node, run_python


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

    def issue(self, name, address="127.0.0.1", dates=()):
        """(certificate, key); dates are the flags -startdate and -enddate."""
        self._openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN={name}",
                      "-addext", f"subjectAltName=IP:{address}")
        self._openssl("ca", "-batch", "-config", "ca.conf", "-in", f"{name}.csr", "-out", f"{name}.pem", "-notext", *dates)
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
    (["--mysql-auth-server-impl=clientcert"], "authority of clients"),
    (["--mysql-server-tls-min-version=TLSv1.0", "--mysql-server-ssl-cert=/a", "--mysql-server-ssl-key=/b"], "TLSv1.2 or TLSv1.3"),
])
def test_flags_that_cannot_be_end_the_gate(flags, said):
    done = subprocess.run([cluster.binary("vtgate"), "--cell=c", "--mysql-server-port=1", "--mysql-auth-server-impl=none", *flags],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and said in done.stderr, done.stderr


# --- logins ---

SECRET = {
    "clear": {"Password": "secret"},
    "native": {"MysqlNativePassword": "*14E65567ABDB5135D0CFD9A70B3032C179A49EE7"},
    "sha2": {"CachingSha2Password": "3881219d087dd9c634373fd33dfa33a2cb6bfc6c520b64b8bb60ef2ceb534ae7"},
    "ed25519": {"Ed25519Password": "ZIgUREUg5PVgQ6LskhXmO+eZLS0nC8be6HPjYWR4YJY"},
}
USERS = (f"--mysql-auth-server-static-string={json.dumps(SECRET)}",)


@pytest.mark.parametrize("method", ["mysql_native_password", "caching_sha2_password"])
def test_every_method_with_pymysql(tmp_path, authority, server_files, method):
    with gate(tmp_path, *tls_flags(server_files), f"--mysql-default-auth-method={method}", auth=USERS) as door:
        # Without TLS: the RSA key. With it and over the socket: the password itself.
        for way in ({}, {"ssl_ca": authority.ca}, {"unix_socket": door.socket}):
            host = "localhost" if "unix_socket" in way else "127.0.0.1"
            users = ["clear", "native", "sha2"]
            if method == "caching_sha2_password":
                users.append("ed25519")  # by its password: pymysql here does not have the method
            for user in users:
                with door.connect(user=user, password="secret", **way) as connection:
                    assert works(connection)
                said = refusal(door.connect, user=user, password="wrong", **way)
                assert said == (1045, f"Access denied for user '{user}'@'{host}' (using password: YES)")
            if method == "caching_sha2_password":  # else a stranger may be asked for Ed25519, as one of the users is
                assert refusal(door.connect, user="nobody", **way) == (1045, f"Access denied for user 'nobody'@'{host}' (using password: NO)")


@pytest.mark.parametrize("method", ["mysql_native_password", "caching_sha2_password", "client_ed25519", "mysql_clear_password", "dialog"])
def test_every_method_with_the_mariadb_program(tmp_path, authority, server_files, method):
    with gate(tmp_path, *tls_flags(server_files), auth=USERS) as door:
        for user in SECRET:
            way = (f"--default-auth={method}", f"--ssl-ca={authority.ca}")
            said = door.mariadb(*way, user=user, password="secret")
            assert KEYSPACES[0] in said, (user, said)
            said = door.mariadb(*way, user=user, password="wrong")
            assert "ERROR 1045 (28000)" in said and f"'{user}'@'127.0.0.1'" in said, (user, said)


@pytest.mark.parametrize("method", ["mysql_clear_password", "dialog"])
def test_users_are_who_their_certificate_says(tmp_path, authority, server_files, method):
    robot = authority.issue(f"robot-{method}")
    name = f"robot-{method}"
    flags = (*tls_flags(server_files), f"--mysql-server-ssl-ca={authority.ca}", f"--mysql-clientcert-auth-method={method}")
    with gate(tmp_path, *flags, auth=("--mysql-auth-server-impl=clientcert",)) as door:
        shown = (f"--ssl-ca={authority.ca}", f"--ssl-cert={robot[0]}", f"--ssl-key={robot[1]}")
        assert KEYSPACES[0] in door.mariadb(*shown, user=name, password="anything")
        assert "ERROR 1045" in door.mariadb(*shown, user="ada", password="anything")
        assert "ERROR 1045" in door.mariadb("--skip-ssl", user=name, password="anything")
        assert "ERROR 1045" in door.mariadb(f"--socket={door.socket}", "--host=localhost", "--skip-ssl", user=name, password="anything")


def test_passwords_in_clear_need_tls_or_a_flag(tmp_path):
    clear = ("--default-auth=mysql_clear_password", "--skip-ssl")
    with gate(tmp_path, auth=USERS) as door:
        for user in ("clear", "nobody"):
            said = door.mariadb(*clear, user=user, password="secret")
            assert "ERROR 1045" in said and "in clear" in said and "TLS" in said, said
    with gate(tmp_path, "--mysql-allow-clear-text-without-tls", auth=USERS) as door:
        assert KEYSPACES[0] in door.mariadb(*clear, user="clear", password="secret")
        assert "ERROR 1045" in door.mariadb(*clear, user="clear", password="wrong")


def test_change_user_over_tls(tmp_path, authority, server_files):
    with gate(tmp_path, *tls_flags(server_files), auth=USERS) as door, \
            door.connect(user="clear", password="secret", ssl_ca=authority.ca) as connection:
        scramble = pymysql._auth.scramble_native_password(b"secret", connection.salt)

        def change(user, answer):
            payload = user + b"\0" + bytes([len(answer)]) + answer + b"\0" + b"\x2d\0" + b"mysql_native_password\0"
            connection._execute_command(0x11, payload)
            return connection._read_packet()

        assert change(b"native", scramble).is_ok_packet()
        assert works(connection)
        with pytest.raises(pymysql.err.OperationalError) as refused:
            change(b"native", b"x" * 20)
        assert refused.value.args[0] == 1045


def test_the_key_for_passwords_may_be_a_file(tmp_path):
    key = tmp_path / "key.pem"
    subprocess.run(["openssl", "genrsa", "-out", key, "2048"], check=True, capture_output=True)
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout"], check=True, capture_output=True).stdout
    flags = (f"--mysql-server-rsa-private-key={key}", "--mysql-default-auth-method=caching_sha2_password")
    with gate(tmp_path, *flags, auth=USERS) as door, door.connect(user="native", password="secret", server_public_key=public) as connection:
        assert works(connection)


def test_logins_of_node(tmp_path, authority, server_files):
    """mysql2 of npm."""
    script = """
      const mysql = require('mysql2/promise'); const fs = require('fs'); const [port, ca] = process.argv.slice(1);
      (async () => {
        for (const ssl of [undefined, {ca: fs.readFileSync(ca)}]) for (const user of ['clear', 'native', 'sha2']) {
          const c = await mysql.createConnection({host: '127.0.0.1', port: +port, user, password: 'secret', ssl});
          const [rows] = await c.query('show databases'); console.log(user, rows.length); await c.end();
        }
      })().catch(e => { console.error(e); process.exit(1); });"""
    with gate(tmp_path, *tls_flags(server_files), "--mysql-default-auth-method=caching_sha2_password", auth=USERS) as door:
        assert run_node(script, str(door.port), authority.ca).count(str(len(KEYSPACES))) == 6


# --- who comes, and how many ---


class Tunnel:
    """A proxy of one connection that says first where it comes from."""

    def __init__(self, port, header):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.received = 0
        self.upstream = socket.create_connection(("127.0.0.1", port), 10)
        self.upstream.sendall(header)
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        client, _ = self.listener.accept()
        threading.Thread(target=self._copy, args=(client, self.upstream), daemon=True).start()
        self._copy(self.upstream, client)

    def _copy(self, source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                if source is self.upstream:
                    self.received += len(data)
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


V2 = b"\r\n\r\n\0\r\nQUIT\n"


@pytest.mark.parametrize("header, host", [
    (b"PROXY TCP4 203.0.113.9 127.0.0.1 4711 3306\r\n", "203.0.113.9"),
    (b"PROXY TCP6 2001:db8::9 ::1 4711 3306\r\n", "2001:db8::9"),
    (V2 + bytes.fromhex("2111000c cb007109 7f000001 1267 0cea"), "203.0.113.9"),
    (V2 + bytes.fromhex("20000000"), "127.0.0.1"),
])
def test_the_proxy_protocol_tells_who_comes(tmp_path, header, host):
    with gate(tmp_path, "--proxy-protocol", auth=USERS) as door:
        with door.connect(port=Tunnel(door.port, header).port, user="clear", password="secret") as connection:
            assert works(connection)
        said = refusal(door.connect, port=Tunnel(door.port, header).port, user="clear", password="wrong")
        assert said == (1045, f"Access denied for user 'clear'@'{host}' (using password: YES)")
        # The socket is for this machine, without proxies.
        with door.connect(unix_socket=door.socket, user="clear", password="secret") as connection:
            assert works(connection)


def test_clients_without_the_proxy_header_are_let_go(tmp_path):
    with gate(tmp_path, "--proxy-protocol") as door:
        for sent in (b"GET / HTTP/1.1\r\n\r\n", b"PROXY TCP4 x y 1 2\r\n", V2 + b"\xff" * 400, b"PROXY TCP4 " + b"1" * 300):
            with socket.create_connection(("127.0.0.1", door.port), 10) as stranger:
                stranger.sendall(sent)
                with contextlib.suppress(ConnectionResetError):
                    assert stranger.recv(1) == b""
        until("the log tells", lambda: "PROXY protocol" in door.said())


def test_limits_of_connections(tmp_path):
    flags = ("--mysql-server-max-connections=3", "--mysql-server-max-user-connections=2")
    with gate(tmp_path, *flags) as door, door.connect(), door.connect():
        errno, message = refusal(door.connect)
        assert errno == 1226 and "max_user_connections" in message
        with door.connect(user="bob"):
            assert refusal(door.connect, user="carol")[0] == 1040
            assert "1040" in door.mariadb(user="carol")

        def in_again():
            with contextlib.suppress(pymysql.err.MySQLError), door.connect(user="carol") as connection:
                return works(connection)

        until("room for another", in_again)


def test_silent_clients_are_let_go_when_asked(tmp_path):
    with gate(tmp_path, "--mysql-server-read-timeout=200ms") as door, door.connect() as connection:
        assert works(connection)
        assert connection._sock.recv(65536)[5:7] == (4031).to_bytes(2, "little")
        assert connection._sock.recv(1) == b""


def test_two_gates_may_share_a_port(tmp_path):
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with gate(tmp_path / "one", "--reuse-port") as first:
        with gate(tmp_path / "two", "--reuse-port", f"--mysql-server-port={first.port}", "--mysql-server-version=8.4.0-second") as second:
            def answered_by(version):
                with first.connect() as connection:
                    return connection.get_server_info() == version

            until("the second is met", lambda: answered_by("8.4.0-second"))
            until("the first is met", lambda: not answered_by("8.4.0-second"))
            assert second.port != first.port


def test_slow_logins_are_warned_of(tmp_path):
    with gate(tmp_path, "--mysql-slow-connect-warn-threshold=50ms") as door, \
            socket.create_connection(("127.0.0.1", door.port), 10) as slow:
        slow.recv(4096)
        time.sleep(0.1)  # the slowness itself
        slow.sendall(LOGIN)
        assert slow.recv(4096)[4] == 0
        until("the log tells", lambda: "the login of user 'ada'" in door.said())


# --- compression ---


def test_the_mariadb_program_compresses(tmp_path, authority, server_files):
    with gate(tmp_path, *tls_flags(server_files)) as door:
        for way in ((), (f"--ssl-ca={authority.ca}",)):
            many = door.mariadb("--compress", *way, sql="show databases; " * 30)
            assert many.split() == KEYSPACES * 30
    with gate(tmp_path, "--mysql-server-compression=false") as door:
        assert door.mariadb("--compress").split() == KEYSPACES  # not offered, and done without


def test_compression_saves_bytes(tmp_path):
    def received(*way):
        """Bytes that come over the wire for one question, as a proxy counts them."""
        tunnel = Tunnel(door.port, b"")
        done = subprocess.run(["mariadb", "--no-defaults", "-h", "127.0.0.1", "-P", str(tunnel.port), "-u", "ada", *way, "-e", "show databases"],
                              capture_output=True, text=True, timeout=30)
        assert KEYSPACES[-1] in done.stdout, done.stderr
        return tunnel.received

    with gate(tmp_path) as door:
        plain, compressed = received(), received("--compress")
        print(f"{plain} bytes of 400 rows, {compressed} compressed")
        assert compressed * 4 < plain


def test_logins_and_compression_of_mysql_connector(tmp_path, authority, server_files):
    """MySQL's own client."""
    script = """if True:
        import sys, mysql.connector
        port, ca = sys.argv[1:]
        # No server is here that could say whether there is its collation.
        mysql.connector.connection.MySQLConnection.set_charset_collation = lambda self, **_: None
        for compress in (False, True):
            for tls in ({"ssl_disabled": True}, {"ssl_ca": ca}):
                for user in ("clear", "native", "sha2"):
                    c = mysql.connector.connect(host="127.0.0.1", port=int(port), user=user, password="secret", compress=compress,
                                                use_pure=True, autocommit=None, **tls)
                    cursor = c.cursor()
                    for _ in range(3):
                        cursor.execute("show databases")
                        print(compress, user, len(cursor.fetchall()))
                    c.close()"""
    with gate(tmp_path, *tls_flags(server_files), auth=USERS) as door:
        assert run_python(script, str(door.port), authority.ca).count(str(len(KEYSPACES))) == 36
