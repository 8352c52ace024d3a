// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/topology_watch.h"

#include <chrono>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "base/waiter.h"
#include "topo/errors.h"
#include "vtctl/record_text.h"
#include "vtctlweb/event_stream.h"
#include "vtctlweb/json_answer.h"

namespace tessera::vtctlweb {

namespace {

constexpr Duration kWatchAgain = std::chrono::seconds(1);
constexpr Duration kHeartbeat = std::chrono::seconds(15);

int64_t UnixMilliseconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// Tells one record's life to one listener.
class Teller {
 public:
  Teller(topo::Server& topology, std::string full_path, vtctl::RecordPlace place,
         http::BodyWriter& out)
      : topology_(topology),
        full_path_(std::move(full_path)),
        place_(std::move(place)),
        events_(out) {}

  // Until the client has gone. Watches again what was deleted or could not be read.
  Task<Result<>> Run(const Context& ctx) {
    while (true) {
      const Result<> ended = co_await WatchOnce(ctx);
      CO_TRY_OK(ctx.Check());
      CO_TRY_OK(lost_);
      if (!ended.ok()) {
        CO_TRY_OK(co_await TellEnd(ctx, ended.error()));
      }
      [[maybe_unused]] const Result<> slept = co_await Sleep(ctx, kWatchAgain);
    }
  }

 private:
  Task<Result<>> WatchOnce(const Context& ctx) {
    CO_TRY(topo::Conn* const conn, co_await topology_.Cell(ctx, place_.cell));
    CO_TRY(const std::unique_ptr<topo::Watcher> watcher, co_await conn->Watch(ctx, place_.path));
    topo::Node node = watcher->first();
    while (true) {
      CO_TRY_OK(co_await TellNode(ctx, node));
      CO_TRY(node, co_await NextNode(ctx, *watcher));
    }
  }

  // Lets the client be heard of while nothing changes.
  Task<Result<topo::Node>> NextNode(const Context& ctx, topo::Watcher& watcher) {
    while (true) {
      const Context until = ctx.WithTimeout(kHeartbeat);
      Result<topo::Node> next = co_await watcher.Next(until);
      if (next.ok() || ctx.cancelled() || !until.cancelled()) co_return next;
      CO_TRY_OK(co_await Sent(events_.SendNothing(ctx)));
    }
  }

  Task<Result<>> TellNode(const Context& ctx, const topo::Node& node) {
    const Result<std::string> text = vtctl::RecordText(full_path_, node.contents, true);
    const std::string data = text.ok() ? *text : text.error().ToString();
    co_return co_await TellOnce(
        ctx, fmt::format(R"("version":"{}","data":{})", node.version, JsonString(data)));
  }

  Task<Result<>> TellEnd(const Context& ctx, const Error& error) {
    const std::string failed = ErrorJson(error);
    const std::string what =
        topo::IsNoNode(error) ? "\"deleted\":true" : failed.substr(1, failed.size() - 2);
    co_return co_await TellOnce(ctx, what);
  }

  // The same thing is not told twice in a row.
  Task<Result<>> TellOnce(const Context& ctx, std::string what) {
    if (what == told_) co_return Ok{};
    told_ = std::move(what);
    const std::string event = fmt::format(R"({{"time":{},{}}})", UnixMilliseconds(), told_);
    co_return co_await Sent(events_.Send(ctx, event));
  }

  // Keeps apart that the client is gone from what is wrong with the record.
  Task<Result<>> Sent(Task<Result<>> sending) {
    lost_ = co_await std::move(sending);
    co_return lost_;
  }

  topo::Server& topology_;
  const std::string full_path_;
  const vtctl::RecordPlace place_;
  EventStream events_;
  Result<> lost_ = Ok{};
  std::string told_;
};

Task<Result<>> Tell(const Context& ctx, topo::Server& topology, std::string path,
                    vtctl::RecordPlace place, http::BodyWriter& out) {
  Teller teller(topology, std::move(path), std::move(place), out);
  co_return co_await teller.Run(ctx);
}

}  // namespace

http::Response WatchRecord(topo::Server& topology, std::string path) {
  const Result<vtctl::RecordPlace> place = vtctl::ParseRecordPlace(path);
  if (!place.ok()) return ErrorAnswer(place.error());
  if (place->path.empty())
    return ErrorAnswer(Errorf(Code::kInvalidArgument, "{} is a cell, not a record", path));
  return Events([&topology, path, place = *place](const Context& ctx, http::BodyWriter& out) {
    return Tell(ctx, topology, path, place, out);
  });
}

}  // namespace tessera::vtctlweb
