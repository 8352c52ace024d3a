// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/health_streamer.h"

#include <utility>

namespace tessera::tabletserver {

using queryservice::Health;

void HealthStreamer::Publish(const Health& health) {
  current_ = health;
  current_.table_schema_changed.clear();
  current_.view_schema_changed.clear();
  Send(std::make_shared<const Health>(health));
}

void HealthStreamer::Repeat() { Send(std::make_shared<const Health>(current_)); }

void HealthStreamer::Send(const std::shared_ptr<const Health>& health) {
  for (const std::shared_ptr<Subscriber>& subscriber : subscribers_) {
    if (subscriber->queue.TryPush(health)) continue;
    subscriber->overflowed = true;
    subscriber->queue.Close();
  }
}

void HealthStreamer::Close() {
  closed_ = true;
  for (const std::shared_ptr<Subscriber>& subscriber : subscribers_) subscriber->queue.Close();
}

Task<Result<>> HealthStreamer::Stream(const Context& ctx, queryservice::HealthSink& sink) {
  if (closed_) co_return Error(Code::kUnavailable, "tabletserver is shutdown");
  const auto self = std::make_shared<Subscriber>(buffer_);
  subscribers_.push_back(self);
  const auto place = std::prev(subscribers_.end());
  self->queue.TryPush(std::make_shared<const Health>(current_));
  Result<> outcome = Ok{};
  while (outcome.ok()) {
    Result<std::optional<std::shared_ptr<const Health>>> next = co_await self->queue.Pop(ctx);
    if (!next.ok()) {
      outcome = std::move(next).error();
    } else if (!next->has_value()) {
      break;
    } else {
      const std::shared_ptr<const Health> health = **next;
      outcome = co_await sink.OnHealth(ctx, *health);
    }
  }
  subscribers_.erase(place);
  if (!outcome.ok()) co_return outcome;
  if (self->overflowed) {
    co_return Error(Code::kResourceExhausted,
                    "stream health buffer overflowed. client should reconnect for up-to-date "
                    "status");
  }
  co_return Error(Code::kUnavailable, "tabletserver is shutdown");
}

}  // namespace tessera::tabletserver
