// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sqltypes/bind_vars.h"
#include "sqltypes/value.h"

namespace re2 {
class RE2;
}

namespace tessera::tabletserver {

enum class RuleAction : uint8_t {
  kContinue,   // the rule is off
  kFail,       // refused; will be refused again
  kFailRetry,  // refused for now
  kBuffer,     // waits until the rules change
};

// A regular expression over a whole text; an empty one takes everything.
class TextPattern {
 public:
  TextPattern();
  TextPattern(TextPattern&&) noexcept;
  TextPattern& operator=(TextPattern&&) noexcept;
  ~TextPattern();

  // kInvalidArgument tells what is wrong with the expression.
  static Result<TextPattern> Make(std::string_view expression);
  bool Matches(std::string_view text) const;
  bool takes_all() const { return regex_ == nullptr; }

 private:
  std::unique_ptr<const re2::RE2> regex_;
};

// What a rule may ask about a statement whatever its values.
struct RuleStatement {
  std::string_view query;  // without the comments around it
  std::string_view plan;
  std::vector<std::string_view> tables;
};

// What a rule may ask about one run of it.
struct RuleCall {
  std::string_view ip;  // of the client, without port
  std::string_view user;
  std::string_view leading_comments;
  std::string_view trailing_comments;
  const sqltypes::BindVars* vars = nullptr;
};

enum class RuleOperator : uint8_t {
  kNone,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kMatch,
  kNoMatch,
};

// A condition on the value of a bind variable.
struct BindVarCondition {
  std::string name;
  bool on_absent = false;    // the outcome when there is no such variable
  bool on_mismatch = false;  // the outcome when its type is another
  RuleOperator op = RuleOperator::kNone;
  bool number = false;  // compare as integers, else as bytes
  bool negative = false;
  uint64_t magnitude = 0;
  std::string text;
  TextPattern pattern;

  bool Holds(const sqltypes::BindVars* vars) const;
};

// One rule: it applies when everything it asks is so.
struct QueryRule {
  std::string name;
  std::string description;
  RuleAction action = RuleAction::kFail;
  TextPattern query;
  std::vector<std::string> plans;   // any of these; none asks nothing
  std::vector<std::string> tables;  // any of these; none asks nothing
  TextPattern request_ip;
  TextPattern user;
  TextPattern leading_comment;
  TextPattern trailing_comment;
  std::vector<BindVarCondition> vars;

  bool AppliesTo(const RuleStatement& statement) const;
  bool AppliesTo(const RuleCall& call) const;
};

// Rules in order; the first that applies decides. Read from a file of Vitess's form (a JSON list of
// objects with Name, Description, Query, LeadingComment, TrailingComment, Plans, TableNames,
// RequestIP, User, BindVarConds, Action). Never changes once made; thread-safe.
class QueryRules {
 public:
  // kInvalidArgument names the rule, the member and what is wrong with it.
  static Result<std::shared_ptr<const QueryRules>> Parse(std::string_view json);

  // One rule that refuses statements on these tables for now; with `allow_reads`, all but plans
  // that select. Null when there are no tables.
  static std::shared_ptr<const QueryRules> DenyTables(std::vector<std::string> tables,
                                                      bool allow_reads);

  // Those that apply to a statement with some caller and values. The rules live as long as this.
  std::vector<const QueryRule*> Filter(const RuleStatement& statement) const;
  size_t size() const { return rules_.size(); }

 private:
  std::vector<QueryRule> rules_;  // without those that are off
};

// A statement and the comments around it.
struct CommentedQuery {
  std::string_view leading;
  std::string_view query;
  std::string_view trailing;
};
CommentedQuery SplitComments(std::string_view sql);

}  // namespace tessera::tabletserver
