// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace tessera::stats {

// How long things took: a histogram with Vitess's bounds. Of one loop.
class Timings {
 public:
  // Nanoseconds that a bucket's values do not exceed; a last bucket has the longer ones.
  static constexpr std::array<int64_t, 10> kBounds = {
      500'000,     1'000'000,   5'000'000,     10'000'000,    50'000'000,
      100'000'000, 500'000'000, 1'000'000'000, 5'000'000'000, 10'000'000'000};

  void Add(std::chrono::nanoseconds took) {
    size_t bucket = 0;
    while (bucket < kBounds.size() && took.count() > kBounds[bucket]) ++bucket;
    ++buckets_[bucket];
    ++count_;
    total_ += took;
  }
  void Merge(const Timings& other) {
    for (size_t i = 0; i < buckets_.size(); ++i) buckets_[i] += other.buckets_[i];
    count_ += other.count_;
    total_ += other.total_;
  }

  uint64_t count() const { return count_; }
  std::chrono::nanoseconds total() const { return total_; }
  // Of one bucket alone, not of those below it.
  uint64_t bucket(size_t index) const { return buckets_[index]; }

 private:
  std::array<uint64_t, kBounds.size() + 1> buckets_ = {};
  uint64_t count_ = 0;
  std::chrono::nanoseconds total_{0};
};

}  // namespace tessera::stats
