// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/fingerprint.h"

#include <cstring>

#include "sqlparser/lexer.h"

namespace tessera::sqlparser {
namespace {

StatementKind KindOf(Kw word) {
  switch (word) {
    case Kw::kSelect:
      return StatementKind::kSelect;
    case Kw::kStream:
      return StatementKind::kStream;
    case Kw::kVstream:
      return StatementKind::kVstream;
    case Kw::kInsert:
      return StatementKind::kInsert;
    case Kw::kReplace:
      return StatementKind::kReplace;
    case Kw::kUpdate:
      return StatementKind::kUpdate;
    case Kw::kDelete:
      return StatementKind::kDelete;
    case Kw::kValues:
      return StatementKind::kValues;
    case Kw::kWith:
      return StatementKind::kWith;
    case Kw::kBegin:
    case Kw::kStart:
      return StatementKind::kBegin;
    case Kw::kCommit:
      return StatementKind::kCommit;
    case Kw::kRollback:
      return StatementKind::kRollback;
    case Kw::kSavepoint:
      return StatementKind::kSavepoint;
    case Kw::kRelease:
      return StatementKind::kReleaseSavepoint;
    case Kw::kSet:
      return StatementKind::kSet;
    case Kw::kShow:
      return StatementKind::kShow;
    case Kw::kUse:
      return StatementKind::kUse;
    case Kw::kCreate:
    case Kw::kAlter:
    case Kw::kDrop:
    case Kw::kTruncate:
    case Kw::kRename:
      return StatementKind::kDdl;
    case Kw::kExplain:
    case Kw::kDescribe:
    case Kw::kDesc:
      return StatementKind::kExplain;
    case Kw::kVexplain:
      return StatementKind::kVexplain;
    case Kw::kCall:
      return StatementKind::kCall;
    case Kw::kPrepare:
      return StatementKind::kPrepare;
    case Kw::kExecute:
      return StatementKind::kExecute;
    case Kw::kDeallocate:
      return StatementKind::kDeallocate;
    case Kw::kLock:
      return StatementKind::kLock;
    case Kw::kUnlock:
      return StatementKind::kUnlock;
    case Kw::kFlush:
      return StatementKind::kFlush;
    case Kw::kKill:
      return StatementKind::kKill;
    case Kw::kAnalyze:
      return StatementKind::kAnalyze;
    case Kw::kLoad:
      return StatementKind::kLoad;
    case Kw::kRevert:
      return StatementKind::kRevert;
    case Kw::kGrant:
    case Kw::kRevoke:
      return StatementKind::kAccount;
    case Kw::kDo:
      return StatementKind::kDo;
    default:
      return StatementKind::kOther;
  }
}

bool TakesValues(StatementKind kind) {
  switch (kind) {
    case StatementKind::kSelect:
    case StatementKind::kInsert:
    case StatementKind::kReplace:
    case StatementKind::kUpdate:
    case StatementKind::kDelete:
    case StatementKind::kWith:
      return true;
    default:
      return false;
  }
}

bool IsLiteralToken(Tok type) {
  switch (type) {
    case Tok::kString:
    case Tok::kInteger:
    case Tok::kDecimal:
    case Tok::kFloat:
    case Tok::kHexNumber:
    case Tok::kHexString:
    case Tok::kBitNumber:
    case Tok::kBitString:
      return true;
    default:
      return false;
  }
}

// Tokens behind which an operand has ended: a minus is an operator then, a string an alias.
bool EndsOperand(const Token& token) {
  switch (token.type) {
    case Tok::kWord:
      return !IsReserved(token.word) || token.word == Kw::kNull || token.word == Kw::kTrue ||
             token.word == Kw::kFalse;
    case Tok::kQuotedName:
    case Tok::kRightParen:
    case Tok::kRightBrace:
    case Tok::kBindVar:
    case Tok::kListBind:
    case Tok::kQuestion:
    case Tok::kUserVariable:
    case Tok::kSystemVariable:
      return true;
    default:
      return IsLiteralToken(token.type);
  }
}

// Words whose parentheses hold numbers that are syntax: types, and clocks with their precision.
bool TakesNumbers(Kw word) {
  switch (word) {
    case Kw::kChar:
    case Kw::kNchar:
    case Kw::kVarchar:
    case Kw::kBinary:
    case Kw::kVarbinary:
    case Kw::kDecimal:
    case Kw::kDec:
    case Kw::kNumeric:
    case Kw::kFloat:
    case Kw::kDouble:
    case Kw::kDatetime:
    case Kw::kTime:
    case Kw::kTimestamp:
    case Kw::kSigned:
    case Kw::kUnsigned:
    case Kw::kNow:
    case Kw::kSysdate:
    case Kw::kCurtime:
    case Kw::kCurrentTime:
    case Kw::kCurrentTimestamp:
    case Kw::kLocaltime:
    case Kw::kLocaltimestamp:
    case Kw::kUtcTime:
    case Kw::kUtcTimestamp:
    case Kw::kJsonTable:
    case Kw::kJsonValue:
      return true;
    default:
      return false;
  }
}

uint64_t HashBytes(std::string_view text) {
  uint64_t h = 0x9e3779b97f4a7c15ull ^ (text.size() * 0xff51afd7ed558ccdull);
  const char* at = text.data();
  size_t left = text.size();
  while (left >= 8) {
    uint64_t word = 0;
    std::memcpy(&word, at, 8);
    h = (h ^ word) * 0xff51afd7ed558ccdull;
    h ^= h >> 32;
    at += 8;
    left -= 8;
  }
  uint64_t tail = 0;
  std::memcpy(&tail, at, left);
  h = (h ^ tail) * 0xc4ceb9fe1a85ec53ull;
  return h ^ (h >> 29);
}

Error Unreadable(size_t offset) {
  return Errorf(Code::kInvalidArgument,
                "syntax error at position {}: a string, name or comment is not closed, or a "
                "character begins no token",
                offset + 1)
      .WithMysql(1064, "42000");
}

}  // namespace

// Where in a statement the scanner is: decides which values may leave the text.
enum class Region : uint32_t {
  kPlain,       // values become variables
  kSelectList,  // of an outermost select: the source is kept
  kKeep,        // ORDER BY, GROUP BY, index hints, types: values stay
};

class FingerprintScanner {
 public:
  FingerprintScanner(Fingerprint& out, std::string_view sql, const ParseOptions& options)
      : f_(out), sql_(sql), options_(options), lexer_(sql, options) {}

  Result<> Run() {
    f_.out_.clear();
    f_.unescaped_.clear();
    f_.values_.clear();
    f_.items_.clear();
    f_.stack_.clear();
    // Values point into unescaped_, which must not move.
    f_.unescaped_.reserve(sql_.size() * 2 + 16);
    f_.leading_comments = f_.trailing_comments = f_.directives = {};
    TRY_OK(Leading());
    f_.kind = KindOf(current_.word);
    if (current_.type == Tok::kLeftParen) f_.kind = StatementKind::kSelect;
    const bool values = TakesValues(f_.kind);
    while (current_.type != Tok::kEnd && current_.type != Tok::kSemicolon) {
      if (current_.type == Tok::kError) return Unreadable(current_.begin);
      if (values) {
        Step();
      } else {
        EmitSource(current_);
        Advance();
      }
    }
    TRY_OK(Trailing());
    f_.text = f_.out_;
    f_.values = f_.values_;
    f_.items = f_.items_;
    f_.hash = HashBytes(f_.text);
    return {};
  }

 private:
  Result<> Leading() {
    current_ = lexer_.Next();
    size_t begin = current_.begin;
    size_t end = begin;
    while (current_.type == Tok::kComment) {
      end = current_.end;
      current_ = lexer_.Next();
    }
    f_.leading_comments = sql_.substr(begin, end - begin);
    if (current_.type == Tok::kError) return Unreadable(current_.begin);
    if (current_.type != Tok::kEnd) return {};
    if (end > begin) {
      f_.kind = StatementKind::kComment;
      return {};
    }
    return Error(Code::kInvalidArgument, "Query was empty").WithMysql(1065, "42000");
  }

  // Behind the semicolon there may be comments and blanks only.
  Result<> Trailing() {
    if (current_.type != Tok::kSemicolon) return {};
    while (current_.type == Tok::kSemicolon || current_.type == Tok::kComment) {
      if (current_.type == Tok::kComment) {
        f_.trailing_comments = sql_.substr(current_.begin, current_.end - current_.begin);
      }
      current_ = lexer_.Next();
    }
    if (current_.type == Tok::kEnd) return {};
    if (current_.type == Tok::kError) return Unreadable(current_.begin);
    return Errorf(Code::kInvalidArgument, "syntax error at position {}: text behind the semicolon",
                  current_.end + 1)
        .WithMysql(1064, "42000");
  }

  void Advance() {
    previous_ = current_;
    current_ = lexer_.Next();
    while (current_.type == Tok::kComment) {
      const std::string_view text = Text(current_);
      // Comments behind a statement's verb are part of it; others mean nothing.
      if (previous_.word == Kw::kSelect || previous_.word == Kw::kInsert ||
          previous_.word == Kw::kUpdate || previous_.word == Kw::kDelete ||
          previous_.word == Kw::kReplace || !TakesValues(f_.kind)) {
        Space();
        f_.out_.append(text);
        tight_ = false;
        if (f_.directives.empty() && text.starts_with("/*vt+")) f_.directives = text;
      }
      current_ = lexer_.Next();
    }
  }

  std::string_view Text(const Token& t) const { return sql_.substr(t.begin, t.end - t.begin); }

  void Space() {
    if (!f_.out_.empty() && !tight_) f_.out_.push_back(' ');
  }

  // The token as written; one blank where the source had any.
  void EmitSource(const Token& token) {
    const bool joined = token.begin == previous_.end && !f_.out_.empty();
    if (!joined && !f_.out_.empty()) f_.out_.push_back(' ');
    f_.out_.append(Text(token));
    tight_ = false;
  }

  Region region() const { return static_cast<Region>(region_); }

  void SetRegion(Region region) { region_ = static_cast<uint32_t>(region); }

  // One token of a statement whose values are taken out.
  void Step() {
    const Token token = current_;
    const size_t before = previous_.end;
    switch (token.type) {
      case Tok::kLeftParen:
        OpenParen();
        return;
      case Tok::kRightParen:
        CloseParen();
        return;
      case Tok::kWord:
        Word(token);
        return;
      default:
        break;
    }
    if (region() == Region::kPlain && keep_next_ == 0) {
      if (IsLiteralToken(token.type) && MayTake(token)) {
        Take(token, false);
        return;
      }
      if (token.type == Tok::kMinus && !EndsOperand(previous_)) {
        Minus(token);
        return;
      }
    }
    Emit(token, before);
    Advance();
    if (keep_next_ > 0 && token.type != Tok::kDot) --keep_next_;
  }

  // Strings behind an operand are aliases or parts of a joined string; those behind a word that
  // makes them more than a string stay too.
  bool MayTake(const Token& token) const {
    if (token.type == Tok::kString) {
      if (EndsOperand(previous_)) return false;
      if (previous_.word == Kw::kAs || previous_.word == Kw::kSeparator ||
          previous_.word == Kw::kCollate) {
        return false;
      }
    }
    if (previous_.type == Tok::kWord && previous_.word == Kw::kNone &&
        !IntroducerCharset(Text(previous_)).empty()) {
      return false;
    }
    return previous_.type != Tok::kDot && previous_.type != Tok::kArrow &&
           previous_.type != Tok::kDoubleArrow;
  }

  // -5 is one value; - -5, -a and -(…) are not.
  void Minus(const Token& minus) {
    const size_t before = previous_.end;
    const Token saved_previous = previous_;
    Advance();
    const bool number = current_.type == Tok::kInteger || current_.type == Tok::kDecimal ||
                        current_.type == Tok::kFloat;
    if (number && saved_previous.type != Tok::kMinus) {
      previous_ = saved_previous;
      Take(current_, true);
      return;
    }
    const Token next = current_;
    current_ = minus;
    previous_ = saved_previous;
    Emit(minus, before);
    previous_ = minus;
    current_ = next;
  }

  FingerprintValue ValueOf(const Token& token, bool negative) {
    FingerprintValue value;
    const std::string_view text = Text(token);
    value.bytes = text;
    switch (token.type) {
      case Tok::kString:
        value.type = ValueType::kVarChar;
        if (IsPlainString(text, options_)) {
          value.bytes = text.substr(1, text.size() - 2);
        } else {
          const size_t begin = f_.unescaped_.size();
          UnescapeString(text, options_, f_.unescaped_);
          value.bytes = std::string_view(f_.unescaped_).substr(begin);
        }
        return value;
      case Tok::kInteger:
        value.type = IntegerType(text, negative);
        break;
      case Tok::kDecimal:
        value.type = ValueType::kDecimal;
        break;
      case Tok::kFloat:
        value.type = ValueType::kFloat64;
        break;
      case Tok::kHexNumber:
        value.type = ValueType::kHexNum;
        return value;
      case Tok::kHexString:
        value.type = ValueType::kHexVal;
        return value;
      case Tok::kBitNumber:
        value.type = ValueType::kBitNum;
        return value;
      default: {  // B'01' as 0b01
        value.type = ValueType::kBitNum;
        const size_t begin = f_.unescaped_.size();
        f_.unescaped_.append("0b").append(text.substr(2, text.size() - 3));
        value.bytes = std::string_view(f_.unescaped_).substr(begin);
        return value;
      }
    }
    if (negative) {
      const size_t begin = f_.unescaped_.size();
      f_.unescaped_.push_back('-');
      f_.unescaped_.append(text);
      value.bytes = std::string_view(f_.unescaped_).substr(begin);
    }
    return value;
  }

  static ValueType IntegerType(std::string_view digits, bool negative) {
    while (digits.size() > 1 && digits.front() == '0') digits.remove_prefix(1);
    const std::string_view limit = negative ? "9223372036854775808" : "9223372036854775807";
    if (digits.size() < 19 || (digits.size() == 19 && digits <= limit)) return ValueType::kInt64;
    const std::string_view top = "18446744073709551615";
    if (!negative && (digits.size() < 20 || (digits.size() == 20 && digits <= top))) {
      return ValueType::kUint64;
    }
    return ValueType::kDecimal;
  }

  // Replaces the current literal by a variable. Strings in a row are one value.
  void Take(const Token& token, bool negative) {
    FingerprintValue value = ValueOf(token, negative);
    const Token first = token;
    Advance();
    if (first.type == Tok::kString && current_.type == Tok::kString) {
      const size_t begin = f_.unescaped_.size();
      f_.unescaped_.append(value.bytes);
      while (current_.type == Tok::kString) {
        UnescapeString(Text(current_), options_, f_.unescaped_);
        Advance();
      }
      value.bytes = std::string_view(f_.unescaped_).substr(begin);
    }
    EmitVariable(AddValue(value), false);
  }

  size_t AddValue(const FingerprintValue& value) {
    // The last few values are compared, as a statement repeats them close together if at all.
    const size_t count = f_.values_.size();
    const size_t from = count > 8 ? count - 8 : 0;
    for (size_t i = count; i-- > from;) {
      if (f_.values_[i].type == value.type && value.type != ValueType::kTuple &&
          f_.values_[i].bytes == value.bytes) {
        return i + 1;
      }
    }
    f_.values_.push_back(value);
    return count + 1;
  }

  void EmitVariable(size_t number, bool list) {
    Space();
    f_.out_.append(list ? "::vtg" : ":vtg");
    char digits[20];
    size_t n = 0;
    do {
      digits[n++] = static_cast<char>('0' + number % 10);
      number /= 10;
    } while (number > 0);
    while (n > 0) f_.out_.push_back(digits[--n]);
    tight_ = false;
  }

  // The token, with blanks where the canonical text has them: as in the source within an outermost
  // select list.
  void Emit(const Token& token, size_t previous_end) {
    if (region() == Region::kSelectList && !at_list_start_) {
      f_.out_.append(sql_.substr(previous_end, token.begin - previous_end));
      f_.out_.append(Text(token));
      tight_ = false;
      return;
    }
    at_list_start_ = false;
    switch (token.type) {
      case Tok::kComma:
      case Tok::kRightParen:
        f_.out_.append(Text(token));
        tight_ = false;
        return;
      case Tok::kDot:
        f_.out_.push_back('.');
        tight_ = true;
        return;
      case Tok::kUserVariable:
        // user@host stays together.
        if (token.begin == previous_end && previous_.type == Tok::kWord) tight_ = true;
        break;
      default:
        break;
    }
    Space();
    f_.out_.append(Text(token));
    tight_ = false;
  }

  void OpenParen() {
    const Token paren = current_;
    const bool after_in = previous_.word == Kw::kIn && region() == Region::kPlain;
    const bool call = previous_.end == paren.begin && previous_.type != Tok::kComma;
    // CAST(x AS CHAR(10)): behind AS a type's numbers are not values.
    if (after_in && TryList()) return;
    f_.stack_.push_back(region_ | (keep_next_ << 8) | (type_ahead_ ? 1u << 30 : 0));
    if (region() == Region::kSelectList) {
      Emit(paren, previous_.end);
    } else {
      const bool was_tight = tight_;
      if (call && !was_tight && !f_.out_.empty()) tight_ = true;
      Space();
      f_.out_.push_back('(');
      tight_ = true;
      if (type_ahead_) SetRegion(Region::kKeep);
    }
    ++depth_;
    Advance();
  }

  void CloseParen() {
    const Token paren = current_;
    const size_t before = previous_.end;
    tight_ = false;
    if (!f_.stack_.empty()) {
      const uint32_t saved = f_.stack_.back();
      f_.stack_.pop_back();
      region_ = saved & 0xff;
      keep_next_ = (saved >> 8) & 0xff;
      type_ahead_ = false;
      if (depth_ > 0) --depth_;
    }
    if (region() == Region::kSelectList) {
      Emit(paren, before);
    } else {
      f_.out_.push_back(')');
      tight_ = false;
    }
    Advance();
  }

  // At the parenthesis behind IN: literals only become one list variable. Anything else is left
  // for the steps that follow.
  bool TryList() {
    const Lexer lexer = lexer_;
    const Token paren = current_;
    const Token before = previous_;
    const size_t items = f_.items_.size();
    const size_t unescaped = f_.unescaped_.size();
    bool ok = true;
    while (ok) {
      current_ = lexer_.Next();
      bool negative = false;
      if (current_.type == Tok::kMinus) {
        negative = true;
        current_ = lexer_.Next();
      }
      const bool number = current_.type == Tok::kInteger || current_.type == Tok::kDecimal ||
                          current_.type == Tok::kFloat;
      ok = IsLiteralToken(current_.type) && (!negative || number);
      if (!ok) break;
      f_.items_.push_back(ValueOf(current_, negative));
      current_ = lexer_.Next();
      if (current_.type == Tok::kRightParen) break;
      ok = current_.type == Tok::kComma;
    }
    if (!ok) {
      lexer_ = lexer;
      current_ = paren;
      previous_ = before;
      f_.items_.resize(items);
      f_.unescaped_.resize(unescaped);
      return false;
    }
    Advance();
    FingerprintValue value;
    value.type = ValueType::kTuple;
    value.tuple_begin = static_cast<uint32_t>(items);
    value.tuple_end = static_cast<uint32_t>(f_.items_.size());
    EmitVariable(AddValue(value), true);
    return true;
  }

  void Word(const Token& token) {
    const size_t before = previous_.end;
    const Kw word = previous_.type == Tok::kDot ? Kw::kNone : token.word;
    switch (word) {
      case Kw::kSelect:
        Emit(token, before);
        Advance();
        // The first select of the statement and those it is united with name the columns.
        if (depth_ == 0 && f_.kind != StatementKind::kInsert &&
            f_.kind != StatementKind::kReplace) {
          SetRegion(Region::kSelectList);
          at_list_start_ = true;
        } else if (region() != Region::kSelectList) {
          SetRegion(Region::kPlain);
        }
        return;
      case Kw::kFrom:
        if (region() == Region::kSelectList && depth_ > list_depth_) break;
        SetRegion(Region::kPlain);
        break;
      case Kw::kWhere:
      case Kw::kHaving:
      case Kw::kOn:
      case Kw::kSet:
      case Kw::kValues:
      case Kw::kLimit:
      case Kw::kUnion:
        if (region() == Region::kKeep ||
            (region() == Region::kSelectList && depth_ == list_depth_)) {
          SetRegion(Region::kPlain);
        }
        break;
      case Kw::kOrder:
      case Kw::kGroup:
        if (region() == Region::kPlain) SetRegion(Region::kKeep);
        break;
      case Kw::kWait:
        keep_next_ = 2;
        break;
      default:
        break;
    }
    type_ahead_ = previous_.word == Kw::kAs ||
                  (type_ahead_ && previous_.type == Tok::kWord && word != Kw::kNone) ||
                  TakesNumbers(word);
    Emit(token, before);
    Advance();
    // DATE '2020-01-01' is one literal, and so is what an introducer stands before.
    if ((word == Kw::kDate || word == Kw::kTime || word == Kw::kTimestamp) &&
        current_.type == Tok::kString && region() == Region::kPlain) {
      Emit(current_, previous_.end);
      Advance();
    }
  }

  Fingerprint& f_;
  std::string_view sql_;
  const ParseOptions& options_;
  Lexer lexer_;
  Token current_;
  Token previous_;
  uint32_t region_ = 0;
  uint32_t depth_ = 0;
  uint32_t list_depth_ = 0;
  uint32_t keep_next_ = 0;
  bool type_ahead_ = false;
  bool tight_ = false;
  bool at_list_start_ = false;
};

Result<> Fingerprint::Scan(std::string_view sql, const ParseOptions& options) {
  return FingerprintScanner(*this, sql, options).Run();
}

StatementKind Preview(std::string_view sql) {
  const ParseOptions options;
  Lexer lexer(sql, options);
  Token token = lexer.Next();
  bool comment = false;
  while (token.type == Tok::kComment) {
    comment = true;
    token = lexer.Next();
  }
  if (token.type == Tok::kEnd && comment) return StatementKind::kComment;
  if (token.type == Tok::kLeftParen) return StatementKind::kSelect;
  if (token.word != Kw::kRollback) return KindOf(token.word);
  token = lexer.Next();
  if (token.word == Kw::kWork) token = lexer.Next();
  return token.word == Kw::kTo ? StatementKind::kRollbackToSavepoint : StatementKind::kRollback;
}

std::string_view ValueTypeName(ValueType type) {
  switch (type) {
    case ValueType::kNull:
      return "NULL_TYPE";
    case ValueType::kInt64:
      return "INT64";
    case ValueType::kUint64:
      return "UINT64";
    case ValueType::kFloat64:
      return "FLOAT64";
    case ValueType::kDecimal:
      return "DECIMAL";
    case ValueType::kVarChar:
      return "VARCHAR";
    case ValueType::kVarBinary:
      return "VARBINARY";
    case ValueType::kHexNum:
      return "HEXNUM";
    case ValueType::kHexVal:
      return "HEXVAL";
    case ValueType::kBitNum:
      return "BITNUM";
    case ValueType::kTuple:
      return "TUPLE";
  }
  return "NULL_TYPE";
}

std::string_view StatementKindName(StatementKind kind) {
  static constexpr std::string_view kNames[] = {"SELECT",
                                                "STREAM",
                                                "VSTREAM",
                                                "INSERT",
                                                "REPLACE",
                                                "UPDATE",
                                                "DELETE",
                                                "VALUES",
                                                "WITH",
                                                "BEGIN",
                                                "COMMIT",
                                                "ROLLBACK",
                                                "SAVEPOINT",
                                                "SAVEPOINT_ROLLBACK",
                                                "RELEASE",
                                                "SET",
                                                "SHOW",
                                                "USE",
                                                "DDL",
                                                "EXPLAIN",
                                                "VEXPLAIN",
                                                "CALL_PROC",
                                                "PREPARE",
                                                "EXECUTE",
                                                "DEALLOCATE PREPARE",
                                                "LOCK_TABLES",
                                                "UNLOCK_TABLES",
                                                "FLUSH",
                                                "KILL",
                                                "ANALYZE",
                                                "LOAD",
                                                "REVERT",
                                                "PRIV",
                                                "COMMENT_ONLY",
                                                "DO",
                                                "OTHER"};
  return kNames[static_cast<size_t>(kind)];
}

}  // namespace tessera::sqlparser
