// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "queryservice/codec.h"

#include <utility>

#include "queryservice/internal/shared_messages.h"
#include "queryservice/internal/wire_reader.h"
#include "queryservice/internal/wire_writer.h"

namespace tessera::queryservice {

using internal::BytesKey;
using internal::DecodeTarget;
using internal::EncodeTarget;
using internal::Finished;
using internal::LayoutKey;
using internal::PutBytes;
using internal::PutBytesAlways;
using internal::PutNumber;
using internal::PutSigned;
using internal::VarintKey;
using internal::WireReader;

// request: query, transaction_id, options, reserved_id, pre_queries, post_begin_queries
// response: error, result, transaction_id, reserved_id, alias, session_state_changes
const Method kExecute{"/queryservice.Query/Execute", {4, 5, 6, 7, 0, 0}, {0, 1, 0, 0, 0, 0}};
const Method kStreamExecute{
    "/queryservice.Query/StreamExecute", {4, 6, 5, 7, 0, 0}, {0, 1, 0, 0, 0, 0}};
const Method kBegin{"/queryservice.Query/Begin", {0, 0, 4, 0, 0, 0}, {0, 0, 1, 0, 2, 3}};
const Method kCommit{"/queryservice.Query/Commit", {0, 4, 0, 0, 0, 0}, {0, 0, 0, 1, 0, 0}};
const Method kRollback{"/queryservice.Query/Rollback", {0, 4, 0, 0, 0, 0}, {0, 0, 0, 1, 0, 0}};
const Method kBeginExecute{
    "/queryservice.Query/BeginExecute", {4, 0, 5, 6, 7, 0}, {1, 2, 3, 0, 4, 5}};
const Method kBeginStreamExecute{
    "/queryservice.Query/BeginStreamExecute", {4, 0, 5, 7, 6, 0}, {1, 2, 3, 0, 4, 5}};
const Method kReserveExecute{
    "/queryservice.Query/ReserveExecute", {4, 5, 6, 0, 7, 0}, {1, 2, 0, 3, 4, 0}};
const Method kReserveStreamExecute{
    "/queryservice.Query/ReserveStreamExecute", {4, 6, 5, 0, 7, 0}, {1, 2, 0, 3, 4, 0}};
const Method kReserveBeginExecute{
    "/queryservice.Query/ReserveBeginExecute", {4, 0, 5, 0, 6, 7}, {1, 2, 3, 4, 5, 6}};
const Method kReserveBeginStreamExecute{
    "/queryservice.Query/ReserveBeginStreamExecute", {4, 0, 5, 0, 6, 7}, {1, 2, 3, 4, 5, 6}};
const Method kRelease{"/queryservice.Query/Release", {0, 4, 0, 5, 0, 0}, {}};
const Method kAttach{"/tessera.Session/Attach", {0, 5, 4, 6, 7, 0}, {}};
const Method kDescribe{"/tessera.Session/Describe", {4, 0, 5, 0, 0, 0}, {0, 1, 0, 0, 0, 0}};

namespace {

// Of a BoundQuery between gates and tablets of ours. Others skip it.
constexpr uint32_t kCompleteField = 1000;

void EncodeCaller(const Caller& caller, std::string& out) {
  std::string body;
  PutBytes(body, 1, caller.principal);
  PutBytes(body, 2, caller.component);
  if (!body.empty()) PutBytesAlways(out, 1, body);
  body.clear();
  PutBytes(body, 1, caller.username);
  for (const std::string& group : caller.groups) PutBytesAlways(body, 2, group);
  PutBytesAlways(out, 2, body);
}

Result<> DecodeEffectiveCaller(std::string_view bytes, Caller& caller) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) caller.principal = reader.bytes();
    if (reader.key() == BytesKey(2)) caller.component = reader.bytes();
  }
  return Finished(reader, "vtrpc.CallerID");
}

Result<> DecodeImmediateCaller(std::string_view bytes, Caller& caller) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) caller.username = reader.bytes();
    if (reader.key() == BytesKey(2)) caller.groups.emplace_back(reader.bytes());
  }
  return Finished(reader, "query.VTGateCallerID");
}

void EncodeOptions(const ExecuteOptions& options, uint32_t field, std::string& out) {
  std::string body;
  PutNumber(body, 4, static_cast<uint64_t>(options.included_fields));
  PutNumber(body, 5, options.client_found_rows ? 1 : 0);
  PutNumber(body, 6, static_cast<uint64_t>(options.workload));
  PutNumber(body, 9, static_cast<uint64_t>(options.isolation));
  PutNumber(body, 10, options.skip_query_plan_cache ? 1 : 0);
  PutNumber(body, 12, options.has_created_temp_tables ? 1 : 0);
  if (!options.access_modes.empty()) {
    std::string packed;
    for (const AccessMode mode : options.access_modes)
      internal::PutRawVarint(packed, static_cast<uint64_t>(mode));
    PutBytesAlways(body, 14, packed);
  }
  PutSigned(body, 17, options.authoritative_timeout_ms);
  PutNumber(body, 18, options.fetch_last_insert_id ? 1 : 0);
  PutSigned(body, 20, options.transaction_timeout_ms);
  if (!body.empty()) PutBytesAlways(out, field, body);
}

Result<> DecodeAccessModes(std::string_view packed, std::vector<AccessMode>& modes) {
  while (!packed.empty()) {
    // Every known mode is one byte.
    const auto mode = static_cast<uint8_t>(packed.front());
    if (mode > 2) return Errorf(Code::kInvalidArgument, "unknown transaction access mode {}", mode);
    modes.push_back(static_cast<AccessMode>(mode));
    packed.remove_prefix(1);
  }
  return Ok{};
}

// An enum of the wire: numbers past `last` (a newer peer's) are its default.
template <class Enum>
Enum ToEnum(uint64_t number, Enum last) {
  return number <= static_cast<uint64_t>(last) ? static_cast<Enum>(number) : Enum{};
}

Result<> DecodeOptions(std::string_view bytes, ExecuteOptions& options) {
  WireReader reader(bytes);
  while (reader.Next()) {
    const uint64_t number = reader.number();
    switch (reader.key()) {
      case VarintKey(4):
        options.included_fields = ToEnum(number, IncludedFields::kAll);
        break;
      case VarintKey(5):
        options.client_found_rows = number != 0;
        break;
      case VarintKey(6):
        options.workload = ToEnum(number, Workload::kDba);
        break;
      case VarintKey(9):
        options.isolation = ToEnum(number, Isolation::kAutocommit);
        break;
      case VarintKey(10):
        options.skip_query_plan_cache = number != 0;
        break;
      case VarintKey(12):
        options.has_created_temp_tables = number != 0;
        break;
      case VarintKey(14):
        if (number <= 2) options.access_modes.push_back(static_cast<AccessMode>(number));
        break;
      case BytesKey(14):
        TRY_OK(DecodeAccessModes(reader.bytes(), options.access_modes));
        break;
      case VarintKey(17):
        options.authoritative_timeout_ms = reader.signed_number();
        break;
      case VarintKey(18):
        options.fetch_last_insert_id = number != 0;
        break;
      case VarintKey(20):
        options.transaction_timeout_ms = reader.signed_number();
        break;
      default:
        break;
    }
  }
  return Finished(reader, "query.ExecuteOptions");
}

void EncodeValue(const sqltypes::Value& value, std::string& out) {
  PutNumber(out, 1, static_cast<uint64_t>(value.type()));
  PutBytes(out, 2, value.raw());
}

Result<sqltypes::Value> DecodeValue(std::string_view bytes) {
  auto type = sqltypes::Type::kNull;
  std::string_view raw;
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == VarintKey(1)) type = static_cast<sqltypes::Type>(reader.number());
    if (reader.key() == BytesKey(2)) raw = reader.bytes();
  }
  TRY_OK(Finished(reader, "query.Value"));
  if (type == sqltypes::Type::kNull) return sqltypes::Value();
  return sqltypes::Value(type, raw);
}

void EncodeQuery(const Request& request, uint32_t field, std::string& out) {
  std::string body;
  PutBytes(body, 1, request.sql);
  PutNumber(body, kCompleteField, request.complete ? 1 : 0);
  std::string entry;
  std::string var_body;
  std::string item;
  for (const sqltypes::BindVar& var :
       request.vars == nullptr ? std::span<const sqltypes::BindVar>() : request.vars->all()) {
    entry.clear();
    var_body.clear();
    EncodeValue(var.value, var_body);
    for (const sqltypes::Value& value : var.values) {
      item.clear();
      EncodeValue(value, item);
      PutBytesAlways(var_body, 3, item);
    }
    PutBytes(entry, 1, var.name);
    PutBytesAlways(entry, 2, var_body);
    PutBytesAlways(body, 2, entry);
  }
  PutBytesAlways(out, field, body);
}

}  // namespace

Result<> DecodedRequest::DecodeVar(std::string_view bytes) {
  sqltypes::BindVar var;
  std::string_view body;
  WireReader entry(bytes);
  while (entry.Next()) {
    if (entry.key() == BytesKey(1)) var.name = entry.bytes();
    if (entry.key() == BytesKey(2)) body = entry.bytes();
  }
  TRY_OK(Finished(entry, "bind variable"));
  auto type = sqltypes::Type::kNull;
  std::string_view raw;
  std::vector<sqltypes::Value> values;
  WireReader reader(body);
  while (reader.Next()) {
    if (reader.key() == VarintKey(1)) type = static_cast<sqltypes::Type>(reader.number());
    if (reader.key() == BytesKey(2)) raw = reader.bytes();
    if (reader.key() == BytesKey(3)) {
      TRY(const sqltypes::Value value, DecodeValue(reader.bytes()));
      values.push_back(value);
    }
  }
  TRY_OK(Finished(reader, "query.BindVariable"));
  if (type != sqltypes::Type::kNull) var.value = sqltypes::Value(type, raw);
  if (!values.empty()) var.values = lists_.emplace_back(std::move(values));
  vars_.Set(var);
  return Ok{};
}

Result<> DecodedRequest::DecodeQuery(std::string_view bytes) {
  WireReader reader(bytes);
  while (reader.Next()) {
    if (reader.key() == BytesKey(1)) request_.sql = reader.bytes();
    if (reader.key() == VarintKey(kCompleteField)) request_.complete = reader.number() != 0;
    if (reader.key() == BytesKey(2)) {
      TRY_OK(DecodeVar(reader.bytes()));
    }
  }
  TRY_OK(Finished(reader, "query.BoundQuery"));
  request_.vars = &vars_;
  return Ok{};
}

Result<> DecodedRequest::Decode(std::string_view bytes, const RequestLayout& layout) {
  WireReader reader(bytes);
  while (reader.Next()) {
    const uint64_t key = reader.key();
    if (key == BytesKey(1)) {
      TRY_OK(DecodeEffectiveCaller(reader.bytes(), caller_));
      request_.caller = &caller_;
    } else if (key == BytesKey(2)) {
      TRY_OK(DecodeImmediateCaller(reader.bytes(), caller_));
      request_.caller = &caller_;
    } else if (key == BytesKey(3)) {
      TRY(target_, DecodeTarget(reader.bytes()));
      request_.target = &target_;
    } else if (key == LayoutKey(layout.query, true)) {
      TRY_OK(DecodeQuery(reader.bytes()));
    } else if (key == LayoutKey(layout.options, true)) {
      TRY_OK(DecodeOptions(reader.bytes(), options_));
      request_.options = &options_;
    } else if (key == LayoutKey(layout.transaction_id, false)) {
      request_.transaction_id = reader.signed_number();
    } else if (key == LayoutKey(layout.reserved_id, false)) {
      request_.reserved_id = reader.signed_number();
    } else if (key == LayoutKey(layout.pre_queries, true)) {
      pre_queries_.emplace_back(reader.bytes());
    } else if (key == LayoutKey(layout.post_begin_queries, true)) {
      post_begin_queries_.emplace_back(reader.bytes());
    }
  }
  request_.pre_queries = pre_queries_;
  request_.post_begin_queries = post_begin_queries_;
  return Finished(reader, "request");
}

std::string EncodeRequest(const Request& request, const RequestLayout& layout) {
  std::string out;
  if (request.caller != nullptr) EncodeCaller(*request.caller, out);
  if (request.target != nullptr) EncodeTarget(*request.target, 3, out);
  if (layout.query != 0) EncodeQuery(request, layout.query, out);
  if (layout.options != 0 && request.options != nullptr)
    EncodeOptions(*request.options, layout.options, out);
  if (layout.transaction_id != 0) PutSigned(out, layout.transaction_id, request.transaction_id);
  if (layout.reserved_id != 0) PutSigned(out, layout.reserved_id, request.reserved_id);
  if (layout.pre_queries != 0) {
    for (const std::string& sql : request.pre_queries) PutBytesAlways(out, layout.pre_queries, sql);
  }
  if (layout.post_begin_queries != 0) {
    for (const std::string& sql : request.post_begin_queries)
      PutBytesAlways(out, layout.post_begin_queries, sql);
  }
  return out;
}

}  // namespace tessera::queryservice
