// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "discovery/tablet_gateway.h"

#include <algorithm>

namespace tessera::discovery {

using queryservice::Request;
using queryservice::State;
using queryservice::StatefulResult;
using sqltypes::ResultSet;

namespace {

// The tablet did not begin to run it: another one may.
bool MayRetry(const Context& ctx, const Error& error) {
  if (ctx.cancelled()) return false;
  return error.code() == Code::kUnavailable || error.code() == Code::kFailedPrecondition ||
         error.code() == Code::kClusterEvent;
}

// A server's own refusal (errno) will be the same everywhere; the tablet's is not.
bool IsServerError(const Error& error) {
  return error.message().find("(errno ") != std::string::npos;
}

// Notes whether anything came.
class WatchedSink final : public queryservice::ResultSink {
 public:
  explicit WatchedSink(queryservice::ResultSink& sink) : sink_(sink) {}
  Task<Result<>> OnFields(const Context& ctx, std::vector<sqltypes::Field> fields) override {
    started = true;
    return sink_.OnFields(ctx, std::move(fields));
  }
  Task<Result<>> OnRows(const Context& ctx, std::string_view run, size_t row_count) override {
    started = true;
    return sink_.OnRows(ctx, run, row_count);
  }
  bool started = false;

 private:
  queryservice::ResultSink& sink_;
};

}  // namespace

Error TabletGateway::WrapTarget(Error error, const keys::Target& target) {
  return std::move(error).Wrap("target: " + target.keyspace + "." + target.shard + "." +
                               std::string(keys::TabletTypeName(target.tablet_type)));
}

Task<Result<std::shared_ptr<TabletHealth>>> TabletGateway::Next(
    const Context& ctx, const keys::Target& target, std::vector<keys::TabletAlias> tried) {
  CO_TRY_OK(ctx.Check());
  for (const std::shared_ptr<TabletHealth>& tablet : health_.Find(target)) {
    const bool again = std::find(tried.begin(), tried.end(), tablet->tablet.alias) != tried.end();
    if (again) continue;
    if (!tablet->usable()) {
      // A primary that is known but does not serve is on its way out, or in.
      health_.Kick();
      std::string text = "primary is not serving, there may be a reparent operation in progress";
      // What the tablet itself says, first of all which server does not answer it.
      if (tablet->up && !tablet->health.health_error.empty())
        text.append(" (").append(tablet->health.health_error).append(")");
      co_return Error(Code::kClusterEvent, std::move(text));
    }
    co_return tablet;
  }
  health_.Kick();
  co_return Errorf(Code::kUnavailable,
                   "no healthy tablet available for 'keyspace:\"{}\" shard:\"{}\" tablet_type:{}'",
                   target.keyspace, target.shard, keys::TabletTypeUpperName(target.tablet_type));
}

template <class Answer, class Ask>
Task<Result<TabletGateway::Given<Answer>>> TabletGateway::AskTablets(const Context& ctx,
                                                                     const keys::Target& target,
                                                                     const bool* heard,
                                                                     const Ask& ask,
                                                                     const First* first) {
  std::vector<keys::TabletAlias> tried;
  std::optional<Error> failed;
  for (int attempt = 0; attempt <= retry_count_; ++attempt) {
    Result<std::shared_ptr<TabletHealth>> tablet = co_await Next(ctx, target, tried);
    if (!tablet.ok()) {
      if (!failed) failed = std::move(tablet).error();
      break;
    }
    Given<Answer> given;
    given.tablet = *std::move(tablet);
    TabletHealth& chosen = *given.tablet;
    Result<> ready = Ok{};
    if (first != nullptr) {
      const First& prepare = *first;
      ready = co_await prepare(chosen);
    }
    Result<Answer> answer = ready.ok() ? Answer() : Result<Answer>(std::move(ready).error());
    if (answer.ok()) answer = co_await ask(chosen);
    if (answer.ok()) {
      given.answer = *std::move(answer);
      co_return given;
    }
    failed = std::move(answer).error();
    if ((heard != nullptr && *heard) || !MayRetry(ctx, *failed) || IsServerError(*failed)) break;
    tried.push_back(given.tablet->tablet.alias);
  }
  co_return WrapTarget(*std::move(failed), target);
}

Task<Result<ResultSet>> TabletGateway::Execute(const Context& ctx, const Request& request,
                                               const First* first) {
  const auto ask = [&](TabletHealth& tablet) { return tablet.service().Execute(ctx, request); };
  CO_TRY(auto given, co_await AskTablets<ResultSet>(ctx, *request.target, nullptr, ask, first));
  co_return std::move(given.answer);
}

Task<Result<StatefulResult>> TabletGateway::Open(const Context& ctx, const Request& request,
                                                 StatefulCall call, const First* first) {
  const auto ask = [&](TabletHealth& tablet) { return (tablet.service().*call)(ctx, request); };
  CO_TRY(auto given,
         co_await AskTablets<StatefulResult>(ctx, *request.target, nullptr, ask, first));
  Complete(given.answer.state, *given.tablet, *request.target);
  co_return std::move(given.answer);
}

Task<Result<>> TabletGateway::Stream(const Context& ctx, const Request& request,
                                     queryservice::ResultSink& sink, const First* first) {
  WatchedSink watched(sink);
  const auto ask = [&](TabletHealth& tablet) {
    return tablet.service().StreamExecute(ctx, request, watched);
  };
  CO_TRY_OK(co_await AskTablets<Ok>(ctx, *request.target, &watched.started, ask, first));
  co_return Ok{};
}

Task<Result<State>> TabletGateway::OpenStream(const Context& ctx, const Request& request,
                                              StreamCall call, queryservice::ResultSink& sink,
                                              const First* first) {
  WatchedSink watched(sink);
  const auto ask = [&](TabletHealth& tablet) {
    return (tablet.service().*call)(ctx, request, watched);
  };
  CO_TRY(auto given,
         co_await AskTablets<State>(ctx, *request.target, &watched.started, ask, first));
  Complete(given.answer, *given.tablet, *request.target);
  co_return std::move(given.answer);
}

Task<Result<TabletGateway::AttachedTablet>> TabletGateway::Attach(const Context& ctx,
                                                                  const Request& request,
                                                                  const keys::TabletAlias& alias) {
  using queryservice::Attachment;
  AttachedTablet out;
  if (!alias.empty()) {
    CO_TRY(out.tablet, Pinned(*request.target, alias));
    auto attached = co_await out.tablet->service().Attach(ctx, request);
    if (!attached.ok()) co_return WrapTarget(std::move(attached).error(), *request.target);
    out.attachment = *std::move(attached);
    co_return out;
  }
  const auto ask = [&](TabletHealth& tablet) { return tablet.service().Attach(ctx, request); };
  CO_TRY(auto given,
         co_await AskTablets<std::unique_ptr<Attachment>>(ctx, *request.target, nullptr, ask));
  out.tablet = std::move(given.tablet);
  out.attachment = std::move(given.answer);
  co_return out;
}

Task<Result<ResultSet>> TabletGateway::DescribeStatement(const Context& ctx,
                                                         const Request& request) {
  const auto ask = [&](TabletHealth& tablet) {
    return tablet.service().DescribeStatement(ctx, request);
  };
  CO_TRY(auto given, co_await AskTablets<ResultSet>(ctx, *request.target, nullptr, ask));
  co_return std::move(given.answer);
}

// A tablet may leave out who it is; the error beside a state is told as all others are.
void TabletGateway::Complete(State& state, const TabletHealth& tablet, const keys::Target& target) {
  if (state.alias.empty()) state.alias = tablet.tablet.alias;
  if (state.error) state.error = WrapTarget(*std::move(state.error), target);
}

Result<std::shared_ptr<TabletHealth>> TabletGateway::Pinned(const keys::Target& target,
                                                            const keys::TabletAlias& alias) {
  std::shared_ptr<TabletHealth> tablet = health_.FindByAlias(alias);
  if (tablet != nullptr && tablet->up) return tablet;
  return WrapTarget(Errorf(Code::kUnavailable,
                           "VT15001: tablet {} is gone, issue ROLLBACK and retry the transaction",
                           alias.ToString()),
                    target);
}

}  // namespace tessera::discovery
