// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/parser.h"

#include <algorithm>

#include <fmt/format.h>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

namespace {

// Characters of UTF-8: bytes that continue none.
uint32_t CountCharacters(std::string_view text) {
  return static_cast<uint32_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<uint8_t>(c) & 0xc0) != 0x80; }));
}

// What an unclosed or ill-formed string or X'..' holds.
std::string_view InnerText(std::string_view text) {
  const size_t quote = text.find_first_of("'\"");
  if (quote > 1) return text;
  text.remove_prefix(quote + 1);
  if (!text.empty() && (text.back() == '\'' || text.back() == '\\')) text.remove_suffix(1);
  return text;
}

}  // namespace

Parser::Parser(Arena& arena, std::string_view sql, const ParseOptions& options)
    : arena_(arena), sql_(arena.Copy(sql)), options_(options) {
  Tokenize(sql_, options_, tokens_);
  while (tokens_[at_].type == Tok::kComment) ++at_;
}

const Token& Parser::Peek(size_t n) const {
  size_t i = at_;
  while (n > 0) {
    if (tokens_[i].type == Tok::kEnd) break;
    ++i;
    while (tokens_[i].type == Tok::kComment) ++i;
    --n;
  }
  return tokens_[i];
}

void Parser::FailAt(const Token& token, std::string_view message) {
  if (failed_) return;
  failed_ = true;
  error_token_ = token;
  error_message_ = message;
  at_ = tokens_.size() - 1;
}

void Parser::FailTooDeep() { FailAt(Cur(), "the statement is nested too deep"); }

void Parser::Restore(const Mark& mark) {
  failed_ = false;
  at_ = mark.at;
  question_marks_ = mark.question_marks;
  scratch_.Shrink(mark.scratch);
}

// Positions count bytes from one and point behind the offending token, as Vitess's do.
Error Parser::TakeError() {
  if (error_message_.find("too deep") != std::string::npos) {
    return Error(Code::kInvalidArgument, error_message_)
        .WithMysql(1436, "HY000")
        .WithHint("write the statement with fewer levels of parentheses");
  }
  const Token& token = error_token_;
  std::string_view near;
  size_t end = token.end;
  switch (token.type) {
    case Tok::kWord:
    case Tok::kInteger:
    case Tok::kDecimal:
    case Tok::kFloat:
    case Tok::kHexNumber:
    case Tok::kBitNumber:
    case Tok::kBindVar:
    case Tok::kListBind:
      near = TokenText(token);
      break;
    case Tok::kError:
    case Tok::kColon:
      near = InnerText(TokenText(token));
      break;
    case Tok::kQuotedName:
    case Tok::kString:
    case Tok::kUserVariable:
    case Tok::kSystemVariable:
      near = NameOf(token);
      break;
    default:
      break;
  }
  if (error_message_.ends_with(':')) {  // it says what is there, not where
    return Error(Code::kInvalidArgument, fmt::format("{} '{}'", error_message_, near))
        .WithMysql(1064, "42000");
  }
  std::string text = fmt::format("{} at position {}", error_message_, end + 1);
  if (!near.empty()) fmt::format_to(std::back_inserter(text), " near '{}'", near);
  return Error(Code::kInvalidArgument, std::move(text)).WithMysql(1064, "42000");
}

ErrorPlace Parser::WhereFailed() const {
  ErrorPlace place;
  if (!failed_) return place;
  place.known = true;
  place.begin = error_token_.begin;
  place.end = error_token_.end;
  const std::string_view before = sql_.substr(0, place.begin);
  const size_t newline = before.rfind('\n');
  place.line = 1 + static_cast<uint32_t>(std::count(before.begin(), before.end(), '\n'));
  place.column = 1 + CountCharacters(before.substr(newline + 1));
  return place;
}

std::string_view Parser::RestOfText(size_t begin) const {
  size_t end = sql_.size();
  while (end > begin && (static_cast<uint8_t>(sql_[end - 1]) <= ' ' || sql_[end - 1] == ';')) --end;
  return Source(begin, end);
}

std::string_view Parser::Lower(std::string_view text) {
  bool upper = false;
  for (const char c : text) upper |= c >= 'A' && c <= 'Z';
  if (!upper) return text;
  std::span<char> copy = arena_.NewArray<char>(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    copy[i] = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  }
  return {copy.data(), copy.size()};
}

// The comments between the last token taken and the current one.
Comments Parser::TakeComments() {
  size_t first = at_;
  while (first > 0 && tokens_[first - 1].type == Tok::kComment) --first;
  std::span<std::string_view> out = arena_.NewArray<std::string_view>(at_ - first);
  for (size_t i = first; i < at_; ++i) out[i - first] = TokenText(tokens_[i]);
  return out;
}

namespace {

// Reserved by MySQL or by MariaDB, but not by both, and of use in few places.
bool IsNameToOneServer(Kw word) {
  switch (word) {
    case Kw::kCurrentRole:
    case Kw::kDatabase:
    case Kw::kLateral:
    case Kw::kOffset:
    case Kw::kReturning:
    case Kw::kSchema:
      return true;
    default:
      return false;
  }
}

}  // namespace

bool Parser::AtName() const {
  const Token& token = Cur();
  if (token.type == Tok::kWord) {
    if (IsReserved(token.word)) return IsNameToOneServer(token.word);
    // _utf8mb4 introduces a string; behind a dot it is a name like others.
    const bool introduces = sql_[token.begin] == '_' &&
                            (token.begin == 0 || sql_[token.begin - 1] != '.') &&
                            !IntroducerCharset(TokenText(token)).empty();
    return !introduces;
  }
  return token.type == Tok::kQuotedName;
}

std::string_view Parser::UnusualName() {
  if (!AtName()) {
    Fail();
    return {};
  }
  return AnyName();
}

std::string_view Parser::AnyName() {
  const Token token = Cur();
  const bool is_null_sign = token.type == Tok::kWord && sql_[token.begin] == '\\';  // \N
  if (is_null_sign || (token.type != Tok::kWord && token.type != Tok::kQuotedName)) {
    Fail();
    return {};
  }
  Advance();
  return NameOf(token);
}

std::string_view Parser::NameOf(const Token& token) {
  const std::string_view text = TokenText(token);
  switch (token.type) {
    case Tok::kWord:
      return text;
    case Tok::kQuotedName:
    case Tok::kString:
      return Unquoted(text, token.type == Tok::kString, token.match == 0);
    case Tok::kUserVariable:
    case Tok::kSystemVariable:
      return VariableName(text);
    default:
      return text;
  }
}

// What stands between the quotes, as it was meant. `plain`: as it is.
std::string_view Parser::Unquoted(std::string_view text, bool is_string, bool plain) {
  if (plain) return text.substr(1, text.size() - 2);
  std::string value;
  if (is_string) {
    UnescapeString(text, options_, value);
  } else {
    UnescapeName(text, value);
  }
  return Store(value);
}

// A dot stands between a key cache and its variable.
bool Parser::HasEmptyPart(std::string_view name) {
  return name.empty() || name.front() == '.' || name.back() == '.' ||
         name.find("..") != std::string_view::npos;
}

// The name of @x, @`x`, @'x', @@x, @@`a`.`b`, without its marks.
std::string_view Parser::VariableName(std::string_view text) {
  const bool system = text.starts_with("@@");
  while (!text.empty() && text.front() == '@') text.remove_prefix(1);
  if (text.empty()) return text;
  const char quote = text.front();
  if (!system && (quote == '`' || quote == '\'' || quote == '"'))
    return Unquoted(text, quote != '`', quote != '`' && IsPlainString(text, options_));
  if (text.find_first_of("`' \t\r\n") == std::string_view::npos) {
    if (system && HasEmptyPart(text)) Fail();
    return text;
  }
  std::string value;
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool doubled = quoted && text.substr(i, 2) == "``";
    if (c == '`' && !doubled) {
      quoted = !quoted;
      continue;
    }
    i += doubled ? 1 : 0;
    if (quoted || (c != '\'' && static_cast<uint8_t>(c) > ' ')) value.push_back(c);
  }
  if (system && HasEmptyPart(value)) Fail();
  return Store(value);
}

// OFFSET and RETURNING begin clauses where an alias without AS could stand, and so does WINDOW w
// AS.
bool Parser::AtAlias() const {
  if (At(Kw::kOffset) || At(Kw::kReturning)) return false;
  if (At(Kw::kWindow) && PeekIs(Kw::kAs, 2)) return false;
  return AtName() || At(Tok::kString);
}

std::string_view Parser::NameOrString() {
  if (At(Tok::kString)) return StringValue();
  return Name();
}

std::string_view Parser::NonEmptyNameOrString() {
  const std::string_view name = NameOrString();
  if (name.empty()) Fail();
  return name;
}

std::string_view Parser::ParseBareName() {
  const std::string_view name = Name();
  if (!ReadsPlain(name)) Fail();
  return name;
}

std::string_view Parser::NameAsWritten() {
  const size_t begin = Cur().begin;
  const std::string_view name = Name();
  return ReadsPlain(name) ? name : Source(begin, LastEnd());
}

// One string literal, or several in a row, which MySQL joins.
std::string_view Parser::StringValue() {
  if (!At(Tok::kString) && !At(Tok::kNational)) {
    Fail();
    return {};
  }
  Token token = Cur();
  if (token.type == Tok::kNational) ++token.begin;
  token.type = Tok::kString;
  Advance();
  std::string_view value = NameOf(token);
  if (!At(Tok::kString)) return value;
  std::string joined(value);
  while (At(Tok::kString)) {
    joined += NameOf(Cur());
    Advance();
  }
  return Store(joined);
}

// A string literal where the next one is not joined to it: outside expressions.
std::string_view Parser::OneString() {
  const Token token = Cur();
  Expect(Tok::kString);
  return failed_ ? std::string_view() : NameOf(token);
}

std::span<const Ident> Parser::NameList() {
  StackVector<Ident, 16> names;
  do {
    names.push_back(Name());
  } while (Accept(Tok::kComma));
  return arena_.CopySpan(std::span<const Ident>(names.data(), names.size()));
}

std::span<const Ident> Parser::ParenNameList() {
  Expect(Tok::kLeftParen);
  std::span<const Ident> names = NameList();
  Expect(Tok::kRightParen);
  return names;
}

uint32_t Parser::SmallInteger() {
  if (!At(Tok::kInteger)) {
    Fail();
    return 0;
  }
  uint64_t value = 0;
  for (const char c : TokenText(Cur())) {
    value = value * 10 + static_cast<uint64_t>(c - '0');
    if (value > UINT32_MAX) {
      Fail();
      return 0;
    }
  }
  Advance();
  return static_cast<uint32_t>(value);
}

namespace {

Error EmptyQuery() {
  return Error(Code::kInvalidArgument, "Query was empty").WithMysql(1065, "42000");
}

Error TooLong() {
  return Error(Code::kInvalidArgument, "a statement of 2 GiB or more cannot be parsed")
      .WithMysql(1153, "08S01");
}

}  // namespace

Result<const Statement*> Parser::ParseStatementText() {
  if (At(Tok::kEnd) || (At(Tok::kSemicolon) && Peek().type == Tok::kEnd)) {
    const size_t first = sql_.find_first_not_of(" \t\r\n\v\f");
    const bool comment =
        first != std::string_view::npos && sql_[first] != ';' && sql_.substr(first, 3) != "/*!";
    if (!comment) return EmptyQuery();
    CommentOnly* node = New<CommentOnly>();
    std::span<std::string_view> text = arena_.NewArray<std::string_view>(1);
    text[0] = RestOfText(first);
    node->comments = text;
    return node;
  }
  const Statement* statement = ParseStatement();
  Accept(Tok::kSemicolon);
  if (!failed_ && !At(Tok::kEnd)) Fail();
  if (failed_) return TakeError();
  return statement;
}

Result<const Expr*> Parser::ParseExprText() {
  const Expr* expr = ParseExpr();
  if (!failed_ && !At(Tok::kEnd)) Fail();
  if (failed_) return TakeError();
  return expr;
}

Result<const TableName*> Parser::ParseTableNameText() {
  const TableName* name = ParseTableName();
  if (!failed_ && !At(Tok::kEnd)) Fail();
  if (failed_) return TakeError();
  return name;
}

Result<const Statement*> Parse(Arena& arena, std::string_view sql, const ParseOptions& options,
                               ErrorPlace* place) {
  if (sql.size() >= (1u << 31)) return TooLong();
  Parser parser(arena, sql, options);
  Result<const Statement*> statement = parser.ParseStatementText();
  if (!statement.ok() && place != nullptr) *place = parser.WhereFailed();
  return statement;
}

Result<const Expr*> ParseExpr(Arena& arena, std::string_view sql, const ParseOptions& options) {
  if (sql.size() >= (1u << 31)) return TooLong();
  return Parser(arena, sql, options).ParseExprText();
}

Result<const TableName*> ParseTableName(Arena& arena, std::string_view sql) {
  if (sql.size() >= (1u << 31)) return TooLong();
  return Parser(arena, sql, {}).ParseTableNameText();
}

std::string MysqlSyntaxMessage(std::string_view sql, size_t offset) {
  offset = std::min(offset, sql.size());
  size_t line = 1;
  for (size_t i = 0; i < offset; ++i) line += sql[i] == '\n' ? 1 : 0;
  return fmt::format(
      "You have an error in your SQL syntax; check the manual that corresponds to your MariaDB "
      "server version for the right syntax to use near '{}' at line {}",
      sql.substr(offset, 80), line);
}

std::string CaretForm(std::string_view sql, const ErrorPlace& place) {
  constexpr size_t kMost = 100;  // bytes of a long line shown on either side
  size_t begin = place.begin == 0 ? 0 : sql.rfind('\n', place.begin - 1) + 1;
  size_t end = std::min(sql.find('\n', place.begin), sql.size());
  if (place.begin - begin > kMost) begin = place.begin - kMost;
  if (end - place.begin > kMost) end = place.begin + kMost;
  std::string line(sql.substr(begin, end - begin));
  std::replace(line.begin(), line.end(), '\t', ' ');
  const uint32_t blanks = CountCharacters(sql.substr(begin, place.begin - begin));
  return fmt::format("  {}\n  {:>{}}\n", line, '^', blanks + 1);
}

}  // namespace tessera::sqlparser
