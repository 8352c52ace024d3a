// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqltypes/bind_vars.h"

#include <algorithm>
#include <cctype>

namespace tessera::sqltypes {

namespace {

bool IsNameByte(char byte) {
  return std::isalnum(static_cast<unsigned char>(byte)) != 0 || byte == '_' || byte == '.' ||
         byte == '@' || byte == '#';
}

// The place after the quoted text that begins at `at`.
size_t SkipQuoted(std::string_view sql, size_t at) {
  const char quote = sql[at];
  for (size_t i = at + 1; i < sql.size(); ++i) {
    if (sql[i] == '\\' && quote != '`')
      ++i;
    else if (sql[i] == quote)
      return i + 1;
  }
  return sql.size();
}

// The place after the comment that begins at `at`, or `at` when none does.
size_t SkipComment(std::string_view sql, size_t at) {
  const std::string_view rest = sql.substr(at);
  size_t end = at;
  if (rest.starts_with("/*") && !rest.starts_with("/*!") && !rest.starts_with("/*M!")) {
    const size_t close = rest.find("*/", 2);
    end = close == std::string_view::npos ? sql.size() : at + close + 2;
  } else if (rest.starts_with("#") ||
             (rest.starts_with("--") && (rest.size() == 2 || std::isspace(rest[2]) != 0))) {
    const size_t close = rest.find('\n');
    end = close == std::string_view::npos ? sql.size() : at + close + 1;
  }
  return end;
}

// Repeated { varint type, varint length, bytes }: the members of one row of a ROW_TUPLE.
Result<> AppendPackedRow(std::string_view bytes, std::string& out) {
  const auto take = [&bytes](uint64_t& number) {
    number = 0;
    for (size_t i = 0; i < bytes.size() && i < 10; ++i) {
      const auto byte = static_cast<uint8_t>(bytes[i]);
      number |= uint64_t{byte & 0x7fu} << (7 * i);
      if (byte < 0x80) return bytes.remove_prefix(i + 1), true;
    }
    return false;
  };
  out.append("row(");
  for (bool first = true; !bytes.empty(); first = false) {
    uint64_t type = 0;
    uint64_t size = 0;
    if (!take(type) || !take(size) || size > bytes.size())
      return Error(Code::kInvalidArgument, "malformed row in a row tuple");
    if (!first) out.append(", ");
    AppendSql(Value(static_cast<Type>(type), bytes.substr(0, size)), out);
    bytes.remove_prefix(size);
  }
  out.push_back(')');
  return Ok{};
}

Result<> AppendList(const BindVar& var, std::string& out) {
  if (var.values.empty())
    return Errorf(Code::kInvalidArgument, "empty list supplied for bind variable {}", var.name);
  const bool rows = var.value.type() == Type::kRowTuple;
  if (!rows) out.push_back('(');
  for (size_t i = 0; i < var.values.size(); ++i) {
    if (i > 0) out.append(", ");
    if (rows) {
      TRY_OK(AppendPackedRow(var.values[i].raw(), out));
    } else {
      AppendSql(var.values[i], out);
    }
  }
  if (!rows) out.push_back(')');
  return Ok{};
}

// One byte as protobuf's text form writes it between quotes.
std::string TextForm(char byte) {
  switch (byte) {
    case '"':
      return "\\\"";
    case '\'':
      return "\\'";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(byte);
  if (code < 0x20 || code >= 0x7f) return fmt::format("\\{:03o}", code);
  return std::string(1, byte);
}

// The text form of the bytes, quoted once more because the whole variable stands between quotes.
void AppendEscaped(std::string_view bytes, std::string& out) {
  for (const char byte : bytes) {
    for (const char part : TextForm(byte)) {
      if (part == '"' || part == '\\') out.push_back('\\');
      out.push_back(part);
    }
  }
}

}  // namespace

void BindVars::IndexLast() {
  if (index_.empty()) {
    for (size_t i = 0; i < vars_.size(); ++i) index_.emplace(vars_[i].name, i);
  } else {
    index_.emplace(vars_.back().name, vars_.size() - 1);
  }
}

void BindVars::Set(const BindVar& var) {
  const BindVar* const known = Find(var.name);
  if (known == nullptr) return Add(var);
  const auto at = static_cast<size_t>(known - vars_.data());
  // The index has the old name's bytes, which go with the old one.
  if (const auto entry = index_.extract(var.name); !entry.empty()) index_.emplace(var.name, at);
  vars_[at] = var;
}

const BindVar* BindVars::Find(std::string_view name) const {
  if (!index_.empty()) {
    const auto at = index_.find(name);
    return at == index_.end() ? nullptr : &vars_[at->second];
  }
  const auto found = std::find_if(vars_.begin(), vars_.end(),
                                  [name](const BindVar& var) { return var.name == name; });
  return found == vars_.end() ? nullptr : &*found;
}

SqlTemplate::SqlTemplate(std::string sql) : sql_(std::move(sql)) {
  size_t at = 0;
  while (at < sql_.size()) {
    const char byte = sql_[at];
    if (byte == '\'' || byte == '"' || byte == '`') {
      at = SkipQuoted(sql_, at);
    } else if (const size_t after = SkipComment(sql_, at); after != at) {
      at = after;
    } else if (byte == ':') {
      const size_t begin = at++;
      const bool list = at < sql_.size() && sql_[at] == ':';
      if (list) ++at;
      const size_t name = at;
      if (at < sql_.size() && std::isdigit(static_cast<unsigned char>(sql_[at])) == 0) {
        while (at < sql_.size() && IsNameByte(sql_[at])) ++at;
      }
      if (at > name) slots_.push_back({begin, at, sql_.substr(name, at - name), list});
    } else {
      ++at;
    }
  }
}

Result<> SqlTemplate::Render(const BindVars& vars, std::string& out) const {
  size_t copied = 0;
  for (const Slot& slot : slots_) {
    out.append(sql_, copied, slot.begin - copied);
    copied = slot.end;
    const BindVar* var = vars.Find(slot.name);
    if (var == nullptr) return Errorf(Code::kInvalidArgument, "missing bind var {}", slot.name);
    if (var->is_list() != slot.list) {
      return Errorf(Code::kInvalidArgument, "bind variable {} is {}, but the query wants {}",
                    slot.name, slot.list ? "a value" : "a list",
                    slot.list ? "a list (::name)" : "a value (:name)");
    }
    if (slot.list) {
      TRY_OK(AppendList(*var, out));
    } else {
      AppendSql(var->value, out);
    }
  }
  out.append(sql_, copied);
  return Ok{};
}

std::string DescribeForError(const BindVars& vars) {
  std::vector<const BindVar*> sorted;
  for (const BindVar& var : vars.all()) sorted.push_back(&var);
  std::sort(sorted.begin(), sorted.end(),
            [](const BindVar* a, const BindVar* b) { return a->name < b->name; });
  std::string out = "{";
  for (const BindVar* var : sorted) {
    out.append(var->name).append(": \"type:").append(TypeName(var->value.type()));
    if (!var->is_list() && !var->value.is_null()) {
      out.append(" value:\\\"");
      AppendEscaped(var->value.raw(), out);
      out.append("\\\"");
    }
    for (const Value& value : var->values) {
      out.append(" values:{type:").append(TypeName(value.type())).append(" value:\\\"");
      AppendEscaped(value.raw(), out);
      out.append("\\\"}");
    }
    out.push_back('"');
  }
  out.push_back('}');
  return out;
}

}  // namespace tessera::sqltypes
