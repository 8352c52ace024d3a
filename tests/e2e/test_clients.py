# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What applications do, with real clients."""

import concurrent.futures
import json
import os
import re
import socket
import ssl
import subprocess
import time

import pymysql
import pytest

from conftest import binary, running, spec, until


def shard_of(machine, table, key):
    """The shard that has a row, by asking each."""
    for shard in ("-80", "80-"):
        if machine.query(f"select 1 from {table} where id = {key}", f"app:{shard}"):
            return shard
    return None


def test_rows_go_where_the_vindex_says(shop):
    shop.query("insert into users (id, name) values (100, 'a'), (101, 'b'), (102, 'c'), (103, 'd'), (104, 'e')")
    places = {key: shard_of(shop, "users", key) for key in range(100, 105)}
    assert set(places.values()) == {"-80", "80-"}
    for key, shard in places.items():
        sent = shop.query(f"vexplain queries select name from users where id = {key}")
        assert [(row[1], row[2]) for row in sent] == [("app", shard)]
    assert shop.query("select count(*), min(name), max(name) from users where id between 100 and 104") == ((5, "a", "e"),)
    shop.query("update users set name = 'z' where id in (100, 101)")
    assert shop.query("select id from users where name = 'z' order by id desc") == ((101,), (100,))
    shop.query("delete from users where id between 100 and 104")
    assert shop.query("select * from users where id between 100 and 104") == ()


def test_ids_come_from_the_sequence(shop):
    with shop.connect("app") as connection, connection.cursor() as cursor:
        cursor.execute("insert into users (name) values ('s1'), ('s2'), ('s3')")
        first = cursor.lastrowid
        assert first >= 1000
        cursor.execute("select id, name from users where id between %s and %s order by id", (first, first + 2))
        assert cursor.fetchall() == ((first, "s1"), (first + 1, "s2"), (first + 2, "s3"))
        cursor.execute("select last_insert_id()")
        assert cursor.fetchall() == ((first,),)


def test_a_transaction_over_shards_commits_or_rolls_back_as_one(shop):
    with shop.connect("app", autocommit=False) as connection, connection.cursor() as cursor:
        cursor.execute("insert into users (id, name) values (201, 'x'), (202, 'x'), (203, 'x'), (204, 'x')")
        cursor.execute("select count(*) from users where id between 201 and 204")
        assert cursor.fetchall() == ((4,),)
        assert shop.query("select count(*) from users where id between 201 and 204") == ((0,),)
        connection.rollback()
        assert shop.query("select count(*) from users where id between 201 and 204") == ((0,),)
        cursor.execute("insert into users (id, name) values (201, 'x'), (202, 'x'), (203, 'x'), (204, 'x')")
        connection.commit()
    assert shop.query("select count(*) from users where id between 201 and 204") == ((4,),)


def test_transaction_mode_single_refuses_a_second_shard(shop):
    with shop.connect("app") as connection, connection.cursor() as cursor:
        cursor.execute("set transaction_mode = 'single'")
        cursor.execute("begin")
        cursor.execute("insert into users (id, name) values (301, 'x')")
        with pytest.raises(pymysql.err.MySQLError) as refused:
            for key in range(302, 310):
                cursor.execute("insert into users (id, name) values (%s, 'x')", (key,))
        assert "multi-db transaction" in str(refused.value)
        cursor.execute("rollback")
    assert shop.query("select count(*) from users where id between 301 and 309") == ((0,),)


def test_replicas_have_the_rows_and_refuse_writes(shop):
    shop.query("insert into users (id, name) values (401, 'r'), (402, 'r'), (403, 'r'), (404, 'r')")
    until("replicas caught up", lambda: shop.query("select count(*) from users where name = 'r'", "app@replica") == ((4,),))
    with pytest.raises(pymysql.err.MySQLError) as refused:
        shop.query("update users set name = 'q' where id = 401", "app@replica")
    assert "supported only for primary tablet type" in str(refused.value)


def test_reference_tables_join_on_every_shard(shop):
    shop.query("insert into users (id, name, country) values (501, 'j', 1), (502, 'j', 2), (503, 'j', 2), (504, 'j', 1)")
    rows = shop.query("select c.name, count(*) from users u join countries c on c.id = u.country where u.name = 'j' "
                      "group by c.name order by c.name")
    assert rows == (("Chile", 2), ("Japan", 2))


def test_twenty_clients_at_once(shop):
    def work(client):
        with shop.connect("app") as connection, connection.cursor() as cursor:
            for i in range(20):
                key = 10_000 + client * 100 + i
                cursor.execute("insert into ledger (id, value) values (%s, %s)", (key, f"c{client}"))
                cursor.execute("select value from ledger where id = %s", (key,))
                assert cursor.fetchall() == ((f"c{client}",),)
        return client

    with concurrent.futures.ThreadPoolExecutor(20) as pool:
        assert sorted(pool.map(work, range(20))) == list(range(20))
    assert shop.query("select count(*) from ledger where id >= 10000 and id < 12000") == ((400,),)


def test_rows_over_16_mb_pass_both_ways(monkeypatch):
    monkeypatch.setenv("TESSERA_GRPC_MAX_MESSAGE_SIZE", str(64 << 20))
    data = bytes(range(256)) * (17 << 12)
    with running(spec(replicas=0)) as machine:
        with machine.connect("app", max_allowed_packet=64 << 20) as connection, connection.cursor() as cursor:
            cursor.execute("insert into blobs (id, data) values (1, _binary %s)", (data,))
            cursor.execute("select data from blobs where id = 1")
            assert cursor.fetchall()[0][0] == data


def test_an_answer_of_many_rows_needs_olap(shop):
    shop.query("insert into notes (id, user_id, text) values " + ",".join(f"({i},{i % 50},'n')" for i in range(1, 6001)))
    shop.query("insert into notes (id, user_id, text) values " + ",".join(f"({i},{i % 50},'n')" for i in range(6001, 12001)))
    with pytest.raises(pymysql.err.MySQLError) as refused:
        shop.query("select a.id from notes a join notes b on a.user_id = b.user_id where a.user_id = 7 and b.user_id = 7")
    assert "row count exceeded 10000" in str(refused.value).lower()
    with shop.connect("app") as connection, connection.cursor(pymysql.cursors.SSCursor) as cursor:
        cursor.execute("set workload = 'olap'")
        cursor.execute("select a.id, b.id from notes a join notes b on a.user_id = b.user_id where a.user_id in (7, 8)")
        assert sum(1 for _ in cursor.fetchall_unbuffered()) == 2 * 240 * 240


def test_a_client_may_bound_its_queries(shop):
    shop.query("insert into users (id, name) values (500, 'slow')")
    with shop.connect("app") as connection, connection.cursor() as cursor:
        def fails(sql):
            start = time.monotonic()
            with pytest.raises(pymysql.err.MySQLError) as refused:
                cursor.execute(sql)
            assert time.monotonic() - start < 5
            return refused.value.args

        errno, message = fails("select /*vt+ QUERY_TIMEOUT_MS=100 */ sleep(20) from users where id = 500")
        assert errno == 1317 or "deadline" in message.lower(), (errno, message)
        cursor.execute("set query_timeout = 100")
        fails("update users set name = sleep(20) where id = 500")
        cursor.execute("select /*vt+ QUERY_TIMEOUT_MS=0 */ sleep(0.3) from users where id = 500")
        for most in (10**15, 2**63 - 1):  # more than a clock can count
            cursor.execute(f"select /*vt+ QUERY_TIMEOUT_MS={most} */ name from users where id = 500")
            assert cursor.fetchone() == ("slow",)
        cursor.execute("set query_timeout = 0")
        cursor.execute("select sleep(0.3), name from users where id = 500")
        assert cursor.fetchone()[1] == "slow"
        for wrong in ("'soon'", "'1h'", "-1", "99999999999999999999"):
            with pytest.raises(pymysql.err.MySQLError) as refused:
                cursor.execute(f"set query_timeout = {wrong}")
            assert refused.value.args[0] == 1231


def test_the_mariadb_program_shows_what_users_look_for(shop):
    def run(sql, database="app"):
        done = subprocess.run(["mariadb", "-h", "127.0.0.1", "-P", str(shop.gate_port), "-u", "test", "-N", "-B", "-e", sql, database],
                              capture_output=True, text=True, timeout=30)
        return done.stdout + done.stderr

    assert run("show databases").split() == ["app", "lookup"]
    assert "users" in run("show tables").split()
    assert "app/-80\napp/80-\nlookup/0" in run("show vitess_shards")
    assert run("show vitess_tablets").count("SERVING") == 5
    assert "CREATE TABLE `users`" in run("show create table users")
    assert "bigint" in run("show columns from users")
    assert "users" in run("show vschema tables")
    assert "EqualUnique" in run("vexplain plan select * from users where id = 1")
    assert "ERROR 1064 (42000)" in run("selec 1")
    assert "ERROR 1146 (42S02)" in run("select * from nosuch")
    assert "ERROR 1054 (42S22)" in run("select nosuch from users")
    assert "ERROR 1062 (23000)" in run("insert into countries (id, name) values (1, 'again')")
    assert "nosuch" in run("select 1", "nosuch")
    many = subprocess.run(["mariadb", "-h", "127.0.0.1", "-P", str(shop.gate_port), "-u", "test", "-vvv", "app", "-e",
                           "insert into ledger (id, value) values " + ",".join(f"({i}, 'n')" for i in range(600, 605))],
                          capture_output=True, text=True, timeout=30)
    assert "Records: 5  Duplicates: 0  Warnings: 0" in many.stdout, many.stdout


def test_static_users(tmp_path):
    users = tmp_path / "users.json"
    users.write_text(json.dumps({"ada": [{"UserData": "ada", "Password": "secret"}]}))
    with_users = {**spec(replicas=0), "auth_file": str(users)}
    from conftest import Machine
    machine = Machine(tmp_path, with_users)
    machine.up()
    try:
        with machine.connect("app", user="ada", password="secret") as connection, connection.cursor() as cursor:
            cursor.execute("select 1")
        for user, password in (("ada", "wrong"), ("ada", ""), ("eve", "secret")):
            with pytest.raises(pymysql.err.OperationalError) as refused:
                machine.connect("app", user=user, password=password)
            assert refused.value.args[0] == 1045
    finally:
        machine.down()


def make_certificates(folder):
    """An authority, and a certificate of it for 127.0.0.1."""
    def openssl(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "ca.key", "-out", "ca.pem", "-subj", "/CN=test authority", "-days", "2")
    openssl("req", "-newkey", "rsa:2048", "-nodes", "-keyout", "peer.key", "-out", "peer.csr", "-subj", "/CN=peer")
    (folder / "names").write_text("subjectAltName=IP:127.0.0.1\n")
    openssl("x509", "-req", "-in", "peer.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-out", "peer.pem", "-days", "2", "-extfile", "names")


def test_a_cluster_whose_processes_speak_tls(tmp_path, monkeypatch):
    make_certificates(tmp_path)
    for side in ("GRPC", "TABLET_GRPC"):  # of servers, and of gates towards tablets
        for name, file in (("CERT", "peer.pem"), ("KEY", "peer.key"), ("CA", "ca.pem")):
            monkeypatch.setenv(f"TESSERA_{side}_{name}", str(tmp_path / file))
    with running(spec(replicas=0)) as machine:
        machine.query("insert into ledger (id, value) values (1, 'a'), (8, 'b')")
        assert machine.query("select id, value from ledger order by id") == ((1, "a"), (8, "b"))
        tablet_port = machine.base + 1100
        context = ssl.create_default_context(cafile=tmp_path / "ca.pem")
        context.set_alpn_protocols(["h2"])
        with socket.create_connection(("127.0.0.1", tablet_port), 5) as plain:  # whoever shows no certificate is let go
            with pytest.raises(OSError), context.wrap_socket(plain, server_hostname="127.0.0.1") as stranger:
                assert stranger.recv(1) != b""
                stranger.recv(1)
        with socket.create_connection(("127.0.0.1", tablet_port), 5) as plain:  # nor whoever speaks in clear text
            plain.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
            plain.settimeout(5)
            assert plain.recv(65536) == b""
        context.load_cert_chain(tmp_path / "peer.pem", tmp_path / "peer.key")
        with socket.create_connection(("127.0.0.1", tablet_port), 5) as plain, context.wrap_socket(plain, server_hostname="127.0.0.1") as friend:
            assert friend.selected_alpn_protocol() == "h2"
            friend.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes.fromhex("000000040000000000"))
            assert friend.recv(9)[3] == 4  # its SETTINGS


def test_sysbench_read_write_over_shards(shop):
    seconds = 30 if os.environ.get("TESSERA_LONG") else 8
    arguments = ["sysbench", "oltp_read_write", "--db-driver=mysql", "--mysql-host=127.0.0.1", f"--mysql-port={shop.gate_port}",
                 "--mysql-user=test", "--mysql-db=app", "--db-ps-mode=disable", "--tables=4", "--table-size=10000", "--rand-type=uniform",
                 "--auto-inc=off", "--threads=8", f"--time={seconds}", "--mysql-ignore-errors=1213,1205"]
    prepared = subprocess.run([*arguments, "prepare"], capture_output=True, text=True, timeout=120)
    assert prepared.returncode == 0, prepared.stdout + prepared.stderr
    done = subprocess.run([*arguments, "run"], capture_output=True, text=True, timeout=seconds + 60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"reconnects:\s+0 ", done.stdout), done.stdout
    # What a plain server would do, too: two of its own rows' transactions may wait for each other.
    ignored = int(re.search(r"ignored errors:\s+(\d+) ", done.stdout)[1])
    transactions = int(re.search(r"transactions:\s+(\d+) ", done.stdout)[1])
    print(f"sysbench: {transactions} transactions, {ignored} ignored errors (deadlock or lock wait time-out)")
    assert transactions > 100 and ignored <= transactions // 100, done.stdout
