// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/query_rules.h"

#include <algorithm>
#include <charconv>
#include <compare>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>
#include <re2/re2.h>

namespace tessera::tabletserver {

using nlohmann::json;
using sqltypes::Value;

namespace {

Error WrongRule(std::string_view where, std::string_view what) {
  return Errorf(Code::kInvalidArgument, "query rules: {}: {}", where, what);
}

// The plan types of Vitess v24 that a rule may name.
constexpr std::string_view kPlans[] = {"Select",
                                       "Nextval",
                                       "SelectImpossible",
                                       "SelectLockFunc",
                                       "SelectStream",
                                       "SelectNoLimit",
                                       "Insert",
                                       "InsertMessage",
                                       "Update",
                                       "UpdateLimit",
                                       "Delete",
                                       "DeleteLimit",
                                       "DDL",
                                       "Set",
                                       "OtherRead",
                                       "OtherAdmin",
                                       "MessageStream",
                                       "Savepoint",
                                       "Release",
                                       "RollbackSavepoint",
                                       "Show",
                                       "ShowTables",
                                       "Load",
                                       "Flush",
                                       "LockTables",
                                       "UnlockTables",
                                       "CallProcedure",
                                       "AlterMigration",
                                       "RevertMigration",
                                       "ShowMigrations",
                                       "ShowMigrationLogs"};

// Vitess gives statements that it bounds itself names of their own; ours are not bounded.
bool NamesPlan(std::string_view rule, std::string_view plan) {
  if (rule == plan) return true;
  return rule.ends_with("Limit") && rule.substr(0, rule.size() - 5) == plan;
}

struct OperatorName {
  std::string_view name;
  RuleOperator op;
};
constexpr OperatorName kOperators[] = {
    {"", RuleOperator::kNone},           {"==", RuleOperator::kEqual},
    {"!=", RuleOperator::kNotEqual},     {"<", RuleOperator::kLess},
    {"<=", RuleOperator::kLessEqual},    {">", RuleOperator::kGreater},
    {">=", RuleOperator::kGreaterEqual}, {"MATCH", RuleOperator::kMatch},
    {"NOMATCH", RuleOperator::kNoMatch}};

bool Decide(RuleOperator op, std::strong_ordering order) {
  switch (op) {
    case RuleOperator::kEqual:
      return order == 0;
    case RuleOperator::kNotEqual:
      return order != 0;
    case RuleOperator::kLess:
      return order < 0;
    case RuleOperator::kLessEqual:
      return order <= 0;
    case RuleOperator::kGreater:
      return order > 0;
    default:
      return order >= 0;
  }
}

// An integer of 65 bits.
struct Integer {
  bool negative = false;
  uint64_t magnitude = 0;
};

std::strong_ordering Compare(const Integer& a, const Integer& b) {
  if (a.negative != b.negative)
    return a.negative ? std::strong_ordering::less : std::strong_ordering::greater;
  return a.negative ? b.magnitude <=> a.magnitude : a.magnitude <=> b.magnitude;
}

std::optional<Integer> ParseInteger(std::string_view text) {
  Integer out;
  if (text.starts_with('-')) {
    out.negative = true;
    text.remove_prefix(1);
  }
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, out.magnitude);
  if (error != std::errc() || end != last) return std::nullopt;
  if (out.magnitude == 0) out.negative = false;
  return out;
}

// Reads the members of one rule.
class RuleReader {
 public:
  RuleReader(const json& object, std::string where) : object_(object), where_(std::move(where)) {}

  Result<QueryRule> Read() {
    QueryRule rule;
    for (const auto& [key, value] : object_.items()) TRY_OK(ReadMember(key, value, rule));
    return rule;
  }

 private:
  Result<> ReadMember(const std::string& key, const json& value, QueryRule& rule) const {
    if (key == "Plans") return ReadPlans(value, rule);
    if (key == "TableNames") return ReadStrings(key, value, rule.tables);
    if (key == "BindVarConds") return ReadConditions(value, rule);
    if (!value.is_string()) return Wrong(key + " is no string");
    const auto& text = value.get_ref<const std::string&>();
    if (key == "Name") return Keep(text, rule.name);
    if (key == "Description") return Keep(text, rule.description);
    if (key == "Action") return ReadAction(text, rule);
    if (key == "Query") return ReadPattern(key, text, rule.query);
    if (key == "LeadingComment") return ReadPattern(key, text, rule.leading_comment);
    if (key == "TrailingComment") return ReadPattern(key, text, rule.trailing_comment);
    if (key == "RequestIP") return ReadPattern(key, text, rule.request_ip);
    if (key == "User") return ReadPattern(key, text, rule.user);
    return Wrong("unknown member " + key);
  }

  Error Wrong(std::string_view what) const { return WrongRule(where_, what); }

  static Result<> Keep(const std::string& text, std::string& into) {
    into = text;
    return Ok{};
  }

  Result<> ReadAction(const std::string& text, QueryRule& rule) const {
    static constexpr std::pair<std::string_view, RuleAction> kActions[] = {
        {"CONTINUE", RuleAction::kContinue},
        {"FAIL", RuleAction::kFail},
        {"FAIL_RETRY", RuleAction::kFailRetry},
        {"BUFFER", RuleAction::kBuffer}};
    for (const auto& [name, action] : kActions) {
      if (text != name) continue;
      rule.action = action;
      return Ok{};
    }
    return Wrong("Action '" + text + "' is none of FAIL, FAIL_RETRY, BUFFER, CONTINUE");
  }

  Result<> ReadPattern(const std::string& key, const std::string& text, TextPattern& into) const {
    Result<TextPattern> made = TextPattern::Make(text);
    if (!made.ok()) return Wrong(key + ": " + made.error().message());
    into = *std::move(made);
    return Ok{};
  }

  Result<> ReadStrings(const std::string& key, const json& value,
                       std::vector<std::string>& into) const {
    if (!value.is_array()) return Wrong(key + " is no list");
    for (const json& item : value) {
      if (!item.is_string()) return Wrong(key + " holds something that is no string");
      into.push_back(item.get<std::string>());
    }
    return Ok{};
  }

  Result<> ReadPlans(const json& value, QueryRule& rule) const {
    TRY_OK(ReadStrings("Plans", value, rule.plans));
    for (const std::string& plan : rule.plans) {
      if (std::find(std::begin(kPlans), std::end(kPlans), plan) == std::end(kPlans))
        return Wrong("Plans: '" + plan + "' is no type of plan");
    }
    return Ok{};
  }

  Result<> ReadConditions(const json& value, QueryRule& rule) const {
    if (!value.is_array()) return Wrong("BindVarConds is no list");
    for (const json& item : value) {
      if (!item.is_object()) return Wrong("BindVarConds holds something that is no object");
      TRY(BindVarCondition condition, ReadCondition(item));
      rule.vars.push_back(std::move(condition));
    }
    return Ok{};
  }

  Result<BindVarCondition> ReadCondition(const json& object) const {
    BindVarCondition out;
    const json* value = nullptr;
    bool has_op = false;
    for (const auto& [key, member] : object.items()) {
      const bool is_flag = key == "OnAbsent" || key == "OnMismatch";
      if (is_flag ? !member.is_boolean() : key != "Value" && !member.is_string())
        return Wrong("BindVarConds: " + key + (is_flag ? " is no bool" : " is no string"));
      if (key == "Name") {
        out.name = member.get<std::string>();
      } else if (key == "OnAbsent") {
        out.on_absent = member.get<bool>();
      } else if (key == "OnMismatch") {
        out.on_mismatch = member.get<bool>();
      } else if (key == "Value") {
        value = &member;
      } else if (key == "Operator") {
        const auto& text = member.get_ref<const std::string&>();
        const auto found =
            std::find_if(std::begin(kOperators), std::end(kOperators),
                         [&](const OperatorName& each) { return each.name == text; });
        if (found == std::end(kOperators))
          return Wrong("BindVarConds: Operator '" + text + "' is not known");
        out.op = found->op;
        has_op = out.op != RuleOperator::kNone;
      } else {
        return Wrong("BindVarConds: unknown member " + key);
      }
    }
    if (out.name.empty()) return Wrong("BindVarConds: Name is missing");
    if (has_op != (value != nullptr))
      return Wrong("BindVarConds: Operator and Value of " + out.name + " go together");
    if (value != nullptr) TRY_OK(ReadValue(*value, out));
    return out;
  }

  Result<> ReadValue(const json& value, BindVarCondition& out) const {
    const bool matches = out.op == RuleOperator::kMatch || out.op == RuleOperator::kNoMatch;
    if (value.is_string()) {
      out.text = value.get<std::string>();
      if (matches) return ReadPattern("BindVarConds", out.text, out.pattern);
      return Ok{};
    }
    if (matches || !value.is_number_integer())
      return Wrong("BindVarConds: the Value of " + out.name +
                   (matches ? " is no string" : " is neither string nor integer"));
    const std::optional<Integer> number = ParseInteger(value.dump());
    if (!number) return Wrong("BindVarConds: the Value of " + out.name + " is out of range");
    out.number = true;
    out.negative = number->negative;
    out.magnitude = number->magnitude;
    return Ok{};
  }

  const json& object_;
  std::string where_;
};

}  // namespace

TextPattern::TextPattern() = default;
TextPattern::TextPattern(TextPattern&&) noexcept = default;
TextPattern& TextPattern::operator=(TextPattern&&) noexcept = default;
TextPattern::~TextPattern() = default;

Result<TextPattern> TextPattern::Make(std::string_view expression) {
  TextPattern out;
  if (expression.empty()) return out;
  // Vitess puts the two marks around the text as it is: "a|b$" means what it means there.
  const std::string whole = "^" + std::string(expression) + "$";
  re2::RE2::Options options;
  options.set_log_errors(false);
  auto regex = std::make_unique<const re2::RE2>(whole, options);
  if (!regex->ok())
    return Errorf(Code::kInvalidArgument, "'{}' is no regular expression: {}", expression,
                  regex->error());
  out.regex_ = std::move(regex);
  return out;
}

bool TextPattern::Matches(std::string_view text) const {
  return regex_ == nullptr ||
         re2::RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), *regex_);
}

bool BindVarCondition::Holds(const sqltypes::BindVars* vars) const {
  const sqltypes::BindVar* const var = vars == nullptr ? nullptr : vars->Find(name);
  if (var == nullptr) return on_absent;
  if (op == RuleOperator::kNone) return !on_absent;
  const Value& value = var->value;
  if (value.is_null() || var->is_list()) return on_mismatch;
  if (number) {
    const std::optional<Integer> given = ParseInteger(value.raw());
    if (!given || sqltypes::IsQuoted(value.type())) return on_mismatch;
    return Decide(op, Compare(*given, Integer{negative, magnitude}));
  }
  if (!sqltypes::IsQuoted(value.type())) return on_mismatch;
  if (op == RuleOperator::kMatch) return pattern.Matches(value.raw());
  if (op == RuleOperator::kNoMatch) return !pattern.Matches(value.raw());
  return Decide(op, value.raw() <=> std::string_view(text));
}

bool QueryRule::AppliesTo(const RuleStatement& statement) const {
  const auto is_plan = [&](const std::string& plan) { return NamesPlan(plan, statement.plan); };
  if (!plans.empty() && std::none_of(plans.begin(), plans.end(), is_plan)) return false;
  const auto is_used = [&](const std::string& table) {
    return std::find(statement.tables.begin(), statement.tables.end(), table) !=
           statement.tables.end();
  };
  if (!tables.empty() && std::none_of(tables.begin(), tables.end(), is_used)) return false;
  return query.Matches(statement.query);
}

bool QueryRule::AppliesTo(const RuleCall& call) const {
  return request_ip.Matches(call.ip) && user.Matches(call.user) &&
         leading_comment.Matches(call.leading_comments) &&
         trailing_comment.Matches(call.trailing_comments) &&
         std::all_of(vars.begin(), vars.end(),
                     [&](const BindVarCondition& condition) { return condition.Holds(call.vars); });
}

Result<std::shared_ptr<const QueryRules>> QueryRules::Parse(std::string_view text) {
  auto rules = std::make_shared<QueryRules>();
  const json parsed = json::parse(text, nullptr, false);
  if (!parsed.is_array()) return WrongRule("the file", "no JSON list");
  size_t number = 0;
  for (const json& object : parsed) {
    std::string where = "rule number " + std::to_string(++number);
    if (!object.is_object()) return WrongRule(where, "no JSON object");
    const auto name = object.find("Name");
    if (name != object.end() && name->is_string())
      where = "rule " + name->get_ref<const std::string&>();
    TRY(QueryRule rule, RuleReader(object, where).Read());
    if (rule.action != RuleAction::kContinue) rules->rules_.push_back(std::move(rule));
  }
  return std::shared_ptr<const QueryRules>(std::move(rules));
}

std::shared_ptr<const QueryRules> QueryRules::DenyTables(std::vector<std::string> tables,
                                                         bool allow_reads) {
  if (tables.empty()) return nullptr;
  QueryRule rule;
  rule.name = "denied_table";
  rule.description = "enforce denied tables";
  rule.action = RuleAction::kFailRetry;
  rule.tables = std::move(tables);
  if (allow_reads) {
    for (const std::string_view plan : kPlans)
      if (!plan.starts_with("Select")) rule.plans.emplace_back(plan);
  }
  auto rules = std::make_shared<QueryRules>();
  rules->rules_.push_back(std::move(rule));
  return rules;
}

std::vector<const QueryRule*> QueryRules::Filter(const RuleStatement& statement) const {
  std::vector<const QueryRule*> out;
  for (const QueryRule& rule : rules_)
    if (rule.AppliesTo(statement)) out.push_back(&rule);
  return out;
}

CommentedQuery SplitComments(std::string_view sql) {
  constexpr std::string_view kBlanks = " \t\r\n";
  size_t begin = 0;
  while (true) {
    const size_t word = std::min(sql.find_first_not_of(kBlanks, begin), sql.size());
    const std::string_view rest = sql.substr(word);
    const size_t close = rest.starts_with("/*") && !rest.starts_with("/*!")
                             ? rest.find("*/", 2)
                             : std::string_view::npos;
    if (close == std::string_view::npos) break;
    begin = word + close + 2;
  }
  size_t end = sql.size();
  while (true) {
    const size_t last = sql.find_last_not_of(kBlanks, end == 0 ? 0 : end - 1);
    if (last == std::string_view::npos || last < begin + 3) break;
    if (!sql.substr(0, last + 1).ends_with("*/")) break;
    // Comments do not nest, so the nearest opening is this one's.
    const size_t open = sql.rfind("/*", last - 3);
    if (open == std::string_view::npos || open < begin) break;
    end = open;
  }
  const auto trim = [&](std::string_view text) {
    const size_t first = text.find_first_not_of(kBlanks);
    if (first == std::string_view::npos) return std::string_view();
    return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
  };
  CommentedQuery out;
  out.leading = trim(sql.substr(0, begin));
  out.query = trim(sql.substr(begin, end - begin));
  out.trailing = trim(sql.substr(end));
  return out;
}

}  // namespace tessera::tabletserver
