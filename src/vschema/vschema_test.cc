// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vschema/vschema.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tessera::vschema {
namespace {

using keys::TabletType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr std::string_view kSharded = R"({
  "sharded": true,
  "vindexes": {
    "hash": {"type": "hash"},
    "by_mail": {"type": "lookup_unique", "owner": "customer",
                "params": {"table": "mail_idx", "from": "mail", "to": "id"}},
    "region": {"type": "multicol", "params": {"column_count": "3"}}
  },
  "tables": {
    "customer": {
      "columnVindexes": [{"column": "id", "name": "hash"},
                         {"columns": ["mail"], "name": "by_mail"}],
      "auto_increment": {"column": "id", "sequence": "main.customer_seq"},
      "columns": [{"name": "id", "type": "INT64"},
                  {"name": "Mail", "type": 6165, "nullable": false}],
      "column_list_authoritative": true
    },
    "spread": {"column_vindexes": [{"columns": ["a", "b", "c"], "name": "region"}]},
    "rates": {"type": "reference", "source": "main.rates"},
    "fixed": {"pinned": "d2"}
  },
  "someFieldOfTomorrow": [1, 2]
})";
constexpr std::string_view kMain =
    R"({"tables": {"customer_seq": {"type": "sequence"}, "rates": {}, "plain": {}}})";

SrvVSchemaRecord TwoKeyspaces() {
  SrvVSchemaRecord record;
  record.keyspaces["shop"] = KeyspaceFromJson(kSharded).value();
  record.keyspaces["main"] = KeyspaceFromJson(kMain).value();
  return record;
}

const Table& Find(const VSchema& vschema, std::string_view keyspace, std::string_view name) {
  return *vschema.FindTable(keyspace, name).value();
}

// The first error of a keyspace made of this JSON.
std::string ErrorOf(std::string_view json) {
  const auto checked = ValidateKeyspace("ks", KeyspaceFromJson(json).value());
  return checked.ok() ? "" : checked.error().message();
}

TEST(Records, ReadBothSpellingsAndSkipTheUnknown) {
  const KeyspaceRecord record = KeyspaceFromJson(kSharded).value();
  EXPECT_TRUE(record.sharded);
  const TableRecord& customer = record.tables.find("customer")->second;
  ASSERT_EQ(customer.column_vindexes.size(), 2u);
  EXPECT_EQ(customer.columns[0].type, sqltypes::Type::kInt64);
  EXPECT_EQ(customer.columns[1].type, sqltypes::Type::kVarChar);
  EXPECT_TRUE(customer.columns[0].nullable);
  EXPECT_FALSE(customer.columns[1].nullable);
  EXPECT_EQ(KeyspaceFromJson("{").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(KeyspaceFromJson("[]").error().code(), Code::kInvalidArgument);
}

TEST(Records, SurviveJsonAndBytes) {
  const KeyspaceRecord record = KeyspaceFromJson(kSharded).value();
  const std::string json = KeyspaceToJson(record);
  EXPECT_THAT(json, HasSubstr("\"column_vindexes\""));
  EXPECT_EQ(KeyspaceToJson(KeyspaceFromJson(json).value()), json);
  EXPECT_EQ(KeyspaceToJson(DecodeKeyspace(EncodeKeyspace(record)).value()), json);
  const SrvVSchemaRecord srv = TwoKeyspaces();
  EXPECT_EQ(SrvVSchemaToJson(DecodeSrvVSchema(EncodeSrvVSchema(srv)).value()),
            SrvVSchemaToJson(srv));
  EXPECT_EQ(DecodeKeyspace("\xff\xff").error().code(), Code::kDataLoss);
}

TEST(Records, CarryFieldsOfTomorrow) {
  const std::string unknown =
      "\xa2\x06\x03"
      "new";  // field 100
  const KeyspaceRecord record = DecodeKeyspace(EncodeKeyspace({}) + unknown).value();
  EXPECT_THAT(EncodeKeyspace(record), HasSubstr(unknown));
}

TEST(VSchema, BuildsTables) {
  const auto vschema = VSchema::Build(TwoKeyspaces());
  const Table& customer = Find(*vschema, "shop", "customer");
  ASSERT_NE(customer.primary_vindex(), nullptr);
  EXPECT_EQ(customer.primary_vindex()->name, "hash");
  EXPECT_NE(customer.primary_vindex()->functional(), nullptr);
  EXPECT_TRUE(customer.column_vindexes[1].owned);
  EXPECT_EQ(customer.column_vindexes[1].functional(), nullptr);
  EXPECT_NE(customer.FindColumn("MAIL"), nullptr);
  EXPECT_EQ(customer.FindColumn("nope"), nullptr);
  ASSERT_TRUE(customer.auto_increment.has_value());
  EXPECT_EQ(customer.auto_increment->sequence->QualifiedName(), "main.customer_seq");
  EXPECT_EQ(Find(*vschema, "shop", "fixed").pinned, "\xd2");
  const Table& spread = Find(*vschema, "shop", "spread");
  ASSERT_EQ(spread.ordered_vindexes.size(), 3u);
  EXPECT_THAT(spread.ordered_vindexes[1].columns, ElementsAre("a", "b"));
  EXPECT_EQ(spread.ordered_vindexes[1].cost, spread.ordered_vindexes[0].cost + 1);
  EXPECT_TRUE(spread.ordered_vindexes[2].partial);
}

TEST(VSchema, LinksReferencesToTheirSource) {
  const auto vschema = VSchema::Build(TwoKeyspaces());
  const Table& copy = Find(*vschema, "shop", "rates");
  const Table& source = Find(*vschema, "main", "rates");
  EXPECT_EQ(copy.source, &source);
  EXPECT_EQ(source.referenced_by.at("shop"), &copy);
  EXPECT_EQ(&Find(*vschema, "", "rates"), &source);
}

TEST(VSchema, FindsByNameAlone) {
  const auto vschema = VSchema::Build(TwoKeyspaces());
  EXPECT_EQ(Find(*vschema, "", "customer").keyspace->name, "shop");
  const auto missing = vschema->FindTable("", "nothing");
  EXPECT_EQ(missing.error().mysql_errno(), 1146);
  EXPECT_EQ(vschema->FindTable("shop", "nothing").error().mysql_errno(), 1146);
  EXPECT_EQ(vschema->FindTable("nowhere", "t").error().mysql_errno(), 1049);
  const Table& made_up = Find(*vschema, "main", "anything");
  EXPECT_TRUE(made_up.undeclared);
  EXPECT_EQ(&Find(*vschema, "main", "anything"), &made_up);
  SrvVSchemaRecord record = TwoKeyspaces();
  record.keyspaces["other"] = KeyspaceFromJson(R"({"tables": {"plain": {}}})").value();
  EXPECT_EQ(VSchema::Build(record)->FindTable("", "plain").error().message(),
            "ambiguous table reference: plain");
  record.keyspaces["other"].Edit().require_explicit_routing = true;
  EXPECT_EQ(Find(*VSchema::Build(record), "", "plain").keyspace->name, "main");
}

TEST(VSchema, SingleKeyspaceNeedsNoQualifier) {
  SrvVSchemaRecord record;
  record.keyspaces["only"] = KeyspaceRecord();
  const auto vschema = VSchema::Build(record);
  EXPECT_EQ(Find(*vschema, "", "t").QualifiedName(), "only.t");
  EXPECT_EQ(vschema->SingleKeyspace()->name, "only");
  EXPECT_EQ(VSchema::Build(TwoKeyspaces())->SingleKeyspace(), nullptr);
}

TEST(VSchema, FindsVindexesWhereNoTableIs) {
  const auto vschema = VSchema::Build(TwoKeyspaces());
  const auto found = vschema->FindTableOrVindex("", "hash").value();
  EXPECT_EQ(found.table, nullptr);
  EXPECT_EQ(found.vindex->type(), "hash");
  EXPECT_EQ(found.vindex_keyspace->name, "shop");
  EXPECT_NE(vschema->FindTableOrVindex("shop", "customer").value().table, nullptr);
  EXPECT_FALSE(vschema->FindTableOrVindex("shop", "nope").ok());
}

TEST(VSchema, KeepsAKeyspacesErrorToItself) {
  SrvVSchemaRecord record = TwoKeyspaces();
  record.keyspaces["bad"] =
      KeyspaceFromJson(R"({"sharded": true, "vindexes": {"v": {"type": "md6"}}})").value();
  const auto vschema = VSchema::Build(record);
  EXPECT_TRUE(vschema->FindTable("shop", "customer").ok());
  const auto broken = vschema->FindTable("bad", "t");
  EXPECT_THAT(broken.error().message(),
              HasSubstr("keyspace bad: vindex v: vindexType \"md6\" not found"));
}

TEST(VSchema, RefusesWhatCannotWork) {
  EXPECT_THAT(ErrorOf(R"({"sharded": true, "tables": {"t": {}}})"),
              HasSubstr("missing primary col vindex for table: t"));
  EXPECT_THAT(ErrorOf(
                  R"({"sharded": true,
                        "tables": {"t": {"column_vindexes": [{"column": "a", "name": "x"}]}}})"),
              HasSubstr("vindex x not found for table t"));
  EXPECT_THAT(ErrorOf(R"({"tables": {"t": {"type": "view"}}})"),
              HasSubstr("unidentified table type view"));
  EXPECT_THAT(ErrorOf(R"({"sharded": true, "tables": {"s": {"type": "sequence"}}})"),
              HasSubstr("sequence table"));
  EXPECT_THAT(ErrorOf(R"({"tables": {"t": {"columns": [{"name": "a"}, {"name": "A"}]}}})"),
              HasSubstr("duplicate column"));
  EXPECT_THAT(ErrorOf(R"({"tables": {"t": {"source": "a.b"}}})"),
              HasSubstr("only be specified for reference"));
  const std::string vindexes = R"("vindexes": {"h": {"type": "hash"},
      "l": {"type": "lookup", "params": {"table": "t", "from": "f", "to": "k"}},
      "m": {"type": "multicol", "params": {"column_count": "3"}}})";
  const auto with = [&vindexes](const std::string& entries) {
    return ErrorOf("{\"sharded\": true, " + vindexes +
                   ", \"tables\": {\"t\": {\"column_vindexes\": [" + entries + "]}}}");
  };
  EXPECT_THAT(with(R"({"column": "a", "name": "l"})"), HasSubstr("is not Unique"));
  EXPECT_THAT(with(R"({"column": "a", "columns": ["b"], "name": "h"})"),
              HasSubstr("at the same time"));
  EXPECT_EQ(with(R"({"columns": ["b", "c"], "name": "h"})"), "");  // takes the first
  EXPECT_THAT(with(R"({"columns": ["b", "c"], "name": "m"})"), HasSubstr("takes 3 columns"));
  EXPECT_EQ(with(R"({"column": "a", "name": "h"})"), "");
}

TEST(VSchema, TakesAwayTablesWhoseSequenceIsMissing) {
  SrvVSchemaRecord record = TwoKeyspaces();
  record.keyspaces["shop"].Edit().tables["customer"].auto_increment_sequence = "nowhere.seq";
  const auto vschema = VSchema::Build(record);
  EXPECT_THAT(vschema->FindTable("shop", "customer").error().message(),
              HasSubstr("sequence nowhere.seq"));
}

TEST(VSchema, FollowsRoutingRules) {
  SrvVSchemaRecord record = TwoKeyspaces();
  record.routing_rules = {{"plain", {"shop.customer"}},
                          {"shop.customer@replica", {"main.plain"}},
                          {"gone", {}},
                          {"two", {"a.b", "c.d"}},
                          {"bare", {"customer"}},
                          {"twice", {"main.plain"}},
                          {"twice", {"main.rates"}}};
  record.keyspace_routing_rules = {{"old", "shop"}, {"shop@rdonly", "main"}};
  record.shard_routing_rules = {{"shop", "main", "-80"}};
  const auto vschema = VSchema::Build(record);
  EXPECT_EQ(Find(*vschema, "", "plain").QualifiedName(), "shop.customer");
  EXPECT_EQ(vschema->FindTable("shop", "customer", TabletType::kReplica).value()->QualifiedName(),
            "main.plain");
  EXPECT_EQ(vschema->FindTable("", "gone").error().message(), "table gone has been disabled");
  EXPECT_THAT(vschema->FindTable("", "two").error().message(), HasSubstr("more than one target"));
  EXPECT_THAT(vschema->FindTable("", "bare").error().message(), HasSubstr("must be qualified"));
  EXPECT_EQ(vschema->FindTable("", "twice").error().code(), Code::kAlreadyExists);
  EXPECT_EQ(Find(*vschema, "old", "fixed").keyspace->name, "shop");
  EXPECT_EQ(vschema->FindKeyspace("shop", TabletType::kRdonly).value()->name, "main");
  EXPECT_EQ(vschema->RouteShard("shop", "-80"), "main");
  EXPECT_EQ(vschema->RouteShard("shop", "80-"), "shop");
}

TEST(VSchema, MergesTrackedColumns) {
  const auto before = VSchema::Build(TwoKeyspaces());
  Column id;
  id.name = "id";
  id.type = sqltypes::Type::kInt64;
  const TrackedTable plain{"plain", {id}, {"id"}, {}};
  const TrackedTable customer{"customer", {id}, {"id"}, {}};
  const auto after =
      before->WithTrackedColumns("main", {plain})->WithTrackedColumns("shop", {customer});
  EXPECT_TRUE(Find(*before, "main", "plain").columns.empty());
  EXPECT_TRUE(Find(*after, "main", "plain").columns_authoritative);
  EXPECT_THAT(Find(*after, "main", "plain").primary_key, ElementsAre("id"));
  EXPECT_EQ(Find(*after, "shop", "customer").columns.size(), 2u);  // authoritative columns stay
}

TEST(VSchema, KnowsTheViewsOfShards) {
  TrackedTable view;
  view.name = "grown";
  view.view = {"select id from customer where age > 17", {}};
  TrackedTable taken = view;
  taken.name = "customer";
  const auto built = VSchema::Build(TwoKeyspaces())
                         ->WithTrackedColumns("main", {view})
                         ->WithTrackedColumns("shop", {view, taken});
  EXPECT_EQ(Find(*built, "shop", "grown").view, view.view);
  EXPECT_FALSE(Find(*built, "shop", "customer").view);  // the VSchema says it is a table
  EXPECT_FALSE(Find(*built, "main", "grown").view);     // its one server knows
  EXPECT_EQ(Find(*built, "", "grown").keyspace->name, "shop");
}

const Keyspace* At(const VSchema& vschema, std::string_view name) {
  return vschema.keyspaces().find(name)->second.get();
}

// What one can see of a snapshot, whatever it was made from.
std::string Seen(const VSchema& vschema) {
  std::string out;
  const auto note = [&out](const std::string& name, const Result<const Table*>& found) {
    out += name + ": " + (found.ok() ? (*found)->QualifiedName() : found.error().message()) + "\n";
  };
  for (const auto& [keyspace_name, keyspace] : vschema.keyspaces()) {
    out += keyspace_name + (keyspace->error ? " " + keyspace->error->message() : "") + "\n";
    for (const auto& [name, table] : keyspace->tables) {
      EXPECT_EQ(table->keyspace, keyspace.get());
      out += "  " + name;
      if (table->source != nullptr) {
        out += " of " + table->source->QualifiedName();
        EXPECT_EQ(table->source->referenced_by.find(keyspace_name)->second, table.get());
      }
      if (table->auto_increment)
        out += " fed by " + table->auto_increment->sequence->QualifiedName();
      for (const auto& [copy_at, copy] : table->referenced_by) {
        EXPECT_EQ(copy, At(vschema, copy_at)->tables.find(copy->name)->second.get());
        out += " copied to " + copy->QualifiedName();
      }
      out += "\n";
      note("  " + name, vschema.FindTable("", name));
    }
  }
  for (const RoutingRuleRecord& rule : vschema.record().routing_rules)
    note(rule.from_table, vschema.FindTable("", rule.from_table));
  return out;
}

// A keyspace by itself, one that feeds from another, and what is needed for both.
SrvVSchemaRecord Five() {
  SrvVSchemaRecord record = TwoKeyspaces();
  record.keyspaces["alone"] =
      KeyspaceFromJson(R"({"tables": {"lonely": {}, "twice": {}}})").value();
  record.keyspaces["apart"] = KeyspaceFromJson(R"({"tables": {"far": {}}})").value();
  record.keyspaces["fed"] = KeyspaceFromJson(R"({"sharded": true,
      "vindexes": {"h": {"type": "hash"}},
      "tables": {"t": {"column_vindexes": [{"column": "id", "name": "h"}],
                       "auto_increment": {"column": "id", "sequence": "customer_seq"}}}})")
                                .value();
  record.routing_rules.push_back({"moved", {"alone.lonely"}});
  return record;
}

// Built from another snapshot, it is as if built from nothing.
std::shared_ptr<const VSchema> Next(const VSchema& before, const SrvVSchemaRecord& record) {
  auto next = VSchema::Build(record, before.tracked(), &before);
  EXPECT_EQ(Seen(*next), Seen(*VSchema::Build(record, before.tracked())));
  return next;
}

TEST(VSchema, ASnapshotSharesWhatHasNotChanged) {
  SrvVSchemaRecord record = Five();
  const auto first = VSchema::Build(record);
  record.keyspaces["alone"].Edit().tables["more"];
  const auto second = Next(*first, record);
  EXPECT_NE(At(*second, "alone"), At(*first, "alone"));
  for (const char* name : {"apart", "fed", "main", "shop"})
    EXPECT_EQ(At(*second, name), At(*first, name)) << name;
  EXPECT_FALSE(first->FindTable("", "more").ok());
  EXPECT_EQ(Find(*second, "", "more").keyspace, At(*second, "alone"));
  EXPECT_EQ(&Find(*second, "", "moved"), &Find(*second, "alone", "lonely"));
}

TEST(VSchema, WhatPointsToAChangedKeyspaceIsBuiltAnew) {
  SrvVSchemaRecord record = Five();
  auto vschema = VSchema::Build(record);
  record.keyspaces["main"].Edit().tables["more"];
  auto next = Next(*vschema, record);
  for (const char* name : {"fed", "main", "shop"})
    EXPECT_NE(At(*next, name), At(*vschema, name)) << name;
  EXPECT_EQ(At(*next, "alone"), At(*vschema, "alone"));
  // A copy that goes leaves no trace at its source.
  record.keyspaces["shop"].Edit().tables.erase("rates");
  next = Next(*next, record);
  EXPECT_TRUE(Find(*next, "main", "rates").referenced_by.empty());
  // Its sequence moves where nobody wrote a keyspace, and goes.
  record.keyspaces["main"].Edit().tables.erase("customer_seq");
  record.keyspaces["alone"].Edit().tables["customer_seq"].type = "sequence";
  next = Next(*next, record);
  EXPECT_EQ(Find(*next, "fed", "t").auto_increment->sequence->keyspace->name, "alone");
  record.keyspaces.erase("alone");
  next = Next(*next, record);
  EXPECT_THAT(At(*next, "fed")->error->message(), HasSubstr("customer_seq"));
  record.keyspaces = Five().keyspaces;
  next = Next(*next, record);
  EXPECT_FALSE(At(*next, "fed")->error);
}

TEST(VSchema, NamesBecomeAmbiguousAndClearAgain) {
  SrvVSchemaRecord record = Five();
  const auto first = VSchema::Build(record);
  record.keyspaces["apart"].Edit().tables["twice"];
  const auto second = Next(*first, record);
  EXPECT_EQ(second->FindTable("", "twice").error().message(), "ambiguous table reference: twice");
  EXPECT_EQ(&Find(*first, "", "twice"), &Find(*first, "alone", "twice"));
  record.keyspaces["alone"].Edit().require_explicit_routing = true;
  EXPECT_EQ(Find(*Next(*second, record), "", "twice").keyspace->name, "apart");
}

// Tables nobody declared live with their keyspace, not with the snapshot.
TEST(VSchema, WhatIsSharedOutlivesItsSnapshot) {
  SrvVSchemaRecord record = Five();
  record.keyspaces["shop"].Edit().tables["customer"].auto_increment_sequence = "main.made_up";
  auto vschema = VSchema::Build(record);
  record.keyspaces["alone"].Edit().tables["more"];
  vschema = Next(*vschema, record);
  EXPECT_EQ(Find(*vschema, "shop", "customer").auto_increment->sequence,
            &Find(*vschema, "main", "made_up"));
  EXPECT_EQ(Find(*vschema, "main", "made_up").keyspace, At(*vschema, "main"));
}

TEST(SrvVSchemaDecoder, SharesKeyspacesWhoseBytesAreTheSame) {
  SrvVSchemaRecord record = Five();
  SrvVSchemaDecoder decoder;
  const SrvVSchemaRecord first = decoder.Decode(EncodeSrvVSchema(record)).value();
  EXPECT_EQ(SrvVSchemaToJson(first), SrvVSchemaToJson(record));
  record.keyspaces["alone"].Edit().tables["more"];
  record.keyspaces.erase("apart");
  record.shard_routing_rules.push_back({"shop", "main", "-80"});
  const SrvVSchemaRecord second = decoder.Decode(EncodeSrvVSchema(record)).value();
  EXPECT_EQ(SrvVSchemaToJson(second), SrvVSchemaToJson(record));
  const auto shared = [&](const char* name) {
    return second.keyspaces.find(name)->second.SharedWith(first.keyspaces.find(name)->second);
  };
  EXPECT_TRUE(shared("main"));
  EXPECT_TRUE(shared("shop"));
  EXPECT_FALSE(shared("alone"));
  for (const std::string bytes : {"\xff\xff", "\x0a\x05\x01"})
    EXPECT_EQ(decoder.Decode(bytes).error().code(), Code::kDataLoss);
  EXPECT_TRUE(decoder.Decode(EncodeSrvVSchema(record))
                  ->keyspaces.find("main")
                  ->second.SharedWith(first.keyspaces.find("main")->second));
}

}  // namespace
}  // namespace tessera::vschema
