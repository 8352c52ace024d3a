// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "mysqlconn/pool.h"
#include "runtime/sync.h"

namespace tessera::tabletserver {

// Hands out ids of sequence tables (columns id, next_id, cache; the row with id 0). Blocks of
// `cache` ids are reserved in the table before any of them is given, so a crash can lose ids but
// never gives one twice. Of one loop.
class Sequences {
 public:
  // The first of `count` ids in a row. `table` is as it stood in the statement.
  Task<Result<int64_t>> Next(const Context& ctx, mysqlconn::Pool& pool, const std::string& table,
                             int64_t count);
  // Forgets what was reserved: somebody else may be the primary now.
  void Reset() { sequences_.clear(); }
  // The same for one table, however a statement spelled its name.
  void Forget(std::string_view table);

 private:
  struct Sequence {
    runtime::AsyncMutex mutex;
    int64_t next = 0;
    int64_t last = 0;  // first id that is not ours
  };
  static Task<Result<>> Refill(const Context& ctx, mysqlconn::Pool& pool, const std::string& table,
                               int64_t count, Sequence& sequence);
  static Task<Result<>> Reserve(const Context& ctx, mysqlconn::Connection& connection,
                                const std::string& table, int64_t count, Sequence& sequence);

  std::unordered_map<std::string, std::shared_ptr<Sequence>> sequences_;
};

}  // namespace tessera::tabletserver
