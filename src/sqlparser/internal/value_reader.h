// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <string_view>

#include "sqlparser/fingerprint.h"
#include "sqlparser/lexer.h"

namespace tessera::sqlparser {

// Integers, decimals, floats, hex and bit numbers, strings: what may leave the text as a value. Not
// b'', which has no digits to write a number with.
inline bool IsLiteral(const Token& token) {
  if (token.type == Tok::kBitString) return token.end - token.begin > 3;
  return token.type == Tok::kString ||
         (token.type >= Tok::kInteger && token.type < Tok::kBitString);
}
// Those of them that a minus may stand before.
inline bool IsNumberToken(Tok type) { return type >= Tok::kInteger && type <= Tok::kFloat; }

// Reads literals of one statement into a fingerprint's values.
class ValueReader {
 public:
  ValueReader(Fingerprint& out, std::string_view sql, const ParseOptions& options)
      : f_(out), sql_(sql), options_(options) {}

  // Forgets all values, and makes room for those of the statement.
  void Clear();

  // One more value: what a literal's token stands for. `negative`: a minus in front belongs to it.
  // Values are made where they stay: a copy would have to wait for the stores that made it.
  void Begin(const Token& token, bool negative) {
    Read(token, negative, f_.values_.emplace_back());
  }
  // A string behind it that belongs to it.
  void Join(const Token& string);
  // The number of its variable, from one. One of the last few values is used again when it is the
  // same: a statement repeats a value close by if at all.
  size_t End();
  // A list's values are added between these two. It gets a variable of its own.
  void BeginList() {
    list_begin_ = f_.items_.size();
    list_unescaped_ = f_.unescaped_.size();
  }
  void AddItem(const Token& token, bool negative) {
    Read(token, negative, f_.items_.emplace_back());
  }
  size_t EndList();
  // Instead of its end: what was added since its begin is forgotten.
  void DropList() {
    f_.items_.resize(list_begin_);
    f_.unescaped_.Shrink(list_unescaped_);
  }

 private:
  static constexpr size_t kRecent = 8;

  void Read(const Token& token, bool negative, FingerprintValue& value);
  std::string_view Text(const Token& t) const { return sql_.substr(t.begin, t.end - t.begin); }

  Fingerprint& f_;
  std::string_view sql_;
  const ParseOptions& options_;
  size_t list_begin_ = 0;
  size_t list_unescaped_ = 0;
  std::array<uint64_t, kRecent> marks_{};  // of the last values, by number modulo kRecent
};

}  // namespace tessera::sqlparser
