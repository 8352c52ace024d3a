// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

// EXPLAIN, MariaDB's ANALYZE of a statement, VEXPLAIN; prepared statements.
namespace tessera::sqlparser {
namespace {

ExplainType FormatType(std::string_view format) {
  if (format == "json") return ExplainType::kJson;
  if (format == "tree") return ExplainType::kTree;
  if (format == "vitess") return ExplainType::kVitess;
  if (format == "vtexplain") return ExplainType::kVtExplain;
  if (format == "traditional") return ExplainType::kTraditional;
  return ExplainType::kFormat;
}

}  // namespace

bool Parser::AtExplainable() const {
  switch (Cur().word) {
    case Kw::kSelect:
    case Kw::kInsert:
    case Kw::kReplace:
    case Kw::kUpdate:
    case Kw::kDelete:
    case Kw::kWith:
    case Kw::kValues:
    case Kw::kTable:
      return true;
    default:
      return At(Tok::kLeftParen);
  }
}

const Statement* Parser::ParseExplain() {
  const uint32_t position = Cur().begin;
  Advance();
  Explain* node = NewAt<Explain>(position);
  node->comments = TakeComments();
  ParseExplainType(node);
  if (At(Kw::kInto) && !node->format.empty()) {
    Advance();
    if (!At(Tok::kUserVariable)) Fail();
    node->into = ParseVariable();
  }
  if (At(Kw::kFor) && (PeekIs(Kw::kSchema) || PeekIs(Kw::kDatabase))) {
    Advance();
    Advance();
    node->schema = Name();
  } else if (Accept(Kw::kFor)) {
    Expect(Kw::kConnection);
    node->type = ExplainType::kForConnection;
    node->connection = ParseExpr();
    return node;
  }
  if (AtExplainable()) {
    node->statement = ParseStatement();
    return node;
  }
  if (node->type != ExplainType::kDefault && node->type != ExplainType::kExtended &&
      node->type != ExplainType::kPartitions) {
    Fail();
  }
  return ParseExplainTable(position);
}

// EXTENDED, PARTITIONS, FORMAT = x, ANALYZE [FORMAT = x]
void Parser::ParseExplainType(Explain* node) {
  const Tok next = Peek().type;
  const bool alone = next == Tok::kEnd || next == Tok::kSemicolon || next == Tok::kDot;
  if (At(Kw::kExtended) && !alone) {
    Advance();
    node->type = ExplainType::kExtended;
    return;
  }
  if (At(Kw::kPartitions) && !alone) {
    Advance();
    node->type = ExplainType::kPartitions;
    return;
  }
  if (Accept(Kw::kAnalyze)) {
    node->type = ExplainType::kAnalyze;
    if (At(Kw::kFormat)) node->format = ParseExplainFormat();
    return;
  }
  if (!At(Kw::kFormat) || next != Tok::kEqual) return;
  node->format = ParseExplainFormat();
  node->type = FormatType(node->format);
}

std::string_view Parser::ParseExplainFormat() {
  Expect(Kw::kFormat);
  Expect(Tok::kEqual);
  return Lower(NameOrString());
}

// EXPLAIN t [column | 'pattern']
const Statement* Parser::ParseExplainTable(uint32_t position) {
  ExplainTable* table = NewAt<ExplainTable>(position);
  table->table = ParseTableName();
  if (At(Tok::kString)) {
    const size_t begin = Cur().begin;
    Advance();
    table->wild = Source(begin, LastEnd());
  } else if (AtName()) {
    table->wild = Name();
    table->wild_is_column = true;
  }
  return table;
}

// ANALYZE [FORMAT = JSON] statement
const Statement* Parser::ParseAnalyzeStatement(uint32_t position) {
  Explain* node = NewAt<Explain>(position);
  node->type = ExplainType::kAnalyzeStatement;
  if (At(Kw::kFormat)) {
    node->format = ParseExplainFormat();
    if (node->format == "json") node->type = ExplainType::kAnalyzeJsonStatement;
  }
  if (!AtExplainable()) Fail();
  node->statement = ParseStatement();
  return node;
}

const Statement* Parser::ParseVexplain() {
  Vexplain* node = New<Vexplain>();
  Advance();
  node->comments = TakeComments();
  if (Accept(Kw::kQueries)) {
    node->type = VexplainType::kQueries;
  } else if (Accept(Kw::kAll)) {
    node->type = VexplainType::kAll;
  } else if (Accept(Kw::kTrace)) {
    node->type = VexplainType::kTrace;
  } else if (Accept(Kw::kKeys)) {
    node->type = VexplainType::kKeys;
  } else {
    Accept(Kw::kPlan);
  }
  if (!AtExplainable()) Fail();
  node->statement = ParseStatement();
  return node;
}

// PREPARE s FROM 'text'; MariaDB takes any expression.
const Statement* Parser::ParsePrepare() {
  Prepare* node = New<Prepare>();
  Advance();
  node->comments = TakeComments();
  node->name = Name();
  Expect(Kw::kFrom);
  const Token first = Cur();
  node->source = ParseExpr();
  // A bare name can only be a variable of a procedure.
  if (node->source->Is<ColumnRef>() && !in_procedure_) FailAt(first);
  return node;
}

const Statement* Parser::ParseExecute() {
  Execute* node = New<Execute>();
  Advance();
  node->comments = TakeComments();
  if (At(Kw::kImmediate) && Peek().type != Tok::kEnd && Peek().type != Tok::kSemicolon &&
      !PeekIs(Kw::kUsing)) {
    Advance();
    node->immediate = ParseExpr();
  } else {
    node->name = Name();
  }
  if (Accept(Kw::kUsing)) node->args = CommaList<Expr>(&Parser::ParseStoredValue);
  return node;
}

const Statement* Parser::ParseDeallocate() {
  Deallocate* node = New<Deallocate>();
  Advance();
  node->comments = TakeComments();
  Expect(Kw::kPrepare);
  node->name = Name();
  return node;
}

}  // namespace tessera::sqlparser
