// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Data definition: what both servers take is read whole, printed, and read again as the same tree.
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "sqlparser/ast_ddl.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

ParseOptions WholeOnly() {
  ParseOptions options;
  options.allow_other = options.allow_partial_ddl = false;
  return options;
}

std::string Print(const Statement* statement, Dialect dialect) {
  PrintOptions options;
  options.dialect = dialect;
  return ToString(statement, options);
}

std::string Canonical(std::string_view sql, const ParseOptions& options = WholeOnly()) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql, options);
  return parsed.ok() ? ToString(*parsed) : "error: " + parsed.error().message();
}

void ExpectStable(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql, WholeOnly());
  ASSERT_TRUE(parsed.ok()) << sql << "\n" << parsed.error().message();
  for (const Dialect dialect : {Dialect::kCanonical, Dialect::kServer}) {
    const std::string text = Print(*parsed, dialect);
    const Result<const Statement*> again = Parse(arena, text, WholeOnly());
    ASSERT_TRUE(again.ok()) << text << "\n" << again.error().message();
    EXPECT_TRUE(Equal(*parsed, *again)) << text << "\n" << Dump(*parsed) << "\n" << Dump(*again);
  }
}

void ExpectRefused(std::string_view sql) {
  Arena arena;
  const Result<const Statement*> parsed = Parse(arena, sql, WholeOnly());
  ASSERT_FALSE(parsed.ok()) << sql << "\n" << ToString(*parsed);
  EXPECT_EQ(parsed.error().mysql_errno(), 1064) << sql;
}

TEST(DdlTest, ColumnsOfEveryType) {
  for (const std::string_view type : {"int",
                                      "integer(5) unsigned zerofill",
                                      "tinyint(1)",
                                      "int1",
                                      "int8",
                                      "middleint",
                                      "bigint",
                                      "decimal(5,2)",
                                      "dec(5)",
                                      "numeric",
                                      "fixed(5,2)",
                                      "float",
                                      "float(5)",
                                      "float(5,2)",
                                      "double",
                                      "double precision(5,2)",
                                      "real unsigned",
                                      "float4",
                                      "float8",
                                      "bit(3)",
                                      "bool",
                                      "boolean",
                                      "date",
                                      "time(3)",
                                      "datetime(6)",
                                      "timestamp",
                                      "year(4)",
                                      "char",
                                      "char(5)",
                                      "char varying(5)",
                                      "character varying(5)",
                                      "varchar(5) character set utf8mb4",
                                      "varchar(5) charset binary",
                                      "char(5) binary",
                                      "char(5) ascii",
                                      "char(5) unicode binary",
                                      "char byte",
                                      "char(5) binary character set latin1",
                                      "national char(5)",
                                      "nchar(5) binary",
                                      "national character varying(5)",
                                      "nvarchar(5)",
                                      "nchar varchar(5)",
                                      "long",
                                      "long varchar",
                                      "long varbinary",
                                      "long char varying",
                                      "binary(5)",
                                      "varbinary(5)",
                                      "blob(5)",
                                      "text(5)",
                                      "tinytext character set latin1",
                                      "mediumblob",
                                      "longtext",
                                      "json",
                                      "enum('a', 'b''c')",
                                      "enum(0x6100, 'b') character set latin1",
                                      "set('a') binary",
                                      "serial",
                                      "geometry",
                                      "point not null srid 4326",
                                      "linestring",
                                      "polygon",
                                      "multipoint",
                                      "multilinestring",
                                      "multipolygon",
                                      "geometrycollection",
                                      "geomcollection",
                                      "inet4",
                                      "inet6",
                                      "uuid",
                                      "varchar(5) compressed",
                                      "text compressed=zlib character set utf8mb4",
                                      "varchar(5) not null compressed default ''",
                                      "mariadb_schema.date",
                                      "geometry ref_system_id = 4326 not null"}) {
    ExpectStable("create table t (c " + std::string(type) + ")");
  }
  for (const std::string_view type :
       {"garbage", "double(5)", "bool(1)", "date(3)", "tinyblob(5)", "enum()", "enum('a' 'b')",
        "nvarchar", "char(5) binary binary", "json character set utf8mb4", "int compressed",
        "char(5) compressed", "nchar(5) character set latin1", "double(2147483648,0)",
        "varchar(5) compressed not null compressed"}) {
    ExpectRefused("create table t (c " + std::string(type) + ")");
  }
}

TEST(DdlTest, ColumnAttributes) {
  for (const std::string_view attributes :
       {"not null default 5",
        "default -5.5",
        "default +1 comment 'x'",
        "default (1 + 2)",
        "default b",
        "default concat('a', b)",
        "default next value for s",
        "default null",
        "default now(3) on update current_timestamp(3)",
        "auto_increment primary key",
        "unique key primary key",
        "key unique",
        "primary key unique comment 'x' invisible",
        "serial default value",
        "collate utf8mb4_bin not null",
        "collate default",
        "as (b + 1)",
        "generated always as (b) stored unique comment 'x'",
        "as (b) persistent",
        "collate latin1_bin as (b) virtual not null",
        "generated always as row start",
        "as row end invisible",
        "as row end not null primary key",
        "without system versioning",
        "with system versioning not null",
        "check (b > 1)",
        "not null constraint positive check (b > 1) not enforced",
        "references u",
        "references u (a) match full on delete set null on update no action",
        "constraint references u (a)",
        "constraint x references u (a, b) on delete cascade",
        "column_format dynamic storage disk",
        "visible engine_attribute '{}'",
        "fieldlen = 5 flag = 'x' not null",
        "`odd name` = default",
        "special = ROWID"}) {
    ExpectStable("create table t (c int " + std::string(attributes) + ", b int)");
    ExpectStable("alter table t add column c int " + std::string(attributes) + " first");
  }
  for (const std::string_view attributes :
       {"default 1+1", "default -b", "default not 1", "default (1)+1", "on update 5",
        "on update curdate()", "as (b) default 5", "as (b) auto_increment",
        "as (b) virtual with system versioning", "as (b) stored persistent",
        "references u (a) not null", "references u on delete cascade on delete cascade",
        "comment 5", "comment 'a' 'b'", "constraint x primary key", "not null as (b)"}) {
    ExpectRefused("create table t (c int " + std::string(attributes) + ")");
  }
}

TEST(DdlTest, KeysAndConstraints) {
  for (const std::string_view key :
       {"primary key (a)",
        "primary key x using btree (a desc, b(5) asc)",
        "constraint x primary key (a)",
        "key (a)",
        "index x type btree (a)",
        "key type (a) using hash",
        "unique (a, p without overlaps)",
        "primary key (a, p without overlaps)",
        "unique index x (a) comment 'x' key_block_size 8",
        "key x ((a + 1), (lower(b)) desc)",
        "key if not exists x (a) ignored",
        "key x (a) not ignored invisible",
        "fulltext key x (a) with parser ngram",
        "spatial index x (a)",
        "key x (a) odd = 5 other = 'x'",
        "check (a > 0)",
        "constraint x check (a > 0) not enforced",
        "foreign key (a) references u (b)",
        "foreign key (a(5) desc) references u (b)",
        "constraint foreign key if not exists x (a, b) references s.u (a, b) on update cascade"}) {
    ExpectStable("create table t (a int, b int, " + std::string(key) + ")");
    ExpectStable("alter table t add " + std::string(key));
    ExpectStable("alter table t add column (c int, " + std::string(key) + ")");
  }
  ExpectStable("create table t (a date, b date, period for p (a, b))");
  ExpectStable("create table t (a int, period for system_time (a, b)) with system versioning");
  ExpectStable("create table t (t.a int, d.t.b int, .c int)");
  for (const std::string_view key :
       {"spatial (a) using btree", "fulltext index using btree (a)", "constraint key (a)",
        "key (a, p without overlaps)", "key (a) with parser x", "key ()"}) {
    ExpectRefused("create table t (a int, " + std::string(key) + ")");
  }
  ExpectRefused("create table t ()");
  ExpectRefused("create table t (a int,)");
  ExpectRefused("create table count(a int)");
  ExpectStable("create table count (a int)");
}

TEST(DdlTest, TableOptions) {
  for (const std::string_view option :
       {"engine=innodb, comment 'x' auto_increment 5",
        "default charset=utf8mb4 collate utf8mb4_bin", "character set default collate default",
        "data directory 'x' index directory = 'y'", "row_format=compressed insert_method last",
        "pack_keys default stats_persistent=0", "stats_sample_pages 5 union=(a, s.b) union ()",
        "transactional=1 page_checksum 0", "storage disk tablespace ts",
        "connection='x' password 'y' sequence=1", "with system versioning, engine=aria",
        "autoextend_size=4M compression='zlib'", "encryption 'y' engine_attribute='{}'",
        "odd=5 `even`='x' third=default fourth=0x1f", "encrypted=yes encryption_key_id=5",
        "key_block_size 8 max_rows=5 min_rows 1"}) {
    ExpectStable("create table t (a int) " + std::string(option));
    ExpectStable("create table t " + std::string(option) + " select 1");
  }
  for (const std::string_view option :
       {"odd 5", "type=innodb", "odd=5.5", "comment=5", "row_format=odd", "pack_keys=2",
        "stats_sample_pages=0", "stats_sample_pages=67000", "engine=x,", "default engine=x",
        "without system versioning"}) {
    ExpectRefused("create table t (a int) " + std::string(option));
  }
}

TEST(DdlTest, Partitions) {
  for (const std::string_view by :
       {"hash (a) partitions 4", "linear hash (year(b)) (partition x, partition y engine=innodb)",
        "key () partitions 2", "linear key algorithm=2 (a, b)",
        "range (a) (partition x values less than (5) comment 'c', partition y values less than "
        "maxvalue)",
        "range columns (a, b) (partition x values less than (5, maxvalue))",
        "list (a) (partition x values in (1, null), y default)",
        "list columns (a, b) (partition x values in ((1, 2), (3, 4)) nodegroup 5)",
        "range (a) subpartition by linear hash (b) subpartitions 2 (partition x values less than "
        "(1) (subpartition s0 data directory 'x', subpartition s1 max_rows=5))",
        "range (a) subpartition by key algorithm=1 (b) (partition x values less than (1))",
        "range (a) (partition x values less than (1) tablespace ts connection='c' odd='x')",
        "system_time", "system_time interval 1 hour auto partitions 5",
        "system_time interval 1 day starts '2020-01-01' (partition x history, partition y current)",
        "system_time limit 1000 auto", "system_time partitions 3"}) {
    ExpectStable("create table t (a int, b int) partition by " + std::string(by));
    ExpectStable("alter table t partition by " + std::string(by));
    ExpectStable("alter table t add c int partition by " + std::string(by));
  }
  for (const std::string_view by :
       {"hash (rand())", "hash (a + now())",
        "range (a) partitions 2 (partition x values less than "
        "(1))",
        "range columns (a, b) (partition x values less than (1))",
        "list columns (a, b) (partition x values in (1))", "key a", "key algorithm=3 (a)",
        "list (a) (partition x values in (maxvalue))", "system_time interval 1 day auto starts 5",
        "list columns (a) (partition x values in ((1)))", "linear range (a)",
        "list (a) (partition x values in (row(1, 2) + 8))"}) {
    ExpectRefused("create table t (a int, b int) partition by " + std::string(by));
  }
}

TEST(DdlTest, OddNamesKeepTheirQuotes) {
  for (const std::string_view sql :
       {"create database d character set `a b` collate `.`", "create table t (c int collate `a b`)",
        "create table t (a int, key k (a) using `--`)",
        "create table t (a text, fulltext key k (a) with parser `a b`)"}) {
    ExpectStable(sql);
  }
}

TEST(DdlTest, CreateTableFromOthers) {
  for (const std::string_view sql :
       {"create or replace temporary table if not exists s.t like u", "create table t (like s.u)",
        "create table t select 1", "create table t as (select 1) union (select 2) order by 1",
        "create table t (a int) ignore as select 1", "create table t engine=x replace select 1",
        "create table t with x as (select 1) select * from x", "create table t values (1), (2)",
        "create table t (values (1))", "create table t (a int) select 1 with system versioning",
        "create table t (a int) partition by hash (a) as select 1 from u for update",
        "create table t (a int) union=(b), start transaction", "create table t (a int) table u",
        "create table t ((values (1)))", "create table t (a int) secondary_engine null"}) {
    ExpectStable(sql);
  }
  ExpectRefused("create table t like u engine=innodb");
  ExpectRefused("create table t engine=innodb, select 1");
}

TEST(DdlTest, AlterTable) {
  for (const std::string_view action :
       {"",
        "add a int after b",
        "add column if not exists a int first",
        "add (a int, key (a), check (a > 0), period for p (a, b))",
        "add constraint if not exists x check (a > 0)",
        "add period if not exists for p (a, b)",
        "add system versioning, drop system versioning",
        "drop period if exists for p",
        "drop period for system_time",
        "change column if exists a b int check (b > 0) after c",
        "modify t.a int not null first",
        "drop a, drop column if exists b cascade",
        "drop constraint if exists x",
        "drop constraint primary key",
        "drop primary key",
        "drop foreign key if exists x",
        "drop index if exists x, drop check y",
        "disable keys, enable keys",
        "alter a set default 5, alter column b drop default",
        "alter if exists a set default (1 + 2)",
        "alter a set invisible",
        "alter index x invisible",
        "alter key if exists x not ignored",
        "alter check x not enforced, alter constraint y enforced",
        "rename to s.u",
        "rename = u",
        "rename column if exists a to b",
        "rename key if exists a to b",
        "convert to character set utf8mb4 collate default",
        "convert to charset default",
        "engine=x comment='y', charset utf8mb4",
        "with system versioning",
        "force",
        "order by a, t.b desc",
        "algorithm=instant, lock none, add a int",
        "without validation",
        "discard tablespace",
        "algorithm=copy, import tablespace",
        "secondary_load",
        "secondary_unload partition (a, b)",
        "odd=5 even=x, add a int",
        "add partition if not exists (partition p values less than (1))",
        "add partition no_write_to_binlog partitions 5",
        "drop partition if exists a, b",
        "rebuild partition all",
        "optimize partition local a, b",
        "analyze partition all",
        "check partition a for upgrade extended",
        "repair partition all quick use_frm",
        "coalesce partition 2",
        "truncate partition a",
        "reorganize partition",
        "reorganize partition a, b into (partition c values in (1))",
        "exchange partition a with table s.u without validation",
        "convert partition a to table s.u",
        "convert table u to partition a values in (5)",
        "discard partition a, b tablespace",
        "import partition all tablespace",
        "remove partitioning",
        "engine=x remove partitioning",
        "upgrade partitioning"}) {
    ExpectStable("alter table t " + std::string(action));
    ExpectStable("alter online ignore table if exists s.t wait 5 " + std::string(action));
  }
  for (const std::string_view action :
       {"add a int,", "order by a + 1", "exchange partition a, b with table u",
        "add a int, "
        "remove partitioning",
        "drop partition all", "drop partition a, add b int", "alter a set default 1+2",
        "add constraint if not exists x unique (a)", "add key (a) first", "rename index a as b",
        "convert to character set = latin1"}) {
    ExpectRefused("alter table t " + std::string(action));
  }
}

TEST(DdlTest, Indexes) {
  for (const std::string_view sql :
       {"create index x on t (a)",
        "create unique index if not exists x using btree on s.t (a desc)",
        "create or replace index x on t (a) wait 5 comment 'x' algorithm = copy",
        "create fulltext index x on t (a) nowait with parser p", "create spatial index x on t (a)",
        "create index x on t (a) nowait ignored odd=5 lock=none algorithm=inplace",
        "drop index x on s.t", "drop index if exists x on t wait 5",
        "drop index `primary` on t algorithm=copy lock=none"}) {
    ExpectStable(sql);
  }
  EXPECT_EQ(Canonical("create or replace unique index x on t (a)"),
            "create or replace unique index x on t (a)");
  ExpectRefused("create fulltext index x on t (a) with parser p nowait");
  ExpectRefused("create index on t (a)");
  ExpectRefused("drop index primary on t");
}

TEST(DdlTest, TablesAndViews) {
  for (const std::string_view sql :
       {"drop tables a, s.b", "drop temporary table if exists a wait 5 restrict",
        "drop view if exists a, b cascade", "truncate s.t", "truncate table t nowait",
        "rename tables a to b, c wait 5 to s.d", "rename table if exists a to b",
        "create view v as select 1", "create view if not exists s.v (a, `b c`) as values (1, 2)",
        "create or replace algorithm = merge definer = a@b sql security invoker view v as (select "
        "1) union select 2 with local check option",
        "create view v as with x as (select 1) select * from x limit 1 with check option",
        "alter definer = current_user() view v (a) as select 1",
        "alter algorithm = undefined sql security definer view v as select 1"}) {
    ExpectStable(sql);
  }
  for (const std::string_view sql :
       {"drop database x cascade", "drop temporary view v", "truncate a, b", "rename table a as b",
        "create algorithm = odd view v as select 1", "create view v () as select 1",
        "create view v as select 1 into @x",
        "create definer = a algorithm = merge view v as select 1",
        "alter view if exists v as select 1"}) {
    ExpectRefused(sql);
  }
}

TEST(DdlTest, Databases) {
  for (const std::string_view sql :
       {"create database x", "create or replace schema if not exists x",
        "create database x default character set = utf8mb4 collate default comment 'x'",
        "create database x default encryption = 'y'", "alter database x charset utf8mb4",
        "alter database default collate utf8mb4_bin", "alter database comment = 'x'",
        "alter database x read only = 1 encryption 'n'", "alter database read only default",
        "alter database charset charset latin1", "alter database x upgrade data directory name",
        "drop schema if exists x"}) {
    ExpectStable(sql);
  }
  for (const std::string_view sql :
       {"create database x, comment 'x'", "alter database x", "alter database",
        "create database x default comment 'x'", "alter database x read only 2"}) {
    ExpectRefused(sql);
  }
}

TEST(DdlTest, Sequences) {
  for (const std::string_view sql :
       {"create sequence s", "create or replace temporary sequence if not exists d.s start with 5",
        "create sequence s increment by -2 minvalue = -5 maxvalue 5 cache 10 cycle engine=innodb",
        "create sequence s no minvalue nomaxvalue nocache nocycle comment 'x'",
        "alter sequence if exists s restart", "alter sequence s restart = 5 start 7 nocache",
        "drop sequence a, d.b", "drop temporary sequence if exists a"}) {
    ExpectStable(sql);
  }
  for (const std::string_view sql :
       {"create sequence s restart", "create sequence s engine=x cache 5", "alter sequence s",
        "alter sequence s comment 'x'", "drop sequence a restrict",
        "create sequence s maxvalue 99999999999999999999999"}) {
    ExpectRefused(sql);
  }
  EXPECT_EQ(Canonical("create sequence s increment=2 start=1 nominvalue"),
            "create sequence s increment by 2 start with 1 no minvalue");
}

TEST(DdlTest, UnknownTailsAreKeptAndMisplacedWordsAreNot) {
  EXPECT_EQ(Canonical("create table t (a int, b garbage)", {}), "create table t");
  EXPECT_EQ(Canonical("alter table t frobnicate", {}), "alter table t");
  EXPECT_EQ(Canonical("create database d * 5", {}), "create database d");
  EXPECT_EQ(Canonical("create table t frobnicate; select 1", {}),
            "error: extra characters encountered after end of DDL: 'select'");
  EXPECT_TRUE(Canonical("create table t (a int default 1 +)", {}).starts_with("error: "));
  EXPECT_TRUE(Canonical("alter table t drop partition all", {}).starts_with("error: "));
}

TEST(DdlTest, ServersGetWhatTheyRead) {
  const auto server = [](std::string_view sql) {
    Arena arena;
    const Result<const Statement*> parsed = Parse(arena, sql, WholeOnly());
    return parsed.ok() ? Print(*parsed, Dialect::kServer) : parsed.error().message();
  };
  EXPECT_EQ(server("create table t (a int) compression 'zlib' odd=yes"),
            "create table t (\n\ta int\n) compression = 'zlib',\n  odd = yes");
  EXPECT_EQ(server("alter table t frobnicate"), "syntax error at position 25 near 'frobnicate'");
}

}  // namespace
}  // namespace tessera::sqlparser
