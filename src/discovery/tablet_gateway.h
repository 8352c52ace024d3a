// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "discovery/health_check.h"
#include "queryservice/query_service.h"

namespace tessera::discovery {

// Runs requests on tablets it chooses. Errors read "target: ks.-80.primary: ...". Belongs to one
// loop.
class TabletGateway {
 public:
  explicit TabletGateway(HealthCheck& health, int retry_count = 2)
      : health_(health), retry_count_(retry_count) {}

  HealthCheck& health() { return health_; }

  // What must succeed on a tablet before a request runs there. Outlives the call.
  using First = std::function<Task<Result<>>(TabletHealth&)>;

  // On any tablet fit for request.target; tried on another one when the tablet cannot serve.
  Task<Result<sqltypes::ResultSet>> Execute(const Context& ctx,
                                            const queryservice::Request& request,
                                            const First* first = nullptr);

  // A call that opens a transaction or reserves a connection, on any fit tablet.
  using StatefulCall = Task<Result<queryservice::StatefulResult>> (queryservice::QueryService::*)(
      const Context&, const queryservice::Request&);
  Task<Result<queryservice::StatefulResult>> Open(const Context& ctx,
                                                  const queryservice::Request& request,
                                                  StatefulCall call, const First* first = nullptr);

  // The same two with rows to a sink. Once the sink has got anything there is no other tablet.
  Task<Result<>> Stream(const Context& ctx, const queryservice::Request& request,
                        queryservice::ResultSink& sink, const First* first = nullptr);
  using StreamCall = Task<Result<queryservice::State>> (queryservice::QueryService::*)(
      const Context&, const queryservice::Request&, queryservice::ResultSink&);
  Task<Result<queryservice::State>> OpenStream(const Context& ctx,
                                               const queryservice::Request& request,
                                               StreamCall call, queryservice::ResultSink& sink,
                                               const First* first = nullptr);

  // A session of a client's own on a fit tablet (QueryService::Attach), or on the one of `alias`
  // unless that is empty. `tablet` keeps the attachment's channel alive: it must outlive it.
  struct AttachedTablet {
    std::shared_ptr<TabletHealth> tablet;
    std::unique_ptr<queryservice::Attachment> attachment;
  };
  Task<Result<AttachedTablet>> Attach(const Context& ctx, const queryservice::Request& request,
                                      const keys::TabletAlias& alias);
  Task<Result<sqltypes::ResultSet>> DescribeStatement(const Context& ctx,
                                                      const queryservice::Request& request);

  // The tablet that holds a transaction. kUnavailable when it is gone.
  Result<std::shared_ptr<TabletHealth>> Pinned(const keys::Target& target,
                                               const keys::TabletAlias& alias);

  static Error WrapTarget(Error error, const keys::Target& target);

 private:
  // An answer, and who gave it.
  template <class Answer>
  struct Given {
    std::shared_ptr<TabletHealth> tablet;
    Answer answer;
  };
  // Asks one tablet after the other, `ask(tablet)` giving a Task<Result<Answer>>, until one answers
  // or an error would be the same elsewhere. After *heard there is no other tablet.
  template <class Answer, class Ask>
  Task<Result<Given<Answer>>> AskTablets(const Context& ctx, const keys::Target& target,
                                         const bool* heard, const Ask& ask,
                                         const First* first = nullptr);
  Task<Result<std::shared_ptr<TabletHealth>>> Next(const Context& ctx, const keys::Target& target,
                                                   std::vector<keys::TabletAlias> tried);

  static void Complete(queryservice::State& state, const TabletHealth& tablet,
                       const keys::Target& target);

  HealthCheck& health_;
  int retry_count_;
};

}  // namespace tessera::discovery
