// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/in_time.h"

#include <gtest/gtest.h>

#include "runtime/sim.h"

namespace tessera::topo {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

Task<> Look(const Context& ctx) {
  EXPECT_EQ(InTime(Context::Background(), seconds(15)).remaining(), seconds(15));
  const Context patient = ctx.WithTimeout(seconds(60));
  EXPECT_EQ(InTime(patient, seconds(15)).remaining(), seconds(15));
  // A caller that waits just as long as we do would not hear why.
  const Context equal = ctx.WithTimeout(seconds(15));
  EXPECT_EQ(InTime(equal, seconds(15)).remaining(), seconds(14));
  const Context brief = ctx.WithTimeout(milliseconds(500));
  EXPECT_EQ(InTime(brief, seconds(15)).remaining(), milliseconds(450));
  const Context over = ctx.WithTimeout(Duration{});
  EXPECT_EQ(InTime(over, seconds(15)).remaining(), Duration{});
  co_return;
}

TEST(InTime, EndsBeforeWhoeverWaitsForItDoes) {
  runtime::SimWorld world(1);
  runtime::SimMachine& machine = world.AddMachine("all");
  machine.Start([](const Context& ctx) { return Look(ctx); });
  world.Run(seconds(1));
  EXPECT_EQ(machine.finished(), 1u);
}

}  // namespace
}  // namespace tessera::topo
