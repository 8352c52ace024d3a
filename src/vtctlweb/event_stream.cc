// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/event_stream.h"

#include <chrono>
#include <utility>

namespace tessera::vtctlweb {

namespace {

constexpr Duration kWriteTimeout = std::chrono::seconds(30);

}  // namespace

Task<Result<>> EventStream::Send(const Context& ctx, std::string_view data) {
  std::string event;
  while (true) {
    const size_t end = data.find('\n');
    event.append("data: ").append(data.substr(0, end)).append("\n");
    if (end == std::string_view::npos) break;
    data.remove_prefix(end + 1);
  }
  event.append("\n");
  const Context bounded = ctx.WithTimeout(kWriteTimeout);
  co_return co_await out_.Write(bounded, event);
}

Task<Result<>> EventStream::SendNothing(const Context& ctx) {
  const Context bounded = ctx.WithTimeout(kWriteTimeout);
  co_return co_await out_.Write(bounded, ":\n\n");
}

http::Response Events(http::BodyStream events) {
  http::Response response;
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.stream = std::move(events);
  return response;
}

}  // namespace tessera::vtctlweb
