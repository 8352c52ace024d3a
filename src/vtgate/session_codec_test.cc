// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/session_codec.h"

#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include "proto/vtgate.pb.h"

namespace tessera::vtgate {
namespace {

using Message = ::vtgate::Session;

// One of everything.
Message FullMessage() {
  Message message;
  message.set_in_transaction(true);
  message.set_autocommit(true);
  message.set_target_string("ks:-80@replica");
  message.set_transaction_mode(::vtgate::TWOPC);
  message.set_last_insert_id(7);
  message.set_found_rows(8);
  message.set_row_count(-1);
  message.add_savepoints("savepoint a");
  message.set_ddlstrategy("vitess");
  message.set_sessionuuid("12ab");
  message.set_enable_system_settings(true);
  message.set_query_timeout(1500);
  message.set_migration_context("m");
  message.set_error_until_rollback(true);
  message.set_last_lock_heartbeat(5);
  message.mutable_lock_session()->set_reserved_id(77);
  message.mutable_read_after_write()->set_read_after_write_gtid("g");
  (*message.mutable_advisory_lock())["l"] = 2;
  (*message.mutable_prepare_statement())["p"].set_prepare_statement("select ?");
  (*message.mutable_system_variables())["sql_mode"] = "''";
  ::query::BindVariable& variable = (*message.mutable_user_defined_variables())["x"];
  variable.set_type(::query::INT64);
  variable.set_value("5");
  message.set_in_reserved_conn(true);
  ::query::QueryWarning& warning = *message.add_warnings();
  warning.set_code(301);
  warning.set_message("half");
  ::query::ExecuteOptions& options = *message.mutable_options();
  options.set_included_fields(::query::ExecuteOptions::ALL);
  options.set_workload(::query::ExecuteOptions::OLAP);
  options.set_sql_select_limit(9);
  options.set_transaction_isolation(::query::ExecuteOptions::SERIALIZABLE);
  options.add_transaction_access_mode(::query::ExecuteOptions::READ_ONLY);
  options.set_workloadname("reports");
  options.set_priority("3");
  options.set_authoritative_timeout(11);
  options.set_transaction_timeout(12);
  for (auto* shard : {message.add_shard_sessions(), message.add_pre_sessions()}) {
    shard->mutable_target()->set_keyspace("ks");
    shard->mutable_target()->set_shard("-80");
    shard->mutable_target()->set_tablet_type(::topodata::REPLICA);
    shard->mutable_tablet_alias()->set_cell("zone1");
    shard->mutable_tablet_alias()->set_uid(100);
    shard->set_transaction_id(41);
    shard->set_reserved_id(42);
    shard->set_rows_affected(true);
  }
  // Of a version to come.
  message.GetReflection()->MutableUnknownFields(&message)->AddVarint(900, 4);
  return message;
}

TEST(SessionCodec, NothingIsLostOnTheWay) {
  const Message before = FullMessage();
  Session session;
  ASSERT_TRUE(DecodeSession(before, session).ok());
  Message after = before;
  EncodeSession(session, after);
  google::protobuf::util::MessageDifferencer differ;
  std::string report;
  differ.ReportDifferencesToString(&report);
  EXPECT_TRUE(differ.Compare(before, after)) << report;
}

TEST(SessionCodec, ReadsWhatTheGateUses) {
  Session session;
  ASSERT_TRUE(DecodeSession(FullMessage(), session).ok());
  EXPECT_EQ(session.target.keyspace, "ks");
  EXPECT_EQ(session.target.tablet_type, keys::TabletType::kReplica);
  ASSERT_TRUE(session.target.destination.has_value());
  EXPECT_EQ(session.target.destination->shard(), "-80");
  EXPECT_TRUE(session.in_transaction);
  EXPECT_TRUE(session.must_rollback);
  EXPECT_EQ(session.transaction_mode, TransactionMode::kMulti);
  ASSERT_EQ(session.shards.size(), 1u);
  EXPECT_EQ(session.shards[0].transaction_id, 41);
  EXPECT_EQ(session.shards[0].reserved_id, 42);
  EXPECT_EQ(session.shards[0].alias, (keys::TabletAlias{"zone1", 100}));
  EXPECT_EQ(session.options.workload, queryservice::Workload::kOlap);
  EXPECT_EQ(session.options.included_fields, queryservice::IncludedFields::kAll);
  EXPECT_EQ(session.options.isolation, queryservice::Isolation::kSerializable);
  EXPECT_EQ(session.options.transaction_timeout_ms, 12);
  EXPECT_EQ(session.system_variables.at("sql_mode"), "''");
  EXPECT_EQ(session.user_variables.at("x").bytes, "5");
  EXPECT_EQ(session.warnings.at(0).code, 301);
  EXPECT_EQ(session.row_count, -1);
}

TEST(SessionCodec, WritesWhatStatementsChanged) {
  Message message = FullMessage();
  Session session;
  ASSERT_TRUE(DecodeSession(message, session).ok());
  session.target.tablet_type = keys::TabletType::kPrimary;
  session.transaction_mode = TransactionMode::kSingle;
  session.in_transaction = false;
  session.must_rollback = false;
  session.shards.clear();
  session.savepoints.clear();
  session.user_variables.clear();
  session.warnings.clear();
  session.options.workload = queryservice::Workload::kOltp;
  EncodeSession(session, message);
  EXPECT_EQ(message.target_string(), "ks:-80@primary");
  EXPECT_EQ(message.transaction_mode(), ::vtgate::SINGLE);
  EXPECT_FALSE(message.in_transaction());
  EXPECT_FALSE(message.error_until_rollback());
  EXPECT_EQ(message.shard_sessions_size(), 0);
  EXPECT_EQ(message.savepoints_size(), 0);
  EXPECT_TRUE(message.user_defined_variables().empty());
  EXPECT_EQ(message.warnings_size(), 0);
  EXPECT_EQ(message.options().workload(), ::query::ExecuteOptions::OLTP);
  EXPECT_EQ(message.options().sql_select_limit(), 9);
}

TEST(SessionCodec, ReadsAfterWritesAreKept) {
  Message message;
  Session untouched;
  EncodeSession(untouched, message);
  EXPECT_FALSE(message.has_read_after_write());
  message.mutable_read_after_write()->set_read_after_write_gtid("0-1-2");
  message.mutable_read_after_write()->set_read_after_write_timeout(2.5);
  message.mutable_read_after_write()->set_session_track_gtids(true);
  Session session;
  ASSERT_TRUE(DecodeSession(message, session).ok());
  EXPECT_EQ(session.read_after_write.gtid, "0-1-2");
  EXPECT_EQ(session.read_after_write.timeout, std::chrono::milliseconds(2500));
  EXPECT_TRUE(session.read_after_write.track);
  session.read_after_write.gtid = "0-1-3";
  EncodeSession(session, message);
  EXPECT_EQ(message.read_after_write().read_after_write_gtid(), "0-1-3");
  EXPECT_EQ(message.read_after_write().read_after_write_timeout(), 2.5);
}

TEST(SessionCodec, ATargetThatCannotBeReadStaysAsItCame) {
  Message message;
  message.set_target_string("ks@nonsense");
  Session session;
  EXPECT_FALSE(DecodeSession(message, session).ok());
  EncodeSession(session, message);
  EXPECT_EQ(message.target_string(), "ks@nonsense");
}

}  // namespace
}  // namespace tessera::vtgate
