// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/hot_rows.h"

#include <fmt/core.h>

#include "base/arena.h"
#include "sqlparser/ast_nodes.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"

namespace tessera::tabletserver {

namespace {

// Longer conditions name many rows.
constexpr size_t kLongestKey = 4096;
constexpr size_t kKeptRows = 1'000;

struct OneTable {
  const sqlparser::TableName* table = nullptr;
  const sqlparser::Expr* where = nullptr;
};

// Null without both, or with more tables than one.
OneTable ChangedTable(const sqlparser::List<sqlparser::TableExpr>& tables,
                      const sqlparser::Expr* where) {
  if (tables.size() != 1 || where == nullptr) return {};
  const auto* const table = tables[0]->As<sqlparser::AliasedTable>();
  return table == nullptr ? OneTable() : OneTable{table->table, where};
}

OneTable ChangedTable(const sqlparser::Statement& statement) {
  if (const auto* const update = statement.As<sqlparser::Update>())
    return ChangedTable(update->tables, update->where);
  if (const auto* const remove = statement.As<sqlparser::Delete>())
    return ChangedTable(remove->tables, remove->where);
  return {};
}

void AddAll(const std::map<std::string, uint64_t>& from, std::map<std::string, uint64_t>& to) {
  for (const auto& [table, count] : from) to[table] += count;
}

}  // namespace

void HotRowStats::Add(const HotRowStats& other) {
  AddAll(other.waits, waits);
  AddAll(other.waits_dry_run, waits_dry_run);
  AddAll(other.exceeded, exceeded);
  AddAll(other.exceeded_dry_run, exceeded_dry_run);
  global_exceeded += other.global_exceeded;
  global_exceeded_dry_run += other.global_exceeded_dry_run;
}

std::optional<HotRowKey> HotRowKeyOf(std::string_view sql, const sqltypes::BindVars* vars) {
  Arena arena;
  const Result<const sqlparser::Statement*> parsed = sqlparser::Parse(arena, sql);
  if (!parsed.ok()) return std::nullopt;
  const OneTable changed = ChangedTable(**parsed);
  if (changed.table == nullptr) return std::nullopt;
  HotRowKey key;
  key.table = changed.table->name;
  key.text = sqlparser::ToString(changed.table) + " where ";
  const std::string where = sqlparser::ToString(changed.where);
  if (vars == nullptr) {
    key.text += where;
  } else if (!sqltypes::SqlTemplate(where).Render(*vars, key.text).ok()) {
    return std::nullopt;
  }
  if (key.text.size() > kLongestKey) return std::nullopt;
  return key;
}

void HotRows::NoteSeen(const std::string& key) {
  if (seen_.size() < kKeptRows || seen_.contains(key)) ++seen_[key];
}

Result<> HotRows::CheckRoom(const Row& row, const HotRowKey& key) {
  if (size_ >= options_.global) {
    ++(options_.on ? stats_.global_exceeded : stats_.global_exceeded_dry_run);
    if (options_.on)
      return Errorf(Code::kResourceExhausted,
                    "hot row protection: too many queued transactions ({} >= {})", size_,
                    options_.global)
          .WithHint("--hot-row-protection-max-global-queue-size is how many may queue");
  }
  if (row.size >= options_.queue) {
    ++(options_.on ? stats_.exceeded : stats_.exceeded_dry_run)[key.table];
    if (options_.on)
      return Errorf(Code::kResourceExhausted,
                    "hot row protection: too many queued transactions ({} >= {}) for the same row "
                    "(table + WHERE clause: '{}')",
                    row.size, options_.queue, key.text)
          .WithHint("--hot-row-protection-max-queue-size is how many may queue");
  }
  return Ok{};
}

Task<Result<HotRows::Place>> HotRows::Enter(const Context& ctx, const HotRowKey& key) {
  std::unique_ptr<Row>& at = rows_[key.text];
  const bool first = at == nullptr;
  if (first) at = std::make_unique<Row>();
  Row& row = *at;
  if (!first) {
    CO_TRY_OK(CheckRoom(row, key));
    // The one it met counts, too.
    if (row.size == 1) NoteSeen(key.text);
    NoteSeen(key.text);
  }
  ++row.size;
  ++size_;
  if (!options_.on) {
    if (row.size > options_.concurrent) ++stats_.waits_dry_run[key.table];
    co_return Place(this, key.text, false);
  }
  if (row.running < options_.concurrent) {
    ++row.running;
    co_return Place(this, key.text, true);
  }
  ++stats_.waits[key.table];
  const Result<> reached = co_await row.waiting.Wait(ctx);
  // Who woke us has left its slot to us.
  if (reached.ok()) co_return Place(this, key.text, true);
  Leave(key.text, false);
  co_return reached.error();
}

void HotRows::Leave(const std::string& key, bool slot) {
  const auto at = rows_.find(key);
  Row& row = *at->second;
  --size_;
  --row.size;
  if (slot && !row.waiting.WakeOne()) --row.running;
  if (row.size == 0) rows_.erase(at);
}

}  // namespace tessera::tabletserver
