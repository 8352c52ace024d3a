// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/codec.h"

#include <gtest/gtest.h>

#include "sqltypes/row_codec.h"

namespace tessera::queryservice {
namespace {

using sqltypes::Type;
using sqltypes::Value;

const Method* const kMethods[] = {&kExecute,
                                  &kStreamExecute,
                                  &kBegin,
                                  &kCommit,
                                  &kRollback,
                                  &kBeginExecute,
                                  &kBeginStreamExecute,
                                  &kReserveExecute,
                                  &kReserveStreamExecute,
                                  &kReserveBeginExecute,
                                  &kReserveBeginStreamExecute,
                                  &kRelease};

// A request with something in every field.
struct FullRequest {
  keys::Target target{"commerce", "-80", keys::TabletType::kReplica};
  Caller caller{"user", {"a", "b"}, "principal", "component"};
  ExecuteOptions options;
  std::vector<Value> list = {Value(Type::kInt64, "1"), Value(), Value(Type::kInt64, "3")};
  sqltypes::BindVars vars;
  std::vector<std::string> pre = {"set a = 1", "set b = 2"};
  std::vector<std::string> post = {"savepoint s"};
  Request request;
  FullRequest() {
    options.included_fields = IncludedFields::kAll;
    options.client_found_rows = true;
    options.workload = Workload::kOlap;
    options.isolation = Isolation::kSerializable;
    options.access_modes = {AccessMode::kConsistentSnapshot, AccessMode::kReadOnly};
    options.skip_query_plan_cache = true;
    options.has_created_temp_tables = true;
    options.fetch_last_insert_id = true;
    options.authoritative_timeout_ms = 1234;
    options.transaction_timeout_ms = 99;
    vars.Add("id", Value(Type::kVarChar, std::string_view("x\0y", 3)));
    vars.Add("nothing", Value());
    vars.AddList("ids", list);
    request.target = &target;
    request.caller = &caller;
    request.options = &options;
    request.vars = &vars;
    request.sql = "select * from t where id = :id and n in ::ids";
    request.transaction_id = 1795257714367919857;
    request.reserved_id = 1795257714367919857;
    request.pre_queries = pre;
    request.post_begin_queries = post;
  }
};

TEST(Codec, RequestsComeBackWithTheFieldsTheirMethodHas) {
  const FullRequest full;
  for (const Method* const method : kMethods) {
    SCOPED_TRACE(std::string(method->path));
    const RequestLayout& layout = method->request;
    const std::string bytes = EncodeRequest(full.request, layout);
    DecodedRequest decoded;
    ASSERT_TRUE(decoded.Decode(bytes, layout).ok());
    const Request& got = decoded.request();
    EXPECT_EQ(*got.target, full.target);
    EXPECT_EQ(got.caller->username, "user");
    EXPECT_EQ(got.caller->groups, full.caller.groups);
    EXPECT_EQ(got.caller->principal, "principal");
    EXPECT_EQ(got.sql, layout.query != 0 ? full.request.sql : "");
    EXPECT_EQ(got.transaction_id, layout.transaction_id != 0 ? full.request.transaction_id : 0);
    EXPECT_EQ(got.reserved_id, layout.reserved_id != 0 ? full.request.reserved_id : 0);
    EXPECT_EQ(got.pre_queries.size(), layout.pre_queries != 0 ? 2u : 0u);
    EXPECT_EQ(got.post_begin_queries.size(), layout.post_begin_queries != 0 ? 1u : 0u);
    if (layout.options != 0) {
      EXPECT_EQ(got.options->isolation, Isolation::kSerializable);
      EXPECT_EQ(got.options->access_modes, full.options.access_modes);
      EXPECT_EQ(got.options->authoritative_timeout_ms, 1234);
      EXPECT_EQ(got.options->transaction_timeout_ms, 99);
      EXPECT_TRUE(got.options->client_found_rows);
    }
    if (layout.query == 0) continue;
    ASSERT_EQ(got.vars->size(), 3u);
    EXPECT_EQ(got.vars->Find("id")->value.raw(), std::string_view("x\0y", 3));
    EXPECT_TRUE(got.vars->Find("nothing")->value.is_null());
    ASSERT_EQ(got.vars->Find("ids")->values.size(), 3u);
    EXPECT_EQ(got.vars->Find("ids")->values[2], Value(Type::kInt64, "3"));
  }
}

TEST(Codec, CutRequestsAreRefusedOrShorterButNeverRead) {
  const FullRequest full;
  const std::string bytes = EncodeRequest(full.request, kReserveBeginExecute.request);
  size_t refused = 0;
  for (size_t size = 0; size < bytes.size(); ++size) {
    const std::string cut = bytes.substr(0, size);
    DecodedRequest decoded;
    if (!decoded.Decode(cut, kReserveBeginExecute.request).ok()) ++refused;
  }
  EXPECT_GT(refused, bytes.size() / 2);
}

TEST(Codec, KnownBytes) {
  keys::Target target{"ks", "0", keys::TabletType::kPrimary};
  Request request;
  request.target = &target;
  request.transaction_id = 5;
  EXPECT_EQ(EncodeRequest(request, kCommit.request),
            "\x1a\x09\x0a\x02ks\x12\x01\x30\x18\x01\x20\x05");
}

sqltypes::ResultSet TwoRows() {
  sqltypes::ResultSet result;
  sqltypes::Field field;
  field.name = "id";
  field.type = Type::kInt64;
  field.table = "t";
  field.column_length = 20;
  field.charset = 63;
  field.flags = 16899;
  result.fields.push_back(field);
  field.name = "name";
  field.type = Type::kVarChar;
  result.fields.push_back(field);
  const Value first[] = {Value(Type::kInt64, "1"), Value()};
  const Value second[] = {Value(Type::kInt64, "2"), Value(Type::kVarChar, "")};
  result.AppendRow(first);
  result.AppendRow(second);
  result.affected_rows = 7;
  result.insert_id = 8;
  result.insert_id_changed = true;
  result.info = "Rows matched: 1";
  return result;
}

TEST(Codec, ResponsesKeepStateAndRows) {
  State state;
  state.transaction_id = 11;
  state.reserved_id = 12;
  state.alias = {"zone1", 100};
  state.session_state_changes = "gtid";
  state.warnings.push_back({"Warning", 1196, "couldn't be rolled back"});
  state.error = Error(Code::kAlreadyExists, "Duplicate entry");
  for (const Method* const method : kMethods) {
    SCOPED_TRACE(std::string(method->path));
    const ResponseLayout& layout = method->response;
    const sqltypes::ResultSet result = TwoRows();
    const auto bytes = std::make_shared<const std::string>(EncodeResponse(&state, &result, layout));
    Result<DecodedResponse> got = DecodeResponse(*bytes, layout, bytes);
    ASSERT_TRUE(got.ok());
    EXPECT_EQ(got->state.error.has_value(), layout.error != 0);
    EXPECT_EQ(got->state.transaction_id, layout.transaction_id != 0 ? 11 : 0);
    EXPECT_EQ(got->state.reserved_id, layout.reserved_id != 0 ? 12 : 0);
    EXPECT_EQ(got->state.alias.uid, layout.alias != 0 ? 100u : 0u);
    ASSERT_EQ(got->state.warnings.size(), 1u);
    EXPECT_EQ(got->state.warnings[0].code, 1196);
    EXPECT_EQ(got->result.has_value(), layout.result != 0);
    if (!got->result) continue;
    sqltypes::ResultSet& back = *got->result;
    EXPECT_EQ(back.fields, result.fields);
    EXPECT_EQ(back.affected_rows, 7u);
    EXPECT_EQ(back.insert_id, 8u);
    EXPECT_TRUE(back.insert_id_changed);
    // The rows were not copied.
    EXPECT_GE(back.encoded_rows().data(), bytes->data());
    EXPECT_LT(back.encoded_rows().data(), bytes->data() + bytes->size());
    ASSERT_TRUE(back.Decode().ok());
    ASSERT_EQ(back.row_count(), 2u);
    EXPECT_TRUE(back.row(0)[1].is_null());
    EXPECT_EQ(back.row(1)[1], Value(Type::kVarChar, ""));
    for (size_t size = 0; size < bytes->size(); ++size) {
      const std::string cut = bytes->substr(0, size);
      Result<DecodedResponse> part = DecodeResponse(cut, layout, nullptr);
      if (part.ok() && part->result) static_cast<void>(part->result->Decode().ok());
    }
  }
}

TEST(Codec, RowsBetweenOtherFieldsAreCollected) {
  std::string bytes;
  const Value cell(Type::kInt64, "1");
  sqltypes::AppendRowEntry(std::span(&cell, 1), bytes);
  bytes += "\x10\x05";  // rows_affected = 5
  sqltypes::AppendRowEntry(std::span(&cell, 1), bytes);
  bytes += "\xa2\x06\x01x";  // an unknown field
  Result<sqltypes::ResultSet> result = DecodeQueryResult(bytes, nullptr);
  ASSERT_TRUE(result.ok());
  EXPECT_EQ(result->row_count(), 2u);
  EXPECT_EQ(result->affected_rows, 5u);
  sqltypes::RowRunReader reader(result->encoded_rows());
  EXPECT_TRUE(reader.Next().ok());
  EXPECT_TRUE(reader.Next().ok());
  EXPECT_TRUE(reader.empty());
}

TEST(Codec, HealthAndSchema) {
  Health health;
  health.target = {"ks", "-80", keys::TabletType::kPrimary};
  health.alias = {"zone1", 7};
  health.serving = true;
  health.primary_term_start = 1700000000;
  health.replication_lag_seconds = 3;
  health.qps = 12.5;
  health.table_schema_changed = {"a", "b"};
  const std::string bytes = EncodeHealth(health);
  const Result<Health> got = DecodeHealth(bytes);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->target, health.target);
  EXPECT_EQ(got->alias, health.alias);
  EXPECT_TRUE(got->serving);
  EXPECT_EQ(got->qps, 12.5);
  EXPECT_EQ(got->table_schema_changed, health.table_schema_changed);
  EXPECT_FALSE(DecodeHealth("").ok());
  for (size_t size = 0; size < bytes.size(); ++size)
    static_cast<void>(DecodeHealth(bytes.substr(0, size)).ok());

  const std::vector<TableDefinition> tables = {{"t", "create table t (id int)"}, {"v", ""}};
  const Result<std::vector<TableDefinition>> back =
      DecodeSchemaResponse(EncodeSchemaResponse(tables));
  ASSERT_TRUE(back.ok());
  ASSERT_EQ(back->size(), 2u);
  EXPECT_EQ((*back)[0].create_statement, "create table t (id int)");
  const std::vector<std::string> names = {"t"};
  const Result<SchemaRequest> request =
      DecodeSchemaRequest(EncodeSchemaRequest(health.target, SchemaTables::kAll, names));
  ASSERT_TRUE(request.ok());
  EXPECT_TRUE(request->has_target);
  EXPECT_EQ(request->kind, SchemaTables::kAll);
  EXPECT_EQ(request->tables, names);
}

TEST(Codec, AttachedSessions) {
  AttachedTo about;
  about.reserved_id = 1700000000000000001;
  about.alias = {"zone1", 7};
  about.database = "vt_ks";
  about.thread_id = 42;
  about.capabilities = 0x15'8100'0200;
  about.server_version = "10.11.6-MariaDB";
  const std::string bytes = EncodeAttachedTo(about);
  const Result<AttachedTo> got = DecodeAttachedTo(bytes);
  ASSERT_TRUE(got.ok());
  EXPECT_EQ(got->reserved_id, about.reserved_id);
  EXPECT_EQ(got->alias, about.alias);
  EXPECT_EQ(got->database, about.database);
  EXPECT_EQ(got->thread_id, about.thread_id);
  EXPECT_EQ(got->capabilities, about.capabilities);
  EXPECT_EQ(got->server_version, about.server_version);
  EXPECT_FALSE(DecodeAttachedTo(bytes.substr(0, bytes.size() - 1)).ok());

  AttachedCommand command;
  command.bytes = "\x03select 1";
  command.continues = true;
  const std::string message = EncodeAttachedCommand(command);
  const Result<AttachedCommand> back = DecodeAttachedCommand(message);
  ASSERT_TRUE(back.ok());
  EXPECT_EQ(back->bytes, command.bytes);
  EXPECT_TRUE(back->continues);
  EXPECT_FALSE(back->interrupt);
  // An empty packet ends a file: it is a message all the same.
  const Result<AttachedCommand> empty = DecodeAttachedCommand(EncodeAttachedCommand({}));
  ASSERT_TRUE(empty.ok());
  EXPECT_TRUE(empty->bytes.empty());
  EXPECT_FALSE(empty->continues);
}

TEST(Codec, WarningsAndCompleteTextsPassBetweenOurOwn) {
  sqltypes::ResultSet result;
  result.affected_rows = 1;
  result.warnings.push_back({"Note", 1051, "Unknown table 't'"});
  std::string bytes;
  AppendQueryResult(result, bytes);
  const Result<sqltypes::ResultSet> got = DecodeQueryResult(bytes, nullptr);
  ASSERT_TRUE(got.ok());
  ASSERT_EQ(got->warnings.size(), 1u);
  EXPECT_EQ(got->warnings[0].level, "Note");
  EXPECT_EQ(got->warnings[0].code, 1051);
  EXPECT_EQ(got->warnings[0].message, "Unknown table 't'");

  for (const bool complete : {false, true}) {
    Request request;
    request.sql = "select ':x'";
    request.complete = complete;
    const std::string message = EncodeRequest(request, kExecute.request);
    DecodedRequest decoded;
    ASSERT_TRUE(decoded.Decode(message, kExecute.request).ok());
    EXPECT_EQ(decoded.request().complete, complete);
  }
}

}  // namespace
}  // namespace tessera::queryservice
