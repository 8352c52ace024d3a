// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// For the fuzz targets, each of which includes it once: half of the changes that libFuzzer makes to
// an input are made to its tokens. Odd names and values where others stood, and clauses of one
// statement in another, are what random bytes seldom come to. With TESSERA_FUZZ_BYTES_ONLY in the
// environment they are not made.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "sqlparser/lexer.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* data, size_t size, size_t max_size);

namespace tessera::sqlparser::internal {

inline constexpr auto kOddNames = std::to_array<std::string_view>(
    {"``",    "`a`",    "`a b`",   "`a``b`",    "`select`", "`5`",      "5a",          "`.`",
     "`@a`",  "\"a\"",  "\"\"",    "`if`",      "`match`",  "a.b",      "`a`.`b`.`c`", "_utf8mb4",
     "key",   "end",    "value",   "$a",        "`\xff`",   "\xc3\xa4", "select:if",   "a.*",
     "`a`.*", "binary", "default", "partition", "`a\\`",    "x",        "n",           "b"});
inline constexpr auto kOddValues = std::to_array<std::string_view>({"''",
                                                                    "'a'",
                                                                    "'it''s'",
                                                                    "'\\\\'",
                                                                    "'\\'",
                                                                    "'a' 'b'",
                                                                    "\"\"",
                                                                    "\"a\"\"\"",
                                                                    "0",
                                                                    "00",
                                                                    "1e5",
                                                                    ".5",
                                                                    "1.",
                                                                    "-1",
                                                                    "- -1",
                                                                    "18446744073709551616",
                                                                    "x'4a'",
                                                                    "0x",
                                                                    "0x4",
                                                                    "b'01'",
                                                                    "0b",
                                                                    "n'a'",
                                                                    "_latin1'a'",
                                                                    "_utf8mb4 x'41'",
                                                                    "null",
                                                                    "true",
                                                                    "?",
                                                                    ":a",
                                                                    "::a",
                                                                    "@a",
                                                                    "@`a b`",
                                                                    "@''",
                                                                    "@@global.a",
                                                                    "@@session.`global`.x",
                                                                    "date '2001-01-01'",
                                                                    "interval 1 day",
                                                                    "(1, 2)",
                                                                    "(1)",
                                                                    "(select 1)",
                                                                    "default",
                                                                    "*",
                                                                    "a + 1",
                                                                    "not 1",
                                                                    "-a",
                                                                    "a collate `b`",
                                                                    "cast(1 as char)"});
inline constexpr auto kOddWords = std::to_array<std::string_view>({"select",
                                                                   "from",
                                                                   "as",
                                                                   "in",
                                                                   "(",
                                                                   ")",
                                                                   ",",
                                                                   ";",
                                                                   ".",
                                                                   "/* c */",
                                                                   "/*!50000 a */",
                                                                   "/*M! a */",
                                                                   "-- c\n",
                                                                   "#\n",
                                                                   "/*",
                                                                   "begin",
                                                                   "end",
                                                                   "if",
                                                                   "loop",
                                                                   "then",
                                                                   "else",
                                                                   "case",
                                                                   "when",
                                                                   "declare",
                                                                   "for",
                                                                   "do",
                                                                   "while",
                                                                   "repeat",
                                                                   "until",
                                                                   "into",
                                                                   "union",
                                                                   "with",
                                                                   "returning",
                                                                   "on",
                                                                   "set",
                                                                   "=",
                                                                   ":=",
                                                                   "<=>",
                                                                   "->>",
                                                                   "||",
                                                                   "&&",
                                                                   "!",
                                                                   "not",
                                                                   "{d '2001-01-01'}",
                                                                   "order by null",
                                                                   "limit 1",
                                                                   "\n",
                                                                   "\\N",
                                                                   std::string_view("\0", 1)});

class TokenMutator {
 public:
  TokenMutator(std::string_view text, unsigned seed) : text_(text), random_(seed) {
    const ParseOptions options;
    Lexer lexer(text, options);
    for (;;) {
      const Token token = lexer.Next();
      if (token.type == Tok::kEnd || token.type == Tok::kError) break;
      if (token.end > token.begin) tokens_.push_back(token);
    }
  }

  bool empty() const { return tokens_.empty(); }

  std::string Mutated() {
    const Token& at = Any(tokens_);
    const size_t begin = at.begin;
    const size_t end = at.end;
    switch (random_() % 6) {
      case 0:
        return Replaced(begin, end, LikeIt(at));
      case 1:
        return Replaced(begin, end, Odd());
      case 2:
        return Replaced(begin, end, TextOf(Any(tokens_)));
      case 3:
        return Replaced(begin, end, "");
      case 4:
        return Replaced(begin, begin, Odd());
      default: {
        // A stretch of the text again, somewhere else.
        const Token& other = Any(tokens_);
        const size_t from = std::min<size_t>(begin, other.begin);
        return Replaced(Any(tokens_).begin, 0,
                        text_.substr(from, std::max<size_t>(end, other.end) - from));
      }
    }
  }

 private:
  template <typename List>
  const typename List::value_type& Any(const List& list) {
    return list[random_() % list.size()];
  }
  std::string_view TextOf(const Token& token) const {
    return text_.substr(token.begin, token.end - token.begin);
  }
  std::string_view Odd() {
    switch (random_() % 3) {
      case 0:
        return Any(kOddNames);
      case 1:
        return Any(kOddValues);
      default:
        return Any(kOddWords);
    }
  }
  std::string_view LikeIt(const Token& token) {
    if (token.type == Tok::kWord || token.type == Tok::kQuotedName) return Any(kOddNames);
    return token.type < Tok::kComment ? Any(kOddValues) : Any(kOddWords);
  }
  // An end before the begin stands for it.
  std::string Replaced(size_t begin, size_t end, std::string_view with) const {
    std::string out(text_.substr(0, begin));
    out.append(" ").append(with).append(" ");
    return out.append(text_.substr(std::max(begin, end)));
  }

  std::string_view text_;
  std::minstd_rand random_;
  std::vector<Token> tokens_;
};

}  // namespace tessera::sqlparser::internal

extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* data, size_t size, size_t max_size,
                                          unsigned seed) {
  static const bool bytes_only = std::getenv("TESSERA_FUZZ_BYTES_ONLY") != nullptr;
  if (bytes_only || seed % 2 == 0) return LLVMFuzzerMutate(data, size, max_size);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  tessera::sqlparser::internal::TokenMutator mutator(text, seed);
  if (mutator.empty()) return LLVMFuzzerMutate(data, size, max_size);
  const std::string mutated = mutator.Mutated();
  if (mutated.size() > max_size) return LLVMFuzzerMutate(data, size, max_size);
  std::memcpy(data, mutated.data(), mutated.size());
  return mutated.size();
}
