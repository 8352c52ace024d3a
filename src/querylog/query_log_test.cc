// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "querylog/query_log.h"

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include "runtime/loop_pool.h"

namespace tessera::querylog {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Redact(std::string_view) { return "select ?"; }

Record Sample() {
  Record record;
  record.sql = "select 'secret' /* tag */";
  record.rows = 3;
  record.took = std::chrono::milliseconds(20);
  record.Add("Method", "Execute");
  record.AddSeconds("TotalTime", record.took);
  record.Add("SQL", std::string(record.sql), FieldKind::kSql);
  record.Add("BindVars", "{v1: secret}", FieldKind::kValues);
  record.AddNumber("Rows", record.rows);
  record.Add("Error", "", FieldKind::kError);
  return record;
}

TEST(FormatRecord, TextAndJson) {
  EXPECT_EQ(FormatRecord(Sample(), false, nullptr),
            "Execute\t0.020000\t\"select 'secret' /* tag */\"\t\"{v1: secret}\"\t3\t\"\"\n");
  const auto json = nlohmann::json::parse(FormatRecord(Sample(), true, nullptr));
  EXPECT_EQ(json["Method"], "Execute");
  EXPECT_EQ(json["Rows"], 3);
  EXPECT_EQ(json["SQL"], "select 'secret' /* tag */");
}

TEST(FormatRecord, RedactionLeavesNoValue) {
  Record record = Sample();
  record.code = Code::kAlreadyExists;
  record.fields.back().text = "Duplicate entry 'secret'";
  for (const bool json : {false, true}) {
    const std::string line = FormatRecord(record, json, &Redact);
    EXPECT_THAT(line, Not(HasSubstr("secret")));
    EXPECT_THAT(line, HasSubstr("ALREADY_EXISTS"));
    EXPECT_THAT(line, HasSubstr("select ?"));
  }
}

class File : public ::testing::Test {
 protected:
  File() {
    path_ =
        std::filesystem::temp_directory_path() / ("tessera_querylog_" + std::to_string(getpid()));
    flags.file = path_.string();
  }
  ~File() override { std::filesystem::remove(path_); }
  // The lines that some records leave.
  std::string Logged(const std::vector<Record>& records) {
    std::filesystem::remove(path_);
    QueryLog log(flags, &Redact);
    EXPECT_TRUE(log.OpenFile().ok());
    EXPECT_TRUE(log.active());
    for (const Record& record : records) log.Emit(record);
    std::ostringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }
  QueryLogFlags flags;

 private:
  std::filesystem::path path_;
};

TEST_F(File, ThresholdsAndTags) {
  EXPECT_THAT(Logged({Sample()}), HasSubstr("Execute"));
  flags.filter_tag = "other";
  EXPECT_EQ(Logged({Sample()}), "");
  flags.filter_tag = "tag";
  EXPECT_NE(Logged({Sample()}), "");
  flags.row_threshold = 4;
  EXPECT_EQ(Logged({Sample()}), "");
  flags.any_condition = true;
  EXPECT_NE(Logged({Sample()}), "");
  flags.any_condition = false;
  flags.row_threshold = 3;
  flags.time_threshold = std::chrono::milliseconds(21);
  EXPECT_EQ(Logged({Sample()}), "");
  flags.sample_rate = 1.0;
  EXPECT_NE(Logged({Sample()}), "");
  flags.mode = "error";
  EXPECT_EQ(Logged({Sample()}), "");
}

TEST_F(File, SamplesAShare) {
  flags.sample_rate = 0.25;
  const std::string text = Logged(std::vector<Record>(100, Sample()));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 25);
}

TEST_F(File, SanitizedFilesHoldNoValues) {
  flags.sanitize = true;
  EXPECT_THAT(Logged({Sample()}), Not(HasSubstr("secret")));
}

TEST(Flags, WrongOnesAreNamed) {
  QueryLogFlags flags;
  EXPECT_TRUE(flags.Check().ok());
  flags.format = "xml";
  EXPECT_THAT(flags.Check().error().message(), HasSubstr("--querylog-format"));
  flags.format = "json";
  flags.sample_rate = 2;
  EXPECT_THAT(flags.Check().error().message(), HasSubstr("--querylog-sample-rate"));
}

TEST(QueryLog, ReadersHearOtherThreadsAndSlowOnesLoseLines) {
  runtime::RunLoop([](const Context& parent) -> Task<int> {
    const Context ctx = parent.WithTimeout(std::chrono::seconds(20));
    QueryLogFlags flags;
    flags.buffer = 1;
    QueryLog log(flags, &Redact);
    EXPECT_FALSE(log.active());
    std::shared_ptr<Subscription> reader = log.Subscribe(true);
    EXPECT_TRUE(log.active());
    std::thread other([&log] { log.Emit(Sample()); });
    const Result<std::string> line = co_await reader->Next(ctx);
    other.join();
    EXPECT_TRUE(line.ok() && line->starts_with("{\"Method\""));
    for (int i = 0; i < 150; ++i) log.Emit(Sample());
    const Result<std::string> rest = co_await reader->Next(ctx);
    EXPECT_EQ(std::count(rest->begin(), rest->end(), '\n'), 100);
    reader.reset();
    log.Emit(Sample());
    EXPECT_FALSE(log.active());
    co_return 0;
  });
}

}  // namespace
}  // namespace tessera::querylog
