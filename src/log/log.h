// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include <fmt/core.h>

namespace tessera::log {

enum class Level : uint8_t { kDebug, kInfo, kWarn, kError };

// Lines below this are not formatted. From any thread.
void SetLevel(Level level);
inline std::atomic<Level> threshold{Level::kInfo};

// Where lines go: standard error unless a file is opened (appended to). False, with errno, when it
// cannot be.
bool OpenFile(const std::string& path);

// One line, in one write, so that lines of several threads do not mix: time in UTC, level, place,
// text. User data must not be in it unless it was redacted.
void Write(Level level, std::string_view file, int line, std::string_view text);

}  // namespace tessera::log

// LOG(kWarn, "tablet {} left serving: {}", alias, reason): the arguments are not evaluated below
// the level.
#define LOG(level, ...)                                                                            \
  do {                                                                                             \
    if (::tessera::log::Level::level >= ::tessera::log::threshold.load(std::memory_order_relaxed)) \
      ::tessera::log::Write(::tessera::log::Level::level, __FILE__, __LINE__,                      \
                            ::fmt::format(__VA_ARGS__));                                           \
  } while (false)
