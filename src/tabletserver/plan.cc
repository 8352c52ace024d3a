// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "tabletserver/plan.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <utility>

#include "sqlparser/lexer.h"

namespace tessera::tabletserver {

namespace {

bool IsWordByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

// Reads words off the front of a statement, in lower case, over blanks and comments.
class Words {
 public:
  explicit Words(std::string_view sql) : rest_(sql) {}

  // Empty when no word comes next.
  std::string Next() {
    SkipBlanks();
    size_t size = 0;
    while (size < rest_.size() && IsWordByte(rest_[size])) ++size;
    std::string word(rest_.substr(0, size));
    std::transform(word.begin(), word.end(), word.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    rest_.remove_prefix(size);
    return word;
  }
  // A table's name, bare or in backquotes, with its database when it has one.
  std::string NextName() {
    SkipBlanks();
    size_t size = 0;
    while (size < rest_.size() &&
           (IsWordByte(rest_[size]) || rest_[size] == '`' || rest_[size] == '.'))
      ++size;
    std::string name(rest_.substr(0, size));
    rest_.remove_prefix(size);
    return name;
  }
  // True, and skips it, when the character comes next.
  bool Take(char c) {
    SkipBlanks();
    if (rest_.empty() || rest_.front() != c) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool AtEnd() {
    SkipBlanks();
    return rest_.empty();
  }
  std::string_view rest() const { return rest_; }

 private:
  void SkipBlanks() {
    while (!rest_.empty()) {
      if (std::isspace(static_cast<unsigned char>(rest_.front())) != 0) {
        rest_.remove_prefix(1);
      } else if (rest_.starts_with("/*") && !rest_.starts_with("/*!")) {
        const size_t close = rest_.find("*/", 2);
        rest_.remove_prefix(close == std::string_view::npos ? rest_.size() : close + 2);
      } else if (rest_.starts_with("-- ") || rest_.starts_with("#")) {
        const size_t line = rest_.find('\n');
        rest_.remove_prefix(line == std::string_view::npos ? rest_.size() : line + 1);
      } else {
        return;
      }
    }
  }
  std::string_view rest_;
};

struct FirstWord {
  std::string_view word;
  PlanKind kind;
};
constexpr auto kFirstWords = std::to_array<FirstWord>({
    {"select", PlanKind::kSelect},
    {"values", PlanKind::kSelect},
    {"table", PlanKind::kSelect},
    {"insert", PlanKind::kDml},
    {"replace", PlanKind::kDml},
    {"update", PlanKind::kDml},
    {"delete", PlanKind::kDml},
    {"load", PlanKind::kDml},
    {"create", PlanKind::kDdl},
    {"alter", PlanKind::kDdl},
    {"drop", PlanKind::kDdl},
    {"truncate", PlanKind::kDdl},
    {"rename", PlanKind::kDdl},
    {"set", PlanKind::kSet},
    {"begin", PlanKind::kTransaction},
    {"start", PlanKind::kTransaction},
    {"commit", PlanKind::kTransaction},
    {"rollback", PlanKind::kTransaction},
    {"savepoint", PlanKind::kSavepoint},
    {"release", PlanKind::kSavepoint},
});

PlanKind KindOfWord(std::string_view word) {
  const auto found = std::find_if(kFirstWords.begin(), kFirstWords.end(),
                                  [&](const FirstWord& entry) { return entry.word == word; });
  return found == kFirstWords.end() ? PlanKind::kOther : found->kind;
}

// Whether behind the common table expressions of a WITH rows are changed. `rest` begins behind the
// word. Names of tables stand there too, but none of these words is a name without quotes.
bool WithChangesRows(std::string_view rest) {
  using sqlparser::Kw;
  using sqlparser::Tok;
  const sqlparser::ParseOptions options;
  sqlparser::Lexer lexer(rest, options);
  int depth = 0;
  for (;;) {
    const sqlparser::Token token = lexer.Next();
    if (token.type == Tok::kEnd || token.type == Tok::kError) return false;
    if (token.type == Tok::kLeftParen) ++depth;
    if (token.type == Tok::kRightParen) --depth;
    if (depth != 0 || token.type != Tok::kWord) continue;
    switch (token.word) {
      case Kw::kUpdate:
      case Kw::kDelete:
      case Kw::kInsert:
      case Kw::kReplace:
        return true;
      case Kw::kSelect:
      case Kw::kValues:
      case Kw::kTable:
        return false;
      default:
        break;
    }
  }
}

// `rest` is what stands behind the word.
PlanKind KindBehind(std::string_view word, std::string_view rest) {
  if (word != "with") return KindOfWord(word);
  return WithChangesRows(rest) ? PlanKind::kDml : PlanKind::kSelect;
}

// Functions whose effect is bound to the connection they run on.
bool CallsSessionFunction(std::string_view sql) {
  static constexpr std::array<std::string_view, 4> kNames = {"get_lock", "release_lock",
                                                             "release_all_locks", "is_used_lock"};
  const auto same = [](char a, char b) { return std::tolower(static_cast<unsigned char>(a)) == b; };
  return std::any_of(kNames.begin(), kNames.end(), [&](std::string_view name) {
    const auto found = std::search(sql.begin(), sql.end(), name.begin(), name.end(), same);
    if (found == sql.end()) return false;
    const auto after = found + static_cast<ptrdiff_t>(name.size());
    return after != sql.end() && *after == '(' &&
           (found == sql.begin() || !IsWordByte(*(found - 1)));
  });
}

// Behind "select next": "value from t", "5 values from t", ":n values from t".
bool ReadNextValue(Words words, Plan& plan) {
  if (words.Take(':')) {
    plan.count_var = words.Next();
    if (plan.count_var.empty()) return false;
  } else {
    Words ahead = words;
    const std::string word = ahead.Next();
    if (!word.empty() && std::isdigit(static_cast<unsigned char>(word.front())) != 0) {
      const auto parsed = std::from_chars(word.data(), word.data() + word.size(), plan.count);
      if (parsed.ec != std::errc() || parsed.ptr != word.data() + word.size()) return false;
      words = ahead;
    }
  }
  const std::string unit = words.Next();
  if ((unit != "value" && unit != "values") || words.Next() != "from") return false;
  plan.sequence = words.NextName();
  words.Take(';');
  return !plan.sequence.empty() && words.AtEnd();
}

}  // namespace

namespace {

PlanType TypeOfChange(std::string_view word) {
  if (word == "update") return PlanType::kUpdate;
  if (word == "delete") return PlanType::kDelete;
  return word == "load" ? PlanType::kLoad : PlanType::kInsert;
}

PlanType TypeOf(PlanKind kind, std::string_view word) {
  switch (kind) {
    case PlanKind::kSelect:
      return PlanType::kSelect;
    case PlanKind::kNextValue:
      return PlanType::kNextval;
    case PlanKind::kDml:
      return TypeOfChange(word);
    case PlanKind::kDdl:
      return PlanType::kDdl;
    case PlanKind::kSet:
      return PlanType::kSet;
    case PlanKind::kSavepoint:
      return PlanType::kSavepoint;
    case PlanKind::kTransaction:
      return PlanType::kOtherAdmin;
    case PlanKind::kOther:
      break;
  }
  return PlanType::kOtherRead;
}

}  // namespace

PlanKind KindOf(std::string_view sql) {
  Words words(sql);
  const std::string first = words.Next();
  return KindBehind(first, words.rest());
}

Plan::Plan(std::string_view sql) : text(std::string(sql)) { Classify(sql); }

Plan::Plan(std::string_view sql, Complete) : text(std::string()) { Classify(sql); }

void Plan::Classify(std::string_view sql) {
  Words words(sql);
  while (words.Take('(')) {
  }
  const std::string first = words.Next();
  kind = KindBehind(first, words.rest());
  Words after = words;
  const std::string second = after.Next();
  if (first == "rollback" && (second == "to" || second == "work")) {
    if (second == "to" || after.Next() == "to") kind = PlanKind::kSavepoint;
  }
  if (kind == PlanKind::kSelect) {
    if (second == "next" && ReadNextValue(after, *this)) kind = PlanKind::kNextValue;
    needs_reserved = CallsSessionFunction(sql);
  }
  if (kind == PlanKind::kDdl && second == "temporary") needs_reserved = true;
  if (first == "lock" || first == "unlock" || first == "flush") needs_reserved = true;
  if (first == "set" && second == "global") kind = PlanKind::kOther;
  type = TypeOf(kind, first);
}

std::string_view PlanTypeName(PlanType type) {
  static constexpr std::array<std::string_view, kPlanTypes> kNames = {
      "Select", "Nextval", "Insert",    "Update",     "Delete",   "Load",
      "DDL",    "Set",     "Savepoint", "OtherAdmin", "OtherRead"};
  return kNames[static_cast<size_t>(type)];
}

std::shared_ptr<const Plan> PlanCache::Get(std::string_view sql, bool keep) {
  const auto found = index_.find(sql);
  if (found != index_.end()) {
    ++hits_;
    order_.splice(order_.begin(), order_, found->second);
    return *found->second;
  }
  ++misses_;
  auto made = std::make_shared<Plan>(sql);
  if (make_guard_) made->guard = make_guard_(sql);
  const std::shared_ptr<const Plan> plan = std::move(made);
  if (!keep || capacity_ == 0 || sql.size() > kLongestText) return plan;
  text_ += plan->text.sql().size();
  while (!order_.empty() && (order_.size() >= capacity_ || text_ > kMostText)) DropLast();
  order_.push_front(plan);
  index_.emplace(plan->text.sql(), order_.begin());
  return plan;
}

void PlanCache::DropLast() {
  const std::string_view sql = order_.back()->text.sql();
  text_ -= sql.size();
  index_.erase(sql);
  order_.pop_back();
}

std::shared_ptr<const Plan> PlanCache::Fresh(std::string_view sql) const {
  auto made = std::make_shared<Plan>(sql, Plan::Complete());
  if (make_guard_) made->guard = make_guard_(sql);
  return made;
}

void PlanCache::Clear() {
  index_.clear();
  order_.clear();
  text_ = 0;
}

}  // namespace tessera::tabletserver
