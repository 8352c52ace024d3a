// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"

namespace tessera::vtgate {

// A file that comes from a client.
class FileSource {
 public:
  virtual ~FileSource() = default;
  // The next piece, valid until the next call; empty at the end.
  virtual Task<Result<std::string_view>> Next(const Context& ctx) = 0;
};

}  // namespace tessera::vtgate
