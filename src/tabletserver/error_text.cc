// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/error_text.h"

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
    text = fmt::format("{}(errno {}) (sqlstate {}){}: Sql: {}, BindVars: {}",
                       terse ? "" : error.message() + " ", error.mysql_errno(), error.sqlstate(),
                       caller, Quoted(request.sql), vars);
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
