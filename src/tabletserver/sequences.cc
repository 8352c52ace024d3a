// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/sequences.h"

#include <limits>
#include <utility>

namespace tessera::tabletserver {

using mysqlconn::Connection;
using mysqlconn::Pool;
using sqltypes::ResultSet;

void Sequences::Forget(std::string_view table) {
  std::erase_if(sequences_, [table](const auto& entry) {
    std::string name = entry.first.substr(entry.first.rfind('.') + 1);
    std::erase(name, '`');
    return name == table;
  });
}

Task<Result<>> Sequences::Reserve(const Context& ctx, Connection& connection,
                                  const std::string& table, int64_t count, Sequence& sequence) {
  const std::string select =
      fmt::format("select next_id, cache from {} where id = 0 for update", table);
  CO_TRY(ResultSet row, co_await connection.Query(ctx, select));
  CO_TRY_OK(row.Decode());
  if (row.row_count() != 1) {
    co_return Errorf(Code::kUnknown, "sequence {} has no row with id 0", table)
        .WithHint("Insert one: (id, next_id, cache) values (0, 1, 1000)");
  }
  CO_TRY(int64_t next, row.row(0)[0].ToInt64());
  CO_TRY(const int64_t cache, row.row(0)[1].ToInt64());
  if (cache < 1)
    co_return Errorf(Code::kUnknown, "invalid cache value for sequence {}: {}", table, cache);
  // Somebody set the table back: ids already given must not come again.
  if (next < sequence.last) next = sequence.last;
  if (count > std::numeric_limits<int64_t>::max() - cache - next)
    co_return Errorf(Code::kOutOfRange, "sequence {} has no {} ids left", table, count);
  const int64_t last = next + (count + cache - 1) / cache * cache;
  const std::string update = fmt::format("update {} set next_id = {} where id = 0", table, last);
  CO_TRY_OK(co_await connection.Query(ctx, update));
  CO_TRY_OK(co_await connection.Query(ctx, "commit"));
  sequence.next = next;
  sequence.last = last;
  co_return Ok{};
}

Task<Result<>> Sequences::Refill(const Context& ctx, Pool& pool, const std::string& table,
                                 int64_t count, Sequence& sequence) {
  CO_TRY(Pool::Lease lease, co_await pool.Get(ctx));
  CO_TRY_OK(co_await lease->Query(ctx, "begin"));
  Result<> reserved = co_await Reserve(ctx, *lease, table, count, sequence);
  // A transaction may be open: the server ends it with the connection.
  if (!reserved.ok()) lease.Discard();
  co_return reserved;
}

Task<Result<int64_t>> Sequences::Next(const Context& ctx, Pool& pool, const std::string& table,
                                      int64_t count) {
  if (count < 1)
    co_return Errorf(Code::kInvalidArgument, "invalid increment for sequence {}: {}", table, count);
  std::shared_ptr<Sequence>& known = sequences_[table];
  if (known == nullptr) known = std::make_shared<Sequence>();
  const std::shared_ptr<Sequence> sequence = known;
  CO_TRY(const runtime::AsyncMutex::Guard guard, co_await sequence->mutex.Lock(ctx));
  if (sequence->last - sequence->next < count) {
    CO_TRY_OK(co_await Refill(ctx, pool, table, count, *sequence));
  }
  const int64_t first = sequence->next;
  sequence->next += count;
  co_return first;
}

}  // namespace tessera::tabletserver
