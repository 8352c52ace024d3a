// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "http/router.h"

namespace tessera::vtctlweb {

// Server-sent events over a body.
class EventStream {
 public:
  explicit EventStream(http::BodyWriter& out) : out_(out) {}

  // One event; `data` may have several lines. An error when the client takes nothing for 30 s.
  Task<Result<>> Send(const Context& ctx, std::string_view data);
  // A line clients skip: finds out whether anybody is there.
  Task<Result<>> SendNothing(const Context& ctx);

 private:
  http::BodyWriter& out_;
};

// A response whose body is such a stream; `events` runs until the client has gone.
http::Response Events(http::BodyStream events);

}  // namespace tessera::vtctlweb
