// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/lexer.h"

#include <array>
#include <cstring>

#include "sqlparser/internal/scan.h"

namespace tessera::sqlparser {
namespace {

// What a byte starts, outside of strings and names.
enum class Start : uint8_t {
  kUnknown,  // no token starts so
  kBlank,
  kName,
  kDigit,
  kMark,      // one byte is the whole token
  kOperator,  // one byte or several
  kDot,
  kQuote,
  kBackquote,
  kColon,
  kAt,
  kComment,  // may start a comment: # - /
  kStar,
};

struct StartEntry {
  Start start = Start::kUnknown;
  Tok mark = Tok::kError;
};

constexpr std::array<StartEntry, 256> MakeStarts() {
  std::array<StartEntry, 256> table{};
  for (int c = 0; c < 256; ++c) {
    const uint8_t byte = kByteClasses[c];
    if ((byte & kBlankByte) != 0) table[c].start = Start::kBlank;
    if ((byte & kNameByte) != 0) table[c].start = Start::kName;
    if ((byte & kDigitByte) != 0) table[c].start = Start::kDigit;
  }
  constexpr std::pair<char, Tok> kMarks[] = {
      {'(', Tok::kLeftParen}, {')', Tok::kRightParen}, {',', Tok::kComma}, {';', Tok::kSemicolon},
      {'{', Tok::kLeftBrace}, {'}', Tok::kRightBrace}, {'+', Tok::kPlus},  {'%', Tok::kPercent},
      {'^', Tok::kCaret},     {'~', Tok::kTilde},      {'=', Tok::kEqual}};
  for (const auto& [c, tok] : kMarks) table[static_cast<uint8_t>(c)] = {Start::kMark, tok};
  for (const char c : {'&', '|', '!', '<', '>', '?', '\\'}) table[c].start = Start::kOperator;
  for (const char c : {'#', '-', '/'}) table[c].start = Start::kComment;
  table['.'].start = Start::kDot;
  table['*'].start = Start::kStar;
  table['\''].start = table['"'].start = Start::kQuote;
  table['`'].start = Start::kBackquote;
  table[':'].start = Start::kColon;
  table['@'].start = Start::kAt;
  return table;
}
constexpr std::array<StartEntry, 256> kStarts = MakeStarts();

// Bytes of the character at `at`, where a byte of it may look like a quote or a backslash.
size_t CharacterSize(const char* at, const char* end, TextEncoding encoding) {
  const auto lead = static_cast<uint8_t>(at[0]);
  if (lead < 0x81 || at + 1 >= end) return 1;
  const auto trail = static_cast<uint8_t>(at[1]);
  const bool trails = trail >= 0x40 && trail != 0x7f && trail != 0xff;
  switch (encoding) {
    case TextEncoding::kPlain:
      return 1;
    case TextEncoding::kBig5:
      return lead >= 0xa1 && lead <= 0xf9 && trails ? 2 : 1;
    case TextEncoding::kGbk:
      return lead <= 0xfe && trails ? 2 : 1;
    case TextEncoding::kSjis:
      return (lead <= 0x9f || lead >= 0xe0) && lead <= 0xfc && trails && trail <= 0xfc ? 2 : 1;
    case TextEncoding::kGb18030:
      if (lead == 0xff) return 1;
      if (trails) return 2;
      return trail >= '0' && trail <= '9' && at + 3 < end ? 4 : 1;
  }
  return 1;
}

// FindEither over whole characters.
const char* FindEitherWide(const char* at, const char* end, char first, char second,
                           TextEncoding encoding) {
  while (at < end) {
    const size_t size = CharacterSize(at, end, encoding);
    if (size == 1 && (*at == first || *at == second)) return at;
    at += size;
  }
  return end;
}

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
  uint32_t limit = options_->version;
  if (At(i) == 'M' && At(i + 1) == '!') {
    ++i;
    limit = options_->mariadb_version;
  }
  if (At(i) != '!' || !options_->version_comments) return false;
  ++i;
  size_t digits = 0;
  uint32_t version = 0;
  while (digits < 6 && IsByte(At(i + digits), kDigitByte)) ++digits;
  // Six digits are MariaDB's 10.x and later or MySQL's with a leading zero; anything else is five.
  const char first = At(i);
  const char second = At(i + 1);
  const bool six = digits == 6 && !IsByte(At(i + 6), kDigitByte) &&
                   (first == '0' || (first == '1' && second <= '2') || limit >= 100000);
  const size_t take = six ? 6 : (digits >= 5 ? 5 : 0);
  for (size_t k = 0; k < take; ++k) version = version * 10 + static_cast<uint32_t>(At(i + k) - '0');
  if (take == 6 && first != '0') limit = options_->mariadb_version;
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
  if (depth > 0) ++version_depth_;  // not closed, which Next() tells
  at_ = i;
  return true;
}

// At a byte that may start a comment. True when there was one: it is skipped, or, when it is a
// token, *token.
bool Lexer::TakeComment(Token* token) {
  const char c = sql_[at_];
  const char next = At(at_ + 1);
  const bool dashes = c == '-' && next == '-' &&
                      (at_ + 2 >= sql_.size() || static_cast<uint8_t>(At(at_ + 2)) <= ' ');
  if (c == '#' || dashes || (c == '/' && next == '/')) {
    SkipLine();
    return true;
  }
  if (c != '/' || next != '*') return false;
  if (EnterVersionComment()) return true;
  const size_t close = sql_.find("*/", at_ + 2);
  const size_t end = close == std::string_view::npos ? sql_.size() : close + 2;
  *token = Make(close == std::string_view::npos ? Tok::kError : Tok::kComment, at_, end);
  return true;
}

// The token that starts at begin, or kSkipped when there was none: at_ is then behind what was
// skipped.
Token Lexer::LexAny(size_t begin) {
  const StartEntry entry = kStarts[static_cast<uint8_t>(sql_[begin])];
  switch (entry.start) {
    case Start::kName:
      return LexWord(begin);
    case Start::kMark:
      return Make(entry.mark, begin, begin + 1);
    case Start::kDigit:
      return LexNumber(begin);
    case Start::kBackquote:
      return LexQuotedName(begin, '`');
    case Start::kDot:
      // a.1 is a name in a name; a .1 is not.
      return IsByte(At(begin + 1), kDigitByte) && !TouchesName(begin) ? LexNumber(begin)
                                                                      : LexOperator(begin);
    case Start::kQuote:
      if (sql_[begin] == '"' && options_->mode.ansi_quotes) return LexQuotedName(begin, '"');
      return LexString(begin, Tok::kString);
    case Start::kColon:
      return LexColon(begin);
    case Start::kAt:
      return LexAt(begin);
    case Start::kStar:
      if (version_depth_ > 0 && At(begin + 1) == '/') {
        --version_depth_;
        at_ = begin + 2;
        return Make(Tok::kSkipped, begin, at_);
      }
      return Make(Tok::kStar, begin, begin + 1);
    case Start::kComment: {
      Token token = Make(Tok::kSkipped, begin, begin);
      return TakeComment(&token) ? token : LexOperator(begin);
    }
    case Start::kOperator:
      return LexOperator(begin);
    case Start::kBlank:
      at_ = begin + 1;
      return Make(Tok::kSkipped, begin, at_);
    case Start::kUnknown:
      break;
  }
  return Make(Tok::kError, begin, begin + 1);
}

// Whether a name ends right before begin.
bool Lexer::TouchesName(size_t begin) const {
  if (begin == 0 || (last_ != Tok::kWord && last_ != Tok::kQuotedName)) return false;
  const char before = sql_[begin - 1];
  return IsByte(before, kNameByte) ||
         (last_ == Tok::kQuotedName && (before == '`' || before == '"'));
}

Token Lexer::Next() {
  // Nearly always one blank, if any, stands between two tokens.
  if (at_ < sql_.size() && sql_[at_] == ' ') ++at_;
  while (at_ < sql_.size()) {
    // Most tokens are words and marks: branches of their own are foretold better than a jump.
    const StartEntry entry = kStarts[static_cast<uint8_t>(sql_[at_])];
    const Token token = entry.start == Start::kName   ? LexWord(at_)
                        : entry.start == Start::kMark ? Make(entry.mark, at_, at_ + 1)
                                                      : LexAny(at_);
    if (token.type == Tok::kSkipped) continue;
    at_ = token.end;
    // A comment stands between tokens: what follows is read as if it were not there.
    if (token.type != Tok::kComment) last_ = token.type;
    return token;
  }
  const bool open = version_depth_ > 0;  // a version comment without its end
  version_depth_ = 0;
  return Make(open ? Tok::kError : Tok::kEnd, sql_.size(), sql_.size());
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
  const char* const word = sql_.data() + begin;
  const size_t size = static_cast<size_t>(NameEnd(word + 1, sql_.data() + sql_.size()) - word);
  Token token = Make(Tok::kWord, begin, begin + size);
  // In select.from both are names.
  const bool qualifies = At(begin + size) == '.' && IsByte(At(begin + size + 1), kNameByte);
  const bool qualified = last_ == Tok::kDot && sql_[begin - 1] == '.';
  if (!qualified && !qualifies) token.word = LookupKeyword({word, size});
  return token;
}

// X'..' and B'..': the digits must fit, and there must be whole bytes of hex.
Token Lexer::LexPrefixed(size_t begin, Tok type) {
  size_t i = begin + 2;
  if (type == Tok::kHexString) {
    while (IsByte(At(i), kHexByte)) ++i;
  } else {
    while (At(i) == '0' || At(i) == '1') ++i;
  }
  const bool whole = type != Tok::kHexString || (i - begin - 2) % 2 == 0;
  if (At(i) != '\'') return Make(Tok::kError, begin, i);
  return Make(whole ? type : Tok::kError, begin, i + 1);
}

Token Lexer::LexNumber(size_t begin) {
  const char* const end = sql_.data() + sql_.size();
  const char* digit = sql_.data() + begin;
  while (digit < end && IsByte(*digit, kDigitByte)) ++digit;
  size_t i = static_cast<size_t>(digit - sql_.data());
  // The usual number: digits and nothing that could go on with them.
  if (i > begin && last_ != Tok::kDot && At(i) != '.' && !IsByte(At(i), kNameByte))
    return Make(Tok::kInteger, begin, i);
  i = begin;
  // a.1b: after a dot a name may start with digits.
  if (last_ == Tok::kDot && sql_[begin] != '.' && sql_[begin - 1] == '.') {
    while (IsByte(At(i), kNameByte)) ++i;
    return Make(Tok::kWord, begin, i);
  }
  if (sql_[i] == '0' && (At(i + 1) | 0x20) == 'x' && IsByte(At(i + 2), kHexByte)) {
    size_t j = i + 2;
    while (IsByte(At(j), kHexByte)) ++j;
    if (!IsByte(At(j), kNameByte)) return Make(Tok::kHexNumber, begin, j);
  }
  if (sql_[i] == '0' && At(i + 1) == 'b' && (At(i + 2) == '0' || At(i + 2) == '1')) {
    size_t j = i + 2;
    while (At(j) == '0' || At(j) == '1') ++j;
    if (!IsByte(At(j), kNameByte)) return Make(Tok::kBitNumber, begin, j);
  }
  while (IsByte(At(i), kDigitByte)) ++i;
  Tok type = Tok::kInteger;
  if (At(i) == '.' && At(i + 1) != '.') {  // 1..3 is a range
    type = Tok::kDecimal;
    ++i;
    while (IsByte(At(i), kDigitByte)) ++i;
  }
  if ((At(i) | 0x20) == 'e') {
    size_t j = i + 1;
    if (At(j) == '+' || At(j) == '-') ++j;
    if (IsByte(At(j), kDigitByte)) {
      while (IsByte(At(j), kDigitByte)) ++j;
      if (type == Tok::kDecimal || !IsByte(At(j), kNameByte)) return Make(Tok::kFloat, begin, j);
    }
  }
  if (type == Tok::kInteger && IsByte(At(i), kNameByte)) {  // 3t2 is a name
    while (IsByte(At(i), kNameByte)) ++i;
    return Make(Tok::kWord, begin, i);
  }
  return Make(type, begin, i);
}

Token Lexer::LexString(size_t begin, Tok type) {
  const char quote = sql_[begin];
  const char escape = options_->mode.no_backslash_escapes ? quote : '\\';
  const char* const end = sql_.data() + sql_.size();
  const char* at = sql_.data() + begin + 1;
  uint32_t escaped = 0;
  while (true) {
    at = FindStop(at, end, quote, escape);
    if (at >= end) return Make(Tok::kError, begin, sql_.size());
    if (*at == quote && (at + 1 == end || at[1] != quote)) {
      Token token = Make(type, begin, static_cast<size_t>(at - sql_.data()) + 1);
      token.match = escaped;
      return token;
    }
    escaped = 1;
    at += 2;
    if (at > end) return Make(Tok::kError, begin, sql_.size());
  }
}

Token Lexer::LexQuotedName(size_t begin, char quote) {
  const char* const end = sql_.data() + sql_.size();
  const char* at = sql_.data() + begin + 1;
  uint32_t doubled = 0;
  while (true) {
    at = FindStop(at, end, quote, quote);
    if (at >= end) return Make(Tok::kError, begin, sql_.size());
    const size_t behind = static_cast<size_t>(at - sql_.data()) + 1;
    if (behind == sql_.size() || sql_[behind] != quote) {
      Token token = Make(Tok::kQuotedName, begin, behind);
      token.match = doubled;
      return token;
    }
    doubled = 1;
    at += 2;
  }
}

// The first byte in [at, end) that is one of two, as whole characters.
const char* Lexer::FindStop(const char* at, const char* end, char first, char second) const {
  if (options_->encoding == TextEncoding::kPlain) return FindEither(at, end, first, second);
  return FindEitherWide(at, end, first, second, options_->encoding);
}

Token Lexer::LexColon(size_t begin) {
  if (At(begin + 1) == '=') return Make(Tok::kAssign, begin, begin + 2);
  const bool list = At(begin + 1) == ':';
  size_t i = begin + (list ? 2 : 1);
  const size_t name = i;
  if (!list && IsByte(At(i), kDigitByte)) {  // :1
    while (IsByte(At(i), kDigitByte)) ++i;
    return Make(Tok::kBindVar, begin, i);
  }
  if (IsByte(At(i), kNameByte) && !IsByte(At(i), kDigitByte)) {
    while (IsByte(At(i), kNameByte) || (At(i) == '.' && IsByte(At(i + 1), kNameByte))) ++i;
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
  // @@global. 'cache'.name: MariaDB takes blanks and quotes behind a dot.
  bool behind_dot = false;
  while (true) {
    const char at = At(i);
    if (IsByte(at, kNameByte) || at == '.') {
      behind_dot = system && at == '.';
      ++i;
    } else if (behind_dot && IsByte(at, kBlankByte)) {
      ++i;
    } else if (system && (at == '`' || (behind_dot && at == '\''))) {
      const Token name = at == '`' ? LexQuotedName(i, at) : LexString(i, type);
      if (name.type == Tok::kError) return Make(Tok::kError, begin, name.end);
      behind_dot = false;
      i = name.end;
    } else {
      return Make(type, begin, i);
    }
  }
}

Token Lexer::LexOperator(size_t begin) {
  const char next = At(begin + 1);
  const auto one = [&](Tok type) { return Make(type, begin, begin + 1); };
  const auto two = [&](Tok type) { return Make(type, begin, begin + 2); };
  switch (sql_[begin]) {
    case '?':
      return one(IsByte(next, kNameByte) ? Tok::kError : Tok::kQuestion);
    case '\\': {  // \N is NULL
      if (next != 'N' || IsByte(At(begin + 2), kNameByte)) return one(Tok::kError);
      Token token = two(Tok::kWord);
      token.word = Kw::kNull;
      return token;
    }
    case '.':
      return next == '.' ? two(Tok::kDotDot) : one(Tok::kDot);
    case '/':
      return one(Tok::kSlash);
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

// VALUES (1), (2) rather than VALUES(a) + 1: what stands behind the first row tells.
bool StartsRows(const TokenList& tokens, size_t i) {
  if (tokens[i].word == Kw::kRow) return true;
  if (tokens[i].type != Tok::kLeftParen || tokens[i].match == 0) return false;
  const size_t next = tokens[i].match + 1;
  if (tokens[next].type == Tok::kComma) return tokens[next + 1].type == Tok::kLeftParen;
  return ContinuesQuery(tokens[next]);
}

bool StartsQuery(const TokenList& tokens, size_t i) {
  const Token& token = tokens[i];
  if (token.word == Kw::kSelect || token.word == Kw::kWith) return true;
  if (token.word == Kw::kValues) return StartsRows(tokens, i + 1);
  if (token.word == Kw::kTable) {
    return tokens[i + 1].type == Tok::kWord || tokens[i + 1].type == Tok::kQuotedName;
  }
  return token.type == Tok::kLeftParen && token.is_query && token.match != 0 &&
         ContinuesQuery(tokens[token.match + 1]);
}

// The parentheses open while a text is cut: a chain through Token::match, which is free until the
// parenthesis is closed.
class OpenParens {
 public:
  explicit OpenParens(TokenList& tokens) : tokens_(tokens) {}
  ~OpenParens() {
    while (last_ != kNone) Pop();
  }
  bool empty() const { return last_ == kNone; }
  void Push(uint32_t index) {
    tokens_[index].match = last_;
    last_ = index;
  }
  uint32_t Pop() {
    const uint32_t index = last_;
    last_ = tokens_[index].match;
    tokens_[index].match = 0;
    return index;
  }

 private:
  static constexpr uint32_t kNone = UINT32_MAX;
  TokenList& tokens_;
  uint32_t last_ = kNone;
};

}  // namespace

void Tokenize(std::string_view sql, const ParseOptions& options, TokenList& out) {
  Lexer lexer(sql, options);
  OpenParens open(out);
  while (true) {
    const auto index = static_cast<uint32_t>(out.size());
    // In place: a copy would have to wait for the stores that made the token.
    Token& token = out.Add();
    token = lexer.Next();
    switch (token.type) {
      case Tok::kLeftParen:
        open.Push(index);
        break;
      case Tok::kRightParen: {
        if (open.empty()) break;
        const uint32_t left = open.Pop();
        out[left].match = index;
        size_t first = left + 1;
        while (out[first].type == Tok::kComment) ++first;
        out[left].is_query = first < index && StartsQuery(out, first);
        break;
      }
      case Tok::kEnd:
        return;
      case Tok::kError: {  // nothing behind it can be trusted
        Token end;
        end.begin = end.end = token.end;
        out.push_back(end);  // `token` is no longer good
        return;
      }
      default:
        break;
    }
  }
}

bool IsPlainString(std::string_view token, const ParseOptions& options) {
  const char quote = token.front();
  const char* const first = token.data() + 1;
  const char* const end = token.data() + token.size() - 1;
  const char escape = options.mode.no_backslash_escapes ? quote : '\\';
  if (options.encoding == TextEncoding::kPlain) return FindEither(first, end, quote, escape) == end;
  return FindEitherWide(first, end, quote, escape, options.encoding) == end;
}

namespace {

// What a backslash before c stands for. \% and \_ are escapes of LIKE patterns and stay two bytes.
template <class Out>
void AppendEscaped(char c, Out& out) {
  switch (c) {
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
    case '_':
      out.push_back('\\');
      out.push_back(c);
      break;
    default:
      out.push_back(c);
  }
}

template <class Out>
void Unescape(std::string_view token, const ParseOptions& options, Out& out) {
  const char quote = token.front();
  const char escape = options.mode.no_backslash_escapes ? quote : '\\';
  const char* at = token.data() + 1;
  const char* const end = token.data() + token.size() - 1;
  while (at < end) {
    const char* const stop = options.encoding == TextEncoding::kPlain
                                 ? FindEither(at, end, quote, escape)
                                 : FindEitherWide(at, end, quote, escape, options.encoding);
    out.append(at, static_cast<size_t>(stop - at));
    if (stop == end) return;
    if (*stop == quote || stop + 1 == end) {
      out.push_back(*stop);  // a doubled quote
    } else {
      AppendEscaped(stop[1], out);
    }
    at = stop + 2;
  }
}

}  // namespace

void UnescapeString(std::string_view token, const ParseOptions& options, std::string& out) {
  Unescape(token, options, out);
}

void UnescapeString(std::string_view token, const ParseOptions& options, TextBuffer& out) {
  Unescape(token, options, out);
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
