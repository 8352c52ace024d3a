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
      co_return Error(Code::kClusterEvent,
                      "primary is not serving, there may be a reparent operation in progress");
    }
    co_return tablet;
  }
  health_.Kick();
  co_return Errorf(Code::kUnavailable,
                   "no healthy tablet available for 'keyspace:\"{}\" shard:\"{}\" tablet_type:{}'",
                   target.keyspace, target.shard, keys::TabletTypeUpperName(target.tablet_type));
}

Task<Result<ResultSet>> TabletGateway::Execute(const Context& ctx, const Request& request) {
  std::vector<keys::TabletAlias> tried;
  std::optional<Error> failed;
  for (int attempt = 0; attempt <= retry_count_; ++attempt) {
    Result<std::shared_ptr<TabletHealth>> tablet = co_await Next(ctx, *request.target, tried);
    if (!tablet.ok()) {
      if (!failed) failed = std::move(tablet).error();
      break;
    }
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    Result<ResultSet> result = co_await chosen->service().Execute(ctx, request);
    if (result.ok()) co_return result;
    failed = std::move(result).error();
    if (!MayRetry(ctx, *failed) || IsServerError(*failed)) break;
    tried.push_back(chosen->tablet.alias);
  }
  co_return WrapTarget(*std::move(failed), *request.target);
}

Task<Result<StatefulResult>> TabletGateway::Open(const Context& ctx, const Request& request,
                                                 StatefulCall call) {
  std::vector<keys::TabletAlias> tried;
  std::optional<Error> failed;
  for (int attempt = 0; attempt <= retry_count_; ++attempt) {
    Result<std::shared_ptr<TabletHealth>> tablet = co_await Next(ctx, *request.target, tried);
    if (!tablet.ok()) {
      if (!failed) failed = std::move(tablet).error();
      break;
    }
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    Result<StatefulResult> result = co_await (chosen->service().*call)(ctx, request);
    if (result.ok()) {
      if (result->state.alias.empty()) result->state.alias = chosen->tablet.alias;
      if (result->state.error)
        result->state.error = WrapTarget(*std::move(result->state.error), *request.target);
      co_return result;
    }
    failed = std::move(result).error();
    if (!MayRetry(ctx, *failed) || IsServerError(*failed)) break;
    tried.push_back(chosen->tablet.alias);
  }
  co_return WrapTarget(*std::move(failed), *request.target);
}

Task<Result<>> TabletGateway::Stream(const Context& ctx, const Request& request,
                                     queryservice::ResultSink& sink) {
  WatchedSink watched(sink);
  std::vector<keys::TabletAlias> tried;
  std::optional<Error> failed;
  for (int attempt = 0; attempt <= retry_count_; ++attempt) {
    Result<std::shared_ptr<TabletHealth>> tablet = co_await Next(ctx, *request.target, tried);
    if (!tablet.ok()) {
      if (!failed) failed = std::move(tablet).error();
      break;
    }
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    Result<> done = co_await chosen->service().StreamExecute(ctx, request, watched);
    if (done.ok()) co_return Ok{};
    failed = std::move(done).error();
    if (watched.started || !MayRetry(ctx, *failed) || IsServerError(*failed)) break;
    tried.push_back(chosen->tablet.alias);
  }
  co_return WrapTarget(*std::move(failed), *request.target);
}

Task<Result<State>> TabletGateway::OpenStream(const Context& ctx, const Request& request,
                                              StreamCall call, queryservice::ResultSink& sink) {
  WatchedSink watched(sink);
  std::vector<keys::TabletAlias> tried;
  std::optional<Error> failed;
  for (int attempt = 0; attempt <= retry_count_; ++attempt) {
    Result<std::shared_ptr<TabletHealth>> tablet = co_await Next(ctx, *request.target, tried);
    if (!tablet.ok()) {
      if (!failed) failed = std::move(tablet).error();
      break;
    }
    const std::shared_ptr<TabletHealth> chosen = *tablet;
    Result<State> opened = co_await (chosen->service().*call)(ctx, request, watched);
    if (opened.ok()) {
      if (opened->alias.empty()) opened->alias = chosen->tablet.alias;
      if (opened->error) opened->error = WrapTarget(*std::move(opened->error), *request.target);
      co_return opened;
    }
    failed = std::move(opened).error();
    if (watched.started || !MayRetry(ctx, *failed) || IsServerError(*failed)) break;
    tried.push_back(chosen->tablet.alias);
  }
  co_return WrapTarget(*std::move(failed), *request.target);
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
