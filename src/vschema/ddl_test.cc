// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vschema/ddl.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/arena.h"
#include "sqlparser/parser.h"

namespace tessera::vschema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

KeyspaceRecord Sharded() {
  return KeyspaceFromJson(R"({
    "sharded": true,
    "vindexes": {"by_hash": {"type": "xxhash"},
                 "by_mail": {"type": "lookup_unique", "owner": "users",
                             "params": {"table": "mail_idx", "from": "mail", "to": "id"}},
                 "spare": {"type": "binary"}},
    "tables": {"users": {"column_vindexes": [{"column": "id", "name": "by_hash"}],
                         "auto_increment": {"column": "id", "sequence": "main.seq"}},
               "notes": {"column_vindexes": [{"column": "user_id", "name": "by_hash"}]}}})")
      .value();
}

KeyspaceRecord Unsharded() {
  return KeyspaceFromJson(R"({"tables": {"plain": {}, "seq": {"type": "sequence"}}})").value();
}

KeyspaceRecord Done(std::string_view sql, const KeyspaceRecord& record) {
  Result<KeyspaceRecord> changed = ApplyDdlText(sql, "ks", record);
  EXPECT_TRUE(changed.ok()) << sql << ": " << changed.error().ToString();
  return changed.ok() ? *changed : KeyspaceRecord();
}

// The message of a refusal, whose code must be Vitess's.
std::string Refusal(std::string_view sql, const KeyspaceRecord& record) {
  const Result<KeyspaceRecord> changed = ApplyDdlText(sql, "ks", record);
  if (changed.ok()) return "";
  EXPECT_EQ(changed.error().code(), Code::kInternal) << sql;
  return changed.error().message();
}

TEST(Ddl, CreateVindex) {
  const KeyspaceRecord changed = Done(
      "alter vschema create vindex ks.lk using lookup with owner=users, table='ks.lk idx', "
      "`from`=a, to=keyspace_id",
      Sharded());
  const VindexRecord& made = changed.vindexes.find("lk")->second;
  EXPECT_EQ(made.type, "lookup");
  EXPECT_EQ(made.owner, "users");
  EXPECT_EQ(made.params.size(), 3u);
  EXPECT_EQ(made.params.find("table")->second, "ks.lk idx");
  EXPECT_EQ(made.params.find("to")->second, "keyspace_id");
  EXPECT_THAT(Refusal("alter vschema create vindex by_hash using `binary`", Sharded()),
              HasSubstr("vindex by_hash is in keyspace ks already"));
  EXPECT_THAT(Refusal("alter vschema create vindex v using no_such_type", Sharded()),
              HasSubstr("no_such_type"));
}

TEST(Ddl, TheFirstVindexMakesAKeyspaceSharded) {
  const KeyspaceRecord changed =
      Done("alter vschema create vindex by_hash using xxhash", KeyspaceRecord());
  EXPECT_TRUE(changed.sharded);
  // Its tables could not be reached any more.
  EXPECT_THAT(Refusal("alter vschema create vindex by_hash using xxhash", Unsharded()),
              HasSubstr("missing primary col vindex for table: plain"));
}

TEST(Ddl, DropVindex) {
  EXPECT_FALSE(Done("alter vschema drop vindex spare", Sharded()).vindexes.contains("spare"));
  EXPECT_THAT(Refusal("alter vschema drop vindex by_hash", Sharded()),
              HasSubstr("vindex by_hash is still used by table ks.notes"));
  EXPECT_THAT(Refusal("alter vschema drop vindex none", Sharded()),
              HasSubstr("there is no vindex none in keyspace ks"));
}

TEST(Ddl, Tables) {
  EXPECT_TRUE(Done("alter vschema add table fresh", Unsharded()).tables.contains("fresh"));
  EXPECT_FALSE(Done("alter vschema drop table plain", Unsharded()).tables.contains("plain"));
  EXPECT_FALSE(Done("alter vschema drop table users", Sharded()).tables.contains("users"));
  EXPECT_THAT(Refusal("alter vschema add table plain", Unsharded()),
              HasSubstr("table plain is in the VSchema of keyspace ks already"));
  EXPECT_THAT(Refusal("alter vschema add table fresh", Sharded()), HasSubstr("sharded"));
  EXPECT_THAT(Refusal("alter vschema drop table none", Unsharded()),
              HasSubstr("there is no table none"));
}

TEST(Ddl, Sequences) {
  EXPECT_EQ(Done("alter vschema add sequence s", Unsharded()).tables.find("s")->second.type,
            "sequence");
  EXPECT_FALSE(Done("alter vschema drop sequence seq", Unsharded()).tables.contains("seq"));
  EXPECT_THAT(Refusal("alter vschema add sequence s", Sharded()), HasSubstr("sharded"));
  EXPECT_THAT(Refusal("alter vschema add sequence seq", Unsharded()), HasSubstr("already"));
  EXPECT_THAT(Refusal("alter vschema drop sequence plain", Unsharded()),
              HasSubstr("table ks.plain is no sequence"));
  EXPECT_THAT(Refusal("alter vschema drop sequence none", Unsharded()),
              HasSubstr("there is no table none"));
}

TEST(Ddl, AddColumnVindex) {
  const KeyspaceRecord changed =
      Done("alter vschema on fresh add vindex fresh_hash (id) using xxhash", Sharded());
  EXPECT_EQ(changed.vindexes.find("fresh_hash")->second.type, "xxhash");
  const ColumnVindexRecord& use = changed.tables.find("fresh")->second.column_vindexes.at(0);
  EXPECT_EQ(use.column, "");
  EXPECT_THAT(use.columns, ElementsAre("id"));

  const KeyspaceRecord second = Done("alter vschema on users add vindex by_mail (mail)", Sharded());
  EXPECT_EQ(second.tables.find("users")->second.column_vindexes.size(), 2u);
  // The same definition again names the vindex that is there.
  Done("alter vschema on fresh add vindex by_hash (id) using xxhash", Sharded());
  EXPECT_THAT(Refusal("alter vschema on users add vindex by_hash (id)", Sharded()),
              HasSubstr("table ks.users uses vindex by_hash already"));
  EXPECT_THAT(Refusal("alter vschema on users add vindex none (id)", Sharded()),
              HasSubstr("there is no vindex none in keyspace ks"));
  EXPECT_THAT(Refusal("alter vschema on fresh add vindex by_hash (id) using `binary`", Sharded()),
              HasSubstr("vindex by_hash is of type xxhash, not binary"));
  EXPECT_THAT(Refusal("alter vschema on fresh add vindex by_hash (id) using xxhash with owner=x",
                      Sharded()),
              HasSubstr("vindex by_hash is owned by '', not 'x'"));
  EXPECT_THAT(
      Refusal("alter vschema on fresh add vindex by_hash (id) using xxhash with a=b", Sharded()),
      HasSubstr("other parameters"));
  // What the vindex cannot do is told before anything is saved.
  EXPECT_THAT(Refusal("alter vschema on fresh add vindex by_mail (a, a)", Sharded()),
              HasSubstr("duplicate column"));
}

TEST(Ddl, DropColumnVindex) {
  EXPECT_FALSE(
      Done("alter vschema on notes drop vindex by_hash", Sharded()).tables.contains("notes"));
  EXPECT_THAT(Refusal("alter vschema on notes drop vindex by_mail", Sharded()),
              HasSubstr("table ks.notes does not use vindex by_mail"));
  EXPECT_THAT(Refusal("alter vschema on none drop vindex by_mail", Sharded()),
              HasSubstr("there is no table none"));
}

TEST(Ddl, AutoIncrement) {
  const KeyspaceRecord changed =
      Done("alter vschema on notes add auto_increment id using main.seq", Sharded());
  EXPECT_EQ(changed.tables.find("notes")->second.auto_increment_column, "id");
  EXPECT_EQ(changed.tables.find("notes")->second.auto_increment_sequence, "main.seq");
  const KeyspaceRecord without = Done("alter vschema on users drop auto_increment", Sharded());
  EXPECT_EQ(without.tables.find("users")->second.auto_increment_column, "");
  EXPECT_THAT(Refusal("alter vschema on users add auto_increment id using s", Sharded()),
              HasSubstr("table ks.users has an auto increment column already: id"));
  EXPECT_THAT(Refusal("alter vschema on none add auto_increment id using s", Sharded()),
              HasSubstr("there is no table none"));
  EXPECT_THAT(Refusal("alter vschema on notes drop auto_increment", Sharded()),
              HasSubstr("table ks.notes has no auto increment column"));
}

TEST(Ddl, ABrokenKeyspaceIsMendedStepByStep) {
  KeyspaceRecord broken = Sharded();
  broken.tables["a"].column_vindexes.push_back({"id", "gone", {}});
  broken.tables["b"].column_vindexes.push_back({"id", "gone", {}});
  const KeyspaceRecord better = Done("alter vschema drop table a", broken);
  Done("alter vschema drop table b", better);
}

TEST(Ddl, SeveralStatementsOrNone) {
  const KeyspaceRecord changed = Done(
      "alter vschema create vindex by_hash using xxhash;\n"
      "alter vschema on t add vindex by_hash(id);",
      KeyspaceRecord());
  EXPECT_TRUE(changed.sharded && changed.tables.contains("t"));
  for (const std::string_view sql :
       {"", " ; ", "select 1", "alter vschema add table other.t", "alter vschema add"}) {
    const Result<KeyspaceRecord> refused = ApplyDdlText(sql, "ks", Unsharded());
    ASSERT_FALSE(refused.ok()) << sql;
    EXPECT_EQ(refused.error().code(), Code::kInvalidArgument) << sql;
  }
}

TEST(Ddl, TheKeyspaceIsTheOneNamedOrTheCurrent) {
  Arena arena;
  const auto keyspace_of = [&arena](std::string_view sql, std::string_view current) {
    const sqlparser::Statement* const statement = sqlparser::Parse(arena, sql).value();
    return KeyspaceOfDdl(*statement->As<sqlparser::AlterVschema>(), current);
  };
  EXPECT_EQ(keyspace_of("alter vschema add table a.t", "b").value(), "a");
  EXPECT_EQ(keyspace_of("alter vschema add table t", "b").value(), "b");
  EXPECT_THAT(keyspace_of("alter vschema add table t", "").error().message(),
              HasSubstr("No database selected"));
}

}  // namespace
}  // namespace tessera::vschema
