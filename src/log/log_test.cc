// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "log/log.h"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tessera::log {
namespace {

// Sends lines to a fresh file while it lives, then to standard error again.
class LogFile {
 public:
  explicit LogFile(const std::string& name)
      : path_(::testing::TempDir() + "/tessera-" + std::to_string(getpid()) + "-" + name) {
    std::filesystem::remove(path_);
    EXPECT_TRUE(OpenFile(path_));
  }
  ~LogFile() {
    SetLevel(Level::kInfo);
    EXPECT_TRUE(OpenFile("/dev/stderr"));
    std::filesystem::remove(path_);
  }
  const std::string& path() const { return path_; }
  std::vector<std::string> Lines() const {
    std::ifstream file(path_);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
  }

 private:
  std::string path_;
};

size_t OpenDescriptors() {
  size_t count = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator("/proc/self/fd"))
    ++count;
  return count;
}

TEST(Log, ALineHasTimeLevelPlaceAndText) {
  const LogFile file("line");
  LOG(kWarn, "tablet {} left: {}", "zone1-100", 7);
  const std::vector<std::string> lines = file.Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_THAT(lines[0], ::testing::MatchesRegex(
                            "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\\.[0-9]{6}Z "
                            "WARN log/log_test\\.cc:[0-9]+ tablet zone1-100 left: 7"));
}

TEST(Log, BelowTheLevelArgumentsAreNotEvaluated) {
  const LogFile file("level");
  int evaluated = 0;
  LOG(kDebug, "{}", ++evaluated);
  SetLevel(Level::kError);
  LOG(kWarn, "{}", ++evaluated);
  LOG(kError, "{}", ++evaluated);
  SetLevel(Level::kDebug);
  LOG(kDebug, "{}", ++evaluated);
  EXPECT_EQ(evaluated, 2);
  EXPECT_EQ(file.Lines().size(), 2u);
}

TEST(Log, TextCannotFakeALine) {
  const LogFile file("fake");
  LOG(kInfo, "{}", "one\n2026-01-01T00:00:00.000000Z ERROR faked\rtwo");
  const std::vector<std::string> lines = file.Lines();
  ASSERT_EQ(lines.size(), 1u);
  EXPECT_NE(lines[0].find("one\\n2026"), std::string::npos);
  EXPECT_EQ(lines[0].find('\r'), std::string::npos);  // a terminal would write over the line
}

TEST(Log, AnOpenFileIsAppendedTo) {
  const LogFile file("append");
  LOG(kInfo, "first");
  ASSERT_TRUE(OpenFile(file.path()));
  LOG(kInfo, "second");
  EXPECT_EQ(file.Lines().size(), 2u);
}

TEST(Log, OpeningAgainKeepsNoDescriptor) {
  const LogFile file("again");
  const size_t before = OpenDescriptors();
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(OpenFile(file.path()));
  EXPECT_EQ(OpenDescriptors(), before);
}

TEST(Log, AFileThatCannotBeOpenedChangesNothing) {
  const LogFile file("missing");
  EXPECT_FALSE(OpenFile("/no/such/folder/log"));
  EXPECT_EQ(errno, ENOENT);
  LOG(kInfo, "still here");
  EXPECT_EQ(file.Lines().size(), 1u);
}

TEST(Log, LinesOfSeveralThreadsDoNotMix) {
  const LogFile file("threads");
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([i] {
        for (int n = 0; n < 200; ++n)
          LOG(kInfo, "<{}>", std::string(100, static_cast<char>('a' + i)));
      });
    }
  }
  const std::vector<std::string> lines = file.Lines();
  EXPECT_EQ(lines.size(), 800u);
  const std::string shape = ".* <(a{100}|b{100}|c{100}|d{100})>";
  for (const std::string& line : lines) ASSERT_THAT(line, ::testing::MatchesRegex(shape));
}

}  // namespace
}  // namespace tessera::log
