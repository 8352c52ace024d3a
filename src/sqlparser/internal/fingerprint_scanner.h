// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

#include "sqlparser/fingerprint.h"
#include "sqlparser/internal/value_reader.h"
#include "sqlparser/lexer.h"

namespace tessera::sqlparser {

// The kind of a statement that begins with a word.
StatementKind KindOf(Kw word);

// One pass over one statement that fills a Fingerprint.
class FingerprintScanner {
 public:
  FingerprintScanner(Fingerprint& out, std::string_view sql, const ParseOptions& options)
      : f_(out), sql_(sql), options_(options), values_(out, sql, options) {}

  Result<> Run();

  // After a run: whether another statement that differs only in the values of f.holes_ comes out
  // the same but for the values.
  bool repeats() const;

 private:
  // Where in a statement the scanner is: decides which values may leave the text.
  enum class Region : uint32_t {
    kPlain,       // values become variables
    kSelectList,  // of an outermost select: the source is kept
    kOrder,       // ORDER BY, GROUP BY: values stay
    kSyntax,      // types, JSON_TABLE, INTO OUTFILE: values stay, they are part of the grammar
  };

  bool AtEnd(bool values) const;
  Result<> Leading();
  Result<> Trailing();
  bool StandsApart(const Fingerprint::Hole& hole) const;
  void Advance();
  void Step();
  void Word(const Token& token);
  void OpenParen();
  void CloseParen();
  bool TakeList(const Token& paren);
  bool ReadList(const Token* token, const Token* close);
  bool MayTake(const Token& token) const;
  bool OwnsSign(const Token& number) const;
  bool NegatesNumber(const Token& minus) const;
  void Take(uint32_t begin, bool takes_sign);
  void EmitVariable(size_t number, bool list);
  void Emit(const Token& token, size_t previous_end);
  void EmitSource(const Token& token);
  void Space() {
    if (!tight_) f_.out_.push_back(' ');
  }
  std::string_view Text(const Token& t) const { return sql_.substr(t.begin, t.end - t.begin); }
  const Token& Cur() const { return *current_; }
  const Token& Prev() const { return *previous_; }
  const char* SourceEnd() const { return sql_.data() + sql_.size(); }

  Fingerprint& f_;
  std::string_view sql_;
  const ParseOptions& options_;
  ValueReader values_;
  const Token* current_ = nullptr;  // in f_.tokens_
  const Token* previous_ = nullptr;
  Region region_ = Region::kPlain;
  uint32_t depth_ = 0;
  uint32_t keep_next_ = 0;
  bool type_ahead_ = false;
  bool tight_ = true;  // no blank before what comes next
  bool at_list_start_ = false;
  bool joined_ = false;  // two strings in a row became one value
};

}  // namespace tessera::sqlparser
