// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/printer.h"

#include "sqlparser/ast_nodes.h"
#include "sqlparser/internal/print_impl.h"
#include "sqlparser/internal/program_words.h"
#include "sqlparser/keywords.h"

namespace tessera::sqlparser {

namespace {

// v1, v2, ...
bool IsQuestionMark(std::string_view name) {
  return name.size() > 1 && name[0] == 'v' &&
         name.find_first_not_of("0123456789", 1) == std::string_view::npos;
}

}  // namespace

std::string_view KindName(Kind kind) {
  static constexpr std::string_view kNames[] = {
#define TESSERA_SQL_KIND(Name) #Name,
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND
  };
  return kNames[static_cast<size_t>(kind)];
}

bool Ident::EqualNoCase(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (size_t i = 0; i < a.size(); ++i) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
    };
    if (a[i] != b[i] && lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

void Printer::Print(const Node* node) {
  if (node == nullptr) return;
  if (options_.hook != nullptr && options_.hook(options_.hook_context, *node, *this)) return;
  PrintUnhooked(node);
}

void Printer::PrintUnhooked(const Node* node) {
  switch (node->kind) {
#define TESSERA_SQL_KIND(Name)                      \
  case Kind::k##Name:                               \
    Format(*this, static_cast<const Name&>(*node)); \
    break;
#include "sqlparser/ast_kinds.inc"
#undef TESSERA_SQL_KIND
  }
}

Printer& Printer::Text(std::string_view text) {
  if (!options_.upper_case_keywords) return Raw(text);
  for (const char c : text) {
    out_.push_back(c >= 'a' && c <= 'z' ? static_cast<char>(c & ~0x20) : c);
  }
  return *this;
}

Printer& Printer::Id(std::string_view name) {
  if (options_.quote_all || (server() && IsReservedByServer(name, false))) {
    out_.push_back('`');
    for (const char c : name) {
      if (c == '`') out_.push_back('`');
      out_.push_back(c);
    }
    out_.push_back('`');
  } else {
    AppendIdentifier(out_, name);
  }
  return *this;
}

Printer& Printer::Qualifier(std::string_view database, std::string_view table) {
  const bool whole = !database.empty() && options_.qualify_tables;
  if (whole) Id(database).Raw(".");
  // Behind a database even a table without a name is written, or the database were taken for it.
  if (whole || !table.empty()) Id(table).Raw(".");
  return *this;
}

Printer& Printer::Quoted(std::string_view value) {
  AppendQuoted(out_, value);
  return *this;
}

Printer& Printer::Bind(std::string_view name, bool is_list) {
  const size_t offset = out_.size();
  if (options_.question_marks && !is_list && IsQuestionMark(name)) {
    out_.push_back('?');
    return *this;
  }
  out_.append(is_list ? "::" : ":");
  out_.append(name);
  if (options_.bind_places != nullptr) {
    options_.bind_places->push_back({static_cast<uint32_t>(offset),
                                     static_cast<uint32_t>(out_.size() - offset), is_list, name});
  }
  return *this;
}

std::string ToString(const Node* node) { return ToString(node, {}); }

std::string ToString(const Node* node, const PrintOptions& options) {
  std::string out;
  Printer(out, options).Print(node);
  return out;
}

bool NeedsQuotes(std::string_view name) {
  if (name.empty()) return true;
  if (name[0] >= '0' && name[0] <= '9') return true;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '$' ||
                        (c >= '0' && c <= '9');
    if (!letter) return true;
  }
  return IsQuotedName(name);
}

void AppendIdentifier(std::string& out, std::string_view name) {
  if (!NeedsQuotes(name)) {
    out.append(name);
    return;
  }
  out.push_back('`');
  for (const char c : name) {
    if (c == '`') out.push_back('`');
    out.push_back(c);
  }
  out.push_back('`');
}

void AppendQuoted(std::string& out, std::string_view value) {
  out.push_back('\'');
  for (size_t i = 0; i < value.size(); ++i) {
    const char c = value[i];
    switch (c) {
      case '\0':
        out.append("\\0");
        break;
      case '\'':
        out.append("\\'");
        break;
      case '\b':
        out.append("\\b");
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
      case '\x1a':
        out.append("\\Z");
        break;
      case '\\':
        // \% and \_ are read as they are written.
        if (i + 1 < value.size() && (value[i + 1] == '%' || value[i + 1] == '_')) {
          out.push_back('\\');
        } else {
          out.append("\\\\");
        }
        break;
      default:
        out.push_back(c);
    }
  }
  out.push_back('\'');
}

std::string_view ColumnName(const Node& select_item, std::string& scratch) {
  const auto* item = select_item.As<SelectItem>();
  if (item == nullptr) return "*";
  if (!item->alias.empty()) return item->alias.text;
  if (const auto* column = item->expr->As<ColumnRef>()) return column->name.text;
  if (const auto* literal = item->expr->As<Literal>();
      literal != nullptr && literal->type == LiteralType::kString) {
    return literal->text;
  }
  std::string_view name = item->text;
  if (name.empty()) {
    scratch.clear();
    Printer(scratch).Print(item->expr);
    name = scratch;
  }
  size_t size = name.size();
  if (size > 255) {
    size = 255;
    while (size > 0 && (static_cast<uint8_t>(name[size]) & 0xc0) == 0x80) --size;
  }
  return name.substr(0, size);
}

void FormatNames(Printer& p, std::span<const Ident> names) {
  bool first = true;
  for (const Ident& name : names) {
    if (!first) p.Raw(", ");
    first = false;
    p.Id(name);
  }
}

bool ReadsPlain(std::string_view name) {
  if (!NeedsQuotes(name)) return true;
  const Kw word = LookupKeyword(name);
  return word != Kw::kNone && !IsReserved(word);
}

void FormatCharset(Printer& p, std::string_view name) {
  if (name == "binary" || name == "default" || ReadsPlain(name)) {
    p.Raw(name);
  } else {
    p.Quoted(name);
  }
}

void FormatClause(Printer& p, std::string_view prefix, const Node* node) {
  if (node == nullptr) return;
  p.Text(prefix);
  p.Print(node);
}

void FormatComments(Printer& p, Comments comments) {
  for (const std::string_view comment : comments) p.Raw(comment).Raw(" ");
}

}  // namespace tessera::sqlparser
