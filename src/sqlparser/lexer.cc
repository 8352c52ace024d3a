// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/lexer.h"

#include <array>
#include <cstring>

namespace tessera::sqlparser {
namespace {

enum CharClass : uint8_t { kOther = 0, kBlank = 1, kNameStart = 2, kDigit = 4, kHex = 8 };

constexpr std::array<uint8_t, 256> BuildClasses() {
  std::array<uint8_t, 256> table{};
  for (const char c : {' ', '\t', '\n', '\r', '\v', '\f'}) table[static_cast<uint8_t>(c)] = kBlank;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = kNameStart;
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = kNameStart;
  for (int c = 'a'; c <= 'f'; ++c) table[c] |= kHex;
  for (int c = 'A'; c <= 'F'; ++c) table[c] |= kHex;
  for (int c = '0'; c <= '9'; ++c) table[c] = kDigit | kHex;
  for (int c = 0x80; c <= 0xff; ++c) table[c] = kNameStart;
  table['_'] = kNameStart;
  table['$'] = kNameStart;
  return table;
}
constexpr std::array<uint8_t, 256> kClasses = BuildClasses();

bool Is(char c, int classes) { return (kClasses[static_cast<uint8_t>(c)] & classes) != 0; }
bool IsNameChar(char c) { return Is(c, kNameStart | kDigit); }

}  // namespace

Token Lexer::Make(Tok type, size_t begin, size_t end) const {
  Token token;
  token.type = type;
  token.begin = static_cast<uint32_t>(begin);
  token.end = static_cast<uint32_t>(end);
  return token;
}

void Lexer::SkipLine() {
  const void* newline = std::memchr(sql_.data() + at_, '\n', sql_.size() - at_);
  at_ = newline == nullptr
            ? sql_.size()
            : static_cast<size_t>(static_cast<const char*>(newline) - sql_.data()) + 1;
}

bool Lexer::EnterVersionComment() {
  size_t i = at_ + 2;
  uint32_t limit = options_.version;
  if (At(i) == 'M' && At(i + 1) == '!') {
    ++i;
    limit = options_.mariadb_version;
  }
  if (At(i) != '!') return false;
  ++i;
  size_t digits = 0;
  uint32_t version = 0;
  while (digits < 6 && Is(At(i + digits), kDigit)) ++digits;
  // Six digits are MariaDB's 10.x and later or MySQL's with a leading zero; anything else is five.
  const char first = At(i);
  const char second = At(i + 1);
  const bool six = digits == 6 && !Is(At(i + 6), kDigit) &&
                   (first == '0' || (first == '1' && second <= '2') || limit >= 100000);
  const size_t take = six ? 6 : (digits >= 5 ? 5 : 0);
  for (size_t k = 0; k < take; ++k) version = version * 10 + static_cast<uint32_t>(At(i + k) - '0');
  if (take == 6 && first != '0') limit = options_.mariadb_version;
  if (version <= limit) {
    at_ = i + take;
    ++version_depth_;
    return true;
  }
  // Not for us: skip to its end, over comments nested in it.
  int depth = 1;
  i += take;
  while (i < sql_.size()) {
    if (sql_[i] == '*' && At(i + 1) == '/') {
      i += 2;
      if (--depth == 0) break;
    } else if (sql_[i] == '/' && At(i + 1) == '*') {
      ++depth;
      i += 2;
    } else {
      ++i;
    }
  }
  at_ = i;
  return true;
}

bool Lexer::SkipBlanks(Token* comment) {
  while (at_ < sql_.size()) {
    const char c = sql_[at_];
    if (Is(c, kBlank)) {
      ++at_;
    } else if (c == '#') {
      SkipLine();
    } else if (c == '-' && At(at_ + 1) == '-' &&
               (at_ + 2 >= sql_.size() || static_cast<uint8_t>(At(at_ + 2)) <= ' ')) {
      SkipLine();
    } else if (c == '/' && At(at_ + 1) == '/') {
      SkipLine();
    } else if (c == '/' && At(at_ + 1) == '*') {
      if (EnterVersionComment()) continue;
      const size_t end = sql_.find("*/", at_ + 2);
      const size_t begin = at_;
      at_ = end == std::string_view::npos ? sql_.size() : end + 2;
      *comment = Make(end == std::string_view::npos ? Tok::kError : Tok::kComment, begin, at_);
      return true;
    } else if (c == '*' && version_depth_ > 0 && At(at_ + 1) == '/') {
      --version_depth_;
      at_ += 2;
    } else {
      break;
    }
  }
  return false;
}

Token Lexer::Next() {
  Token token;
  if (SkipBlanks(&token)) return token;
  if (at_ >= sql_.size()) return Make(Tok::kEnd, sql_.size(), sql_.size());
  const size_t begin = at_;
  const char c = sql_[begin];
  if (Is(c, kNameStart)) {
    token = LexWord(begin);
  } else if (Is(c, kDigit) || (c == '.' && Is(At(begin + 1), kDigit))) {
    token = LexNumber(begin);
  } else if (c == '\'' || (c == '"' && !options_.mode.ansi_quotes)) {
    token = LexString(begin, Tok::kString);
  } else if (c == '`' || c == '"') {
    token = LexQuotedName(begin, c);
  } else if (c == ':') {
    token = LexColon(begin);
  } else if (c == '@') {
    token = LexAt(begin);
  } else {
    token = LexPunctuation(begin);
  }
  at_ = token.end;
  last_ = token.type;
  return token;
}

Token Lexer::LexWord(size_t begin) {
  const char next = At(begin + 1);
  if (next == '\'' && last_ != Tok::kDot) {
    const char lower = static_cast<char>(sql_[begin] | 0x20);
    if (lower == 'x') return LexPrefixed(begin, Tok::kHexString);
    if (lower == 'b') return LexPrefixed(begin, Tok::kBitString);
    if (lower == 'n') {
      Token token = LexString(begin + 1, Tok::kNational);
      token.begin = static_cast<uint32_t>(begin);
      return token;
    }
  }
  size_t i = begin + 1;
  while (i < sql_.size() && IsNameChar(sql_[i])) ++i;
  Token token = Make(Tok::kWord, begin, i);
  if (last_ != Tok::kDot) token.word = LookupKeyword(sql_.substr(begin, i - begin));
  return token;
}

// X'..' and B'..': the digits must fit, and there must be whole bytes of hex.
Token Lexer::LexPrefixed(size_t begin, Tok type) {
  size_t i = begin + 2;
  if (type == Tok::kHexString) {
    while (Is(At(i), kHex)) ++i;
  } else {
    while (At(i) == '0' || At(i) == '1') ++i;
  }
  const bool whole = type != Tok::kHexString || (i - begin - 2) % 2 == 0;
  if (At(i) != '\'') return Make(Tok::kError, begin, i);
  return Make(whole ? type : Tok::kError, begin, i + 1);
}

Token Lexer::LexNumber(size_t begin) {
  size_t i = begin;
  // a.1b: after a dot a name may start with digits.
  if (last_ == Tok::kDot && sql_[begin] != '.') {
    while (IsNameChar(At(i))) ++i;
    return Make(Tok::kWord, begin, i);
  }
  if (sql_[i] == '0' && (At(i + 1) | 0x20) == 'x' && Is(At(i + 2), kHex)) {
    size_t j = i + 2;
    while (Is(At(j), kHex)) ++j;
    if (!IsNameChar(At(j))) return Make(Tok::kHexNumber, begin, j);
  }
  if (sql_[i] == '0' && At(i + 1) == 'b' && (At(i + 2) == '0' || At(i + 2) == '1')) {
    size_t j = i + 2;
    while (At(j) == '0' || At(j) == '1') ++j;
    if (!IsNameChar(At(j))) return Make(Tok::kBitNumber, begin, j);
  }
  while (Is(At(i), kDigit)) ++i;
  Tok type = Tok::kInteger;
  if (At(i) == '.') {
    type = Tok::kDecimal;
    ++i;
    while (Is(At(i), kDigit)) ++i;
  }
  if ((At(i) | 0x20) == 'e') {
    size_t j = i + 1;
    if (At(j) == '+' || At(j) == '-') ++j;
    if (Is(At(j), kDigit)) {
      while (Is(At(j), kDigit)) ++j;
      if (type == Tok::kDecimal || !Is(At(j), kNameStart)) return Make(Tok::kFloat, begin, j);
    }
  }
  if (type == Tok::kInteger && Is(At(i), kNameStart)) {  // 3t2 is a name
    while (IsNameChar(At(i))) ++i;
    return Make(Tok::kWord, begin, i);
  }
  return Make(type, begin, i);
}

Token Lexer::LexString(size_t begin, Tok type) {
  const char quote = sql_[begin];
  size_t i = begin + 1;
  while (i < sql_.size()) {
    const char c = sql_[i];
    if (c == quote) {
      if (At(i + 1) != quote) return Make(type, begin, i + 1);
      i += 2;
    } else if (c == '\\' && !options_.mode.no_backslash_escapes) {
      i += 2;
    } else {
      ++i;
    }
  }
  return Make(Tok::kError, begin, sql_.size());
}

Token Lexer::LexQuotedName(size_t begin, char quote) {
  size_t i = begin + 1;
  while (i < sql_.size()) {
    if (sql_[i] != quote) {
      ++i;
    } else if (At(i + 1) == quote) {
      i += 2;
    } else {
      if (i == begin + 1) return Make(Tok::kError, begin, i + 1);
      return Make(Tok::kQuotedName, begin, i + 1);
    }
  }
  return Make(Tok::kError, begin, sql_.size());
}

Token Lexer::LexColon(size_t begin) {
  if (At(begin + 1) == '=') return Make(Tok::kAssign, begin, begin + 2);
  const bool list = At(begin + 1) == ':';
  size_t i = begin + (list ? 2 : 1);
  const size_t name = i;
  if (!list && Is(At(i), kDigit)) {  // :1
    while (Is(At(i), kDigit)) ++i;
    return Make(Tok::kBindVar, begin, i);
  }
  if (Is(At(i), kNameStart)) {
    while (IsNameChar(At(i)) || (At(i) == '.' && IsNameChar(At(i + 1)))) ++i;
  }
  if (i == name) return Make(list ? Tok::kError : Tok::kColon, begin, name);
  return Make(list ? Tok::kListBind : Tok::kBindVar, begin, i);
}

Token Lexer::LexAt(size_t begin) {
  const bool system = At(begin + 1) == '@';
  size_t i = begin + (system ? 2 : 1);
  const char c = At(i);
  const Tok type = system ? Tok::kSystemVariable : Tok::kUserVariable;
  if (c == '`' || (!system && (c == '\'' || c == '"'))) {
    Token name = c == '`' ? LexQuotedName(i, c) : LexString(i, type);
    if (name.type == Tok::kError) return Make(Tok::kError, begin, name.end);
    i = name.end;
    if (!system) return Make(type, begin, i);
  }
  // @@session.`autocommit`: names and dots up to the first other character.
  while (IsNameChar(At(i)) || At(i) == '.' || (system && At(i) == '`')) {
    if (At(i) == '`') {
      const Token name = LexQuotedName(i, '`');
      if (name.type == Tok::kError) return Make(Tok::kError, begin, name.end);
      i = name.end;
    } else {
      ++i;
    }
  }
  return Make(type, begin, i);
}

Token Lexer::LexPunctuation(size_t begin) {
  const char next = At(begin + 1);
  const auto one = [&](Tok type) { return Make(type, begin, begin + 1); };
  const auto two = [&](Tok type) { return Make(type, begin, begin + 2); };
  switch (sql_[begin]) {
    case '(':
      return one(Tok::kLeftParen);
    case ')':
      return one(Tok::kRightParen);
    case ',':
      return one(Tok::kComma);
    case '.':
      return one(Tok::kDot);
    case ';':
      return one(Tok::kSemicolon);
    case '{':
      return one(Tok::kLeftBrace);
    case '}':
      return one(Tok::kRightBrace);
    case '?':
      return one(Tok::kQuestion);
    case '+':
      return one(Tok::kPlus);
    case '*':
      return one(Tok::kStar);
    case '/':
      return one(Tok::kSlash);
    case '%':
      return one(Tok::kPercent);
    case '^':
      return one(Tok::kCaret);
    case '~':
      return one(Tok::kTilde);
    case '=':
      return one(Tok::kEqual);
    case '-':
      if (next == '>') {
        return At(begin + 2) == '>' ? Make(Tok::kDoubleArrow, begin, begin + 3) : two(Tok::kArrow);
      }
      return one(Tok::kMinus);
    case '&':
      return next == '&' ? two(Tok::kAndAnd) : one(Tok::kAmp);
    case '|':
      return next == '|' ? two(Tok::kPipePipe) : one(Tok::kPipe);
    case '!':
      return next == '=' ? two(Tok::kNotEqual) : one(Tok::kBang);
    case '<':
      if (next == '=') {
        return At(begin + 2) == '>' ? Make(Tok::kNullSafeEqual, begin, begin + 3)
                                    : two(Tok::kLessEqual);
      }
      if (next == '>') return two(Tok::kNotEqual);
      return next == '<' ? two(Tok::kShiftLeft) : one(Tok::kLess);
    case '>':
      if (next == '=') return two(Tok::kGreaterEqual);
      return next == '>' ? two(Tok::kShiftRight) : one(Tok::kGreater);
    default:
      return one(Tok::kError);
  }
}

namespace {

// What may follow a parenthesised query when another pair of parentheses holds it with its tail.
bool ContinuesQuery(const Token& token) {
  if (token.type == Tok::kRightParen) return true;
  switch (token.word) {
    case Kw::kUnion:
    case Kw::kIntersect:
    case Kw::kExcept:
    case Kw::kMinus:
    case Kw::kOrder:
    case Kw::kLimit:
    case Kw::kOffset:
    case Kw::kFetch:
    case Kw::kFor:
    case Kw::kLock:
    case Kw::kInto:
      return true;
    default:
      return false;
  }
}

bool StartsQuery(const std::vector<Token>& tokens, size_t i) {
  const Token& token = tokens[i];
  if (token.word == Kw::kSelect || token.word == Kw::kWith) return true;
  if (token.word == Kw::kValues) return tokens[i + 1].word == Kw::kRow;
  return token.type == Tok::kLeftParen && token.is_query && token.match != 0 &&
         ContinuesQuery(tokens[token.match + 1]);
}

}  // namespace

void Tokenize(std::string_view sql, const ParseOptions& options, std::vector<Token>& out) {
  out.clear();
  out.reserve(sql.size() / 4 + 8);
  Lexer lexer(sql, options);
  std::vector<uint32_t> open;
  while (true) {
    const Token token = lexer.Next();
    if (token.type == Tok::kLeftParen) {
      open.push_back(static_cast<uint32_t>(out.size()));
    } else if (token.type == Tok::kRightParen && !open.empty()) {
      const uint32_t left = open.back();
      open.pop_back();
      out[left].match = static_cast<uint32_t>(out.size());
      size_t first = left + 1;
      while (first < out.size() && out[first].type == Tok::kComment) ++first;
      out.push_back(token);
      out[left].is_query = first + 1 < out.size() && StartsQuery(out, first);
      continue;
    }
    out.push_back(token);
    if (token.type == Tok::kEnd) return;
    if (token.type == Tok::kError) {  // nothing behind it can be trusted
      Token end;
      end.begin = end.end = token.end;
      out.push_back(end);
      return;
    }
  }
}

bool IsPlainString(std::string_view token, bool no_backslash_escapes) {
  const char quote = token.front();
  const std::string_view inner = token.substr(1, token.size() - 2);
  if (inner.find(quote) != std::string_view::npos) return false;
  return no_backslash_escapes || inner.find('\\') == std::string_view::npos;
}

void UnescapeString(std::string_view token, bool no_backslash_escapes, std::string& out) {
  const char quote = token.front();
  const size_t end = token.size() - 1;
  for (size_t i = 1; i < end; ++i) {
    const char c = token[i];
    if (c == quote) {
      ++i;  // a doubled quote
      out.push_back(c);
    } else if (c == '\\' && !no_backslash_escapes && i + 1 < end) {
      const char next = token[++i];
      switch (next) {
        case '0':
          out.push_back('\0');
          break;
        case 'b':
          out.push_back('\b');
          break;
        case 'n':
          out.push_back('\n');
          break;
        case 'r':
          out.push_back('\r');
          break;
        case 't':
          out.push_back('\t');
          break;
        case 'Z':
          out.push_back('\x1a');
          break;
        case '%':
        case '_':  // escapes of LIKE patterns stay
          out.push_back('\\');
          out.push_back(next);
          break;
        default:
          out.push_back(next);
      }
    } else {
      out.push_back(c);
    }
  }
}

void UnescapeName(std::string_view token, std::string& out) {
  const char quote = token.front();
  for (size_t i = 1; i + 1 < token.size(); ++i) {
    out.push_back(token[i]);
    if (token[i] == quote) ++i;
  }
}

std::string_view IntroducerCharset(std::string_view word) {
  static constexpr std::string_view kNames[] = {
      "armscii8", "ascii",  "big5",    "binary", "cp1250", "cp1251",  "cp1256",   "cp1257",
      "cp850",    "cp852",  "cp866",   "cp932",  "dec8",   "eucjpms", "euckr",    "gb18030",
      "gb2312",   "gbk",    "geostd8", "greek",  "hebrew", "hp8",     "keybcs2",  "koi8r",
      "koi8u",    "latin1", "latin2",  "latin5", "latin7", "macce",   "macroman", "sjis",
      "swe7",     "tis620", "ucs2",    "ujis",   "utf16",  "utf16le", "utf32",    "utf8mb3",
      "utf8mb4",  "utf8",   "filename"};
  if (word.size() < 4 || word.front() != '_') return {};
  for (const std::string_view name : kNames) {
    if (Ident::EqualNoCase(name, word.substr(1))) return name;
  }
  return {};
}

}  // namespace tessera::sqlparser
