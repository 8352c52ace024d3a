// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>
#include <vector>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/visitor.h"

namespace tessera::sqlparser {
namespace {

// Functions whose value is not one of their arguments alone.
constexpr std::string_view kVaryingFunctions[] = {
    "rand",          "uuid",         "uuid_short",    "now",           "sysdate",      "curdate",
    "curtime",       "current_user", "user",          "session_user",  "utc_date",     "utc_time",
    "system_user",   "database",     "schema",        "connection_id", "found_rows",   "row_count",
    "utc_timestamp", "sleep",        "benchmark",     "get_lock",      "release_lock", "load_file",
    "is_free_lock",  "is_used_lock", "last_insert_id"};

bool IsVarying(const Node& node) {
  if (node.Is<Variable>() || node.Is<CurrentTimeFunc>()) return true;
  const auto* call = node.As<FuncCall>();
  if (call == nullptr) return false;
  if (call->args.empty() && call->name == Ident("unix_timestamp")) return true;
  for (const std::string_view name : kVaryingFunctions) {
    if (call->name == Ident(name)) return true;
  }
  return false;
}

// Where a row is stored must follow from the row: servers take nothing else for SQL here.
bool Varies(const Node* expr) {
  return !Walk(expr, [](const Node& n) { return IsVarying(n) ? Visit::kStop : Visit::kContinue; });
}

bool SameCounts(const PartitionOption& option) {
  if (option.definitions.empty()) return true;
  if (option.count >= 0 && static_cast<size_t>(option.count) != option.definitions.size()) {
    return false;
  }
  const bool told = option.sub_partition != nullptr && option.sub_partition->count >= 0;
  size_t subs = told ? static_cast<size_t>(option.sub_partition->count) : 0;
  for (const PartitionDef* definition : option.definitions) {
    const size_t own = definition->sub_partitions.size();
    if (subs != 0 && own != 0 && own != subs) return false;  // Vitess takes one without any
    if (own != 0) subs = own;
  }
  return true;
}

// Whether VALUES has as many values as the table is partitioned by columns.
bool FitsColumns(const PartitionOption& option, const PartitionDef& definition) {
  if (definition.range == nullptr) return true;
  const auto& values = definition.range->Get<TupleExpr>();
  const size_t columns = option.by_columns ? option.columns.size() : 1;
  if (definition.values == PartitionValues::kLessThan) {
    return !option.by_columns || values.items.size() == columns;
  }
  for (const Expr* item : values.items) {
    const auto* tuple = item->As<TupleExpr>();
    if ((tuple != nullptr) != (columns > 1)) return false;
    if (tuple != nullptr && tuple->items.size() != columns) return false;
  }
  return true;
}

}  // namespace

const PartitionOption* Parser::ParsePartitionOption() {
  PartitionOption* node = New<PartitionOption>();
  Expect(Kw::kPartition);
  Expect(Kw::kBy);
  const bool linear = node->linear = Accept(Kw::kLinear);
  if (Accept(Kw::kHash)) {
    node->type = PartitionType::kHash;
    node->expr = ParsePartitionExpr();
  } else if (Accept(Kw::kKey)) {
    node->type = PartitionType::kKey;
    node->key_algorithm = ParseKeyAlgorithm();
    Expect(Tok::kLeftParen);
    if (!At(Tok::kRightParen)) node->columns = NameList();
    Expect(Tok::kRightParen);
  } else if (!linear && Accept(Kw::kSystemTime)) {
    node->type = PartitionType::kSystemTime;
    node->rotation = ParseSystemTimeRotation();
  } else {
    if (linear) Fail();
    node->type = At(Kw::kRange) ? PartitionType::kRange : PartitionType::kList;
    if (!Accept(Kw::kRange)) Expect(Kw::kList);
    if (Accept(Kw::kColumns)) {
      node->by_columns = true;
      node->columns = ParenNameList();
    } else {
      node->expr = ParsePartitionExpr();
    }
  }
  if (Accept(Kw::kPartitions)) node->count = static_cast<int>(SmallInteger());
  if (At(Kw::kSubpartition)) node->sub_partition = ParseSubPartition();
  if (At(Tok::kLeftParen)) node->definitions = ParsePartitionDefs();
  CheckPartitions(*node);
  return node;
}

// What servers refuse while they read it.
void Parser::CheckPartitions(const PartitionOption& option) {
  bool fits = SameCounts(option);
  for (const PartitionDef* definition : option.definitions) {
    fits = fits && FitsColumns(option, *definition);
  }
  if (!fits) Fail();
}

const Expr* Parser::ParsePartitionExpr() {
  Expect(Tok::kLeftParen);
  const Expr* expr = ParseExpr();
  if (!failed_ && Varies(expr)) Fail();
  Expect(Tok::kRightParen);
  return expr;
}

// [ALGORITHM = 1 | 2]
int Parser::ParseKeyAlgorithm() {
  if (!Accept(Kw::kAlgorithm)) return 0;
  Expect(Tok::kEqual);
  const Token token = Cur();
  const uint32_t algorithm = SmallInteger();
  if (algorithm < 1 || algorithm > 2) FailAt(token);
  return static_cast<int>(algorithm);
}

// [INTERVAL n unit [STARTS x] [AUTO] | LIMIT n [AUTO]], SYSTEM_TIME taken.
const SystemTimeRotation* Parser::ParseSystemTimeRotation() {
  SystemTimeRotation* node = New<SystemTimeRotation>();
  if (Accept(Kw::kInterval)) {
    node->interval = ParseExpr();
    node->unit = ParseIntervalUnit();
    if (Accept(Kw::kStarts)) node->starts = ParseExpr();
  } else if (Accept(Kw::kLimit)) {
    Accept(Tok::kPlus);
    node->limit = ParseIntegerLiteral();
  } else {
    return nullptr;
  }
  node->automatic = Accept(Kw::kAuto);
  return node;
}

const SubPartition* Parser::ParseSubPartition() {
  SubPartition* node = New<SubPartition>();
  Advance();
  Expect(Kw::kBy);
  node->linear = Accept(Kw::kLinear);
  if (Accept(Kw::kHash)) {
    node->expr = ParsePartitionExpr();
  } else {
    Expect(Kw::kKey);
    node->type = PartitionType::kKey;
    node->key_algorithm = ParseKeyAlgorithm();
    node->columns = ParenNameList();
  }
  if (Accept(Kw::kSubpartitions)) node->count = static_cast<int>(SmallInteger());
  return node;
}

List<PartitionDef> Parser::ParsePartitionDefs() {
  return ParenList<PartitionDef>(&Parser::ParsePartitionDef);
}

const PartitionDef* Parser::ParsePartitionDef() {
  PartitionDef* node = New<PartitionDef>();
  Accept(Kw::kPartition);  // MariaDB lets it out
  node->name = Name();
  if (Accept(Kw::kValues)) {
    ParsePartitionValues(node);
  } else if (Accept(Kw::kDefault)) {
    node->values = PartitionValues::kDefault;
  } else if (Accept(Kw::kHistory)) {
    node->values = PartitionValues::kHistory;
  } else if (Accept(Kw::kCurrent)) {
    node->values = PartitionValues::kCurrent;
  }
  node->options = ParsePartitionDefOptions(true);
  if (At(Tok::kLeftParen)) {
    node->sub_partitions = ParenList<SubPartitionDef>(&Parser::ParseSubPartitionDef);
  }
  return node;
}

// LESS THAN (...), LESS THAN MAXVALUE, IN (...)
void Parser::ParsePartitionValues(PartitionDef* definition) {
  if (Accept(Kw::kIn)) {
    definition->values = PartitionValues::kIn;
    definition->range = ParsePartitionTuple(true, true);
    return;
  }
  Expect(Kw::kLess);
  Expect(Kw::kThan);
  if (Accept(Kw::kMaxvalue)) {
    definition->values = PartitionValues::kLessThanMaxvalue;
    return;
  }
  definition->values = PartitionValues::kLessThan;
  definition->range = ParsePartitionTuple(false, false);
}

// (1, 2), in lists ((1, 2), (3, 4)) too, elsewhere (1, MAXVALUE)
const TupleExpr* Parser::ParsePartitionTuple(bool in_list, bool of_rows) {
  TupleExpr* tuple = New<TupleExpr>();
  Expect(Tok::kLeftParen);
  ListOf<Expr> items(*this);
  do {
    if (!in_list && At(Kw::kMaxvalue)) {
      ColumnRef* maxvalue = New<ColumnRef>();
      maxvalue->name = "maxvalue";
      Advance();
      items.Add(maxvalue);
    } else if (of_rows && At(Tok::kLeftParen)) {
      items.Add(ParsePartitionTuple(in_list, false));
    } else {
      if (At(Kw::kMaxvalue)) Fail();
      const bool row = of_rows && At(Kw::kRow);
      const Expr* value = ParseExpr();
      if (!failed_ && Varies(value)) Fail();
      if (row && !value->Is<TupleExpr>()) Fail();  // a parenthesis begins a row, no operand
      items.Add(value);
    }
  } while (Accept(Tok::kComma));
  tuple->items = items.Take();
  Expect(Tok::kRightParen);
  return tuple;
}

const SubPartitionDef* Parser::ParseSubPartitionDef() {
  SubPartitionDef* node = New<SubPartitionDef>();
  Expect(Kw::kSubpartition);
  node->name = At(Tok::kString) ? Ident(StringValue()) : Ident(Name());
  node->options = ParsePartitionDefOptions(false);
  return node;
}

// In the printer's order, whatever the text's; an engine's attributes last.
List<TableOption> Parser::ParsePartitionDefOptions(bool attributes_too) {
  const TableOption* slots[9] = {};
  std::vector<const TableOption*> attributes;
  while (true) {
    TableOption* node = New<TableOption>();
    int slot = -1;
    if (At(Kw::kStorage) || At(Kw::kEngine)) {
      node->name = At(Kw::kStorage) ? "storage engine" : "engine";
      Accept(Kw::kStorage);
      Expect(Kw::kEngine);
      Accept(Tok::kEqual);
      node->identifier = NonEmptyNameOrString();
      slot = 0;
    } else if (At(Kw::kComment) || At(Kw::kConnection)) {
      slot = At(Kw::kComment) ? 1 : 8;
      node->name = KeywordText(Cur().word);
      Advance();
      Accept(Tok::kEqual);
      node->value = ParseOneString();
    } else if (At(Kw::kData) || At(Kw::kIndex)) {
      slot = At(Kw::kData) ? 2 : 3;
      node->name = At(Kw::kData) ? "data directory" : "index directory";
      Advance();
      Expect(Kw::kDirectory);
      Accept(Tok::kEqual);
      node->value = ParseOneString();
    } else if (At(Kw::kMaxRows) || At(Kw::kMinRows) || At(Kw::kNodegroup)) {
      slot = At(Kw::kMaxRows) ? 4 : At(Kw::kMinRows) ? 5 : 7;
      node->name = KeywordText(Cur().word);
      Advance();
      Accept(Tok::kEqual);
      node->value = ParseIntegerLiteral();
    } else if (Accept(Kw::kTablespace)) {
      slot = 6;
      node->name = "tablespace";
      Accept(Tok::kEqual);
      node->identifier = NonEmptyNameOrString();
    } else if (const TableOption* attribute = attributes_too ? ParseEngineAttribute() : nullptr) {
      attributes.push_back(attribute);
      continue;
    } else {
      break;
    }
    slots[slot] = node;
  }
  std::vector<const TableOption*> options;
  for (const TableOption* option : slots) {
    if (option != nullptr) options.push_back(option);
  }
  options.insert(options.end(), attributes.begin(), attributes.end());
  return arena_.CopySpan<const TableOption*>(options);
}

namespace {

struct PartitionVerb {
  Kw word;
  PartitionAction action;
};

constexpr PartitionVerb kPartitionVerbs[] = {
    {Kw::kAdd, PartitionAction::kAdd},
    {Kw::kDrop, PartitionAction::kDrop},
    {Kw::kReorganize, PartitionAction::kReorganize},
    {Kw::kDiscard, PartitionAction::kDiscard},
    {Kw::kImport, PartitionAction::kImport},
    {Kw::kTruncate, PartitionAction::kTruncate},
    {Kw::kCoalesce, PartitionAction::kCoalesce},
    {Kw::kExchange, PartitionAction::kExchange},
    {Kw::kAnalyze, PartitionAction::kAnalyze},
    {Kw::kCheck, PartitionAction::kCheck},
    {Kw::kOptimize, PartitionAction::kOptimize},
    {Kw::kRebuild, PartitionAction::kRebuild},
    {Kw::kRepair, PartitionAction::kRepair},
    {Kw::kConvert, PartitionAction::kConvertToTable},
};

}  // namespace

// ADD PARTITION, DROP PARTITION, ...; null when what starts here is none.
const PartitionSpec* Parser::ParsePartitionSpec() {
  if (At(Kw::kRemove) || At(Kw::kUpgrade)) {
    if (!PeekIs(Kw::kPartitioning)) return nullptr;
    PartitionSpec* node = New<PartitionSpec>();
    node->action = At(Kw::kRemove) ? PartitionAction::kRemove : PartitionAction::kUpgrade;
    Advance();
    Advance();
    return node;
  }
  if (At(Kw::kConvert) && PeekIs(Kw::kTable)) return ParseConvertTable();
  if (!PeekIs(Kw::kPartition)) return nullptr;
  for (const PartitionVerb& verb : kPartitionVerbs) {
    if (!At(verb.word)) continue;
    PartitionSpec* node = New<PartitionSpec>();
    node->action = verb.action;
    Advance();
    Advance();
    ParsePartitionSpecTail(node);
    return node;
  }
  return nullptr;
}

// MariaDB: CONVERT TABLE t TO PARTITION p VALUES ...
const PartitionSpec* Parser::ParseConvertTable() {
  PartitionSpec* node = New<PartitionSpec>();
  node->action = PartitionAction::kConvertFromTable;
  Advance();
  Advance();
  node->table = ParseTableName();
  Expect(Kw::kTo);
  if (!At(Kw::kPartition)) Fail();
  node->definitions =
      arena_.CopySpan<const PartitionDef*>(std::vector<const PartitionDef*>{ParsePartitionDef()});
  return node;
}

void Parser::ParsePartitionSpecTail(PartitionSpec* node) {
  const auto no_write = [&] {
    node->no_write_to_binlog = Accept(Kw::kNoWriteToBinlog) || Accept(Kw::kLocal);
  };
  switch (node->action) {
    case PartitionAction::kAdd:
      node->if_exists = ParseIfNotExists();
      no_write();
      if (Accept(Kw::kPartitions)) {
        node->number = ParseIntegerLiteral();
      } else if (At(Tok::kLeftParen)) {
        node->definitions = ParsePartitionDefs();
      }
      return;
    case PartitionAction::kDrop:
      node->if_exists = ParseIfExists();
      node->names = NameList();
      return;
    case PartitionAction::kCoalesce:
      no_write();
      node->number = ParseIntegerLiteral();
      return;
    case PartitionAction::kReorganize:
      no_write();
      if (!AtName()) return;
      node->names = NameList();
      Expect(Kw::kInto);
      node->definitions = ParsePartitionDefs();
      return;
    case PartitionAction::kExchange:
      ParsePartitionName(node);
      Expect(Kw::kWith);
      Expect(Kw::kTable);
      node->table = ParseTableName();
      node->without_validation = At(Kw::kWithout);
      if (Accept(Kw::kWith) || Accept(Kw::kWithout)) Expect(Kw::kValidation);
      return;
    case PartitionAction::kConvertToTable:
      ParsePartitionName(node);
      Expect(Kw::kTo);
      Expect(Kw::kTable);
      node->table = ParseTableName();
      return;
    case PartitionAction::kDiscard:
    case PartitionAction::kImport:
      ParseSomePartitions(node);
      Expect(Kw::kTablespace);
      return;
    case PartitionAction::kTruncate:
      ParseSomePartitions(node);
      return;
    case PartitionAction::kCheck:
      ParseSomePartitions(node);
      node->checks = ParsePartitionChecks(false);
      return;
    case PartitionAction::kRepair:
      no_write();
      ParseSomePartitions(node);
      node->checks = ParsePartitionChecks(true);
      return;
    case PartitionAction::kOptimize:
      no_write();
      ParseSomePartitions(node);
      if (Accept(Kw::kNoWriteToBinlog)) node->no_write_to_binlog = true;
      return;
    default:  // ANALYZE, REBUILD
      no_write();
      ParseSomePartitions(node);
      return;
  }
}

void Parser::ParsePartitionName(PartitionSpec* node) {
  std::vector<Ident> names{Ident(Name())};
  node->names = arena_.CopySpan<Ident>(std::span<const Ident>(names));
}

// ALL, or names
void Parser::ParseSomePartitions(PartitionSpec* node) {
  node->all = Accept(Kw::kAll);
  if (!node->all) node->names = NameList();
}

// What CHECK and REPAIR look at: canonical words.
std::string_view Parser::ParsePartitionChecks(bool repair) {
  std::string text;
  const auto word = [&](std::string_view canonical) {
    if (!text.empty()) text += ' ';
    text += canonical;
  };
  while (At(Tok::kWord)) {
    const bool both = At(Kw::kQuick) || At(Kw::kExtended);
    const bool check = !repair && (At(Kw::kFast) || At(Kw::kMedium) || At(Kw::kChanged));
    if (both || check || (repair && At(Kw::kUseFrm))) {
      word(KeywordText(Cur().word));
      Advance();
    } else if (!repair && Accept(Kw::kFor, Kw::kUpgrade)) {
      word("for upgrade");
    } else {
      break;
    }
  }
  return Store(text);
}

}  // namespace tessera::sqlparser
