// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/error.h"
#include "base/result.h"
#include "base/task.h"
#include "flags/flag_set.h"
#include "runtime/loop.h"
#include "runtime/sync.h"

namespace tessera::querylog {

// What is logged and how. Names and defaults are Vitess's.
struct QueryLogFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<std::string> file{"log-queries-to-file", "", "File that every statement is appended to."};
  Flag<std::string> format{"querylog-format", "text", "text or json."};
  Flag<std::string> mode{"querylog-mode", "all", "all, or error: statements that failed."};
  Flag<std::string> filter_tag{"querylog-filter-tag", "",
                               "Words that a statement must hold to be logged."};
  Flag<uint32_t> row_threshold{"querylog-row-threshold", 0,
                               "Rows that a statement must give or change to be logged."};
  Flag<std::chrono::nanoseconds> time_threshold{"querylog-time-threshold",
                                                std::chrono::nanoseconds(0),
                                                "Time that a statement must take to be logged."};
  Flag<double> sample_rate{
      "querylog-sample-rate", 0,
      "Share of statements that are logged whatever the thresholds say: 0 to 1."};
  Flag<bool> any_condition{"querylog-emit-on-any-condition-met", false,
                           "One threshold or tag is enough instead of all."};
  Flag<int> buffer{"querylog-buffer-size", 10, "Lines that wait for a slow listener."};
  Flag<std::string> path{"query-log-stream-handler", "/debug/querylog", "Path of the live log."};
  Flag<bool> redact_pages{"redact-debug-ui-queries", false,
                          "Keep values of statements off the status pages."};
  Flag<bool> sanitize{"sanitize-log-messages", false, "Keep values of statements out of logs."};

  void Register(flags::FlagSet& set);
  // kInvalidArgument names the flag that is wrong.
  Result<> Check() const;
};

enum class FieldKind : uint8_t {
  kText,    // quoted in JSON
  kNumber,  // text of a number
  kSql,     // may hold values: redacted by the log's function
  kValues,  // values alone: "[REDACTED]"
  kError,   // may hold values: without them only the record's code stays
};

struct Field {
  std::string_view name;  // a literal
  FieldKind kind = FieldKind::kText;
  std::string text;
};

// One statement. Made only while the log is active.
struct Record {
  std::string_view sql;  // for filter and tag
  uint64_t rows = 0;     // given or changed
  std::chrono::nanoseconds took{0};
  Code code = Code::kOk;
  std::vector<Field> fields;

  void Add(std::string_view name, std::string text, FieldKind kind = FieldKind::kText) {
    fields.push_back({name, kind, std::move(text)});
  }
  void AddSeconds(std::string_view name, std::chrono::nanoseconds time);
  void AddNumber(std::string_view name, uint64_t value);
};

// A line, with its end: fields in tabs, or a JSON object. `redact` replaces values in SQL; null
// leaves everything as it is.
using Redactor = std::string (*)(std::string_view sql);
std::string FormatRecord(const Record& record, bool json, Redactor redact);

// Somebody who reads the log as it is written. Made by QueryLog::Subscribe on the loop that reads.
class Subscription : public std::enable_shared_from_this<Subscription> {
 public:
  Subscription(runtime::Loop& loop, size_t capacity, bool json)
      : loop_(loop), capacity_(capacity), json_(json) {}

  // The next lines; waits for one. The error is the context's.
  Task<Result<std::string>> Next(const Context& ctx);
  bool json() const { return json_; }
  // From any thread.
  void Push(const std::string& line);

 private:
  runtime::Loop& loop_;
  const size_t capacity_;
  const bool json_;
  std::mutex mutex_;
  std::deque<std::string> lines_;
  uint64_t lost_ = 0;
  bool waking_ = false;
  runtime::WaitQueue waiters_;  // of the loop
};

// The log of a process. Thread-safe; outlives what emits to it.
class QueryLog {
 public:
  // `redact` takes values out of SQL. The flags are checked.
  QueryLog(const QueryLogFlags& flags, Redactor redact);
  ~QueryLog();
  QueryLog(const QueryLog&) = delete;
  QueryLog& operator=(const QueryLog&) = delete;

  // Opens --log-queries-to-file, when there is one. kInvalidArgument names the file and the reason.
  Result<> OpenFile();
  // Whether anybody reads: otherwise records need not be made.
  bool active() const { return active_.load(std::memory_order_relaxed); }
  void Emit(const Record& record);

  // Until the pointer is dropped. `json` overrides --querylog-format.
  std::shared_ptr<Subscription> Subscribe(std::optional<bool> json);

  // Text of a statement as pages may show it.
  std::string ForPages(std::string_view sql) const;
  const QueryLogFlags& flags() const { return flags_; }

 private:
  bool Wants(const Record& record);
  void Write(const std::string& line) const;

  const QueryLogFlags& flags_;
  const Redactor redact_;
  int file_ = -1;
  std::atomic<bool> active_ = false;
  std::atomic<uint64_t> seen_ = 0;
  std::mutex mutex_;
  std::vector<std::weak_ptr<Subscription>> subscriptions_;
};

}  // namespace tessera::querylog
