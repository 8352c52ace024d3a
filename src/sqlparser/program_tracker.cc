// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/program_tracker.h"

namespace tessera::sqlparser {
namespace {

bool IsBlockWord(Kw word) {
  return word == Kw::kBegin || word == Kw::kIf || word == Kw::kCase || word == Kw::kLoop ||
         word == Kw::kWhile || word == Kw::kRepeat || word == Kw::kFor;
}

// What stands between a procedure's parameters and its body.
bool IsCharacteristic(const Token& token) {
  switch (token.word) {
    case Kw::kLanguage:
    case Kw::kSql:
    case Kw::kNot:
    case Kw::kDeterministic:
    case Kw::kContains:
    case Kw::kNo:
    case Kw::kReads:
    case Kw::kModifies:
    case Kw::kData:
    case Kw::kSecurity:
    case Kw::kDefiner:
    case Kw::kInvoker:
    case Kw::kComment:
      return true;
    default:
      return token.type == Tok::kString;
  }
}

}  // namespace

// The lexer takes "label:begin" for a name and a bind variable.
Kw ProgramTracker::LabelledWord(const Token& token) const {
  if (token.type != Tok::kBindVar) return token.word;
  const Kw word = LookupKeyword(sql_.substr(token.begin + 1, token.end - token.begin - 1));
  return IsBlockWord(word) ? word : Kw::kNone;
}

void ProgramTracker::Take(const Token& token) {
  if (token.type == Tok::kSemicolon) {
    state_ = State::kStart;
    return;
  }
  switch (state_) {
    case State::kFirst:
    case State::kFirstBegin:
      TakeFirst(token);
      return;
    case State::kStart:
      TakeStart(token.word);
      return;
    case State::kSecond:
      TakeSecond(token);
      return;
    case State::kHead:
      TakeHead(token);
      return;
    case State::kDeclare:
    case State::kHandlerFor:
    case State::kCondition:
    case State::kSqlState:
    case State::kNextCondition:
      TakeHandler(token);
      return;
    case State::kOther:
      return;
    default:
      TakeHeading(token);
  }
}

void ProgramTracker::Open(State state, Kw until) {
  ++depth_;
  state_ = state;
  until_ = until;
  cases_ = 0;
}

bool ProgramTracker::CountParens(const Token& token) {
  if (token.type == Tok::kLeftParen) ++parens_;
  return token.type == Tok::kRightParen && --parens_ == 0;
}

void ProgramTracker::TakeFirst(const Token& token) {
  if (state_ == State::kFirstBegin) {
    state_ = State::kOther;
    if (token.word == Kw::kNot) Open(State::kStart, Kw::kNone);
  } else if (token.word == Kw::kBegin) {
    state_ = State::kFirstBegin;
  } else {
    TakeStart(token.word);
  }
}

// Everything before a body.
void ProgramTracker::TakeHeading(const Token& token) {
  switch (state_) {
    case State::kCreate:
      TakeCreate(token.word);
      return;
    case State::kDefiner:
      if (token.type == Tok::kEqual) state_ = State::kUser;
      return;
    case State::kUser:  // the host and parentheses of CURRENT_USER() are no words
      state_ = State::kCreate;
      return;
    case State::kParams:
      if (CountParens(token)) state_ = State::kCharacteristics;
      return;
    case State::kCharacteristics:
      if (token.type == Tok::kColon) {  // the word was a label
        state_ = State::kStart;
      } else if (!IsCharacteristic(token)) {
        TakeStart(LabelledWord(token));
      }
      return;
    case State::kFunctionParams:
      if (CountParens(token)) state_ = State::kReturns;
      return;
    case State::kReturns:
      if (token.word == Kw::kReturn || IsBlockWord(LabelledWord(token))) {
        TakeStart(LabelledWord(token));
      }
      return;
    case State::kEach:
      if (token.word == Kw::kEach) state_ = State::kRow;
      return;
    case State::kRow:
      state_ = State::kOrder;
      return;
    case State::kOrder:
      if (token.word == Kw::kFollows || token.word == Kw::kPrecedes) {
        state_ = State::kOtherTrigger;
      } else {
        TakeStart(token.word);
      }
      return;
    case State::kOtherTrigger:
      state_ = State::kStart;
      return;
    case State::kEventName:
      if (token.word == Kw::kOn) state_ = State::kSchedule;
      [[fallthrough]];  // ALTER EVENT e DO ...
    case State::kSchedule:
      if (token.word == Kw::kDo) state_ = State::kStart;
      return;
    default:  // kSetStatement
      CountParens(token);
      if (parens_ == 0 && token.word == Kw::kFor) {
        state_ = depth_ == 0 ? State::kFirst : State::kStart;
      }
  }
}

void ProgramTracker::TakeCreate(Kw word) {
  switch (word) {
    case Kw::kNone:
    case Kw::kOr:
    case Kw::kReplace:
    case Kw::kAggregate:
      return;
    case Kw::kDefiner:
      state_ = State::kDefiner;
      return;
    case Kw::kProcedure:
      state_ = State::kParams;
      return;
    case Kw::kFunction:
      state_ = State::kFunctionParams;
      return;
    case Kw::kTrigger:
      state_ = State::kEach;
      return;
    case Kw::kEvent:
      state_ = State::kEventName;
      return;
    default:
      state_ = State::kOther;
  }
}

void ProgramTracker::TakeStart(Kw word) {
  first_ = word;
  switch (word) {
    case Kw::kBegin:
    case Kw::kLoop:
    case Kw::kRepeat:
      Open(State::kStart, Kw::kNone);
      return;
    case Kw::kIf:
    case Kw::kCase:
      Open(State::kHead, Kw::kThen);
      return;
    case Kw::kWhile:
      Open(State::kHead, Kw::kDo);
      return;
    case Kw::kFor:
      Open(State::kHead, Kw::kIn);
      return;
    case Kw::kElseif:
    case Kw::kWhen:
    case Kw::kUntil:
      --depth_;
      Open(State::kHead, word == Kw::kUntil ? Kw::kEnd : Kw::kThen);
      return;
    case Kw::kElse:
    case Kw::kNot:  // BEGIN NOT ATOMIC
    case Kw::kAtomic:
      return;
    case Kw::kEnd:
      if (depth_ > 0) --depth_;
      state_ = State::kOther;
      return;
    case Kw::kDeclare:
      state_ = State::kDeclare;
      return;
    case Kw::kCreate:
    case Kw::kAlter:
      state_ = State::kCreate;
      parens_ = 0;
      return;
    default:
      state_ = State::kSecond;
  }
}

// A label, SET STATEMENT, or just any statement.
void ProgramTracker::TakeSecond(const Token& token) {
  // "select:if" has a bind variable.
  const bool label = first_ != Kw::kSelect && first_ != Kw::kDo && first_ != Kw::kKill;
  if (label && token.type == Tok::kColon) {
    state_ = State::kStart;
  } else if (label && token.type == Tok::kBindVar && LabelledWord(token) != Kw::kNone) {
    TakeStart(LabelledWord(token));
  } else if (first_ == Kw::kSet && token.word == Kw::kStatement) {
    state_ = State::kSetStatement;
    parens_ = 0;
  } else {
    state_ = State::kOther;
  }
}

// A condition may hold CASE expressions, with a THEN and an END of their own.
void ProgramTracker::TakeHead(const Token& token) {
  const Kw word = token.word;
  if (token.type == Tok::kColon) {  // UNTIL was a label
    state_ = State::kStart;
  } else if (word == Kw::kCase) {
    ++cases_;
  } else if (cases_ > 0) {
    if (word == Kw::kEnd) --cases_;
  } else if (word == until_ && word == Kw::kIn) {
    until_ = Kw::kDo;
  } else if (word == until_) {
    if (word == Kw::kEnd && depth_ > 0) --depth_;
    state_ = word == Kw::kEnd ? State::kOther : State::kStart;
  }
}

// DECLARE CONTINUE HANDLER FOR condition, ... statement
void ProgramTracker::TakeHandler(const Token& token) {
  switch (state_) {
    case State::kDeclare:
      state_ = token.word == Kw::kContinue || token.word == Kw::kExit || token.word == Kw::kUndo
                   ? State::kHandlerFor
                   : State::kOther;
      return;
    case State::kHandlerFor:
      if (token.word == Kw::kFor) state_ = State::kCondition;
      return;
    case State::kCondition:
      state_ = token.word == Kw::kSqlstate || token.word == Kw::kNot ? State::kSqlState
                                                                     : State::kNextCondition;
      return;
    case State::kSqlState:
      if (token.word != Kw::kValue) state_ = State::kNextCondition;
      return;
    default:
      if (token.type == Tok::kComma) {
        state_ = State::kCondition;
      } else {
        TakeStart(token.word);
      }
  }
}

}  // namespace tessera::sqlparser
