// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "planner/planner.h"

#include <gtest/gtest.h>

#include "vschema/records.h"

namespace tessera::planner {
namespace {

vschema::TableRecord SharedBy(std::string_view column) {
  vschema::TableRecord table;
  vschema::ColumnVindexRecord vindex;
  vindex.column = column;
  vindex.name = "by_hash";
  table.column_vindexes.push_back(vindex);
  return table;
}

// customer and orders live together by the customer's number; region is everywhere; seq and note
// live in main.
std::shared_ptr<const vschema::VSchema> Schema() {
  vschema::SrvVSchemaRecord record;
  vschema::KeyspaceRecord& main = record.keyspaces["main"].Edit();
  main.tables["seq"].type = "sequence";
  main.tables["note"];
  vschema::KeyspaceRecord& shop = record.keyspaces["shop"].Edit();
  shop.sharded = true;
  shop.vindexes["by_hash"].type = "xxhash";
  shop.tables["customer"] = SharedBy("id");
  vschema::ColumnRecord id;
  id.name = "id";
  id.type = sqltypes::Type::kInt64;
  shop.tables["customer"].columns.push_back(id);
  shop.tables["orders"] = SharedBy("customer_id");
  shop.tables["orders"].auto_increment_column = "id";
  shop.tables["orders"].auto_increment_sequence = "main.seq";
  shop.tables["region"].type = "reference";
  vschema::TrackedTable view;
  view.name = "names";
  view.view = {"select id as id, nick as nick from customer", {}};
  vschema::TrackedTable upon;
  upon.name = "ordered";
  upon.view = {"select o.id, n.nick from orders as o join names as n on o.customer_id = n.id",
               {"number", "buyer"}};
  return vschema::VSchema::Build(record)->WithTrackedColumns("shop", {view, upon});
}

Result<std::shared_ptr<const Plan>> Build(std::string_view sql) {
  PlanInput input;
  input.vschema = Schema();
  return BuildPlan(input, sql);
}

std::string Json(std::string_view sql) {
  const Result<std::shared_ptr<const Plan>> plan = Build(sql);
  return plan.ok() ? (*plan)->root->Describe().ToJson() : plan.error().message();
}

bool Has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

#define EXPECT_HAS(text, part) EXPECT_TRUE(Has(text, part)) << text

TEST(Planner, ViewsOfShardsAreTheirSelects) {
  const std::string one = Json("select nick from names where id = :vtg1");
  EXPECT_HAS(one, "\"Variant\": \"EqualUnique\"");
  EXPECT_HAS(one, "from (select id as id, nick as nick from customer) as `names`");
  const std::string upon = Json("select * from shop.ordered as v");
  EXPECT_HAS(upon, "\"Variant\": \"Scatter\"");
  EXPECT_HAS(upon, "(select id as id, nick as nick from customer) as n");
  EXPECT_HAS(upon, "as v(number, buyer)");
  EXPECT_HAS(Json("with names as (select 1 from region) select * from names"),
             "with `names` as (select 1 from region) select * from `names`");
  EXPECT_HAS(Json("update names set nick = 1"), "change by a view");
  EXPECT_HAS(Json("insert into names (id) values (1)"), "change by a view");
}

// In a database called as the keyspace is, what names it is the server's text as it stands.
TEST(Planner, AKeyspacesOwnNameIsWrittenAsItIsWhereTheServerHasIt) {
  const auto as_written = [](std::string_view sql, bool same_name) {
    PlanInput input;
    input.vschema = Schema();
    input.target.keyspace = "main";
    input.database_is_keyspace = same_name;
    const Result<std::shared_ptr<const Plan>> plan = BuildPlan(input, sql);
    return plan.ok() && (*plan)->as_written;
  };
  for (const std::string_view sql :
       {"create table main.t (a int check (a > 0))", "select main.note.a from main.note"}) {
    EXPECT_TRUE(as_written(sql, true)) << sql;
    EXPECT_FALSE(as_written(sql, false)) << sql;
  }
  EXPECT_FALSE(as_written("select shop.note.a from note", true));
  // The server says that there is no such column.
  EXPECT_TRUE(as_written("select nowhere.note.a from note", false));
}

TEST(Planner, TablesOfWhatOnlyTheSessionKnowsAreRefused) {
  EXPECT_HAS(Json("create table main.t select @a as a"), "only the session knows");
  EXPECT_HAS(Json("create table main.t as select last_insert_id() as a"), "only the session knows");
  EXPECT_HAS(Json("create table main.t as select @@version as a"), "create table");
}

// Each keyspace has servers of its own: a name without its keyspace would be another table there.
TEST(Planner, DefinitionsThatNeedTablesOfTwoKeyspacesAreRefused) {
  for (const std::string_view sql :
       {"create table main.t (a int, foreign key (a) references shop.customer (id))",
        "create table main.t (a int references shop.customer (id))",
        "alter table main.note add constraint f foreign key (a) references shop.customer (id)",
        "create table main.t like shop.customer", "create table main.t select * from shop.customer",
        "create view main.v as select * from shop.customer",
        "create trigger main.r after insert on main.note for each row delete from shop.customer",
        "create trigger main.r before insert on main.t for each row insert into shop.log values "
        "(1)",
        "rename table main.note to shop.note", "alter table main.note rename to shop.note",
        "drop table main.note, shop.customer"})
    EXPECT_HAS(Json(sql), "VT12001: unsupported: tables of keyspace shop in the definition") << sql;
  EXPECT_HAS(Json("create table main.t like nowhere.note"), "unknown database 'nowhere'");
  EXPECT_HAS(Json("create procedure main.p() select * from nowhere.t"), "nowhere");
  EXPECT_HAS(Json("create view main.v as select * from main.t, mysql.user"), "mysql");
  for (const std::string_view sql :
       {"create table main.t (a int, foreign key (a) references main.note (a))",
        "create table main.t (a int, foreign key (a) references note (a))",
        "create view main.v as select * from information_schema.tables"})
    EXPECT_HAS(Json(sql), "\"Name\": \"main\"") << sql;
}

TEST(Planner, RoutesByUniqueVindex) {
  EXPECT_EQ(Json("select nick from customer where id = :vtg1"),
            "{\n"
            "  \"OperatorType\": \"Route\",\n"
            "  \"Variant\": \"EqualUnique\",\n"
            "  \"Keyspace\": {\"Name\": \"shop\", \"Sharded\": true},\n"
            "  \"Values\": [\":vtg1\"],\n"
            "  \"Vindex\": \"by_hash\",\n"
            "  \"Query\": \"select nick from customer where id = :vtg1\",\n"
            "  \"Table\": \"customer\"\n"
            "}");
}

TEST(Planner, SplitsListsOverShards) {
  const std::string plan = Json("select nick from customer where id in ::vtg1");
  EXPECT_HAS(plan, "\"Variant\": \"IN\"");
  EXPECT_HAS(plan, "id in ::__vals");
}

TEST(Planner, JoinsWhatLivesTogether) {
  EXPECT_HAS(Json("select c.nick, o.id from customer as c join orders as o on o.customer_id = c.id "
                  "where c.id = :vtg1"),
             "EqualUnique");
  EXPECT_HAS(Json("select 1 from customer join region on region.id = customer.region_id"),
             "Scatter");
  EXPECT_HAS(Json("select 1 from customer as a join customer as b on a.nick = b.nick"), "Gather");
  // Each shard would keep every region that has no customer there.
  EXPECT_HAS(Json("select 1 from region left join customer on region.id = customer.region_id"),
             "Gather");
  EXPECT_HAS(Json("select 1 from customer left join region on region.id = customer.region_id"),
             "Scatter");
}

TEST(Planner, MergesGroups) {
  const std::string plan = Json(
      "select region_id, count(*), avg(age) from customer group by "
      "region_id order by count(*) desc limit 3");
  EXPECT_HAS(plan, "\"OperatorType\": \"Limit\"");
  EXPECT_HAS(plan, "\"OperatorType\": \"Sort\"");
  EXPECT_HAS(plan, "\"OperatorType\": \"Aggregate\"");
  EXPECT_HAS(plan, "sum(age), count(age)");
  EXPECT_HAS(Json("select id, count(*) from customer group by id"), "\"OperatorType\": \"Route\"");
}

TEST(Planner, DistinctAggregatesThatCutEachOthersGroupsAreGathered) {
  EXPECT_HAS(Json("select count(distinct age), sum(distinct id) from customer"), "Gather");
  EXPECT_HAS(Json("select count(distinct age), count(distinct region_id) from customer"),
             "Aggregate");
  EXPECT_HAS(Json("select count(distinct id) from customer"), "Aggregate");
}

TEST(Planner, OrdersTextByItsWeight) {
  EXPECT_HAS(Json("select nick from customer order by nick"), "weight_string(nick)");
  EXPECT_FALSE(Has(Json("select id from customer order by id"), "weight_string"));
}

TEST(Planner, SplitsInserts) {
  const std::string plan =
      Json("insert into orders(customer_id, note) values (:vtg1, 'a'), (2, 'b')");
  EXPECT_HAS(plan, "select next :n values from seq");
  EXPECT_HAS(plan, "(:vtg1, 'a', :__seq0), (2, 'b', :__seq1)");
}

TEST(Planner, RefusesByName) {
  EXPECT_HAS(Json("update customer set id = 2 where id = 1"), "VT12001");
  EXPECT_HAS(Json("delete from customer where region_id = (select max(id) from orders)"),
             "VT12001: unsupported: subquery");
  EXPECT_HAS(Json("delete from customer limit 1"), "VT12001: unsupported: Delete with LIMIT");
  EXPECT_FALSE(Build("select 1 from nowhere.t").ok());
}

TEST(Planner, AsksTheKeyspaceThatASchemaIsComparedWith) {
  const std::string one =
      Json("select table_name from information_schema.tables where table_schema = :vtg1");
  EXPECT_HAS(one, "\"SysTableTableSchema\": [\":vtg1\"]");
  EXPECT_HAS(one, "where table_schema = :__vtschemaname");
  EXPECT_HAS(Json("select 1 from (select 1 from information_schema.columns as c where "
                  ":vtg1 = c.table_schema and c.table_name = :vtg2) as d"),
             "c.table_schema = :__vtschemaname and c.`table_name` = :vtg2");
  EXPECT_HAS(Json("select 1 from information_schema.tables where table_schema in ::vtg1 and 1 = 1"),
             "where (table_schema in ::vtg1 or table_schema = :__vtschemaname) and 1 = 1");
  EXPECT_FALSE(
      Has(Json("select 1 from information_schema.tables where table_name = :vtg1"), "SysTable"));
}

TEST(Planner, AsksSequencesWhereTheyAre) {
  const std::string plan = Json("select nextval(shop.numbers), next value for shop.numbers");
  EXPECT_HAS(plan, "\"Name\": \"shop\"");
  EXPECT_HAS(plan, "nextval(numbers)");
  EXPECT_HAS(Json("select nextval(nowhere.numbers)"), "nowhere");
  EXPECT_HAS(Json("select nextval(shop.a), nextval(main.b)"), "several keyspaces");
}

TEST(Planner, AttributesOfQueriesAreTheSessions) {
  const Result<std::shared_ptr<const Plan>> plan = Build(
      "select Mysql_Query_Attribute_String('a b'), mysql_query_attribute_string(a) from main.t "
      "where b = mysql_query_attribute_string(:vtg1)");
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ((*plan)->session_vars,
            (std::vector<std::string>{"__vtattr_612062", "__vtattrby_vtg1"}));
  EXPECT_FALSE((*plan)->as_written);
}

TEST(Planner, UserVariablesMayBeCalledAnything) {
  const Result<std::shared_ptr<const Plan>> plan = Build("select @`a b`, @A_1, @`ä`");
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ((*plan)->session_vars,
            (std::vector<std::string>{"__vtudx612062", "__vtudva_1", "__vtudxc3a4"}));
}

TEST(Planner, TakesSessionValues) {
  const Result<std::shared_ptr<const Plan>> plan = Build("select last_insert_id(), @a");
  ASSERT_TRUE(plan.ok()) << plan.error().message();
  EXPECT_EQ((*plan)->session_vars, (std::vector<std::string>{"__lastInsertId", "__vtudva"}));
}

}  // namespace
}  // namespace tessera::planner
