// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/context.h"

#include <memory>

#include <gtest/gtest.h>

namespace tessera {
namespace {

TEST(Context, AChildThatHoldsItsParentsLastReferenceLeavesItInOrder) {
  const auto child = [] {
    const Context parent = Context::Background().WithCancel();
    return std::make_unique<Context>(parent.WithCancel());
  };
  std::unique_ptr<Context> last = child();
  EXPECT_FALSE(last->cancelled());
  last.reset();  // AddressSanitizer tells when the parent goes first
}

TEST(Context, ChildrenEndWithTheirParentAndNotTheOtherWayRound) {
  const Context parent = Context::Background().WithCancel();
  const Context child = parent.WithCancel();
  const Context sibling = parent.WithCancel();
  child.Cancel();
  EXPECT_TRUE(child.cancelled());
  EXPECT_FALSE(parent.cancelled());
  EXPECT_FALSE(sibling.cancelled());
  parent.Cancel(Error(Code::kDeadlineExceeded, "late"));
  EXPECT_EQ(sibling.Check().error().code(), Code::kDeadlineExceeded);
  EXPECT_EQ(child.Check().error().code(), Code::kCancelled);
}

}  // namespace
}  // namespace tessera
