// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/directives.h"

#include "sqlparser/ast_ddl.h"
#include "sqlparser/ast_dml.h"
#include "sqlparser/ast_session.h"

namespace tessera::sqlparser {

Directives::Directives(Comments comments) {
  for (const std::string_view comment : comments) Add(comment);
}

Directives::Directives(std::string_view comments) {
  size_t at = comments.find("/*vt+");
  while (at != std::string_view::npos) {
    const size_t end = comments.find("*/", at);
    if (end == std::string_view::npos) return;
    Add(comments.substr(at, end + 2 - at));
    at = comments.find("/*vt+", end);
  }
}

void Directives::Add(std::string_view comment) {
  if (!comment.starts_with("/*vt+") || !comment.ends_with("*/") || comment.size() < 7) return;
  comment = comment.substr(5, comment.size() - 7);
  size_t i = 0;
  const auto blank = [&] { return static_cast<uint8_t>(comment[i]) <= ' '; };
  while (i < comment.size()) {
    while (i < comment.size() && blank()) ++i;
    const size_t begin = i;
    while (i < comment.size() && !blank() && comment[i] != '=') ++i;
    if (i == begin) {
      ++i;
      continue;
    }
    std::string name(comment.substr(begin, i - begin));
    std::string value = "true";
    if (i < comment.size() && comment[i] == '=') {
      ++i;
      if (i < comment.size() && (comment[i] == '"' || comment[i] == '\'')) {
        const char quote = comment[i];
        const size_t end = comment.find(quote, i + 1);
        const size_t stop = end == std::string_view::npos ? comment.size() : end;
        value = comment.substr(i + 1, stop - i - 1);
        i = stop + 1;
      } else {
        const size_t start = i;
        while (i < comment.size() && !blank()) ++i;
        value = comment.substr(start, i - start);
      }
    }
    entries_.emplace_back(std::move(name), std::move(value));
  }
}

std::optional<std::string_view> Directives::Find(std::string_view name) const {
  for (const auto& [key, value] : entries_) {
    if (Ident::EqualNoCase(key, name)) return value;
  }
  return std::nullopt;
}

bool Directives::IsSet(std::string_view name) const {
  const std::optional<std::string_view> value = Find(name);
  return value.has_value() && (*value == "1" || Ident::EqualNoCase(*value, "true"));
}

Comments StatementComments(const Statement& statement) {
  switch (statement.kind) {
    case Kind::kSelect:
      return statement.Get<Select>().comments;
    case Kind::kSetOperation: {
      const auto& set = statement.Get<SetOperation>();
      return set.left == nullptr ? Comments() : StatementComments(*set.left);
    }
    case Kind::kValuesStatement:
      return statement.Get<ValuesStatement>().comments;
    case Kind::kInsert:
      return statement.Get<Insert>().comments;
    case Kind::kUpdate:
      return statement.Get<Update>().comments;
    case Kind::kDelete:
      return statement.Get<Delete>().comments;
    case Kind::kSetStatement:
      return statement.Get<SetStatement>().comments;
    case Kind::kCreateTable:
      return statement.Get<CreateTable>().comments;
    case Kind::kAlterTable:
      return statement.Get<AlterTable>().comments;
    case Kind::kDropTable:
      return statement.Get<DropTable>().comments;
    case Kind::kCreateSequence:
      return statement.Get<CreateSequence>().comments;
    case Kind::kAlterSequence:
      return statement.Get<AlterSequence>().comments;
    case Kind::kDropSequence:
      return statement.Get<DropSequence>().comments;
    case Kind::kCreateView:
      return statement.Get<CreateView>().comments;
    case Kind::kAlterView:
      return statement.Get<AlterView>().comments;
    case Kind::kDropView:
      return statement.Get<DropView>().comments;
    case Kind::kExplain:
      return statement.Get<Explain>().comments;
    case Kind::kVexplain:
      return statement.Get<Vexplain>().comments;
    case Kind::kStream:
      return statement.Get<Stream>().comments;
    case Kind::kVstream:
      return statement.Get<Vstream>().comments;
    case Kind::kRevertMigration:
      return statement.Get<RevertMigration>().comments;
    default:
      return {};
  }
}

}  // namespace tessera::sqlparser
