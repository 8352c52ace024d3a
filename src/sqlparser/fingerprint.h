// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqlparser/internal/text_buffer.h"
#include "sqlparser/lexer.h"
#include "sqlparser/parser.h"

namespace tessera::sqlparser {

class ShapeCache;

// What a statement does, as far as its first words tell.
enum class StatementKind : uint8_t {
  kSelect,
  kStream,
  kVstream,
  kInsert,
  kReplace,
  kUpdate,
  kDelete,
  kValues,
  kWith,
  kBegin,
  kCommit,
  kRollback,
  kSavepoint,
  kRollbackToSavepoint,
  kReleaseSavepoint,
  kSet,
  kShow,
  kUse,
  kDdl,
  kExplain,
  kVexplain,
  kCall,
  kPrepare,
  kExecute,
  kDeallocate,
  kLock,
  kUnlock,
  kFlush,
  kKill,
  kAnalyze,
  kLoad,
  kRevert,
  kAccount,
  kComment,
  kDo,
  kOther,
};
std::string_view StatementKindName(StatementKind kind);

// A value taken out of the text. Numbers of query.Type: a value's type goes on the wire as it is.
enum class ValueType : uint16_t {
  kNull = 0,
  kInt64 = 265,
  kUint64 = 778,
  kFloat64 = 1036,
  kDecimal = 18,
  kVarChar = 6165,
  kVarBinary = 10262,
  kHexNum = 4120,
  kHexVal = 4121,
  kBitNum = 4122,
  kTuple = 28,
};

// query.Type's name: "INT64", "VARCHAR", ...
std::string_view ValueTypeName(ValueType type);

// One bind variable of the canonical text. bytes point into the statement's text or into the
// Fingerprint's own buffer: both must stay.
struct FingerprintValue {
  ValueType type = ValueType::kNull;
  std::string_view bytes;    // integers and decimals with their sign; strings unescaped
  uint32_t tuple_begin = 0;  // kTuple: [tuple_begin, tuple_end) of items
  uint32_t tuple_end = 0;
};

// The outcome of a scan, and the memory it needs: keep one per connection or loop and reuse it,
// then scanning allocates nothing once the buffers have grown. Not thread-safe.
class Fingerprint {
 public:
  // Hash of the canonical text.
  uint64_t hash = 0;
  StatementKind kind = StatementKind::kOther;
  // The statement with values replaced by :vtg1, :vtg2, ... and lists in IN (...) by ::vtg3; parse
  // this to plan. Where values were left in place (kinds other than queries and DML, and where a
  // value decides the meaning) they are part of the text. In top-level select lists the source is
  // kept byte by byte, since it names the columns. Valid until the next scan.
  std::string_view text;
  // values[i] is the value of :vtg<i+1>. Equal values share a variable.
  std::span<const FingerprintValue> values;
  // What the kTuple values hold.
  std::span<const FingerprintValue> items;
  // Comments around the statement: leading /* ... */ before the first word, trailing ones after
  // the last; neither is in the text. Comments behind the first word (/*vt+ ... */) are in the
  // text.
  std::string_view leading_comments;
  std::string_view trailing_comments;
  // Bytes of the directives (/*vt+ ... */) behind the first word, empty when there are none.
  std::string_view directives;

  // Scans sql, which must stay until the values have been used. Errors: kInvalidArgument with
  // errno 1064 for unclosed strings and comments, 1065 for an empty text. Anything the lexer can
  // read is scanned, even if no grammar takes it.
  // With `shapes`, statements of a shape seen before cost a comparison instead of a scan.
  Result<> Scan(std::string_view sql, const ParseOptions& options = {},
                ShapeCache* shapes = nullptr);

 private:
  friend class FingerprintScanner;
  friend class ShapeCache;
  friend class ValueReader;

  // Where a value stood in the source.
  struct Hole {
    uint32_t begin = 0;  // of a list: behind its parenthesis
    uint32_t end = 0;
    uint32_t number = 0;       // of its variable
    Tok type = Tok::kEnd;      // kLeftParen for a list
    Tok previous = Tok::kEnd;  // the token in front
    bool takes_sign = false;   // a minus in front would be the number's own
  };

  std::unique_ptr<TokenList> tokens_;  // made by the first scan
  TextBuffer out_;
  TextBuffer unescaped_;
  std::vector<FingerprintValue> values_;
  std::vector<FingerprintValue> items_;
  std::vector<uint32_t> stack_;
  std::vector<Hole> holes_;
};

// The first word's kind, without reading further.
StatementKind Preview(std::string_view sql);

}  // namespace tessera::sqlparser
