// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include <unistd.h>

#include "mysqlctl/flavor.h"
#include "sqltypes/value.h"

namespace tessera::mysqlctl {

namespace {

std::string Literal(std::string_view text) {
  std::string out;
  sqltypes::AppendSql(sqltypes::Value(sqltypes::Type::kVarChar, text), out);
  return out;
}

Result<std::string> ReadFirst(std::span<const std::string> paths) {
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    if (!file) continue;
    return std::string((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  }
  return Errorf(Code::kNotFound, "cannot read {}", paths.front())
      .WithHint("Install the server: apt-get install mariadb-server");
}

class MariaDbFlavor final : public Flavor {
 public:
  std::string_view name() const override { return "MariaDB"; }
  std::string_view server_program() const override { return "mariadbd"; }
  std::string Config(const MyCnf& cnf) const override;
  Result<BootstrapStep> Bootstrap(const std::string& data_dir) const override;
  std::string_view PositionQuery() const override { return "select @@global.gtid_binlog_pos"; }
  std::string_view PurgedQuery() const override { return {}; }
  // Only this form tells gtid_slave_pos.
  std::string_view ReplicaStatusQuery() const override { return "show all slaves status"; }
  std::string_view PrimaryStatusQuery() const override { return "show master status"; }
  std::vector<std::string> SetSource(const ReplicationSource& source) const override;
  std::string_view StartReplication() const override { return "start slave"; }
  std::string StartReplicationUntil(std::string_view position) const override {
    return "start slave until master_gtid_pos = " + Literal(position);
  }
  std::string_view StopReplication() const override { return "stop slave"; }
  std::string_view StopReceiving() const override { return "stop slave io_thread"; }
  std::string_view StartReceiving() const override { return "start slave io_thread"; }
  std::vector<std::string> ForgetReplication() const override {
    return {"stop slave", "reset slave all"};
  }
  std::vector<std::string> ResetReplication() const override {
    return {"stop slave", "reset slave all", "reset master", "set global gtid_slave_pos = ''"};
  }
  std::vector<std::string> SetPosition(std::string_view position) const override {
    return {"stop slave", "reset slave all", "reset master",
            "set global gtid_slave_pos = " + Literal(position)};
  }
  std::string WaitForPosition(std::string_view position, double seconds) const override {
    return fmt::format("select master_gtid_wait({}, {:.3f})", Literal(position), seconds);
  }
  // There is no super_read_only: users with READ ONLY ADMIN, our own, may always write.
  std::vector<std::string> SetReadOnly(bool on) const override {
    return {on ? "set global read_only = on" : "set global read_only = off"};
  }
  const SemiSyncNames& semi_sync() const override;
};

std::string MariaDbFlavor::Config(const MyCnf& cnf) const {
  std::string text =
      "# Written by mysqlctl: changes are lost with reinit_config.\n"
      "[mysqld]\n";
  const auto set = [&text](std::string_view key, std::string_view value) {
    text.append(key).append(" = ").append(value).append("\n");
  };
  set("datadir", cnf.data_dir());
  set("socket", cnf.socket());
  set("pid-file", cnf.pid_file());
  set("log-error", cnf.error_log());
  set("tmpdir", cnf.tmp_dir());
  set("port", std::to_string(cnf.port));
  set("bind-address", cnf.bind_address);
  set("server-id", std::to_string(cnf.server_id));
  // mariadbd refuses to run as root unless it is told to.
  if (geteuid() == 0) set("user", "root");
  text += "\n# Names and text\n";
  set("skip-name-resolve", "ON");
  set("character-set-server", "utf8mb4");
  set("collation-server", "utf8mb4_general_ci");
  set("sql-mode",
      "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_CREATE_USER,NO_ENGINE_SUBSTITUTION");
  text += "\n# Replication: rows, strict GTIDs, a log on every server so that any can lead\n";
  const std::string stem = fmt::format("vt-{:010}", cnf.uid);
  set("log-bin", cnf.bin_log_dir() + "/" + stem + "-bin");
  set("log-bin-index", cnf.bin_log_dir() + "/" + stem + "-bin.index");
  set("relay-log", cnf.relay_log_dir() + "/" + stem + "-relay-bin");
  set("relay-log-index", cnf.relay_log_dir() + "/" + stem + "-relay-bin.index");
  set("binlog-format", "ROW");
  set("binlog-row-image", "FULL");
  // Rows are logged, not calls: a function that is not deterministic replicates as what it did.
  set("log-bin-trust-function-creators", "ON");
  set("gtid-strict-mode", "ON");
  set("log-slave-updates", "ON");
  set("relay-log-recovery", "ON");
  set("slave-net-timeout", "10");
  set("max-binlog-size", "256M");
  set("binlog-expire-logs-seconds", "259200");
  // The tablet starts replication and makes a primary writable, never the server by itself.
  set("skip-slave-start", "ON");
  set("read-only", "ON");
  // Semi-sync is built in and off; when it is on, a primary waits as good as for ever.
  set("rpl-semi-sync-master-timeout", "1000000000000000000");
  set("rpl-semi-sync-master-wait-point", "AFTER_SYNC");
  text += "\n# Safe after a crash\n";
  set("sync-binlog", cnf.durable ? "1" : "0");
  set("innodb-flush-log-at-trx-commit", cnf.durable ? "1" : "2");
  set("innodb-doublewrite", "ON");
  text += "\n# Size\n";
  set("innodb-buffer-pool-size", cnf.buffer_pool);
  set("innodb-log-file-size", "48M");
  // No server sees a deadlock that goes over two shards. This ends it, with an error that clients
  // know, before the tablets' own 30 s for statements and transactions do.
  set("innodb-lock-wait-timeout", "20");
  set("max-connections", "600");
  set("max-allowed-packet", "64M");
  set("performance-schema", "OFF");
  set("thread-cache-size", "32");
  set("wait-timeout", "28800");
  return text;
}

Result<BootstrapStep> MariaDbFlavor::Bootstrap(const std::string& data_dir) const {
  // The tables that mariadb-install-db makes, without its help texts and sys schema, which cost
  // most of its time.
  static constexpr std::array<std::string_view, 3> kParts = {"system_tables", "performance_tables",
                                                             "system_tables_data"};
  BootstrapStep step;
  step.input = "create database if not exists mysql;\nuse mysql;\nset @auth_root_socket=NULL;\n";
  for (const std::string_view part : kParts) {
    const std::array<std::string, 4> places = {
        fmt::format("/usr/share/mysql/mysql_{}.sql", part),
        fmt::format("/usr/share/mysql/mariadb_{}.sql", part),
        fmt::format("/usr/share/mariadb/mariadb_{}.sql", part),
        fmt::format("/usr/share/mariadb/mysql_{}.sql", part)};
    TRY(const std::string sql, ReadFirst(places));
    step.input += sql;
    step.input += '\n';
  }
  step.arguments = {std::string(server_program()),
                    "--no-defaults",
                    "--bootstrap",
                    "--datadir=" + data_dir,
                    "--log-warnings=0",
                    "--innodb-buffer-pool-size=16M",
                    "--innodb-log-file-size=48M",
                    "--innodb-flush-log-at-trx-commit=0",
                    "--max-allowed-packet=8M",
                    "--character-set-server=utf8mb4",
                    "--collation-server=utf8mb4_general_ci"};
  if (geteuid() == 0) step.arguments.push_back("--user=root");
  return step;
}

std::vector<std::string> MariaDbFlavor::SetSource(const ReplicationSource& source) const {
  // A server that led before counts its own transactions as executed, too: demote_to_slave.
  std::string sql = fmt::format(
      "change master to master_host = {}, master_port = {}, master_user = {}, "
      "master_password = {}, master_connect_retry = {}, master_use_gtid = slave_pos, "
      "master_demote_to_slave = 1",
      Literal(source.host), source.port, Literal(source.user), Literal(source.password),
      source.connect_retry_seconds);
  if (source.heartbeat_seconds > 0)
    sql += fmt::format(", master_heartbeat_period = {:.3f}", source.heartbeat_seconds);
  return {std::move(sql)};
}

const SemiSyncNames& MariaDbFlavor::semi_sync() const {
  static constexpr SemiSyncNames kNames = {
      .source_enabled = "rpl_semi_sync_master_enabled",
      .replica_enabled = "rpl_semi_sync_slave_enabled",
      .source_timeout = "rpl_semi_sync_master_timeout",
      .wait_for_replicas = "",  // always one
      .source_status = "Rpl_semi_sync_master_status",
      .replica_status = "Rpl_semi_sync_slave_status",
      .source_clients = "Rpl_semi_sync_master_clients",
      .wait_sessions = "Rpl_semi_sync_master_wait_sessions",
  };
  return kNames;
}

}  // namespace

const Flavor& MariaDb() {
  static const MariaDbFlavor kFlavor;
  return kFlavor;
}

std::string UsersSql(std::string_view replication_password) {
  // Everything but what would let clients change other servers' state or write on a replica.
  constexpr std::string_view kApp =
      "select, insert, update, delete, create, drop, reload, process, file, references, index, "
      "alter, show databases, create temporary tables, lock tables, execute, replication client, "
      "create view, show view, create routine, alter routine, create user, event, trigger"
      // MariaDB has split it from REPLICATION CLIENT: SHOW SLAVE STATUS.
      "/*M!100508 , slave monitor */";
  // The fresh tables let root in over TCP without a password.
  std::string sql =
      "delete from mysql.global_priv where User = 'root' and Host <> 'localhost';\n"
      "delete from mysql.proxies_priv;\n"
      "flush privileges;\n";
  const auto user = [&sql](std::string_view name, std::string_view password,
                           std::string_view grant) {
    sql += fmt::format("create user if not exists {}{};\n", name,
                       password.empty() ? "" : " identified by " + Literal(password));
    sql += fmt::format("grant {} on *.* to {};\n", grant, name);
  };
  user("'vt_dba'@'localhost'", "", "all");
  sql += "grant all on *.* to 'vt_dba'@'localhost' with grant option;\n";
  user("'vt_app'@'localhost'", "", kApp);
  user("'vt_appdebug'@'localhost'", "", "select, show databases, process");
  user("'vt_allprivs'@'localhost'", "", "all");
  user("'vt_filtered'@'localhost'", "", "all");
  // Replicas come over TCP.
  user("'vt_repl'@'%'", replication_password, "replication slave");
  user("'vt_repl'@'localhost'", replication_password, "replication slave");
  sql += "create database if not exists _vt;\n";
  return sql;
}

}  // namespace tessera::mysqlctl
