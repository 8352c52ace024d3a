// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/plan_cache.h"

#include <gtest/gtest.h>

namespace tessera::vtgate {
namespace {

std::shared_ptr<const planner::Plan> SomePlan() { return std::make_shared<planner::Plan>(); }

TEST(PlanKey, IsReadAsItWasWritten) {
  const PlanKey written{.sql = std::string_view("select 'a\0b@c'", 14),
                        .keyspace = "ks",
                        .tablet_type = keys::TabletType::kReplica,
                        .destination = "[-80]",
                        .own_settings = 5};
  std::string text = "what stood there";
  written.WriteTo(text);
  const PlanKey read = PlanKey::Read(text);
  EXPECT_EQ(read.sql, written.sql);
  EXPECT_EQ(read.keyspace, "ks");
  EXPECT_EQ(read.tablet_type, keys::TabletType::kReplica);
  EXPECT_EQ(read.destination, "[-80]");
  EXPECT_EQ(read.own_settings, 5);
}

TEST(PlanKey, WhatEndsOneNameIsNoneOfTheNext) {
  std::string one;
  std::string other;
  PlanKey{.sql = "x", .keyspace = "ks", .destination = "foo"}.WriteTo(one);
  PlanKey{.sql = "ox", .keyspace = "ks", .destination = "fo"}.WriteTo(other);
  EXPECT_NE(one, other);
  PlanKey{.sql = "x", .keyspace = "ks", .destination = "foo", .own_settings = 1}.WriteTo(other);
  EXPECT_NE(one, other);
}

TEST(PlanCache, TheLeastUsedGoesFirst) {
  PlanCache cache(2);
  cache.Put("a", SomePlan());
  cache.Put("b", SomePlan());
  EXPECT_NE(cache.Find("a", nullptr), nullptr);
  cache.Put("c", SomePlan());
  EXPECT_EQ(cache.Find("b", nullptr), nullptr);
  EXPECT_NE(cache.Find("a", nullptr), nullptr);
}

TEST(PlanCache, ManyLongStatementsTakeNoMoreMemory) {
  PlanCache cache;
  for (int i = 0; i < 200; ++i)
    cache.Put(std::to_string(i) + std::string(PlanCache::kLongestText - 10, 'x'), SomePlan());
  EXPECT_EQ(cache.size(), PlanCache::kMostText / PlanCache::kLongestText);
  cache.Put(std::string(PlanCache::kLongestText + 1, 'y'), SomePlan());
  EXPECT_EQ(cache.Find(std::string(PlanCache::kLongestText + 1, 'y'), nullptr), nullptr);
  // What is replaced counts once.
  for (int i = 0; i < 200; ++i) cache.Put("same", SomePlan());
  EXPECT_NE(cache.Find("same", nullptr), nullptr);
  EXPECT_GE(cache.size(), 30u);
}

}  // namespace
}  // namespace tessera::vtgate
