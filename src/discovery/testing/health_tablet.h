// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/waiter.h"
#include "discovery/tablet_health.h"
#include "queryservice/query_service.h"
#include "runtime/sync.h"

namespace tessera::discovery::testing {

// A tablet that tells its health, at once, after Tell and every 20 s, and answers nothing else.
class HealthTablet final : public queryservice::QueryService {
 public:
  queryservice::Health health;
  std::optional<Error> down;   // nobody answers
  bool silent = false;         // connections stay, nothing is told
  int streams = 0;             // open
  int closed = 0;              // connections that were closed
  std::vector<Instant> asked;  // when streams were

  // Has all streams tell how the tablet is now, or end if it is down.
  void Tell() { changed_.WakeAll(); }

  Task<Result<>> StreamHealth(const Context& ctx, queryservice::HealthSink& sink) override {
    asked.push_back(Executor::Current().Now());
    if (down) co_return *down;
    ++streams;
    Result<> ended = Ok{};
    while (ended.ok() && !ctx.cancelled()) {
      if (!silent) {
        ended = co_await sink.OnHealth(ctx, health);
      }
      if (!ended.ok()) break;
      const Context until = ctx.WithTimeout(std::chrono::seconds(20));
      const Result<> woken = co_await changed_.Wait(until);
      static_cast<void>(woken.ok());
      if (down) ended = *down;
    }
    --streams;
    co_return ended;
  }

  Task<Result<sqltypes::ResultSet>> Execute(const Context&, const queryservice::Request&) override {
    co_return No();
  }
  Task<Result<>> StreamExecute(const Context&, const queryservice::Request&,
                               queryservice::ResultSink&) override {
    co_return No();
  }
  Task<Result<queryservice::State>> Begin(const Context&, const queryservice::Request&) override {
    co_return No();
  }
  Task<Result<queryservice::State>> Commit(const Context&, const keys::Target&, int64_t) override {
    co_return No();
  }
  Task<Result<queryservice::State>> Rollback(const Context&, const keys::Target&,
                                             int64_t) override {
    co_return No();
  }
  Task<Result<queryservice::StatefulResult>> BeginExecute(const Context&,
                                                          const queryservice::Request&) override {
    co_return No();
  }
  Task<Result<queryservice::State>> BeginStreamExecute(const Context&, const queryservice::Request&,
                                                       queryservice::ResultSink&) override {
    co_return No();
  }
  Task<Result<queryservice::StatefulResult>> ReserveExecute(const Context&,
                                                            const queryservice::Request&) override {
    co_return No();
  }
  Task<Result<queryservice::State>> ReserveStreamExecute(const Context&,
                                                         const queryservice::Request&,
                                                         queryservice::ResultSink&) override {
    co_return No();
  }
  Task<Result<queryservice::StatefulResult>> ReserveBeginExecute(
      const Context&, const queryservice::Request&) override {
    co_return No();
  }
  Task<Result<queryservice::State>> ReserveBeginStreamExecute(const Context&,
                                                              const queryservice::Request&,
                                                              queryservice::ResultSink&) override {
    co_return No();
  }
  Task<Result<>> Release(const Context&, const keys::Target&, int64_t, int64_t) override {
    co_return No();
  }
  Task<Result<>> GetSchema(const Context&, const keys::Target&, queryservice::SchemaTables,
                           std::span<const std::string>, queryservice::SchemaSink&) override {
    co_return No();
  }

 private:
  static Error No() { return Error(Code::kUnimplemented, "this tablet only tells its health"); }

  runtime::WaitQueue changed_;
};

// A connection to a HealthTablet, which outlives it.
class HealthTabletConnection final : public TabletConnection {
 public:
  explicit HealthTabletConnection(HealthTablet& tablet) : tablet_(tablet) {}
  queryservice::QueryService& service() override { return tablet_; }
  Task<> Close() override {
    ++tablet_.closed;
    co_return;
  }

 private:
  HealthTablet& tablet_;
};

}  // namespace tessera::discovery::testing
