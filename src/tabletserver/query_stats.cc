// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/query_stats.h"

#include <algorithm>
#include <utility>

namespace tessera::tabletserver {

using stats::AddSample;
using stats::Kind;
using stats::Labelled;

namespace {

constexpr size_t kKeptErrors = 20;
constexpr size_t kKeptStates = 50;
// Names come from clients: a stream of made-up ones must not fill the memory.
constexpr size_t kMostTables = 2'000;
constexpr std::string_view kOtherTables = "(others)";
constexpr size_t kGlance = 4096;  // bytes of a statement that are looked at

bool IsWord(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '$' || (c & 0x80) != 0;
}

bool Is(std::string_view word, std::string_view lower) {
  return word.size() == lower.size() &&
         std::equal(word.begin(), word.end(), lower.begin(),
                    [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a + 32 : a) == b; });
}

// What a table's name may follow.
bool ComesBeforeTable(std::string_view word) {
  switch (word.size()) {
    case 4:
      return Is(word, "from") || Is(word, "into");
    case 5:
      return Is(word, "table");
    case 6:
      return Is(word, "update");
    default:
      return false;
  }
}

// Words that may stand between "table" or "into" and the name.
bool IsFiller(std::string_view word) {
  return Is(word, "if") || Is(word, "not") || Is(word, "exists") || Is(word, "ignore") ||
         Is(word, "low_priority");
}

// Behind the string, quoted name or comment that begins at `at`; `at` itself when none does.
size_t SkipQuoted(std::string_view sql, size_t at) {
  const char c = sql[at];
  if (c == '\'' || c == '"') {
    for (size_t i = at + 1; i < sql.size(); ++i) {
      if (sql[i] == '\\') {
        ++i;
      } else if (sql[i] == c) {
        return i + 1;
      }
    }
    return sql.size();
  }
  if (c == '/' && sql.substr(at, 2) == "/*" && sql.substr(at, 3) != "/*!") {
    const size_t end = sql.find("*/", at + 2);
    return end == std::string_view::npos ? sql.size() : end + 2;
  }
  return at;
}

// A name, plain or in backquotes, and the place behind it.
std::string_view TakeName(std::string_view sql, size_t& at) {
  const bool quoted = at < sql.size() && sql[at] == '`';
  const size_t begin = quoted ? at + 1 : at;
  size_t end = begin;
  while (end < sql.size() && (quoted ? sql[end] != '`' : IsWord(sql[end]))) ++end;
  at = std::min(sql.size(), quoted ? end + 1 : end);
  return sql.substr(begin, end - begin);
}

int64_t UnixSeconds() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(now).count();
}

}  // namespace

std::string_view FirstTable(std::string_view sql) {
  sql = sql.substr(0, kGlance);
  bool wanted = false;
  for (size_t i = 0; i < sql.size();) {
    if (const size_t behind = SkipQuoted(sql, i); behind != i) {
      i = behind;
      continue;
    }
    if (!IsWord(sql[i]) && !(wanted && sql[i] == '`')) {
      // A subquery, whose own FROM is to come.
      if (sql[i] == '(') wanted = false;
      ++i;
      continue;
    }
    const bool quoted = sql[i] == '`';
    std::string_view name = TakeName(sql, i);
    if (!wanted) {
      wanted = ComesBeforeTable(name);
    } else if (quoted || (!IsFiller(name) && !ComesBeforeTable(name))) {
      while (i + 1 < sql.size() && sql[i] == '.') name = TakeName(sql, ++i);
      return name;
    }
  }
  return {};
}

TableCounts& QueryStats::CountsOf(const Plan& plan, std::string_view sql) {
  if (plan.counts != nullptr) return *plan.counts;
  const std::string_view table = FirstTable(sql);
  auto at = tables_.find(table);
  if (at == tables_.end()) {
    const bool full = tables_.size() >= kMostTables;
    at = tables_.try_emplace(std::string(full ? kOtherTables : table)).first;
  }
  plan.counts = &at->second[static_cast<size_t>(plan.type)];
  return *plan.counts;
}

void QueryStats::Note(const Plan& plan, std::string_view sql, const QueryOutcome& outcome) {
  queries_[static_cast<size_t>(plan.type)].Add(outcome.took);
  const uint64_t failed = outcome.code == Code::kOk ? 0 : 1;
  errors_[static_cast<size_t>(outcome.code)] += failed;
  for (TableCounts* const counts : {&CountsOf(plan, sql), &plan.use}) {
    ++counts->queries;
    counts->errors += failed;
    counts->rows_returned += outcome.rows_returned;
    counts->rows_affected += outcome.rows_affected;
    counts->time += outcome.took;
  }
}

void QueryStats::NoteError(std::string_view sql, const Error& error) {
  if (recent_.size() >= kKeptErrors) recent_.pop_front();
  recent_.push_back(
      {UnixSeconds(), error.code(), std::string(sql.substr(0, kGlance)), error.message()});
}

void QueryStats::NoteState(keys::TabletType type, bool serving, const std::string& why) {
  if (!states_.empty()) {
    const StateChange& last = states_.back();
    if (last.type == type && last.serving == serving && last.why == why) return;
  }
  if (states_.size() >= kKeptStates) states_.pop_front();
  states_.push_back({UnixSeconds(), type, serving, why});
}

stats::Families QueryStats::Families() const {
  stats::Family queries =
      Labelled("Queries", Kind::kTimings, "Statements, and their time.", {"plan_type"});
  for (size_t type = 0; type < kPlanTypes; ++type) {
    if (queries_[type].count() == 0) continue;
    AddSample(queries, {std::string(PlanTypeName(static_cast<PlanType>(type)))}, queries_[type]);
  }
  stats::Family transactions =
      Labelled("Transactions", Kind::kTimings, "Transactions by their end.", {"operation"});
  AddSample(transactions, {"commit"}, transactions_[0]);
  AddSample(transactions, {"rollback"}, transactions_[1]);
  stats::Family errors =
      Labelled("Errors", Kind::kCounter, "Statements that failed.", {"error_code"});
  for (size_t code = 0; code < errors_.size(); ++code) {
    if (errors_[code] == 0) continue;
    AddSample(errors, {std::string(CodeName(static_cast<Code>(code)))},
              static_cast<double>(errors_[code]));
  }
  const std::vector<std::string> labels = {"Table", "Plan"};
  stats::Families by_table = {
      Labelled("QueryCounts", Kind::kCounter, "Statements by table.", labels),
      Labelled("QueryTimesNs", Kind::kCounter, "Their time in nanoseconds.", labels),
      Labelled("QueryRowsReturned", Kind::kCounter, "Rows they gave.", labels),
      Labelled("QueryRowsAffected", Kind::kCounter, "Rows they changed.", labels),
      Labelled("QueryErrorCounts", Kind::kCounter, "Those that failed.", labels)};
  for (const auto& [table, types] : tables_) {
    for (size_t type = 0; type < kPlanTypes; ++type) {
      const TableCounts& counts = types[type];
      if (counts.queries == 0) continue;
      const std::vector<std::string> values = {
          table, std::string(PlanTypeName(static_cast<PlanType>(type)))};
      AddSample(by_table[0], values, static_cast<double>(counts.queries));
      AddSample(by_table[1], values, static_cast<double>(counts.time.count()));
      AddSample(by_table[2], values, static_cast<double>(counts.rows_returned));
      AddSample(by_table[3], values, static_cast<double>(counts.rows_affected));
      AddSample(by_table[4], values, static_cast<double>(counts.errors));
    }
  }
  stats::Families out = {std::move(queries), std::move(transactions), std::move(errors)};
  out.insert(out.end(), by_table.begin(), by_table.end());
  return out;
}

}  // namespace tessera::tabletserver
