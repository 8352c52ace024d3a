// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "querylog/query_log.h"

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace tessera::querylog {

namespace {

constexpr std::string_view kRedacted = "[REDACTED]";

std::string Shown(const Record& record, const Field& field, Redactor redact) {
  if (redact == nullptr) return field.text;
  switch (field.kind) {
    case FieldKind::kSql:
      return redact(field.text);
    case FieldKind::kValues:
      return std::string(kRedacted);
    case FieldKind::kError:
      return record.code == Code::kOk ? std::string() : std::string(CodeName(record.code));
    default:
      return field.text;
  }
}

std::string Quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// Tabs and line ends of a value would be taken for the line's own.
std::string Plain(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

bool QuotedInText(FieldKind kind) { return kind != FieldKind::kText && kind != FieldKind::kNumber; }

}  // namespace

void QueryLogFlags::Register(flags::FlagSet& set) {
  set.Add(file, format, mode, filter_tag, row_threshold, time_threshold, sample_rate);
  set.Add(any_condition, buffer, path, redact_pages, sanitize);
}

Result<> QueryLogFlags::Check() const {
  if (*format != "text" && *format != "json")
    return Errorf(Code::kInvalidArgument, "--querylog-format: '{}' is not text or json", *format);
  if (*mode != "all" && *mode != "error")
    return Errorf(Code::kInvalidArgument, "--querylog-mode: '{}' is not all or error", *mode);
  if (*sample_rate < 0 || *sample_rate > 1)
    return Errorf(Code::kInvalidArgument, "--querylog-sample-rate: {} is not between 0 and 1",
                  *sample_rate);
  if (!path->starts_with('/'))
    return Errorf(Code::kInvalidArgument, "--query-log-stream-handler: '{}' is no path", *path);
  return Ok{};
}

void Record::AddSeconds(std::string_view name, std::chrono::nanoseconds time) {
  Add(name, fmt::format("{:.6f}", std::chrono::duration<double>(time).count()), FieldKind::kNumber);
}

void Record::AddNumber(std::string_view name, uint64_t value) {
  Add(name, std::to_string(value), FieldKind::kNumber);
}

std::string FormatRecord(const Record& record, bool json, Redactor redact) {
  std::string out = json ? "{" : "";
  for (size_t i = 0; i < record.fields.size(); ++i) {
    const Field& field = record.fields[i];
    const std::string text = Shown(record, field, redact);
    if (i > 0) out += json ? "," : "\t";
    if (json) {
      out += fmt::format("\"{}\":{}", field.name,
                         field.kind == FieldKind::kNumber ? text : Quoted(text));
    } else {
      out += QuotedInText(field.kind) ? Quoted(text) : Plain(text);
    }
  }
  return out + (json ? "}\n" : "\n");
}

Task<Result<std::string>> Subscription::Next(const Context& ctx) {
  for (;;) {
    {
      const std::scoped_lock lock(mutex_);
      if (!lines_.empty()) {
        std::string out;
        for (const std::string& line : lines_) out += line;
        lines_.clear();
        if (const uint64_t lost = std::exchange(lost_, 0); lost > 0 && !json_)
          out += fmt::format("# {} lines were lost: the reader is too slow\n", lost);
        co_return out;
      }
    }
    // A line that comes here meets nobody waiting, but its wake-up is posted to this loop and so
    // runs only after the wait has begun.
    CO_TRY_OK(co_await waiters_.Wait(ctx));
  }
}

void Subscription::Push(const std::string& line) {
  {
    const std::scoped_lock lock(mutex_);
    if (lines_.size() >= capacity_) {
      ++lost_;
      return;
    }
    lines_.push_back(line);
    if (std::exchange(waking_, true)) return;
  }
  loop_.Post([weak = weak_from_this()] {
    const std::shared_ptr<Subscription> self = weak.lock();
    if (self == nullptr) return;
    {
      const std::scoped_lock lock(self->mutex_);
      self->waking_ = false;
    }
    self->waiters_.WakeAll();
  });
}

QueryLog::QueryLog(const QueryLogFlags& flags, Redactor redact) : flags_(flags), redact_(redact) {}

QueryLog::~QueryLog() {
  if (file_ >= 0) close(file_);
}

Result<> QueryLog::OpenFile() {
  if (flags_.file->empty()) return Ok{};
  file_ = open(flags_.file->c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file_ < 0)
    return Errorf(Code::kInvalidArgument, "--log-queries-to-file: {}: {}", *flags_.file,
                  std::strerror(errno));
  active_ = true;
  return Ok{};
}

std::shared_ptr<Subscription> QueryLog::Subscribe(std::optional<bool> json) {
  const bool as_json = json.value_or(*flags_.format == "json");
  // Lines that came in one turn are read in one, so fewer than a burst's would lose half of it.
  const size_t capacity = static_cast<size_t>(std::max(1, *flags_.buffer)) * 100;
  auto made = std::make_shared<Subscription>(runtime::Loop::Current(), capacity, as_json);
  const std::scoped_lock lock(mutex_);
  subscriptions_.push_back(made);
  active_ = true;
  return made;
}

// Vitess's rules: all thresholds and the tag must be met, or with the flag any of those given; a
// sample is logged in any case.
bool QueryLog::Wants(const Record& record) {
  if (*flags_.mode == "error" && record.code == Code::kOk) return false;
  if (*flags_.sample_rate > 0) {
    // Evenly spread instead of by chance: every n-th.
    const double rate = *flags_.sample_rate;
    const auto number = static_cast<double>(seen_.fetch_add(1, std::memory_order_relaxed));
    if (std::floor((number + 1) * rate) > std::floor(number * rate)) return true;
  }
  const bool has_tag = !flags_.filter_tag->empty();
  const bool has_rows = *flags_.row_threshold > 0;
  const bool has_time = flags_.time_threshold->count() > 0;
  if (!has_tag && !has_rows && !has_time) return *flags_.sample_rate == 0;
  const bool tag = record.sql.find(*flags_.filter_tag) != std::string_view::npos;
  const bool rows = record.rows >= *flags_.row_threshold;
  const bool time = record.took >= *flags_.time_threshold;
  if (*flags_.any_condition) return (has_tag && tag) || (has_rows && rows) || (has_time && time);
  return tag && rows && time;
}

void QueryLog::Write(const std::string& line) const {
  // A full disk must not stop a server: the line is lost then.
  [[maybe_unused]] const ssize_t written = write(file_, line.data(), line.size());
}

void QueryLog::Emit(const Record& record) {
  if (!Wants(record)) return;
  if (file_ >= 0)
    Write(FormatRecord(record, *flags_.format == "json", *flags_.sanitize ? redact_ : nullptr));
  const Redactor for_pages = *flags_.redact_pages ? redact_ : nullptr;
  const std::scoped_lock lock(mutex_);
  std::erase_if(subscriptions_, [](const auto& weak) { return weak.expired(); });
  if (subscriptions_.empty()) active_ = file_ >= 0;
  for (const std::weak_ptr<Subscription>& weak : subscriptions_) {
    if (const std::shared_ptr<Subscription> reader = weak.lock())
      reader->Push(FormatRecord(record, reader->json(), for_pages));
  }
}

std::string QueryLog::ForPages(std::string_view sql) const {
  return *flags_.redact_pages ? redact_(sql) : std::string(sql);
}

}  // namespace tessera::querylog
