// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/error_text.h"

#include <chrono>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#include "sqltypes/bind_vars.h"

namespace tessera::tabletserver {

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
      case '\\':
        out.push_back('\\');
        out.push_back(c);
        break;
      case '\n':
        out.append("\\n");
        break;
      case '\r':
        out.append("\\r");
        break;
      case '\t':
        out.append("\\t");
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
          out.append(fmt::format("\\x{:02x}", static_cast<unsigned char>(c)));
        else
          out.push_back(c);
    }
  }
  out.push_back('"');
  return out;
}

std::string GoDuration(Duration time) {
  using std::chrono::nanoseconds;
  const int64_t nanos = std::chrono::duration_cast<nanoseconds>(time).count();
  if (nanos == 0) return "0s";
  struct Unit {
    int64_t nanos;
    std::string_view name;
  };
  constexpr Unit kSmall[] = {{1, "ns"}, {1'000, "µs"}, {1'000'000, "ms"}};
  constexpr int64_t kSecond = 1'000'000'000;
  const auto number = [](int64_t value, int64_t unit) {
    std::string text = std::to_string(value / unit);
    if (value % unit == 0) return text;
    std::string rest = std::to_string(unit + value % unit).substr(1);
    rest.erase(rest.find_last_not_of('0') + 1);
    return text + "." + rest;
  };
  if (nanos < kSecond) {
    const Unit& unit = nanos < 1'000 ? kSmall[0] : nanos < 1'000'000 ? kSmall[1] : kSmall[2];
    return number(nanos, unit.nanos) + std::string(unit.name);
  }
  std::string out;
  const int64_t minutes = nanos / kSecond / 60;
  if (minutes >= 60) out += std::to_string(minutes / 60) + "h";
  if (minutes > 0) out += std::to_string(minutes % 60) + "m";
  return out + number(nanos % (60 * kSecond), kSecond) + "s";
}

namespace {

// "Table 'vt_shop.t' doesn't exist": clients know the database by the keyspace's name.
std::string ClientNames(std::string text, const ErrorTextOptions& options) {
  if (options.database == options.keyspace || options.database.empty()) return text;
  const std::string theirs = fmt::format("'{}.", options.database);
  for (size_t at = text.find(theirs); at != std::string::npos; at = text.find(theirs, at + 1))
    text.replace(at + 1, options.database.size(), options.keyspace);
  return text;
}

}  // namespace

Error DescribeError(const Error& error, const queryservice::Request& request,
                    const ErrorTextOptions& options) {
  std::string caller;
  if (request.caller != nullptr && !request.caller->username.empty())
    caller = fmt::format(" (CallerID: {})", request.caller->username);
  std::string text;
  if (error.mysql_errno() == 0) {
    text = error.message() + caller;
  } else {
    // Failed preconditions are for operators, who need the words.
    const bool terse = options.terse && error.code() != Code::kFailedPrecondition;
    std::string vars = "{}";
    if (request.vars != nullptr && request.vars->size() > 0)
      vars = terse ? "[REDACTED]" : sqltypes::DescribeForError(*request.vars);
    const std::string words = terse ? std::string() : ClientNames(error.message(), options) + " ";
    text = fmt::format("{}(errno {}) (sqlstate {}){}: Sql: {}, BindVars: {}", words,
                       error.mysql_errno(), error.sqlstate(), caller, Quoted(request.sql), vars);
  }
  if (options.truncate_len != 0 && text.size() > options.truncate_len) {
    constexpr std::string_view kMark = " [TRUNCATED]";
    const size_t keep =
        options.truncate_len > kMark.size() ? options.truncate_len - kMark.size() : 0;
    text.resize(keep);
    text.append(kMark);
  }
  Error described(error.code(), std::move(text));
  if (error.mysql_errno() != 0)
    described = std::move(described).WithMysql(error.mysql_errno(), error.sqlstate());
  if (!error.hint().empty()) described = std::move(described).WithHint(error.hint());
  return described;
}

}  // namespace tessera::tabletserver
