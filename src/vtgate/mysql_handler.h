// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "mysqlconn/handler.h"
#include "vtgate/executor.h"

namespace tessera::vtgate {

// The gate's side of MySQL clients: sessions and results. One for the process; each loop tells its
// own executor before it serves.
class MysqlHandler final : public mysqlconn::Handler {
 public:
  // The executor of the calling thread's loop. Outlives the loop's connections; null when they have
  // ended.
  static void SetExecutor(Executor* executor);
  static Executor* executor();

  Task<Result<>> Connected(const Context& ctx, mysqlconn::Session& session) override;
  Task<Result<>> Query(const Context& ctx, mysqlconn::Session& session, std::string_view sql,
                       mysqlconn::ResultWriter& writer) override;
  Task<Result<>> InitDb(const Context& ctx, mysqlconn::Session& session,
                        std::string_view database) override;
  Task<Result<>> Reset(const Context& ctx, mysqlconn::Session& session) override;
  Task<> Closed(const Context& ctx, mysqlconn::Session& session) override;

 private:
  Task<Result<>> RunOne(const Context& ctx, mysqlconn::Session& session, std::string_view sql,
                        mysqlconn::ResultWriter& writer);
};

}  // namespace tessera::vtgate
