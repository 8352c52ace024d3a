// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/arena.h"

#include <algorithm>

namespace tessera {

void* Arena::AllocateSlow(size_t size, size_t alignment) {
  constexpr size_t kLargestBlock = 1 << 20;
  const size_t block = std::max(next_block_, size + alignment);
  next_block_ = std::min(next_block_ * 2, kLargestBlock);
  blocks_.push_back(std::make_unique_for_overwrite<char[]>(block));
  newest_size_ = block;
  capacity_ += block;
  cursor_ = blocks_.back().get();
  end_ = cursor_ + block;
  return Allocate(size, alignment);
}

void Arena::Reset() {
  if (blocks_.empty()) return;
  std::unique_ptr<char[]> newest = std::move(blocks_.back());
  blocks_.clear();
  blocks_.push_back(std::move(newest));
  capacity_ = newest_size_;
  cursor_ = blocks_.back().get();
  end_ = cursor_ + newest_size_;
}

}  // namespace tessera
