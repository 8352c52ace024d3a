// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// XA, HANDLER, upkeep of tables, replication, servers, SHOW, LOAD.
#include <gtest/gtest.h>

#include "sqlparser/ast_admin.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

std::string AdminServerText(std::string_view sql) {
  Arena arena;
  ParseOptions options;
  options.allow_other = false;
  const Result<const Statement*> parsed = Parse(arena, sql, options);
  if (!parsed.ok()) return "error: " + parsed.error().message();
  PrintOptions print;
  print.dialect = Dialect::kServer;
  const std::string text = ToString(*parsed, print);
  const Result<const Statement*> again = Parse(arena, text, options);
  if (!again.ok()) return "not read again: " + text + ": " + again.error().message();
  if (!Equal(*parsed, *again)) return "another tree: " + Dump(*parsed) + " " + Dump(*again);
  return text;
}

// Each prints as itself, and reads back as the same tree.
TEST(AdminTest, PrintsAsWritten) {
  for (
      const std::string_view sql : {
          "xa start 'a', 'b', 7 join",
          "xa end 0x6162 suspend for migrate",
          "xa prepare 'a'",
          "xa commit 'a', '' one phase",
          "xa rollback b'01'",
          "xa recover",
          "xa recover format = 'sql'",
          "xa recover convert xid",
          "handler db.t open as h",
          "handler h read first where a > 1 limit 2",
          "handler h read i next",
          "handler h read `primary` >= (1, default) limit 1, 2",
          "handler h close",
          "check table a, db.b for upgrade quick fast medium extended changed",
          "check view v for upgrade",
          "checksum table a, b quick",
          "repair local table a quick extended use_frm",
          "repair view v from mysql",
          "optimize local table a, b wait 5",
          "optimize table a nowait",
          "analyze table a persistent for columns (x, y) indexes (`primary`), b",
          "analyze table a persistent for columns all indexes ()",
          "analyze table a persistent for all",
          "analyze table a update histogram on x, y with 10 buckets auto update",
          "analyze table a update histogram on x using data '{}'",
          "analyze local table a drop histogram on x",
          "cache index a index (i, `primary`), b in hot",
          "cache index a partition (p0, p1) index (i) in default",
          "load index into cache a partition (all) index (i) ignore leaves",
          "load index into cache a ignore leaves, b",
          "install plugin p soname 'p.so'",
          "install plugin if not exists p soname 'p.so'",
          "install soname 'p.so'",
          "install component 'file://a', 'file://b' set a = 1, @@global.b = 'x'",
          "uninstall plugin if exists p",
          "uninstall soname if exists 'p'",
          "uninstall component 'file://a', 'file://b'",
          "binlog 'YQ=='",
          "binlog @a, @b",
          "backup stage block_commit",
          "backup lock db.t",
          "backup unlock",
          "lock instance for backup",
          "unlock instance",
          "help 'contents%'",
          "help contents",
          "shutdown",
          "shutdown wait for all replicas",
          "restart",
          "clone local data directory = '/x'",
          "clone instance from 'u'@'h':3306 identified by 'x' data directory = '/y' require no ssl",
          "import table from 'a.sdi', 'b.sdi'",
          "reset master to 5",
          "reset replica 'c' all",
          "reset slave all for channel 'c', query cache",
          "reset binary logs and gtids",
          "reset persist if exists max_connections",
          "purge binary logs to 'bin.000003'",
          "purge binary logs before now() - interval 3 day",
          "flush local tables a, b with read lock and disable checkpoint",
          "flush tables a for export",
          "flush relay logs 'c', replica",
          "flush error logs, hosts, binary logs delete_domain_id = (1, 2)",
          "flush user_resources, optimizer_costs",
          "kill hard query id 7",
          "kill connection user bob@localhost",
          "kill soft connection 5",
          "change master 'c' to master_host = 'h', master_port = 3306, master_use_gtid = "
          "slave_pos, "
          "ignore_server_ids = (1, 2), do_domain_ids = (), master_heartbeat_period = 1.5",
          "change replication source to source_host = 'h', privilege_checks_user = null, "
          "require_table_primary_key_check = stream for channel 'c'",
          "change replication filter replicate_do_db = (a, b), replicate_ignore_table = (a.b), "
          "replicate_wild_do_table = ('a.%'), replicate_rewrite_db = ((a, b)) for channel 'c'",
          "start slave 'c' sql_thread, io_thread until master_log_file = 'f', master_log_pos = 4",
          "start replica until master_gtid_pos = '0-1-2'",
          "start slave until sql_after_mts_gaps user = 'u' password = 'x' for channel 'c'",
          "start all slaves",
          "stop all replicas",
          "stop slave io_thread for channel 'c'",
          "start group_replication user = 'u', password = 'x'",
          "stop group_replication",
          "create or replace server s foreign data wrapper mysql options (host 'h', port 5)",
          "create server if not exists s foreign data wrapper 'mysql' options (user 'u')",
          "alter server s options (password 'x')",
          "drop server if exists s",
          "create tablespace ts add datafile 'f.ibd' file_block_size = 8k engine = innodb",
          "create undo tablespace u add datafile 'u.ibu'",
          "alter undo tablespace u set inactive",
          "alter tablespace ts rename to ts2",
          "alter tablespace ts drop datafile 'f' wait engine = ndb",
          "drop tablespace ts engine = ndb",
          "create logfile group g add undofile 'u' initial_size = 16m engine = ndb",
          "alter logfile group g add undofile 'u' engine = ndb",
          "drop logfile group g engine = ndb",
          "create resource group g type = user vcpu = 0-3, 5 thread_priority = -5 disable",
          "alter resource group g vcpu = 1 force",
          "drop resource group g force",
          "set resource group g for 1, 2",
          "create or replace spatial reference system 4120 name 'x' organization 'E' identified by "
          "4120 definition 'd' description 'e'",
          "create spatial reference system if not exists 5 name 'x'",
          "drop spatial reference system if exists 4120",
          "alter instance rotate innodb master key",
          "alter instance reload tls for channel mysql_main no rollback on error",
          "alter instance disable innodb redo_log",
          "lock tables a as x read local, b write concurrent, c low_priority write wait 5",
          "unlock tables",
          "start transaction read only, with consistent snapshot",
          "commit and chain no release",
      }) {
    EXPECT_EQ(AdminServerText(sql), sql);
  }
}

TEST(AdminTest, ReadsShowInAllForms) {
  for (const std::string_view sql : {
           "show authors",
           "show contributors",
           "show binary logs",
           "show binary log status",
           "show binlog status",
           "show binlog events in 'b' from 4 limit 2, 5",
           "show relaylog 'c' events in 'b' from 4 limit 2",
           "show relaylog events for channel 'c'",
           "show slave 'c' status",
           "show replica status for channel 'c'",
           "show all replicas status",
           "show slave hosts",
           "show replicas",
           "show engine innodb mutex",
           "show engine all status",
           "show engines",
           "show profile block io, page faults for query 2 limit 1, 5",
           "show profiles",
           "show plugins soname 'x'",
           "show plugins soname like 'ha_%'",
           "show package status like 'p%'",
           "show package body status where a = 1",
           "show package body code db.p",
           "show create package body db.p",
           "show create package p",
           "show explain for 5",
           "show explain format = json for 5",
           "show analyze for 5",
           "show index_statistics where a = 1",
           "show open tables from d like 'x'",
           "show function code f",
           "show count(*) warnings",
           "explain for connection 5",
           "show parse_tree commit",
           "show create user 'u'",
           "show create user u@h",
       }) {
    EXPECT_EQ(AdminServerText(sql), sql);
  }
}

TEST(AdminTest, ReadsLoadInAllForms) {
  for (const std::string_view sql : {
           "load data infile 'f' into table t",
           "load data low_priority local infile 'f' replace into table d.t partition (p, q) "
           "character set utf8mb4 fields terminated by ',' optionally enclosed by '\"' escaped by "
           "'\\\\' lines terminated by '\\n' starting by 'x' ignore 2 lines (a, @b, c) set d = @b "
           "+ "
           "1, e = default",
           "load data concurrent infile 'f' ignore into table t fields terminated by 0x2c ()",
           "load xml infile 'f' into table t rows identified by '<r>' ignore 1 lines (a) set b = 1",
           "load data from s3 manifest 'x'",
           "load data from url 'x' count 5 in primary key order into table t compression = 'zstd' "
           "fields terminated by ',' parallel = 4 memory = 1g algorithm = bulk",
       }) {
    EXPECT_EQ(AdminServerText(sql), sql);
  }
  Arena arena;
  const Result<const Statement*> parsed =
      Parse(arena, "LOAD DATA INFILE 'f' INTO TABLE s.t (a, @b) SET c = @b + 1");
  ASSERT_TRUE(parsed.ok());
  const Load& load = (*parsed)->Get<Load>();
  EXPECT_EQ(load.table->name, "t");
  EXPECT_EQ(load.targets.size(), 2u);
  EXPECT_EQ(load.set.size(), 1u);
}

TEST(AdminTest, WordsHaveManySpellings) {
  const std::pair<const char*, const char*> kCases[] = {
      {"XA BEGIN 'a' RESUME", "xa start 'a' resume"},
      {"REPAIR NO_WRITE_TO_BINLOG TABLES t", "repair local table t"},
      {"CACHE INDEX t KEY (i) IN c", "cache index t index (i) in c"},
      {"PURGE MASTER LOGS TO 'x'", "purge binary logs to 'x'"},
      {"KILL 5", "kill connection 5"},
      {"LOAD DATA INFILE 'f' INTO TABLE t CHARSET x COLUMNS TERMINATED BY 'a' IGNORE 5 ROWS",
       "load data infile 'f' into table t character set x fields terminated by 'a' ignore 5 lines"},
      {"SHOW STORAGE ENGINES", "show engines"},
      {"ALTER TABLESPACE t AUTOEXTEND_SIZE '4M', ENGINE InnoDB",
       "alter tablespace t autoextend_size = '4M' engine = InnoDB"},
  };
  for (const auto& [sql, want] : kCases) EXPECT_EQ(AdminServerText(sql), want);
}

TEST(AdminTest, WhatNoServerTakesIsRefused) {
  for (const std::string_view sql : {
           "xa",
           "xa start",
           "xa start 'a' one phase",
           "xa start '01234567890123456789012345678901234567890123456789012345678901234'",
           "handler t",
           "handler db.t close",
           "handler t read i first last",
           "handler t read first = (1)",
           "check view v quick",
           "repair view v use_frm",
           "cache index a partition (p), b in c",
           "load index into cache t (i)",
           "install plugin p",
           "binlog @a",
           "backup stage lock",
           "reset",
           "purge binary logs",
           "flush tables for export",
           "flush tables with read lock, hosts",
           "flush nothing_known",
           "change master to",
           "change master to master_unknown = 1",
           "change master to master_host = 5",
           "start slave until master_log_pos = 4, master_gtid_pos = ''",
           "create server s options (user 'u')",
           "create server s foreign data wrapper mysql",
           "lock tables a",
           "load data infile f into table t",
           "load data infile 'f' into table t fields",
           "show binlog",
           "show nonsense",
           "show open status",
           "commit and chain release",
           "start transaction read only, read write",
       }) {
    Arena arena;
    EXPECT_FALSE(Parse(arena, sql).ok()) << sql;
  }
}

}  // namespace
}  // namespace tessera::sqlparser
