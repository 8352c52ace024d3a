// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/bytes.h"

namespace tessera::mysqlwire {

void ByteBuffer::LenencInt(uint64_t value) { PutLenencInt(Extend(LenencSize(value)), value); }

void ByteBuffer::Grow(size_t more) {
  constexpr size_t kFirst = 256;
  const size_t capacity = std::max({kFirst, size_ + more, capacity_ + capacity_ / 2});
  std::unique_ptr<char[]> data(new char[capacity]);
  if (size_ != 0) std::memcpy(data.get(), data_.get(), size_);
  data_ = std::move(data);
  capacity_ = capacity;
}

}  // namespace tessera::mysqlwire
