// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <string>
#include <string_view>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/keywords.h"
#include "sqlparser/printer.h"

namespace tessera::sqlparser {

// Any word, and a quoted one that would be the same word without quotes.
std::string_view Parser::ParseVindexWord() {
  const bool quoted = At(Tok::kQuotedName);
  const std::string_view name = AnyName();
  if (quoted && NeedsQuotes(name) && LookupKeyword(name) == Kw::kNone) Fail();
  return name;
}

const VindexSpec* Parser::ParseVindexSpec(std::string_view name) {
  VindexSpec* node = New<VindexSpec>();
  node->name = name;
  if (Accept(Kw::kUsing)) node->type = Name();
  if (Accept(Kw::kWith)) {
    ListOf<VindexParam> params(*this);
    do {
      VindexParam* param = New<VindexParam>();
      param->name = ParseVindexWord();
      Expect(Tok::kEqual);
      const size_t begin = Cur().begin;
      if (At(Tok::kString)) {
        Advance();
        param->value = Source(begin, LastEnd());
      } else if (At(Tok::kInteger) || At(Tok::kWord)) {
        // Values may hold dots and dashes: to=ks.table
        size_t stop = Cur().begin;
        while (!AtEnd() && !At(Tok::kComma) && ExtendsBareText(stop)) {
          if (At(Tok::kError)) Fail();
          stop = Cur().end;
          Advance();
        }
        param->value = Source(begin, stop);
      } else {
        param->value = ParseVindexWord();
      }
      params.Add(param);
    } while (Accept(Tok::kComma));
    node->params = params.Take();
  }
  return node;
}

const Statement* Parser::ParseAlterVschema() {
  AlterVschema* node = NewAt<AlterVschema>(0);
  const auto columns = [&] { node->columns = ParenNameList(); };
  if (Accept(Kw::kCreate)) {
    Expect(Kw::kVindex);
    node->action = VschemaAction::kCreateVindex;
    node->table = ParseTableName();
    node->vindex = ParseVindexSpec(node->table->name);
    return node;
  }
  if (Accept(Kw::kDrop)) {
    node->action = At(Kw::kVindex)     ? VschemaAction::kDropVindex
                   : At(Kw::kSequence) ? VschemaAction::kDropSequence
                                       : VschemaAction::kDropTable;
    if (!Accept(Kw::kVindex) && !Accept(Kw::kSequence)) Expect(Kw::kTable);
    node->table = ParseTableName();
    return node;
  }
  if (Accept(Kw::kAdd)) {
    node->action = At(Kw::kSequence) ? VschemaAction::kAddSequence : VschemaAction::kAddTable;
    if (!Accept(Kw::kSequence)) Expect(Kw::kTable);
    node->table = ParseTableName();
    return node;
  }
  Expect(Kw::kOn);
  node->table = ParseTableName();
  if (Accept(Kw::kAdd)) {
    if (Accept(Kw::kVindex)) {
      node->action = VschemaAction::kAddVindex;
      const std::string_view name = AnyName();
      columns();
      node->vindex = ParseVindexSpec(name);
    } else {
      Expect(Kw::kAutoIncrement);
      node->action = VschemaAction::kAddAutoIncrement;
      node->auto_increment_column = Name();
      Expect(Kw::kUsing);
      node->sequence = ParseTableName();
    }
    return node;
  }
  Expect(Kw::kDrop);
  if (Accept(Kw::kAutoIncrement)) {
    node->action = VschemaAction::kDropAutoIncrement;
    return node;
  }
  Expect(Kw::kVindex);
  node->action = VschemaAction::kDropTableVindex;
  VindexSpec* vindex = New<VindexSpec>();
  vindex->name = AnyName();
  node->vindex = vindex;
  return node;
}

// ['uuid'] retry | cleanup | launch | ... [all]
const Statement* Parser::ParseAlterMigration() {
  AlterMigration* node = NewAt<AlterMigration>(0);
  if (At(Tok::kString)) node->uuid = StringValue();
  std::string action(At(Tok::kWord) ? Lower(TokenText(Cur())) : std::string_view());
  static constexpr std::string_view kActions[] = {
      "retry",         "cleanup",           "launch",   "complete",  "postpone", "cancel",
      "force_cutover", "cutover_threshold", "throttle", "unthrottle"};
  bool known = false;
  for (const std::string_view name : kActions) known |= name == action;
  if (!known) Fail();
  Advance();
  if (action == "postpone") {
    Expect(Kw::kComplete);
    action = "postpone complete";
  }
  if (action == "cutover_threshold") node->threshold = StringValue();
  if (node->uuid.empty()) {
    Expect(Kw::kAll);
  } else if (Accept(Kw::kVitessShards)) {
    node->shards = StringValue();
  }
  if (Accept(Kw::kExpire)) node->expire = StringValue();
  if (Accept(Kw::kRatio)) {
    if (!At(Tok::kDecimal) && !At(Tok::kInteger)) Fail();
    node->ratio =
        ParseLiteralToken(At(Tok::kDecimal) ? LiteralType::kDecimal : LiteralType::kInteger);
  }
  node->action = Store(action);
  return node;
}

}  // namespace tessera::sqlparser
