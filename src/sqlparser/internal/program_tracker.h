// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

#include "sqlparser/lexer.h"

namespace tessera::sqlparser {

// Follows the tokens of one statement far enough to tell the semicolons of a stored program's body
// from the one that ends the statement. Takes any text; of a wrong one it makes what it can.
class ProgramTracker {
 public:
  explicit ProgramTracker(std::string_view sql) : sql_(sql) {}

  // The next token, comments left out.
  void Take(const Token& token);
  // Whether a semicolon now belongs to a body.
  bool InBody() const { return depth_ > 0; }

 private:
  enum class State : uint8_t {
    kFirst,            // before the statement's first word
    kFirstBegin,       // after BEGIN: a transaction unless NOT ATOMIC follows
    kCreate,           // after CREATE or ALTER, OR REPLACE, AGGREGATE, a definer
    kDefiner,          // after DEFINER
    kUser,             // after DEFINER =
    kParams,           // in a procedure's name and parameters
    kCharacteristics,  // behind a procedure's parameters
    kFunctionParams,   // in a function's name and parameters
    kReturns,          // behind a function's parameters: what its body begins with is no type
    kEach,             // before the EACH of a trigger's FOR EACH ROW
    kRow,              // before its ROW
    kOrder,            // behind it
    kOtherTrigger,     // after FOLLOWS or PRECEDES
    kEventName,        // before an event's ON
    kSchedule,         // before its DO
    kStart,            // where a statement of a body begins
    kSecond,           // behind its first word
    kHead,             // in a condition, before until_
    kDeclare,          // after DECLARE
    kHandlerFor,       // before the FOR of DECLARE ... HANDLER FOR
    kCondition,        // before a condition of a handler
    kSqlState,         // in SQLSTATE 'x' or NOT FOUND
    kNextCondition,    // behind a condition
    kSetStatement,     // before the FOR of SET STATEMENT ... FOR
    kOther,            // before the next semicolon
  };

  void TakeFirst(const Token& token);
  void TakeCreate(Kw word);
  void TakeHeading(const Token& token);
  void TakeStart(Kw word);
  void TakeSecond(const Token& token);
  void TakeHead(const Token& token);
  void TakeHandler(const Token& token);
  void Open(State state, Kw until);
  Kw LabelledWord(const Token& token) const;
  // True for the parenthesis that closes the outermost open one.
  bool CountParens(const Token& token);

  std::string_view sql_;
  State state_ = State::kFirst;
  Kw first_ = Kw::kNone;  // of the current statement of a body
  Kw until_ = Kw::kNone;  // what ends a condition: THEN, DO or END; FOR's IN comes before its DO
  int depth_ = 0;         // open blocks
  int parens_ = 0;
  int cases_ = 0;  // CASE expressions open in a condition
};

}  // namespace tessera::sqlparser
