// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/session_codec.h"

#include <algorithm>

#include "proto/vtgate.pb.h"

namespace tessera::vtgate {

using Message = ::vtgate::Session;
using ShardMessage = ::vtgate::Session_ShardSession;

namespace {

TransactionMode DecodeMode(::vtgate::TransactionMode mode) {
  return mode == ::vtgate::SINGLE ? TransactionMode::kSingle : TransactionMode::kMulti;
}

void DecodeOptions(const ::query::ExecuteOptions& message, queryservice::ExecuteOptions& options) {
  using namespace queryservice;
  if (::query::ExecuteOptions_IncludedFields_IsValid(message.included_fields()))
    options.included_fields = static_cast<IncludedFields>(message.included_fields());
  options.client_found_rows = message.client_found_rows();
  if (::query::ExecuteOptions_Workload_IsValid(message.workload()))
    options.workload = static_cast<Workload>(message.workload());
  if (::query::ExecuteOptions_TransactionIsolation_IsValid(message.transaction_isolation()))
    options.isolation = static_cast<Isolation>(message.transaction_isolation());
  for (const int mode : message.transaction_access_mode()) {
    if (::query::ExecuteOptions_TransactionAccessMode_IsValid(mode))
      options.access_modes.push_back(static_cast<AccessMode>(mode));
  }
  options.skip_query_plan_cache = message.skip_query_plan_cache();
  options.has_created_temp_tables = message.has_created_temp_tables();
  options.fetch_last_insert_id = message.fetch_last_insert_id();
  options.authoritative_timeout_ms = message.authoritative_timeout();
  options.transaction_timeout_ms = message.transaction_timeout();
}

void EncodeOptions(const queryservice::ExecuteOptions& options, ::query::ExecuteOptions& message) {
  using Wire = ::query::ExecuteOptions;
  message.set_included_fields(static_cast<Wire::IncludedFields>(options.included_fields));
  message.set_client_found_rows(options.client_found_rows);
  message.set_workload(static_cast<Wire::Workload>(options.workload));
  message.set_transaction_isolation(static_cast<Wire::TransactionIsolation>(options.isolation));
  message.clear_transaction_access_mode();
  for (const queryservice::AccessMode mode : options.access_modes)
    message.add_transaction_access_mode(static_cast<Wire::TransactionAccessMode>(mode));
  message.set_skip_query_plan_cache(options.skip_query_plan_cache);
  message.set_has_created_temp_tables(options.has_created_temp_tables);
  message.set_fetch_last_insert_id(options.fetch_last_insert_id);
  if (options.authoritative_timeout_ms != message.authoritative_timeout())
    message.set_authoritative_timeout(options.authoritative_timeout_ms);
  if (options.transaction_timeout_ms != message.transaction_timeout())
    message.set_transaction_timeout(options.transaction_timeout_ms);
}

ShardSession DecodeShard(const ShardMessage& message) {
  ShardSession shard;
  shard.target.keyspace = message.target().keyspace();
  shard.target.shard = message.target().shard();
  shard.target.tablet_type = keys::TabletTypeFromNumber(message.target().tablet_type());
  shard.transaction_id = message.transaction_id();
  shard.reserved_id = message.reserved_id();
  shard.alias.cell = message.tablet_alias().cell();
  shard.alias.uid = message.tablet_alias().uid();
  return shard;
}

void EncodeShard(const ShardSession& shard, ShardMessage& message) {
  ::query::Target& target = *message.mutable_target();
  target.set_keyspace(shard.target.keyspace);
  target.set_shard(shard.target.shard);
  target.set_tablet_type(static_cast<::topodata::TabletType>(shard.target.tablet_type));
  message.set_transaction_id(shard.transaction_id);
  message.set_reserved_id(shard.reserved_id);
  message.mutable_tablet_alias()->set_cell(shard.alias.cell);
  message.mutable_tablet_alias()->set_uid(shard.alias.uid);
}

// Entries that go on keep the fields that only the message has.
void EncodeShards(const std::vector<ShardSession>& shards, Message& message) {
  google::protobuf::RepeatedPtrField<ShardMessage> before;
  before.Swap(message.mutable_shard_sessions());
  for (const ShardSession& shard : shards) {
    ShardMessage& entry = *message.add_shard_sessions();
    const auto known = std::find_if(before.begin(), before.end(), [&](const ShardMessage& old) {
      const ShardSession was = DecodeShard(old);
      return was.target == shard.target && was.alias == shard.alias;
    });
    if (known != before.end()) entry = *known;
    EncodeShard(shard, entry);
  }
}

Result<keys::TargetSelection> DecodeTarget(const std::string& text) {
  return keys::ParseTargetSelection(text, keys::TabletType::kPrimary);
}

void EncodeTarget(const keys::TargetSelection& target, Message& message) {
  const Result<keys::TargetSelection> was = DecodeTarget(message.target_string());
  // One that could not be read was not used either.
  if (!was.ok() || was->ToString() == target.ToString()) return;
  message.set_target_string(target.ToString());
}

}  // namespace

Result<> DecodeSession(const Message& message, Session& session) {
  session.autocommit = message.autocommit();
  session.query_timeout = std::chrono::milliseconds(std::max<int64_t>(0, message.query_timeout()));
  session.in_transaction = message.in_transaction();
  session.transaction_mode = DecodeMode(message.transaction_mode());
  for (const ShardMessage& shard : message.shard_sessions())
    session.shards.push_back(DecodeShard(shard));
  session.savepoints.assign(message.savepoints().begin(), message.savepoints().end());
  session.must_rollback = message.error_until_rollback();
  DecodeOptions(message.options(), session.options);
  for (const auto& [name, value] : message.system_variables())
    session.system_variables[name] = value;
  // What a reserved connection has is not told: it is taken to be what the session has.
  for (ShardSession& shard : session.shards)
    if (shard.reserved_id != 0) shard.settings = session.SettingsSql();
  for (const auto& [name, value] : message.user_defined_variables()) {
    StoredValue& stored = session.user_variables[name];
    stored.type = static_cast<sqltypes::Type>(value.type());
    stored.bytes = value.value();
  }
  const ::vtgate::ReadAfterWrite& reads = message.read_after_write();
  session.read_after_write.gtid = reads.read_after_write_gtid();
  session.read_after_write.track = reads.session_track_gtids();
  constexpr double kDay = 86'400;
  if (reads.read_after_write_timeout() > 0 && reads.read_after_write_timeout() <= kDay)
    session.read_after_write.timeout =
        std::chrono::milliseconds(static_cast<int64_t>(reads.read_after_write_timeout() * 1e3));
  // Which of a transaction's shards it changes is not told.
  for (const ShardSession& shard : session.shards)
    if (reads.session_track_gtids() && shard.transaction_id != 0)
      session.written.push_back(shard.target);
  session.last_insert_id = message.last_insert_id();
  session.found_rows = message.found_rows();
  session.row_count = message.row_count();
  for (const ::query::QueryWarning& warning : message.warnings()) {
    sqltypes::Warning& kept = session.warnings.emplace_back();
    kept.code = static_cast<uint16_t>(warning.code());
    kept.message = warning.message();
  }
  TRY(session.target, DecodeTarget(message.target_string()));
  return Ok{};
}

void EncodeSession(const Session& session, Message& message) {
  EncodeTarget(session.target, message);
  message.set_autocommit(session.autocommit);
  message.set_query_timeout(session.query_timeout.count());
  message.set_in_transaction(session.in_transaction);
  if (DecodeMode(message.transaction_mode()) != session.transaction_mode) {
    const bool single = session.transaction_mode == TransactionMode::kSingle;
    message.set_transaction_mode(single ? ::vtgate::SINGLE : ::vtgate::MULTI);
  }
  EncodeShards(session.shards, message);
  message.mutable_savepoints()->Assign(session.savepoints.begin(), session.savepoints.end());
  message.set_error_until_rollback(session.must_rollback);
  EncodeOptions(session.options, *message.mutable_options());
  message.clear_system_variables();
  for (const auto& [name, value] : session.system_variables)
    (*message.mutable_system_variables())[name] = value;
  message.clear_user_defined_variables();
  for (const auto& [name, stored] : session.user_variables) {
    ::query::BindVariable& value = (*message.mutable_user_defined_variables())[name];
    value.set_type(static_cast<::query::Type>(stored.type));
    value.set_value(stored.bytes);
  }
  const ReadAfterWrite& reads = session.read_after_write;
  if (reads != ReadAfterWrite() || message.has_read_after_write()) {
    ::vtgate::ReadAfterWrite& out = *message.mutable_read_after_write();
    out.set_read_after_write_gtid(reads.gtid);
    out.set_session_track_gtids(reads.track);
    if (reads.timeout != ReadAfterWrite().timeout || out.read_after_write_timeout() != 0)
      out.set_read_after_write_timeout(static_cast<double>(reads.timeout.count()) / 1e3);
  }
  message.set_last_insert_id(session.last_insert_id);
  message.set_found_rows(session.found_rows);
  message.set_row_count(session.row_count);
  message.clear_warnings();
  for (const sqltypes::Warning& warning : session.warnings) {
    ::query::QueryWarning& added = *message.add_warnings();
    added.set_code(warning.code);
    added.set_message(warning.message);
  }
  const bool reserves =
      std::any_of(session.shards.begin(), session.shards.end(),
                  [](const ShardSession& shard) { return shard.reserved_id != 0; });
  if (reserves || !session.system_variables.empty()) message.set_in_reserved_conn(true);
}

}  // namespace tessera::vtgate
