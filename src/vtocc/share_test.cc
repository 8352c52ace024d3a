// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtocc/share.h"

#include <gtest/gtest.h>

namespace tessera::vtocc {
namespace {

TEST(ShareTest, PartsAddUpToTheWhole) {
  tabletserver::Config whole;
  whole.oltp_pool_size = 17;
  whole.olap_pool_size = 200;
  whole.transaction_pool_size = 5;
  size_t reads = 0;
  size_t streams = 0;
  size_t transactions = 0;
  for (size_t i = 0; i < 4; ++i) {
    const tabletserver::Config part = ShareOf(whole, i, 4);
    reads += part.oltp_pool_size;
    streams += part.olap_pool_size;
    transactions += part.transaction_pool_size;
    EXPECT_EQ(part.alias.uid, i + 1);
  }
  EXPECT_EQ(reads, 17);
  EXPECT_EQ(streams, 200);
  EXPECT_EQ(transactions, 5);
}

TEST(ShareTest, NoLoopIsLeftWithoutAConnection) {
  tabletserver::Config whole;
  whole.oltp_pool_size = 2;
  EXPECT_EQ(ShareOf(whole, 3, 4).oltp_pool_size, 1);
}

}  // namespace
}  // namespace tessera::vtocc
