// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace tessera {
namespace {

TEST(Arena, AlignsWhatItGives) {
  Arena arena(64);
  for (size_t size = 1; size < 200; ++size) {
    for (const size_t alignment : {1u, 2u, 8u, 16u, 64u}) {
      const auto at = reinterpret_cast<uintptr_t>(arena.Allocate(size, alignment));
      ASSERT_EQ(at % alignment, 0u) << size << " bytes by " << alignment;
    }
  }
}

TEST(Arena, WhatWasMadeStaysWhileBlocksAreAdded) {
  Arena arena(16);
  std::vector<std::string_view> copies;
  for (int i = 0; i < 1000; ++i) copies.push_back(arena.Copy(std::to_string(i)));
  for (int i = 0; i < 1000; ++i) ASSERT_EQ(copies[i], std::to_string(i));
  const Arena moved = std::move(arena);
  EXPECT_EQ(copies[999], "999");
  EXPECT_GE(moved.capacity(), 2890u);
}

TEST(Arena, ALargePieceGetsItsOwnBlock) {
  Arena arena(64);
  const std::string big(3 << 20, 'x');
  const std::string_view copy = arena.Copy(big);
  EXPECT_EQ(copy, big);
  EXPECT_GE(arena.capacity(), big.size());
}

TEST(Arena, MakesObjectsAndArrays) {
  struct Pair {
    int first = 7;
    double second = 0.5;
  };
  Arena arena;
  EXPECT_EQ(arena.New<Pair>()->first, 7);
  EXPECT_EQ(arena.New<Pair>(3, 1.5)->first, 3);
  const std::span<uint64_t> numbers = arena.NewArray<uint64_t>(100);
  ASSERT_EQ(numbers.size(), 100u);
  for (const uint64_t number : numbers) EXPECT_EQ(number, 0u);
  EXPECT_TRUE(arena.NewArray<int>(0).empty());
  EXPECT_TRUE(arena.Copy("").empty());
}

TEST(Arena, ResetReusesTheNewestBlock) {
  Arena arena(64);
  arena.Reset();
  for (int i = 0; i < 100; ++i) arena.Copy("some text that fills blocks");
  const size_t full = arena.capacity();
  arena.Reset();
  const size_t kept = arena.capacity();
  EXPECT_LT(kept, full);
  EXPECT_GT(kept, 0u);
  const std::string fits(kept, 'y');
  EXPECT_EQ(arena.Copy(fits), fits);
  EXPECT_EQ(arena.capacity(), kept);
}

}  // namespace
}  // namespace tessera
