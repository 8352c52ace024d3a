# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
"""What a gate and a tablet show on their pages, and the files they are configured with."""

import json
import pathlib
import re
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pymysql
import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

import tablets  # noqa: E402
from cluster import Cluster, Database, Keyspace, binary, free_port  # noqa: E402
from conftest import until  # noqa: E402

SECRET = "only-the-tablet-knows"
CLIENT_VALUE = "a-value-of-a-client"


def get(port, path, timeout=30):
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=timeout) as answer:
        return answer.read().decode()


def metrics(port):
    """Reads the text format; every line must be one."""
    out = {}
    for line in get(port, "/metrics").splitlines():
        if line.startswith("#"):
            assert re.match(r"# (HELP [a-z_:]+ .+|TYPE [a-z_:]+ (counter|gauge|histogram))$", line), line
            continue
        name, value = line.rsplit(" ", 1)
        assert re.match(r'[a-z_:]+(\{[a-zA-Z_]+="[^"]*"(,[a-zA-Z_]+="[^"]*")*\})?$', name), line
        assert name not in out, line
        out[name] = float(value)
    return out


def total(numbers, family):
    return sum(value for name, value in numbers.items() if name.split("{")[0] == family)


class Shop:
    """One keyspace, its tablet, a gate that has part of its settings from a file, and the pages of both."""

    def __init__(self, folder):
        self.gate, self.tablet, self.log = free_port(), free_port(), folder / "queries.log"
        settings = folder / "gate.yaml"
        settings.write_text(f"# of the tests\nport: {self.gate}\nretry_count: 3\nquerylog-format: json\n")
        self.settings = settings
        self.database = Database(folder / "db")
        self.cluster = Cluster(
            folder / "cluster", self.database, [Keyspace("shop")], prefix="st",
            gate_flags=[f"--config-file={settings}", f"--log-queries-to-file={self.log}", "--sanitize-log-messages"],
            tablet_flags=[f"--port={self.tablet}", f"--db-repl-password={SECRET}", "--redact-debug-ui-queries"])
        with self.connect() as client, client.cursor() as cursor:
            cursor.execute("create table t (id bigint primary key, name varchar(40))")
            cursor.execute(f"insert into t values (1, '{CLIENT_VALUE}'), (2, 'b')")
            for _ in range(5):
                cursor.execute("select name from t where id = 1")
                assert cursor.fetchall() == ((CLIENT_VALUE,),)
            with pytest.raises(pymysql.MySQLError):
                cursor.execute(f"insert into t values (1, '{CLIENT_VALUE}')")
            cursor.execute("begin")
            cursor.execute("update t set name = 'c' where id = 2")
            cursor.execute("commit")

    def connect(self):
        return self.cluster.connect("shop")

    def stop(self):
        self.cluster.stop()
        self.database.stop()


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    made = Shop(tmp_path_factory.mktemp("shop"))
    yield made
    made.stop()


def pages_of(port):
    return re.findall(r'href="([^"]+)"', get(port, "/"))


@pytest.mark.parametrize("which", ["gate", "tablet"])
def test_every_page_of_the_index_answers(shop, which):
    port = getattr(shop, which)
    listed = pages_of(port)
    wanted = {"/debug/status", "/debug/vars", "/metrics", "/debug/health", "/debug/config", "/debug/flags", "/debug/queryz",
              "/debug/query_plans", "/debug/querylog", "/debug/querylogz", "/debug/reach", "/healthz"}
    wanted |= {"/debug/gateway"} if which == "gate" else {"/debug/consolidations", "/debug/hotrows", "/debug/schemaz"}
    assert wanted == set(listed)
    for path in set(listed) - {"/debug/querylog", "/debug/querylogz"}:
        body = get(port, path)
        assert body, path
        assert SECRET not in body, path
    assert get(port, "/debug/health") == "ok"
    with pytest.raises(urllib.error.HTTPError) as lost:
        get(port, "/debug/nothing")
    assert lost.value.code == 404


def test_metrics_have_the_names_of_vitess(shop):
    gate = metrics(shop.gate)
    labels = 'operation="Execute",keyspace="shop",db_type="primary"'
    assert gate[f"vtgate_api_count{{{labels}}}"] >= 9
    assert gate[f'vtgate_api_bucket{{{labels},le="+Inf"}}'] == gate[f"vtgate_api_count{{{labels}}}"]
    assert total(gate, "vtgate_api_error_counts") >= 1
    assert total(gate, "vtgate_api_rows_returned") >= 5
    assert total(gate, "vtgate_api_rows_affected") >= 2
    assert gate['vtgate_query_executions{query="SELECT",plan="Passthrough",tablet="primary"}'] >= 5
    assert gate['vtgate_transactions_processed{shard="Single",type="Commit"}'] >= 1
    assert gate["vtgate_query_plan_cache_hits"] >= 1 and gate["vtgate_query_plan_cache_misses"] >= 1
    assert gate['vtgate_healthcheck_connections{keyspace="shop",shard_name="0",tablet_type="primary"}'] == 1
    assert gate["vtgate_mysql_server_conn_accepted"] >= 1
    tablet = metrics(shop.tablet)
    assert tablet['vttablet_tablet_server_state{name="SERVING"}'] == 1
    assert tablet['vttablet_query_counts{table="t",plan="Select"}'] >= 5
    assert tablet['vttablet_query_rows_returned{table="t",plan="Select"}'] >= 5
    assert tablet['vttablet_query_rows_affected{table="t",plan="Insert"}'] == 2
    assert tablet['vttablet_query_error_counts{table="t",plan="Insert"}'] >= 1
    assert total(tablet, "vttablet_errors") >= 1
    assert tablet['vttablet_queries_count{plan_type="Select"}'] >= 5
    assert tablet['vttablet_queries_sum{plan_type="Select"}'] > 0
    assert tablet['vttablet_transactions_count{operation="commit"}'] >= 1
    for family in ("conn_pool_capacity", "conn_pool_wait_count", "transaction_pool_available", "stream_conn_pool_in_use", "kills",
                   "table_acl_denied", "consolidations", "query_engine_plan_cache_hits", "uptime"):
        assert any(name.split("{")[0] == f"vttablet_{family}" for name in tablet), family
    for numbers in (gate, tablet):
        assert numbers["process_resident_memory_bytes"] > 1e6 and numbers["process_cpu_seconds_total"] > 0
        assert abs(numbers["process_start_time_seconds"] - time.time()) < 600


def test_variables_agree_with_the_metrics(shop):
    variables = json.loads(get(shop.tablet, "/debug/vars"))
    assert variables["TabletStateName"] == "SERVING" and variables["TabletType"] == "primary"
    assert variables["QueryCounts"]["t.Select"] == metrics(shop.tablet)['vttablet_query_counts{table="t",plan="Select"}']
    gate = json.loads(get(shop.gate, "/debug/vars"))
    assert gate["VtgateApi"]["Histograms"]["Execute.shop.primary"]["Count"] >= 9


def test_people_see_what_goes_on(shop):
    gate = get(shop.gate, "/debug/status")
    assert '<td>shop</td><td class="n">0</td>' in gate and "shop.0.primary" in gate and "serving" in gate
    assert "<script" not in gate and "prefers-color-scheme" in gate
    tablet = get(shop.tablet, "/debug/status")
    assert "Pools" in tablet and "Recent errors" in tablet and "ALREADY_EXISTS" in tablet
    # This tablet was told to keep values to itself, errors' texts included.
    assert CLIENT_VALUE not in tablet and "insert into t values (:redacted1, :redacted2)" in tablet
    assert "varchar(40)" in get(shop.tablet, "/debug/schemaz")
    plans = get(shop.gate, "/debug/query_plans")
    assert "where id = :vtg1" in plans and '"OperatorType"' in plans and CLIENT_VALUE not in plans
    assert "where id = :vtg1" in get(shop.gate, "/debug/queryz")


def test_config_shows_values_and_where_they_came_from(shop):
    config = json.loads(get(shop.gate, "/debug/config?format=json"))
    assert config["port"] == {"value": str(shop.gate), "origin": f"file {shop.settings}:2", "default": "0", "dynamic": False}
    assert config["retry-count"]["origin"] == f"file {shop.settings}:3"
    assert config["cell"]["origin"] == "command line"
    assert config["onterm-timeout"]["value"] == "1s"
    tablet = json.loads(get(shop.tablet, "/debug/config?format=json"))
    assert tablet["db-repl-password"]["value"] == "****"
    assert "--retry-count=3\n" in get(shop.gate, "/debug/flags")


def test_the_live_log_follows_statements(shop):
    with urllib.request.urlopen(f"http://127.0.0.1:{shop.gate}/debug/querylog", timeout=30) as live, shop.connect() as client:
        client.query("select 'seen' from t where id = 1")
        record = json.loads(live.readline())
        while "seen" not in record["SQL"]:
            record = json.loads(live.readline())
    assert record["StmtType"] == "SELECT" and record["Keyspace"] == "shop" and record["Plan"] == "Passthrough"
    assert record["RowsReturned"] == 1 and record["Error"] == ""
    # The tablet's is text, and has no values.
    with urllib.request.urlopen(f"http://127.0.0.1:{shop.tablet}/debug/querylog", timeout=30) as live, shop.connect() as client:
        client.query("select 'hidden' from t where id = 1")
        line = live.readline().decode()
        while "select :redacted1" not in line:
            assert "hidden" not in line
            line = live.readline().decode()
        assert "hidden" not in line and len(line.split("\t")) == 15


def test_readers_who_leave_are_let_go(shop):
    before = metrics(shop.gate)["process_open_fds"]
    readers = [urllib.request.urlopen(f"http://127.0.0.1:{shop.gate}/debug/querylog", timeout=30) for _ in range(8)]
    assert metrics(shop.gate)["process_open_fds"] >= before + 8
    for reader in readers:
        reader.close()
    deadline = time.monotonic() + 20  # no statement comes, so nothing is written that would show them gone
    while metrics(shop.gate)["process_open_fds"] > before + 2:
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_table_of_the_log_waits_for_statements(shop):
    table = subprocess.Popen(["curl", "-s", f"http://127.0.0.1:{shop.gate}/debug/querylogz?timeout=20&limit=1"],
                             stdout=subprocess.PIPE, text=True)
    with shop.connect() as client:
        while table.poll() is None:
            client.query("select 7 from t where id = 1")
    assert "<th>SQL</th>" in table.stdout.read()


def test_the_file_of_statements_is_sanitized(shop):
    lines = [json.loads(line) for line in shop.log.read_text().splitlines()]
    assert len(lines) >= 9
    assert any(line["Error"] == "ALREADY_EXISTS" for line in lines)
    assert CLIENT_VALUE not in shop.log.read_text()


def test_pages_and_calls_keep_to_their_ports(shop):
    with pytest.raises(urllib.error.HTTPError) as lost:
        grpc = json.loads(get(shop.tablet, "/debug/config?format=json"))["grpc-port"]["value"]
        get(int(grpc), "/debug/vars")
    assert lost.value.code == 404


def refused(*arguments):
    done = subprocess.run([binary("vtgate"), "--cell=c", *arguments], capture_output=True, text=True, timeout=30)
    assert done.returncode == 2, done
    return done.stderr


def test_what_is_wrong_in_a_file_is_named(tmp_path):
    for name, text, line in (("a.yaml", "cell: x\nmysql_server_prt: 1\n", 2), ("a.json", '{"mysql_server_prt": 1}', 1),
                             ("a.toml", '\n\nmysql_server_prt = 1\n', 3)):
        path = tmp_path / name
        path.write_text(text)
        said = refused(f"--config-file={path}")
        assert f"{path}:{line}: unknown flag 'mysql_server_prt'" in said and "Did you mean mysql-server-port?" in said
    assert "no configuration file at /nowhere.yaml" in refused("--config-file=/nowhere.yaml",
                                                               "--config-file-not-found-handling=error")
    assert "--security-policy: 'deny-al'" in refused("--security-policy=deny-al", "--mysql-server-port=1")
    assert "--querylog-format" in refused("--querylog-format=xml", "--mysql-server-port=1")


@pytest.mark.parametrize("policy, allowed", [("deny-all", False), ("read-only", True)])
def test_policies(tmp_path, policy, allowed):
    topo, page = tmp_path / "topo", free_port()
    topo.mkdir()
    gate = subprocess.Popen(
        [binary("vtgate"), "--cell=zone1", f"--topo-global-server-address={topo}", f"--port={page}", f"--security-policy={policy}",
         f"--mysql-server-port={free_port()}", "--mysql-auth-server-impl=none"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        text=True)
    try:
        deadline = time.monotonic() + 20
        while True:
            try:
                body, code = get(page, "/debug/vars"), 200
                break
            except urllib.error.HTTPError as denied:
                body, code = denied.read().decode(), denied.code
                break
            except OSError:
                assert gate.poll() is None, gate.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.05)
        assert code == (200 if allowed else 403)
        assert allowed or body == "Access denied: not allowed: deny-all security_policy enforced\n"
    finally:
        gate.terminate()
        gate.wait(20)


def test_rates_of_statements(shop):
    """A tablet's every 5 s, a gate's every minute: those have their names from the start."""
    def rates():
        with shop.connect() as client, client.cursor() as cursor:
            for _ in range(20):
                cursor.execute("select name from t where id = 1")
        told = json.loads(get(shop.tablet, "/debug/vars"))["QPS"]
        return told if max(told.get("All", [0])) > 0 else None
    until("statements show in a rate", rates)
    told = rates()
    assert set(told) - {"All"} <= set(json.loads(get(shop.tablet, "/debug/vars"))["Queries"]["Histograms"])
    assert all(len(each) == len(told["All"]) for each in told.values())
    gate = json.loads(get(shop.gate, "/debug/vars"))
    for name in ("QPSByOperation", "QPSByKeyspace", "QPSByDbType", "ErrorsByCode"):
        assert isinstance(gate[name], dict)
    assert not any("qps" in name for port in (shop.gate, shop.tablet) for name in metrics(port))


def test_a_changed_file_holds_without_a_restart(tmp_path):
    gate_page, tablet_page = free_port(), free_port()
    gate_file, tablet_file = tmp_path / "gate.yaml", tmp_path / "tablet.yaml"
    gate_file.write_text("retry-count: 3\n")
    tablet_file.write_text("queryserver-config-max-result-size: 100\n")
    database = Database(tmp_path / "db")
    cluster = Cluster(tmp_path / "cluster", database, [Keyspace("shop")], prefix="dy",
                      gate_flags=[f"--config-file={gate_file}", f"--port={gate_page}", "--discovery-low-replication-lag=20s"],
                      tablet_flags=[f"--config-file={tablet_file}", f"--port={tablet_page}"])

    def config(port):
        return json.loads(get(port, "/debug/config?format=json"))

    try:
        with cluster.connect("shop") as client, client.cursor() as cursor:
            cursor.execute("create table t (id bigint primary key)")
            cursor.execute("insert into t values (1), (2), (3)")
            with pytest.raises(pymysql.MySQLError, match="not authorized"):
                cursor.execute("alter vschema add sequence t")
            gate_file.write_text("retry-count: 4\nvschema-ddl-authorized-users: '%'\ndiscovery-low-replication-lag: 1s\n")
            until("the gate's file is taken over", lambda: config(gate_page)["vschema-ddl-authorized-users"]["value"] == "%")
            cursor.execute("alter vschema add sequence t")
            now = config(gate_page)
            assert now["retry-count"] == {"value": "3", "origin": f"file {gate_file}:1", "default": "2", "dynamic": False,
                                          "after_restart": {"value": "4", "origin": f"file {gate_file}:1"}}
            # The command line stays stronger.
            assert now["discovery-low-replication-lag"]["value"] == "20s"
            tablet_file.write_text("queryserver-config-max-result-size: 2\n")
            until("the tablet's file is taken over",
                  lambda: config(tablet_page)["queryserver-config-max-result-size"]["value"] == "2")
            with pytest.raises(pymysql.MySQLError, match="row count exceeded 2"):
                cursor.execute("select id from t")
            tablet_file.write_text("queryserver-config-max-result-size: 300\nqueryserver-config-pol-size: 2\n")
            until("the tablet's page says what is wrong", lambda: f"{tablet_file}:2" in get(tablet_page, "/debug/config"))
            assert config(tablet_page)["queryserver-config-max-result-size"]["value"] == "2"
            tablet_file.write_text("queryserver-config-max-result-size: 3\n")
            until("the file is right again", lambda: config(tablet_page)["queryserver-config-max-result-size"]["value"] == "3")
            cursor.execute("select id from t")
            assert len(cursor.fetchall()) == 3
    finally:
        cluster.stop()
        database.stop()


def test_a_tablets_own_door_asks_for_what_the_tablet_is(tmp_path):
    page, socket = free_port(), tmp_path / "tablet.sock"
    database = Database(tmp_path / "db")
    cluster = Cluster(tmp_path / "cluster", database, [Keyspace("shop")], prefix="ot",
                      tablet_flags=[f"--port={page}", f"--mysql-server-socket-path={socket}", "--mysql-auth-server-impl=none"])
    try:
        port = int(json.loads(get(page, "/debug/config?format=json"))["grpc-port"]["value"])
        tablet = tablets.Tablet(port, tablets.topodata.TabletAlias(cell="zone1", uid=101))

        def connect(target):
            client = pymysql.connect(unix_socket=str(socket), user="test", database=target, autocommit=True)
            return client, client.cursor()

        def answers(cursor):
            try:
                cursor.execute("select count(*) from t")
                return cursor.fetchall() == ((1,),)
            except pymysql.MySQLError:
                return False

        follows, cursor = connect("shop")
        stays, primary_only = connect("shop@primary")
        with follows, stays:
            cursor.execute("create table t (id bigint primary key)")
            cursor.execute("insert into t values (1)")
            assert answers(primary_only)
            tablet.call("ChangeType", tablet_type=tablets.topodata.REPLICA)
            until("the session asks for a replica", lambda: answers(cursor))
            assert not answers(primary_only)
            late, late_cursor = connect("shop")
            with late:
                assert answers(late_cursor)
            tablet.call("ChangeType", tablet_type=tablets.topodata.PRIMARY)
            until("it asks for the primary", lambda: answers(primary_only) and answers(cursor))
            cursor.execute("insert into t values (2)")
    finally:
        cluster.stop()
        database.stop()


def test_transactions_wait_in_line_for_a_hot_row(tmp_path):
    page, writers = free_port(), 6
    database = Database(tmp_path / "db")
    cluster = Cluster(tmp_path / "cluster", database, [Keyspace("shop")], prefix="hr",
                      tablet_flags=[f"--port={page}", "--enable-hot-row-protection", "--hot-row-protection-concurrent-transactions=1",
                                    f"--hot-row-protection-max-queue-size={writers}", "--redact-debug-ui-queries"])
    try:
        with cluster.connect("shop") as client, client.cursor() as cursor:
            cursor.execute("create table t (id bigint primary key, n bigint)")
            cursor.execute("insert into t values (1, 0), (2, 0)")
        holder = cluster.connect("shop")
        holder.begin()
        holder.query("update t set n = n + 1 where id = 1")
        outcomes = []

        def add_one():
            with cluster.connect("shop") as client, client.cursor() as cursor:
                try:
                    cursor.execute("begin")
                    cursor.execute("update t set n = n + 1 where id = 1")
                    cursor.execute("commit")
                    outcomes.append("")
                except pymysql.MySQLError as error:
                    outcomes.append(str(error))

        # One is at the server for the row's lock, the others stand in line behind it, and one is too many.
        threads = [threading.Thread(target=add_one) for _ in range(writers + 1)]
        for thread in threads:
            thread.start()
        until("one is refused", lambda: len(outcomes) == 1)
        assert "hot row protection: too many queued transactions (6 >= 6) for the same row" in outcomes[0]
        with database.connect() as client, client.cursor() as cursor:
            def at_the_server():
                cursor.execute("select count(*) from information_schema.processlist where info like '%update t set%' and id <> connection_id()")
                return cursor.fetchall()[0][0]

            until("one is at the server", lambda: at_the_server() == 1)
        # Another row has its own line.
        with cluster.connect("shop") as client, client.cursor() as cursor:
            cursor.execute("begin")
            cursor.execute("update t set n = 7 where id = 2")
            cursor.execute("commit")
        holder.commit()
        holder.close()
        for thread in threads:
            thread.join(30)
        assert outcomes[1:] == [""] * writers
        with cluster.connect("shop") as client, client.cursor() as cursor:
            cursor.execute("select n from t where id = 1")
            assert cursor.fetchall() == ((writers + 1,),)
        variables = json.loads(get(page, "/debug/vars"))
        assert variables["TxSerializerWaits"] == {"t": writers - 1} and variables["TxSerializerQueueExceeded"] == {"t": 1}
        assert metrics(page)['vttablet_tx_serializer_waits{table_name="t"}'] == writers - 1
        # Values are kept off the pages of this tablet.
        assert get(page, "/debug/hotrows") == f"Length: 1\n{writers}: t where id = :redacted1\n"
    finally:
        cluster.stop()
        database.stop()


def test_flags_of_hot_rows_that_cannot_be(tmp_path):
    for flags, said in ((("--enable-hot-row-protection", "--enable-hot-row-protection-dry-run"), "only one of them"),
                        (("--enable-hot-row-protection", "--hot-row-protection-max-global-queue-size=3"), "is less than")):
        done = subprocess.run([binary("vttablet"), "--tablet-path=c-1", "--init-keyspace=k", "--init-shard=0",
                               f"--topo-global-server-address={tmp_path}", *flags], capture_output=True, text=True, timeout=30)
        assert done.returncode == 1 and said in done.stderr
