// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <chrono>

#include "base/context.h"

namespace tessera::topo {

// For one request to a topology server: lasts at most `most`, and ends a little before ctx does
// (a tenth of what is left, at most a second). Whoever waits for us with that deadline is then
// still there to hear that the topology did not answer, instead of knowing only that we did not.
inline Context InTime(const Context& ctx, Duration most) {
  const auto left = ctx.remaining();
  if (!left) return ctx.WithTimeout(most);
  const Duration margin = std::min<Duration>(*left / 10, std::chrono::seconds(1));
  return ctx.WithTimeout(std::min<Duration>(most, *left - margin));
}

}  // namespace tessera::topo
