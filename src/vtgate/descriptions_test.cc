// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/descriptions.h"

#include <chrono>
#include <memory>

#include <gtest/gtest.h>

namespace tessera::vtgate {
namespace {

using std::chrono::seconds;

std::shared_ptr<const Descriptions::Columns> OneColumn() {
  auto columns = std::make_shared<Descriptions::Columns>(1);
  columns->front().name = "a";
  return columns;
}

TEST(Descriptions, HoldUntilTablesChangeOrTimePasses) {
  Descriptions known(2);
  const auto vschema = vschema::VSchema::Build(vschema::SrvVSchemaRecord());
  const auto changed = vschema::VSchema::Build(vschema::SrvVSchemaRecord());
  const Instant now{};
  known.Put("s", vschema, now, OneColumn());
  const auto found = known.Find("s", vschema.get(), now + seconds(1));
  ASSERT_NE(found, nullptr);
  EXPECT_EQ(found->front().name, "a");
  EXPECT_EQ(known.Find("other", vschema.get(), now), nullptr);
  EXPECT_EQ(known.Find("s", changed.get(), now), nullptr);
  EXPECT_EQ(known.size(), 0u);
  known.Put("s", vschema, now, OneColumn());
  EXPECT_EQ(known.Find("s", vschema.get(), now + seconds(60)), nullptr);
  known.Put("s", vschema, now, OneColumn());
  known.Clear();
  EXPECT_EQ(known.Find("s", vschema.get(), now), nullptr);
}

TEST(Descriptions, TheLeastUsedGoesFirst) {
  Descriptions known(2);
  const auto vschema = vschema::VSchema::Build(vschema::SrvVSchemaRecord());
  const Instant now{};
  known.Put("a", vschema, now, OneColumn());
  known.Put("b", vschema, now, OneColumn());
  EXPECT_NE(known.Find("a", vschema.get(), now), nullptr);
  known.Put("c", vschema, now, OneColumn());
  EXPECT_EQ(known.size(), 2u);
  EXPECT_EQ(known.Find("b", vschema.get(), now), nullptr);
  EXPECT_NE(known.Find("a", vschema.get(), now), nullptr);
  known.Put("a", vschema, now, OneColumn());
  EXPECT_EQ(known.size(), 2u);
}

}  // namespace
}  // namespace tessera::vtgate
