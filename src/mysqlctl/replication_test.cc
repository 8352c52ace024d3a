// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlctl/replication.h"

#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "mysqlctl/position.h"

namespace tessera::mysqlctl {
namespace {

using sqltypes::ResultSet;
using sqltypes::Value;

using Cells = std::initializer_list<std::pair<const char*, const char*>>;

// One row a list; a null pointer is NULL. All lists name the same columns.
ResultSet Rows(std::initializer_list<Cells> rows) {
  ResultSet out;
  for (const auto& [name, text] : *rows.begin()) {
    sqltypes::Field field;
    field.name = name;
    out.fields.push_back(std::move(field));
  }
  for (const Cells& row : rows) {
    std::vector<Value> cells;
    for (const auto& [name, text] : row)
      cells.push_back(text == nullptr ? Value() : Value(sqltypes::Type::kVarChar, text));
    out.AppendRow(cells);
  }
  return out;
}

TEST(ReplicaStatus, OfMariaDb) {
  ResultSet rows = Rows({{{"Connection_name", "other"},
                          {"Master_Host", "10.0.0.9"},
                          {"Master_Port", "1"},
                          {"Slave_IO_Running", "No"},
                          {"Slave_SQL_Running", "No"},
                          {"Seconds_Behind_Master", nullptr},
                          {"Using_Gtid", "No"},
                          {"Gtid_IO_Pos", ""},
                          {"Gtid_Slave_Pos", ""},
                          {"Relay_Master_Log_File", ""},
                          {"Exec_Master_Log_Pos", "0"},
                          {"Last_IO_Error", ""}},
                         {{"Connection_name", ""},
                          {"Master_Host", "10.0.0.7"},
                          {"Master_Port", "3307"},
                          {"Slave_IO_Running", "Connecting"},
                          {"Slave_SQL_Running", "Yes"},
                          {"Seconds_Behind_Master", "7"},
                          {"Using_Gtid", "Slave_Pos"},
                          {"Gtid_IO_Pos", "0-1-9"},
                          {"Gtid_Slave_Pos", "0-1-5,1-2-7"},
                          {"Relay_Master_Log_File", "vt-bin.000002"},
                          {"Exec_Master_Log_Pos", "345"},
                          {"Last_IO_Error", "cannot connect"}}});
  const auto status = ParseReplicaStatus("MariaDB", rows);
  ASSERT_TRUE(status.ok() && status->has_value());
  const ReplicaStatus& it = **status;
  EXPECT_EQ(it.source_host, "10.0.0.7");
  EXPECT_EQ(it.source_port, 3307);
  EXPECT_EQ(it.position, "MariaDB/0-1-5,1-2-7");
  EXPECT_EQ(it.relay_log_position, "MariaDB/0-1-9");
  EXPECT_EQ(it.file_position, "FilePos/vt-bin.000002:345");
  EXPECT_EQ(it.io, ThreadState::kConnecting);
  EXPECT_EQ(it.sql, ThreadState::kRunning);
  EXPECT_EQ(it.lag_seconds, 7u);
  EXPECT_EQ(it.last_io_error, "cannot connect");
  EXPECT_TRUE(it.using_gtid);
  EXPECT_TRUE(it.Replicates());
}

TEST(ReplicaStatus, OfMySqlWithItsNewNames) {
  ResultSet rows = Rows({{{"Channel_Name", ""},
                          {"Source_Host", "10.0.0.7"},
                          {"Replica_IO_Running", "Yes"},
                          {"Replica_SQL_Running", "No"},
                          {"Seconds_Behind_Source", nullptr},
                          {"Auto_Position", "1"},
                          {"Replicate_Do_DB", "shop"},
                          {"Executed_Gtid_Set", "aaaa:1-5,\nbbbb:1-2"},
                          {"Retrieved_Gtid_Set", "aaaa:1-9"}}});
  const auto status = ParseReplicaStatus("MySQL56", rows);
  ASSERT_TRUE(status.ok() && status->has_value());
  EXPECT_EQ((*status)->position, "MySQL56/aaaa:1-5,bbbb:1-2");
  EXPECT_EQ((*status)->relay_log_position, "MySQL56/aaaa:1-9");
  EXPECT_TRUE((*status)->auto_position);
  EXPECT_TRUE((*status)->has_filters);
  EXPECT_FALSE((*status)->lag_seconds.has_value());
  EXPECT_FALSE((*status)->Replicates());
  EXPECT_TRUE((*status)->AnyRunning());
}

TEST(ReplicaStatus, NothingWithoutASource) {
  ResultSet rows;
  const auto status = ParseReplicaStatus("MariaDB", rows);
  ASSERT_TRUE(status.ok());
  EXPECT_FALSE(status->has_value());
}

TEST(Position, SplitsFlavorAndGtids) {
  const auto split = SplitPosition("MariaDB/0-1-5");
  ASSERT_TRUE(split.ok());
  EXPECT_EQ(split->flavor, "MariaDB");
  EXPECT_EQ(split->gtids, "0-1-5");
  EXPECT_TRUE(SplitPosition("").ok());
  EXPECT_FALSE(SplitPosition("0-1-5").ok());
  EXPECT_FALSE(SplitPosition("/0-1-5").ok());
}

TEST(Position, ReadsMariaDbGtids) {
  const auto position = ParseMariaDbPosition("0-1-5, 1-2-7,\n0-3-4");
  ASSERT_TRUE(position.ok());
  ASSERT_EQ(position->size(), 2u);
  EXPECT_EQ(position->at(0).sequence, 5u);
  EXPECT_EQ(position->at(0).server, 1u);
  EXPECT_EQ(position->at(1).sequence, 7u);
  for (const char* const wrong :
       {"0-1", "0-1-", "0-1-5x", "-1-5", "a", ",", "0-1-99999999999999999999"})
    EXPECT_FALSE(ParseMariaDbPosition(wrong).ok()) << wrong;
}

TEST(Position, KnowsWhatIsReached) {
  const auto at_least = [](const char* reached, const char* wanted) {
    return AtLeast(*ParseMariaDbPosition(reached), *ParseMariaDbPosition(wanted));
  };
  EXPECT_TRUE(at_least("0-1-5", "0-1-5"));
  EXPECT_TRUE(at_least("0-2-6", "0-1-5"));
  EXPECT_TRUE(at_least("0-1-5", ""));
  EXPECT_FALSE(at_least("0-1-4", "0-1-5"));
  EXPECT_FALSE(at_least("0-1-9", "0-1-5,1-1-1"));
}

TEST(Position, OfAnotherKindOfServerIsRefused) {
  EXPECT_EQ(*GtidsOf(MariaDb(), "MariaDB/0-1-5"), "0-1-5");
  const auto refused = GtidsOf(MariaDb(), "MySQL56/aaaa:1-5");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("MariaDB"), std::string::npos);
}

}  // namespace
}  // namespace tessera::mysqlctl
