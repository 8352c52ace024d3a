// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/durability.h"

#include <gtest/gtest.h>

namespace tessera::topo {
namespace {

using keys::TabletType;

Tablet TabletOf(std::string cell, TabletType type) {
  Tablet tablet;
  tablet.alias.cell = std::move(cell);
  tablet.type = type;
  return tablet;
}

TEST(Durability, PrimariesWaitUnderEveryPolicyButNone) {
  for (const std::string_view policy : {"semi_sync", "cross_cell", "semi_sync_with_rdonly_ack"})
    EXPECT_TRUE(WaitsForAcks(policy)) << policy;
  for (const std::string_view policy : {"none", "", "unheard_of"})
    EXPECT_FALSE(WaitsForAcks(policy)) << policy;
}

TEST(Durability, WhoAcknowledges) {
  const Tablet primary = TabletOf("a", TabletType::kPrimary);
  const Tablet near = TabletOf("a", TabletType::kReplica);
  const Tablet far = TabletOf("b", TabletType::kReplica);
  const Tablet reader = TabletOf("b", TabletType::kRdonly);
  const auto who = [&](std::string_view policy) {
    std::string out;
    if (AcksCommits(policy, primary, near)) out += "near ";
    if (AcksCommits(policy, primary, far)) out += "far ";
    if (AcksCommits(policy, primary, reader)) out += "reader ";
    return out;
  };
  EXPECT_EQ(who("none"), "");
  EXPECT_EQ(who("semi_sync"), "near far ");
  EXPECT_EQ(who("cross_cell"), "far ");
  EXPECT_EQ(who("semi_sync_with_rdonly_ack"), "near far reader ");
}

}  // namespace
}  // namespace tessera::topo
