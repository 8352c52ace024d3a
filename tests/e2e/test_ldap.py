# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""Users of an LDAP directory: a real slapd on loopback, and gates that ask it."""

import contextlib
import json
import pathlib
import socket
import subprocess
import time

import pytest

from conftest import until
from gates import cluster, gate, refusal, works
from test_front import Authority, tls_flags

BASE = "dc=example,dc=com"
ENTRIES = f"""
dn: {BASE}
objectClass: dcObject
objectClass: organization
dc: example
o: example

dn: ou=people,{BASE}
objectClass: organizationalUnit
ou: people

dn: ou=groups,{BASE}
objectClass: organizationalUnit
ou: groups

dn: cn=search,{BASE}
objectClass: organizationalRole
objectClass: simpleSecurityObject
cn: search
userPassword: finder

dn: uid=ada,ou=people,{BASE}
objectClass: account
objectClass: simpleSecurityObject
uid: ada
userPassword: engine

dn: cn=writers,ou=groups,{BASE}
objectClass: posixGroup
cn: writers
gidNumber: 1
memberUid: ada

dn: cn=others,ou=groups,{BASE}
objectClass: posixGroup
cn: others
gidNumber: 2
memberUid: bob
"""


class Directory:
    """A slapd that takes passwords over TLS only, and lets only cn=search see groups."""

    def __init__(self, folder, authority):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.port = cluster.free_port()
        certificate, key = authority.directory_files
        schemas = "".join(f"include /etc/ldap/schema/{name}.schema\n" for name in ("core", "cosine", "nis"))
        (self.folder / "data").mkdir()
        self.config = self.folder / "slapd.conf"
        self.config.write_text(
            f"{schemas}pidfile {self.folder}/pid\nmodulepath /usr/lib/ldap\nmoduleload back_mdb\n"
            f"TLSCACertificateFile {authority.ca}\nTLSCertificateFile {certificate}\nTLSCertificateKeyFile {key}\n"
            f"security simple_bind=128\ndatabase mdb\nmaxsize 10485760\nsuffix {BASE}\ndirectory {self.folder}/data\n"
            f'access to dn.subtree="ou=groups,{BASE}" by dn="cn=search,{BASE}" read by * none\n'
            "access to attrs=userPassword by * auth\naccess to * by * read\n")
        (self.folder / "entries.ldif").write_text(ENTRIES)
        subprocess.run(["/usr/sbin/slapadd", "-f", self.config, "-l", self.folder / "entries.ldif"], check=True, capture_output=True)
        self.start()

    def start(self):
        starts = self.said().count("slapd starting")
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(["/usr/sbin/slapd", "-f", self.config, "-h", f"ldap://127.0.0.1:{self.port}/", "-d", "stats"],
                                            stdout=log, stderr=log, stdin=subprocess.DEVNULL, preexec_fn=cluster._end_with_parent)
        until("the directory listens", lambda: self.said().count("slapd starting") > starts, 10)

    def said(self):
        log = self.folder / "log"
        return log.read_text() if log.exists() else ""

    def stop(self):
        self.process.terminate()
        self.process.wait(10)

    def config_for(self, authority, **changes):
        return json.dumps({"LdapServer": f"127.0.0.1:{self.port}", "LdapCA": authority.ca, "UserDnPattern": f"uid=%s,ou=people,{BASE}",
                           "GroupQuery": f"ou=groups,{BASE}", "User": f"cn=search,{BASE}", "Password": "finder", **changes})


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    made = Authority(tmp_path_factory.mktemp("ldap-authority"))
    made.gate_files, made.directory_files = made.issue("gate"), made.issue("directory")
    return made


@pytest.fixture(scope="module")
def directory(tmp_path_factory, authority):
    made = Directory(tmp_path_factory.mktemp("ldap") / "directory", authority)
    yield made
    made.stop()


@contextlib.contextmanager
def door(folder, authority, config, *flags):
    with gate(folder, *tls_flags(authority.gate_files), *flags,
              auth=("--mysql-auth-server-impl=ldap", f"--mysql-ldap-auth-config-string={config}")) as opened:
        opened.options = {"ssl_ca": authority.ca}
        yield opened


def login(opened, user="ada", password="engine"):
    return opened.connect(user=user, password=password, **opened.options)


def test_users_of_the_directory_are_let_in(tmp_path, authority, directory):
    with door(tmp_path, authority, directory.config_for(authority)) as opened:
        with login(opened) as client:
            assert works(client)
        said = opened.mariadb(f"--ssl-ca={authority.ca}", "--enable-cleartext-plugin", password="engine")
        assert "a_keyspace" in said, said
        for user, password in (("ada", "wrong"), ("ada", ""), ("nobody", "engine"), ("", "engine"), ("ada,ou=people", "engine"), ("*", "engine")):
            errno, message = refusal(login, opened=opened, user=user, password=password)
            assert errno == 1045, message


def test_passwords_need_a_secret_connection(tmp_path, authority, directory):
    with door(tmp_path, authority, directory.config_for(authority)) as opened:
        errno, message = refusal(opened.connect, user="ada", password="engine")
        assert errno == 1045 and "TLS" in message
        with opened.connect(user="ada", password="engine", unix_socket=opened.socket) as client:
            assert works(client)


def test_the_dialog_asks_as_well(tmp_path, authority, directory):
    with door(tmp_path, authority, directory.config_for(authority), "--mysql-ldap-auth-method=dialog") as opened:
        said = opened.mariadb(f"--ssl-ca={authority.ca}", password="engine")
        assert "a_keyspace" in said, said
        assert "1045" in opened.mariadb(f"--ssl-ca={authority.ca}", password="wrong")


def test_a_directory_that_is_down_is_named(tmp_path, authority):
    down = Directory(tmp_path / "down", authority)
    with door(tmp_path, authority, down.config_for(authority)) as opened:
        with login(opened) as before:
            down.stop()
            errno, message = refusal(login, opened=opened)
            assert f"127.0.0.1:{down.port}" in message and errno != 1045
            assert works(before)
        down.start()
        with login(opened) as after:
            assert works(after)
        down.stop()


def test_a_silent_directory_holds_up_nobody_else(tmp_path, authority, directory):
    """One that takes connections and says nothing: its logins end in time, and the gate goes on serving."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        config = directory.config_for(authority, LdapServer=f"127.0.0.1:{silent.getsockname()[1]}")
        with door(tmp_path, authority, config) as opened:
            began = time.monotonic()
            message = refusal(login, opened=opened)[1]
            assert "ldap auth" in message or "Lost connection" in message
            assert time.monotonic() - began < 30


def test_a_directory_of_another_authority_gets_no_password(tmp_path, authority, directory):
    stranger = Authority(tmp_path / "stranger")
    before = directory.said()
    with door(tmp_path, authority, directory.config_for(authority, LdapCA=stranger.ca)) as opened:
        message = refusal(login, opened=opened)[1]
        assert "StartTLS" in message
    assert "BIND" not in directory.said()[len(before):]


def test_who_searches_must_be_known(tmp_path, authority, directory):
    with door(tmp_path, authority, directory.config_for(authority, Password="wrong")) as opened:
        assert "cn=search" in refusal(login, opened=opened)[1]


@pytest.mark.parametrize("flags,said", [
    ((), "--mysql-ldap-auth-config-file"), (("--mysql-ldap-auth-config-string={}",), "LdapServer"),
    (("--mysql-ldap-auth-config-file=/nowhere",), "/nowhere"),
    (("--mysql-ldap-auth-config-string={}", "--mysql-ldap-auth-method=ed25519"), "mysql_clear_password or dialog")])
def test_configurations_that_cannot_be_end_the_gate(flags, said):
    done = subprocess.run([cluster.binary("vtgate"), "--cell=c", "--mysql-server-port=1", "--mysql-auth-server-impl=ldap", *flags],
                          capture_output=True, text=True, timeout=20)
    assert done.returncode == 2 and said in done.stderr, done.stderr


def test_groups_are_asked_for(tmp_path, authority, directory):
    """Seen in what the directory was asked: by whom, and for whom."""
    with door(tmp_path, authority, directory.config_for(authority)) as opened, login(opened) as client:
        assert works(client)
    log = directory.said()
    assert f'BIND dn="cn=search,{BASE}"' in log and "(memberUid=ada)" in log and "nentries=1" in log
