// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/executor.h"

#include <gtest/gtest.h>

namespace tessera::vtgate {
namespace {

TEST(MatchesLike, IsMysqlsLike) {
  for (const auto& [text, pattern] : {std::pair{"version", "ver%"},
                                      {"version", "%ion"},
                                      {"version", "v_rsi_n"},
                                      {"Version", "vERSION"},
                                      {"", ""},
                                      {"", "%%"},
                                      {"a%b", "a\\%b"},
                                      {"a_b", "a\\_b"},
                                      {"abab", "%ab"},
                                      {"a\\", "a\\"}})
    EXPECT_TRUE(MatchesLike(text, pattern)) << text << " like " << pattern;
  for (const auto& [text, pattern] : {std::pair{"version", "ver"},
                                      {"version", "_"},
                                      {"axb", "a\\%b"},
                                      {"axb", "a\\_b"},
                                      {"", "_"},
                                      {"aba", "%ab"}})
    EXPECT_FALSE(MatchesLike(text, pattern)) << text << " like " << pattern;
}

// By trying every length for every % this would not end in a lifetime.
TEST(MatchesLike, AHostilePatternTakesNoLonger) {
  std::string pattern;
  for (int i = 0; i < 40; ++i) pattern += "%a";
  EXPECT_FALSE(MatchesLike(std::string(2000, 'a') + "b", pattern + "c"));
  EXPECT_TRUE(MatchesLike(std::string(2000, 'a') + "b", pattern + "b"));
}

}  // namespace
}  // namespace tessera::vtgate
