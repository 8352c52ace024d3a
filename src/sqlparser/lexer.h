// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sqlparser/internal/stack_vector.h"
#include "sqlparser/internal/text_buffer.h"
#include "sqlparser/keywords.h"
#include "sqlparser/parser.h"

namespace tessera::sqlparser {

enum class Tok : uint8_t {
  kEnd,
  kError,       // a character or an unclosed string that no token starts or ends with
  kWord,        // a bare identifier or keyword; Token::word tells which
  kQuotedName,  // `name`, or "name" under ANSI_QUOTES
  kString,      // 'text' or "text"
  kNational,    // N'text'
  kInteger,
  kDecimal,
  kFloat,
  kHexNumber,       // 0x1f
  kHexString,       // X'1f'
  kBitNumber,       // 0b01
  kBitString,       // B'01'
  kBindVar,         // :name
  kListBind,        // ::name
  kQuestion,        // ?
  kUserVariable,    // @name, @'name', @`name`, and a bare @
  kSystemVariable,  // @@name, with any dots
  kComment,         // /* ... */
  kSkipped,         // nothing: blanks, a line comment (never leaves the lexer)
  // Punctuation.
  kLeftParen,
  kRightParen,
  kComma,
  kDot,
  kDotDot,  // of FOR i IN 1..3
  kSemicolon,
  kLeftBrace,
  kRightBrace,
  kColon,
  kPlus,
  kMinus,
  kStar,
  kSlash,
  kPercent,
  kAmp,
  kPipe,
  kCaret,
  kTilde,
  kBang,
  kEqual,
  kLess,
  kGreater,
  kLessEqual,
  kGreaterEqual,
  kNotEqual,
  kNullSafeEqual,
  kShiftLeft,
  kShiftRight,
  kAndAnd,
  kPipePipe,
  kAssign,
  kArrow,
  kDoubleArrow,
};

struct Token {
  Tok type = Tok::kEnd;
  bool is_query = false;  // kLeftParen: a query stands in it, not an expression or a table list
  Kw word = Kw::kNone;
  uint32_t begin = 0;  // offsets in the text, quotes and marks included
  uint32_t end = 0;
  // kLeftParen: index of its kRightParen, 0 when there is none. kString, kNational, kQuotedName:
  // not 0 when the value is not just what stands between the quotes.
  uint32_t match = 0;
};

// How a text is cut into tokens, one at a time. Knows strings, names, numbers, comments and which
// version comments count; knows no grammar.
class Lexer {
 public:
  // Both must outlive the lexer.
  Lexer(std::string_view sql, const ParseOptions& options) : sql_(sql), options_(&options) {}
  // The same from a byte in the middle, where a token of type `previous` has ended.
  Lexer(std::string_view sql, const ParseOptions& options, size_t begin, Tok previous)
      : sql_(sql), options_(&options), at_(begin), last_(previous) {}

  // The token that begins right here; kSkipped when none does.
  Token Here() { return at_ < sql_.size() ? LexAny(at_) : Make(Tok::kEnd, at_, at_); }
  // The next token; kEnd for ever after the last. Comments of the form /* */ are tokens too.
  Token Next();

 private:
  Token Make(Tok type, size_t begin, size_t end) const;
  Token LexAny(size_t begin);
  bool TouchesName(size_t begin) const;
  Token LexWord(size_t begin);
  Token LexNumber(size_t begin);
  Token LexString(size_t begin, Tok type);
  Token LexQuotedName(size_t begin, char quote);
  const char* FindStop(const char* at, const char* end, char first, char second) const;
  Token LexPrefixed(size_t begin, Tok type);
  Token LexColon(size_t begin);
  Token LexAt(size_t begin);
  Token LexOperator(size_t begin);
  bool TakeComment(Token* token);
  // At "/*": true when it was skipped or its mark was entered, false when it is a comment token.
  bool EnterVersionComment();
  void SkipLine();
  char At(size_t i) const { return i < sql_.size() ? sql_[i] : '\0'; }

  std::string_view sql_;
  const ParseOptions* options_;
  size_t at_ = 0;
  int version_depth_ = 0;  // how many version comments that count we are in
  Tok last_ = Tok::kEnd;
};

// The tokens of one text; those of most statements need no allocation.
using TokenList = StackVector<Token, 128>;

// Appends all tokens of a text with kEnd last, parentheses matched.
void Tokenize(std::string_view sql, const ParseOptions& options, TokenList& out);

// The value of a string token's text (quotes included), escapes undone, appended to out.
void UnescapeString(std::string_view token, const ParseOptions& options, std::string& out);
void UnescapeString(std::string_view token, const ParseOptions& options, TextBuffer& out);
// Whether the value is just what stands between the quotes.
bool IsPlainString(std::string_view token, const ParseOptions& options);
// The same for `names`.
void UnescapeName(std::string_view token, std::string& out);

// "utf8mb4" for "_utf8mb4"; empty when word introduces no character set.
std::string_view IntroducerCharset(std::string_view word);

}  // namespace tessera::sqlparser
