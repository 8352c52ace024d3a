// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "sqlparser/fingerprint.h"
#include "sqlparser/lexer.h"

namespace tessera::sqlparser {

// Integers, decimals, floats, hex and bit numbers, strings.
bool IsLiteralToken(Tok type);

// Reads literals of one statement into a fingerprint's values.
class ValueReader {
 public:
  ValueReader(Fingerprint& out, std::string_view sql, const ParseOptions& options)
      : f_(out), sql_(sql), options_(options) {}

  // Forgets all values, and makes room for those of the statement.
  void Clear();

  // What a literal's token stands for. `negative`: a minus in front belongs to it.
  FingerprintValue ValueOf(const Token& token, bool negative);
  // Two strings in a row are one.
  void Join(FingerprintValue& value, const Token& string);
  // The number of the variable that has this value, from one. One of the last few values is used
  // again when it is the same: a statement repeats a value close by if at all.
  size_t Add(const FingerprintValue& value);
  // (1, 'b', -3): one list. `lexer` stands behind the parenthesis and is then behind the closing
  // one. 0 and nothing changed but the lexer when there is anything but literals in it.
  size_t AddList(Lexer& lexer, Token* close);

 private:
  static constexpr size_t kRecent = 8;

  std::string_view Text(const Token& t) const { return sql_.substr(t.begin, t.end - t.begin); }

  Fingerprint& f_;
  std::string_view sql_;
  const ParseOptions& options_;
  std::array<uint64_t, kRecent> marks_{};  // of the last values, by number modulo kRecent
};

}  // namespace tessera::sqlparser
