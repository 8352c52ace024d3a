// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/fingerprint_scanner.h"

#include <algorithm>

#include "sqlparser/internal/scan.h"

namespace tessera::sqlparser {

namespace {

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
      return IsLiteral(token) || token.type == Tok::kBitString || token.type == Tok::kNational;
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

// Comments behind these words are part of the statement.
bool KeepsComments(Kw word) {
  return word == Kw::kSelect || word == Kw::kInsert || word == Kw::kUpdate || word == Kw::kDelete ||
         word == Kw::kReplace || word == Kw::kValues;
}

// Whether a version comment begins or ends in what stands between two tokens: its marks must not be
// copied without each other.
bool HoldsVersionMark(std::string_view gap) {
  // In a comment to the line's end the marks mean nothing; such a one is not kept either.
  if (gap.find('#') != std::string_view::npos || gap.find("--") != std::string_view::npos ||
      gap.find("//") != std::string_view::npos) {
    return true;
  }
  for (size_t i = 0; i + 1 < gap.size(); ++i) {
    const std::string_view two = gap.substr(i, 2);
    if (two == "*/") return true;
    if (two != "/*") continue;
    const std::string_view mark = gap.substr(i + 2, 2);
    if (mark.starts_with('!') || mark == "M!") return true;
    i = gap.find("*/", i + 2);
    if (i == std::string_view::npos) return false;
    ++i;
  }
  return false;
}

// Whether a sign and digits behind the text could be the exponent of a number it ends in.
bool EndsInExponent(std::string_view text) {
  if (text.empty() || (text.back() | 0x20) != 'e') return false;
  size_t begin = text.size();
  while (begin > 0 && (IsByte(text[begin - 1], kNameByte) || text[begin - 1] == '.')) --begin;
  return IsByte(text[begin], kDigitByte) || text[begin] == '.';
}

constexpr Token kNothing;  // what stands before the first token

Error Unreadable(size_t offset) {
  return Errorf(Code::kInvalidArgument,
                "syntax error at position {}: a string, name or comment is not closed, or a "
                "character begins no token",
                offset + 1)
      .WithMysql(1064, "42000");
}

}  // namespace

Result<> FingerprintScanner::Run() {
  f_.out_.clear();
  f_.stack_.clear();
  f_.holes_.clear();
  values_.Clear();
  f_.leading_comments = f_.trailing_comments = f_.directives = {};
  if (f_.tokens_ == nullptr) f_.tokens_ = std::make_unique<TokenList>();
  f_.tokens_->clear();
  Tokenize(sql_, options_, *f_.tokens_);
  current_ = &(*f_.tokens_)[0];
  previous_ = &kNothing;
  TRY_OK(Leading());
  if (Cur().type != Tok::kEnd) {
    f_.kind = Cur().type == Tok::kLeftParen ? StatementKind::kSelect : KindOf(Cur().word);
  }
  const bool values = TakesValues(f_.kind);
  while (!AtEnd(values)) {
    if (Cur().type == Tok::kError) return Unreadable(Cur().begin);
    if (values) {
      Step();
    } else {
      EmitSource(Cur());
      Advance();
    }
  }
  TRY_OK(Trailing());
  f_.text = f_.out_.view();
  if (f_.text.empty()) f_.kind = StatementKind::kComment;  // and a semicolon
  f_.values = f_.values_;
  f_.items = f_.items_;
  f_.hash = HashText(f_.text);
  return {};
}

// A semicolon ends a statement with values; in others it may also stand in a program's body.
bool FingerprintScanner::AtEnd(bool values) const {
  if (Cur().type == Tok::kEnd) return true;
  if (Cur().type != Tok::kSemicolon) return false;
  if (values) return true;
  const Token* next = current_ + 1;
  while (next->type == Tok::kComment || next->type == Tok::kSemicolon) ++next;
  return next->type == Tok::kEnd;
}

bool FingerprintScanner::repeats() const {
  return f_.leading_comments.empty() && f_.trailing_comments.empty() && !joined_ &&
         f_.kind != StatementKind::kComment &&
         std::all_of(f_.holes_.begin(), f_.holes_.end(),
                     [&](const Fingerprint::Hole& hole) { return StandsApart(hole); });
}

// Whether any other value of the type may stand in the hole, and the bytes around it are cut into
// the same tokens. Not where a number's first byte, which may be a digit, a dot or a minus, could
// belong to what is in front: :1.5 is :1 and .5, but :15.5 is :15 and .5; 1.5e-.5 is a difference,
// but 1.5e-5.5 are two numbers; /*!5 is no version, /*!50000 is one. And not where a mark of a
// comment is in the hole.
bool FingerprintScanner::StandsApart(const Fingerprint::Hole& hole) const {
  const std::string_view value = sql_.substr(hole.begin, hole.end - hole.begin);
  if (hole.type == Tok::kLeftParen) return !HoldsCommentMark(value);
  if (!IsNumberToken(hole.type)) return true;
  if (value.front() == '-' && !IsByte(value[1], kDigitByte) && value[1] != '.') return false;
  const char before = hole.begin == 0 ? ' ' : sql_[hole.begin - 1];
  if (before == '-' || before == '+') return !EndsInExponent(sql_.substr(0, hole.begin - 1));
  return IsByte(before, kBlankByte) ||
         std::string_view("(,=<>*/%&|^~").find(before) != std::string_view::npos;
}

Result<> FingerprintScanner::Leading() {
  const size_t begin = Cur().begin;
  size_t end = begin;
  while (Cur().type == Tok::kComment) {
    end = Cur().end;
    ++current_;
  }
  f_.leading_comments = sql_.substr(begin, end - begin);
  if (Cur().type == Tok::kError) return Unreadable(Cur().begin);
  if (Cur().type != Tok::kEnd) return {};
  if (end > begin) {
    f_.kind = StatementKind::kComment;
    return {};
  }
  return Error(Code::kInvalidArgument, "Query was empty").WithMysql(1065, "42000");
}

// Behind the semicolon there may be comments and blanks only.
Result<> FingerprintScanner::Trailing() {
  if (Cur().type != Tok::kSemicolon) return {};
  while (Cur().type == Tok::kSemicolon || Cur().type == Tok::kComment) {
    if (Cur().type == Tok::kComment) f_.trailing_comments = Text(Cur());
    ++current_;
  }
  if (Cur().type == Tok::kEnd) return {};
  if (Cur().type == Tok::kError) return Unreadable(Cur().begin);
  return Errorf(Code::kInvalidArgument, "syntax error at position {}: text behind the semicolon",
                Cur().end + 1)
      .WithMysql(1064, "42000");
}

void FingerprintScanner::Advance() {
  previous_ = current_++;
  while (Cur().type == Tok::kComment) {
    // Comments behind a statement's verb are part of it; others mean nothing.
    if (KeepsComments(Prev().word) || !TakesValues(f_.kind)) {
      const std::string_view text = Text(Cur());
      if (!f_.out_.view().ends_with("--")) Space();
      f_.out_.Append(text);
      tight_ = false;
      if (f_.directives.empty() && text.starts_with("/*vt+")) f_.directives = text;
    }
    ++current_;
  }
}

// The token as written; one blank where the source had any, but behind two minuses, where it would
// begin a comment.
void FingerprintScanner::EmitSource(const Token& token) {
  if (token.begin != Prev().end && !f_.out_.empty())
    f_.out_.Append(f_.out_.view().ends_with("--") ? "/**/" : " ");
  f_.out_.AppendPiece(Text(token), SourceEnd());
  tight_ = false;
}

// One token of a statement whose values are taken out.
void FingerprintScanner::Step() {
  const Token& token = Cur();
  switch (token.type) {
    case Tok::kWord:
      Word(token);
      return;
    case Tok::kLeftParen:
      OpenParen();
      return;
    case Tok::kRightParen:
      CloseParen();
      return;
    default:
      break;
  }
  if (region_ == Region::kPlain && keep_next_ == 0) {
    if (IsLiteral(token)) {
      if (MayTake(token)) {
        Take(token.begin, OwnsSign(token));
        return;
      }
    } else if (token.type == Tok::kMinus && NegatesNumber(token)) {
      ++current_;
      Take(token.begin, true);
      return;
    }
  }
  Emit(token, Prev().end);
  Advance();
  if (keep_next_ > 0 && token.type != Tok::kDot) --keep_next_;
}

// Strings behind an operand are aliases or parts of a joined string; those behind a word that
// makes them more than a string stay too.
bool FingerprintScanner::MayTake(const Token& token) const {
  if (token.type == Tok::kString) {
    if (EndsOperand(Prev())) return false;
    switch (Prev().word) {
      case Kw::kAs:
      case Kw::kSeparator:
      case Kw::kCollate:
      case Kw::kSet:    // CAST(a AS CHAR CHARACTER SET 'utf8mb4')
      case Kw::kUsing:  // CONVERT(a USING 'utf8mb4')
        return false;
      default:
        break;
    }
  }
  switch (Prev().type) {
    case Tok::kWord:
      return Prev().word != Kw::kNone || IntroducerCharset(Text(Prev())).empty();
    case Tok::kDot:
    case Tok::kArrow:
    case Tok::kDoubleArrow:
      return false;
    default:
      return true;
  }
}

// Whether a minus in front of the number is its own: not behind an operand or another minus, and
// not when COLLATE, which binds tighter, takes the number first.
bool FingerprintScanner::OwnsSign(const Token& number) const {
  if (EndsOperand(Prev()) || Prev().type == Tok::kMinus) return false;
  const Token* next = &number + 1;
  while (next->type == Tok::kComment) ++next;
  return next->word != Kw::kCollate;
}

// -5 is one value; - -5, -a and -(...) are not.
bool FingerprintScanner::NegatesNumber(const Token& minus) const {
  const Token& number = (&minus)[1];
  return IsNumberToken(number.type) && OwnsSign(number) && MayTake(number);
}

// Replaces the current literal, whose text begins at `begin` (with a minus when that is not its own
// first byte), by a variable. Strings in a row are one value.
void FingerprintScanner::Take(uint32_t begin, bool takes_sign) {
  const Token& token = Cur();
  values_.Begin(token, begin != token.begin);
  Fingerprint::Hole& hole = f_.holes_.emplace_back();
  hole.begin = begin;
  hole.end = token.end;
  hole.type = token.type;
  hole.previous = Prev().type;
  hole.takes_sign = takes_sign && IsNumberToken(token.type);
  Advance();
  while (token.type == Tok::kString && Cur().type == Tok::kString) {
    joined_ = true;
    values_.Join(Cur());
    Advance();
  }
  hole.number = static_cast<uint32_t>(values_.End());
  EmitVariable(hole.number, false);
}

void FingerprintScanner::EmitVariable(size_t number, bool list) {
  Space();
  f_.out_.Append(list ? "::vtg" : ":vtg");
  char digits[20];
  size_t n = sizeof(digits);
  do {
    digits[--n] = static_cast<char>('0' + number % 10);
    number /= 10;
  } while (number > 0);
  f_.out_.append(digits + n, sizeof(digits) - n);
  tight_ = false;
}

// The token, with blanks where the canonical text has them: as in the source within an outermost
// select list.
void FingerprintScanner::Emit(const Token& token, size_t previous_end) {
  if (region_ == Region::kSelectList && !at_list_start_) {
    const std::string_view gap = sql_.substr(previous_end, token.begin - previous_end);
    // Behind minuses a blank would begin a comment.
    const std::string_view instead = f_.out_.view().ends_with('-') ? "/**/" : " ";
    f_.out_.Append(HoldsVersionMark(gap) ? instead : gap);
    f_.out_.AppendPiece(Text(token), SourceEnd());
    tight_ = false;
    return;
  }
  at_list_start_ = false;
  switch (token.type) {
    case Tok::kComma:
      f_.out_.push_back(',');
      tight_ = false;
      return;
    case Tok::kDot:
      // select.a is a name, unlike what SELECT .a.b is.
      if (Prev().type == Tok::kWord && IsReserved(Prev().word)) Space();
      f_.out_.push_back('.');
      tight_ = true;
      return;
    case Tok::kWord:
      // . 3t is a name behind a dot, .3t a number and a name.
      if (Prev().type == Tok::kDot && token.begin != previous_end &&
          IsByte(sql_[token.begin], kDigitByte)) {
        tight_ = false;
      }
      break;
    case Tok::kUserVariable:
      // user@host stays together.
      if (token.begin == previous_end && Prev().type == Tok::kWord) tight_ = true;
      break;
    default:
      break;
  }
  Space();
  // A reserved word is no name, so its case means nothing; a type keeps the case it has, and so
  // does what begins a select list, since it may name a column.
  const bool keeps_case =
      region_ == Region::kSyntax || region_ == Region::kSelectList || type_ahead_;
  const bool is_sign = sql_[token.begin] == '\\';  // \N, which is nothing in lower case
  // Behind a dot it would become a name.
  const bool is_null = token.word == Kw::kNull && !(is_sign && Prev().type == Tok::kDot);
  if (is_null && !keeps_case) {
    f_.out_.Append("null");
  } else if (token.word != Kw::kNone && !keeps_case && !is_sign && IsReserved(token.word)) {
    f_.out_.AppendLower(Text(token), SourceEnd());
  } else {
    f_.out_.AppendPiece(Text(token), SourceEnd());
  }
  tight_ = false;
}

void FingerprintScanner::OpenParen() {
  const Token& paren = Cur();
  if (Prev().word == Kw::kIn && region_ == Region::kPlain && TakeList(paren)) return;
  f_.stack_.push_back(static_cast<uint32_t>(region_) | keep_next_ << 8 |
                      (type_ahead_ ? 1u << 30 : 0));
  if (region_ == Region::kSelectList) {
    Emit(paren, Prev().end);
  } else {
    // A call's parenthesis stands at its name: elsewhere it would be no call.
    if (Prev().end == paren.begin && Prev().type != Tok::kComma) tight_ = true;
    Space();
    f_.out_.push_back('(');
    tight_ = true;
    // CAST(x AS CHAR(10)): behind AS a type's numbers are not values.
    if (type_ahead_) region_ = Region::kSyntax;
  }
  ++depth_;
  Advance();
}

void FingerprintScanner::CloseParen() {
  const Token& paren = Cur();
  const size_t before = Prev().end;
  tight_ = false;
  if (!f_.stack_.empty()) {
    const uint32_t saved = f_.stack_.back();
    f_.stack_.pop_back();
    region_ = static_cast<Region>(saved & 0xff);
    keep_next_ = (saved >> 8) & 0xff;
    type_ahead_ = false;
    if (depth_ > 0) --depth_;
  }
  if (region_ == Region::kSelectList) {
    Emit(paren, before);
  } else {
    f_.out_.push_back(')');
    tight_ = false;
  }
  Advance();
}

// 1, 'b', -3 become items of a list; false, and no item, when there is anything else.
bool FingerprintScanner::ReadList(const Token* token, const Token* close) {
  values_.BeginList();
  while (true) {
    const bool negative = token->type == Tok::kMinus;
    if (negative) ++token;
    if (!(negative ? IsNumberToken(token->type) : IsLiteral(*token))) break;
    values_.AddItem(*token, negative);
    if (++token == close) return true;
    if (token->type != Tok::kComma) break;
    ++token;
  }
  values_.DropList();
  return false;
}

// At the parenthesis behind IN: literals only become one list variable. Anything else is left for
// the steps that follow.
bool FingerprintScanner::TakeList(const Token& paren) {
  if (paren.match == 0) return false;
  const Token* const close = &(*f_.tokens_)[paren.match];
  if (!ReadList(&paren + 1, close)) return false;
  Fingerprint::Hole& hole = f_.holes_.emplace_back();
  hole.begin = paren.end;
  hole.end = close->end;
  hole.type = Tok::kLeftParen;
  hole.number = static_cast<uint32_t>(values_.EndList());
  current_ = close;
  Advance();
  EmitVariable(hole.number, true);
  return true;
}

void FingerprintScanner::Word(const Token& token) {
  const size_t before = Prev().end;
  const Kw word = token.word;  // none behind a dot
  switch (word) {
    case Kw::kSelect:
      Emit(token, before);
      Advance();
      // The first select of the statement and those it is united with name the columns.
      if (depth_ == 0 && f_.kind != StatementKind::kInsert && f_.kind != StatementKind::kReplace) {
        region_ = Region::kSelectList;
        at_list_start_ = true;
      } else if (region_ != Region::kSelectList) {
        region_ = Region::kPlain;
      }
      return;
    case Kw::kFrom:
      if (region_ != Region::kSelectList || depth_ == 0) region_ = Region::kPlain;
      break;
    case Kw::kWhere:
    case Kw::kHaving:
    case Kw::kOn:
    case Kw::kSet:
    case Kw::kValues:
    case Kw::kLimit:
    case Kw::kUnion:
      if (region_ == Region::kOrder || (region_ == Region::kSelectList && depth_ == 0))
        region_ = Region::kPlain;
      break;
    case Kw::kOrder:
    case Kw::kGroup:
      if (region_ == Region::kPlain) region_ = Region::kOrder;
      break;
    case Kw::kOutfile:
    case Kw::kDumpfile:
      region_ = Region::kSyntax;
      break;
    case Kw::kWait:
      keep_next_ = 2;
      break;
    default:
      break;
  }
  type_ahead_ = Prev().word == Kw::kAs ||
                (type_ahead_ && Prev().type == Tok::kWord && word != Kw::kNone) ||
                TakesNumbers(word);
  Emit(token, before);
  Advance();
  // DATE '2020-01-01' is one literal.
  if ((word == Kw::kDate || word == Kw::kTime || word == Kw::kTimestamp) &&
      Cur().type == Tok::kString && region_ == Region::kPlain) {
    Emit(Cur(), Prev().end);
    Advance();
  }
}

}  // namespace tessera::sqlparser
