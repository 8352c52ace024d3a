// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "flags/config_file.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

namespace tessera::flags {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

class ConfigFile : public ::testing::Test {
 protected:
  ConfigFile()
      : folder_(std::filesystem::temp_directory_path() /
                ("tessera_config_" + std::to_string(getpid()))) {
    std::filesystem::create_directories(folder_);
    set.AddConfigFlags();
    set.Add(size, lag, cells, password, fast);
  }
  ~ConfigFile() override {
    std::filesystem::remove_all(folder_);
    unsetenv("TESSERA_POOL_SIZE");
    unsetenv("TESSERA_CONFIG_FILE");
  }

  std::string Write(const std::string& name, const std::string& text) {
    const std::string path = (folder_ / name).string();
    std::ofstream(path) << text;
    return path;
  }
  Result<std::vector<std::string>> Load(const std::string& path) {
    return set.Parse({"--config-file", path});
  }
  std::string folder() const { return folder_.string(); }

  Flag<int> size{"pool-size", 16, "Connections."};
  Flag<std::chrono::nanoseconds> lag{"lag-limit", std::chrono::seconds(1), "Lag."};
  Flag<std::vector<std::string>> cells{"cells", {"zone0"}, "Cells."};
  Flag<std::string> password{"db-password", "", "Secret.", Secrecy::kSecret};
  Flag<bool> fast{"fast", false, "Fast."};
  FlagSet set{"prog", "Tests."};

 private:
  std::filesystem::path folder_;
};

TEST_F(ConfigFile, YamlWithOriginsAndListsAndUnderscores) {
  const std::string path =
      Write("a.yaml", "# one\npool_size: 5\nlag-limit: 300ms\ncells: [a, b]\nfast: true\n");
  ASSERT_TRUE(Load(path).ok());
  EXPECT_EQ(*size, 5);
  EXPECT_EQ(*lag, std::chrono::milliseconds(300));
  EXPECT_THAT(*cells, ElementsAre("a", "b"));
  EXPECT_TRUE(*fast);
  EXPECT_EQ(size.origin(), "file " + path + ":2");
  EXPECT_EQ(password.origin(), "default");
  EXPECT_EQ(set.config_file(), path);
}

TEST_F(ConfigFile, JsonAndTomlSayTheSame) {
  const std::string json =
      Write("a.json", "{\n  \"pool-size\": 6,\n  \"cells\": [\n\"x\"],\n\t\"fast\": true}");
  ASSERT_TRUE(Load(json).ok());
  EXPECT_EQ(*size, 6);
  EXPECT_THAT(*cells, ElementsAre("x"));
  EXPECT_EQ(fast.origin(), "file " + json + ":5");
  const std::string toml = Write("a.toml", "pool-size = 7\n\ncells = [\"y\", \"z\"]\nfast=false\n");
  ASSERT_TRUE(Load(toml).ok());
  EXPECT_EQ(*size, 7);
  EXPECT_THAT(*cells, ElementsAre("y", "z"));
  EXPECT_FALSE(*fast);
  EXPECT_EQ(cells.origin(), "file " + toml + ":3");
}

TEST_F(ConfigFile, CommandLineBeatsEnvironmentBeatsFile) {
  const std::string path = Write("a.yaml", "pool-size: 5\nlag-limit: 2s\ncells: [a]\n");
  setenv("TESSERA_POOL_SIZE", "6", 1);
  ASSERT_TRUE(Load(path).ok());
  EXPECT_EQ(*size, 6);
  EXPECT_EQ(size.origin(), "environment TESSERA_POOL_SIZE");
  ASSERT_TRUE(set.Parse({"--pool_size=7", "--config_file=" + path, "--cells=c"}).ok());
  EXPECT_EQ(*size, 7);
  EXPECT_EQ(size.origin(), "command line");
  EXPECT_THAT(*cells, ElementsAre("c"));
  EXPECT_EQ(*lag, std::chrono::seconds(2));
}

TEST_F(ConfigFile, TheFileMayBeNamedByTheEnvironment) {
  const std::string path = Write("a.yaml", "pool-size: 5\n");
  setenv("TESSERA_CONFIG_FILE", path.c_str(), 1);
  ASSERT_TRUE(set.Parse(std::vector<std::string>()).ok());
  EXPECT_EQ(*size, 5);
}

TEST_F(ConfigFile, IsFoundByPathAndName) {
  Write("gate.toml", "pool-size = 9\n");
  ASSERT_TRUE(set.Parse({"--config-path", "/nowhere," + folder(), "--config-name", "gate"}).ok());
  EXPECT_EQ(*size, 9);
  Write("bare", "pool-size: 10\n");
  const auto typed =
      set.Parse({"--config-path", folder(), "--config-name", "bare", "--config-type", "yaml"});
  ASSERT_TRUE(typed.ok());
  EXPECT_EQ(*size, 10);
}

TEST_F(ConfigFile, UnknownKeysNameTheLineAndTheNearest) {
  for (const auto& [name, text, line] :
       {std::tuple("a.yaml", "fast: true\npool-sise: 3\n", 2),
        std::tuple("a.json", "{\"fast\": true,\n\n\"pool-sise\": 3}", 3),
        std::tuple("a.toml", "fast = true\npool-sise = 3\n", 2)}) {
    const std::string path = Write(name, text);
    const auto loaded = Load(path);
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_EQ(loaded.error().message(), fmt::format("{}:{}: unknown flag 'pool-sise'", path, line));
    EXPECT_EQ(loaded.error().hint(), "Did you mean pool-size?");
  }
}

TEST_F(ConfigFile, WrongShapesAreRefusedWithTheirLine) {
  for (const auto& [name, text, wanted] :
       {std::tuple("a.yaml", "fast: true\npool-size: {a: 1}\n", ":2: pool-size takes a value"),
        std::tuple("b.yaml", "- 1\n- 2\n", ":1: a configuration is a map"),
        std::tuple("c.yaml", "pool-size: [1, 2]\n", ":1: pool-size takes one value, not a list"),
        std::tuple("d.yaml", "pool-size: 1\npool_size: 2\n", ":2: pool_size stands here a second"),
        std::tuple("e.yaml", "pool-size:\n", ":1: pool-size takes a value"),
        std::tuple("f.yaml", "a: b: c\n", ":1: "),
        std::tuple("a.json", "{\"pool-size\": null}", ":1: pool-size takes a value"),
        std::tuple("b.json", "{\"pool-size\":\n 1,}", ":2: this is no JSON"),
        std::tuple("c.json", "[1]", ":1: a configuration is a map"),
        std::tuple("a.toml", "\n [pool-size]\na = 1\n", ":2: a configuration has no tables"),
        std::tuple("c.toml", "# \xC3\xA4\ncells = [\"\xC3\xA4\"]\n", ":2: write letters"),
        std::tuple("b.toml", "fast = true\npool-size = \n", ":2: ")}) {
    const auto loaded = Load(Write(name, text));
    ASSERT_FALSE(loaded.ok()) << name;
    EXPECT_THAT(loaded.error().message(), HasSubstr(wanted)) << name;
  }
}

TEST_F(ConfigFile, BadValuesNameTheirPlace) {
  const std::string path = Write("a.yaml", "pool-size: many\n");
  const auto loaded = Load(path);
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message(),
            "--pool-size (from file " + path + ":1): 'many' is not a whole number");
}

TEST_F(ConfigFile, MissingFilesAreTreatedAsAsked) {
  const std::string gone = folder() + "/gone.yaml";
  ASSERT_TRUE(Load(gone).ok());
  EXPECT_THAT(set.warnings(), ElementsAre("no configuration file at " + gone));
  for (const char* const handling : {"error", "exit"}) {
    const auto refused =
        set.Parse({"--config-file", gone, "--config-file-not-found-handling", handling});
    ASSERT_FALSE(refused.ok());
    EXPECT_EQ(refused.error().code(), Code::kNotFound);
  }
  EXPECT_TRUE(
      set.Parse({"--config-file", gone, "--config-file-not-found-handling", "ignore"}).ok());
  EXPECT_EQ(set.warnings().size(), 1);
  EXPECT_FALSE(set.Parse({"--config-file-not-found-handling", "shrug"}).ok());
}

TEST_F(ConfigFile, NobodyIsWarnedOfAFileNobodyAskedFor) {
  ASSERT_TRUE(set.Parse(std::vector<std::string>()).ok());
  EXPECT_TRUE(set.warnings().empty());
}

TEST_F(ConfigFile, TypesThatAreUnknownAreRefused) {
  const auto loaded = Load(Write("a.ini", "pool-size=1\n"));
  ASSERT_FALSE(loaded.ok());
  EXPECT_THAT(loaded.error().message(), EndsWith("'ini' is no type of configuration files"));
}

TEST_F(ConfigFile, SecretsAreNotShown) {
  ASSERT_TRUE(Load(Write("a.yaml", "db-password: hunter2\n")).ok());
  EXPECT_EQ(*password, "hunter2");
  EXPECT_EQ(password.ShownText(), "****");
  EXPECT_EQ(set.Help().find("hunter2"), std::string::npos);
}

class ChangedConfig : public ConfigFile {
 protected:
  ChangedConfig() { set.MakeDynamic(size, cells); }
  Result<ConfigChange> Change(const std::string& text) { return set.TakeConfig(text); }
};

TEST_F(ChangedConfig, DynamicFlagsTakeItOverAndOthersWait) {
  const std::string path = Write("a.yaml", "pool-size: 5\nlag-limit: 2s\ndb-password: old\n");
  ASSERT_TRUE(Load(path).ok());
  const Result<ConfigChange> change =
      Change("lag-limit: 3s\ndb-password: new\npool-size: 6\ncells: [a, b]\n");
  ASSERT_TRUE(change.ok()) << change.error().ToString();
  EXPECT_THAT(change->applied, ElementsAre(&size, &cells));
  EXPECT_THAT(change->pending, ElementsAre(&lag, &password));
  EXPECT_EQ(*size, 6);
  EXPECT_EQ(size.origin(), "file " + path + ":3");
  EXPECT_THAT(*cells, ElementsAre("a", "b"));
  EXPECT_EQ(*lag, std::chrono::seconds(2));
  EXPECT_EQ(lag.origin(), "file " + path + ":2");
  ASSERT_TRUE(lag.pending().has_value());
  EXPECT_EQ(lag.pending()->text, "3s");
  EXPECT_EQ(lag.pending()->origin, "file " + path + ":1");
  EXPECT_EQ(password.Shown(password.pending()->text), "****");
}

TEST_F(ChangedConfig, AListInItsOldPlaceDoesNotGrow) {
  ASSERT_TRUE(Load(Write("a.yaml", "cells: [a, b]\n")).ok());
  ASSERT_TRUE(Change("cells: [c]\n").ok());
  EXPECT_THAT(*cells, ElementsAre("c"));
}

TEST_F(ChangedConfig, WhatTheFileNamesNoMoreIsTheDefaultAgain) {
  ASSERT_TRUE(Load(Write("a.yaml", "pool-size: 5\nlag-limit: 2s\ncells: [x]\n")).ok());
  const Result<ConfigChange> change = Change("cells: [x]\n");
  ASSERT_TRUE(change.ok());
  EXPECT_EQ(*size, 16);
  EXPECT_EQ(size.origin(), "default");
  EXPECT_EQ(lag.pending()->text, "1s");
  EXPECT_THAT(change->pending, ElementsAre(&lag));
  // And what is as it was takes the announcement back.
  const Result<ConfigChange> back = Change("lag-limit: 2000ms\ncells: [x]\n");
  ASSERT_TRUE(back.ok());
  EXPECT_FALSE(lag.pending().has_value());
  EXPECT_THAT(back->withdrawn, ElementsAre(&lag));
  EXPECT_TRUE(back->applied.empty());
}

TEST_F(ChangedConfig, CommandLineAndEnvironmentStayStronger) {
  const std::string path = Write("a.yaml", "pool-size: 5\n");
  setenv("TESSERA_POOL_SIZE", "9", 1);
  ASSERT_TRUE(set.Parse({"--config-file", path, "--lag-limit=4s"}).ok());
  const Result<ConfigChange> change = Change("pool-size: 7\nlag-limit: 6s\n");
  ASSERT_TRUE(change.ok());
  EXPECT_TRUE(change->empty());
  EXPECT_EQ(*size, 9);
  EXPECT_FALSE(lag.pending().has_value());
}

TEST_F(ChangedConfig, ABrokenFileChangesNothingAndNamesItsLine) {
  const std::string path = Write("a.yaml", "pool-size: 5\n");
  ASSERT_TRUE(Load(path).ok());
  for (const auto& [text, said] :
       {std::pair<std::string, std::string>{"pool-size: 8\nlag-limit: soon\n", ":2"},
        {"pool-size: 8\n\npol-size: 3\n", ":3: unknown flag"},
        {"pool-size: 8\nlag-limit: [\n", ":"}}) {
    const Result<ConfigChange> change = Change(text);
    ASSERT_FALSE(change.ok());
    EXPECT_THAT(change.error().message(), HasSubstr(path + said));
    EXPECT_THAT(set.config_trouble(), HasSubstr(path + said));
    EXPECT_EQ(*size, 5);
    EXPECT_FALSE(lag.pending().has_value());
    // It is told once.
    EXPECT_TRUE(Change(text).ok());
    EXPECT_FALSE(set.config_trouble().empty());
  }
  ASSERT_TRUE(Change("pool-size: 8\n").ok());
  EXPECT_EQ(*size, 8);
  EXPECT_TRUE(set.config_trouble().empty());
}

}  // namespace
}  // namespace tessera::flags
