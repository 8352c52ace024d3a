// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "sqlparser/internal/parser_impl.h"
#include "sqlparser/internal/precedence.h"

namespace tessera::sqlparser {
namespace {

bool EndsValue(const Token& token) {
  switch (token.type) {
    case Tok::kComma:
    case Tok::kRightParen:
    case Tok::kEnd:
    case Tok::kSemicolon:
      return true;
    default:
      break;
  }
  switch (token.word) {
    case Kw::kWhere:
    case Kw::kOrder:
    case Kw::kLimit:
    case Kw::kReturning:
    case Kw::kOn:
    case Kw::kAs:
      return true;
    default:
      return false;
  }
}

bool HasTail(const QueryExpr* query) {
  if (const auto* select = query->As<Select>()) return select->limit != nullptr;
  if (const auto* set = query->As<SetOperation>()) return set->limit != nullptr;
  return query->Get<ValuesStatement>().limit != nullptr;
}

bool HasWith(const QueryExpr* query) {
  if (const auto* select = query->As<Select>()) return select->with != nullptr;
  if (const auto* set = query->As<SetOperation>()) return set->with != nullptr;
  return query->Get<ValuesStatement>().with != nullptr;
}

// Whether UNION and its like take it: SELECT NEXT VALUE and SELECT ... INTO stand alone.
bool IsOperand(const QueryExpr* query) {
  const auto* select = query->As<Select>();
  if (select == nullptr) return true;
  return select->into == nullptr && (select->items.empty() || !select->items[0]->Is<NextValue>());
}

}  // namespace

// A query as a whole statement: the only place for INTO and PROCEDURE.
const QueryExpr* Parser::ParseQueryStatement() {
  into_allowed_ = true;
  const QueryExpr* query = ParseQuery();
  into_allowed_ = false;
  return query;
}

// [WITH ...] query [UNION query]... [ORDER BY ...] [LIMIT ...] [FOR UPDATE] [INTO ...]
const QueryExpr* Parser::ParseQuery() {
  const Depth depth(*this);
  const bool statement = std::exchange(into_allowed_, false);
  return ParseQueryBehind(At(Kw::kWith) ? ParseWith() : nullptr, statement);
}

const QueryExpr* Parser::ParseQueryBehind(const With* with, bool statement) {
  const bool parenthesised = At(Tok::kLeftParen);
  into_allowed_ = statement && !parenthesised;
  const QueryExpr* query = ParseQueryTerm();
  into_allowed_ = false;
  const bool single = !query->Is<SetOperation>() || parenthesised;
  const QueryExpr* left = query;
  uint32_t chain = 0;
  while (At(Kw::kUnion) || At(Kw::kExcept) || At(Kw::kMinus)) {
    if (!IsOperand(left)) Fail();
    if (++chain > options_.max_depth * 2) FailTooDeep();
    SetOperation* node = NewAt<SetOperation>(left->position);
    node->op = At(Kw::kUnion) ? SetOp::kUnion : SetOp::kExcept;
    Advance();
    if (Accept(Kw::kAll)) {
      node->all = true;
    } else {
      Accept(Kw::kDistinct);
    }
    node->left = left;
    node->right = ParseQueryTerm();
    if (!IsOperand(node->right)) Fail();
    left = node;
  }
  return WithTail(left, single && parenthesised && left == query, with, statement);
}

// INTERSECT binds tighter than UNION and EXCEPT.
const QueryExpr* Parser::ParseQueryTerm() {
  const QueryExpr* left = ParseQueryPrimary();
  into_allowed_ = false;
  uint32_t chain = 0;
  while (At(Kw::kIntersect)) {
    if (!IsOperand(left)) Fail();
    if (++chain > options_.max_depth * 2) FailTooDeep();
    SetOperation* node = NewAt<SetOperation>(left->position);
    node->op = SetOp::kIntersect;
    Advance();
    if (Accept(Kw::kAll)) {
      node->all = true;
    } else {
      Accept(Kw::kDistinct);
    }
    node->left = left;
    node->right = ParseQueryPrimary();
    left = node;
  }
  return left;
}

const QueryExpr* Parser::ParseQueryPrimary() {
  if (At(Tok::kLeftParen)) return ParseParenQuery();
  if (At(Kw::kValues)) {
    into_allowed_ = false;
    return ParseValuesCore();
  }
  if (At(Kw::kTable)) return ParseTableQuery();
  return ParseSelectCore();
}

const QueryExpr* Parser::ParseParenQuery() {
  const Depth depth(*this);
  Expect(Tok::kLeftParen);
  const QueryExpr* query = ParseQuery();
  Expect(Tok::kRightParen);
  return query;
}

// TABLE t, which is SELECT * FROM t (MySQL).
const QueryExpr* Parser::ParseTableQuery() {
  Select* node = New<Select>();
  Advance();
  AliasedTable* table = New<AliasedTable>();
  table->table = ParseTableName();
  node->items = One<Node>(New<StarExpr>());
  node->from = One<TableExpr>(table);
  return node;
}

// ORDER BY, LIMIT, PROCEDURE, locks and INTO behind a query. Behind a parenthesised one they
// replace its own, unless it has a LIMIT: then they work on its result.
const QueryExpr* Parser::WithTail(const QueryExpr* query, bool parenthesised, const With* with,
                                  bool statement) {
  const bool has_tail = At(Kw::kOrder) || At(Kw::kLimit) || At(Kw::kOffset) || At(Kw::kFetch) ||
                        At(Kw::kFor) || At(Kw::kLock) || At(Kw::kInto) || At(Kw::kProcedure);
  if (!has_tail && with == nullptr) return query;
  if (parenthesised && ((has_tail && HasTail(query)) || (with != nullptr && HasWith(query)))) {
    DerivedTable* derived = NewAt<DerivedTable>(query->position);
    derived->query = query;
    derived->alias = "dt";
    Select* outer = NewAt<Select>(query->position);
    outer->items = One<Node>(New<StarExpr>());
    outer->from = One<TableExpr>(derived);
    query = outer;
  }
  const QueryTail tail = ParseQueryTail(query, statement);
  if (const auto* values = query->As<ValuesStatement>()) {
    if (tail.lock.mode != LockMode::kNone && values->row_keyword) {
      FailAt(tokens_[at_ > 0 ? at_ - 1 : 0], "VALUES does not support LOCK");
    }
    ValuesStatement* copy = arena_.New<ValuesStatement>(*values);
    SetTail(copy, with, tail);
    return copy;
  }
  if (const auto* set = query->As<SetOperation>()) {
    SetOperation* copy = arena_.New<SetOperation>(*set);
    SetTail(copy, with, tail);
    return copy;
  }
  // Nothing else holds it: the select was made by this parser a moment ago.
  Select* select = const_cast<Select*>(&query->Get<Select>());
  SetTail(select, with, tail);
  return select;
}

Parser::QueryTail Parser::ParseQueryTail(const QueryExpr* query, bool statement) {
  QueryTail tail;
  const auto* select = query->As<Select>();
  bool into_done = select != nullptr && select->into != nullptr;
  const auto take_into = [&] {
    if (!At(Kw::kInto) || !statement || into_done || tail.procedure != nullptr) return;
    tail.into = ParseInto();
    into_done = true;
  };
  tail.order_by = ParseOrderBy();
  tail.limit = ParseLimit();
  if (At(Kw::kProcedure) && statement && !into_done) tail.procedure = ParseAnalyse();
  take_into();
  std::vector<const LockClause*> more;
  if (AtLock()) tail.lock = *ParseLockClause();
  while (AtLock()) more.push_back(ParseLockClause());
  tail.more_locks = arena_.CopySpan<const LockClause*>(more);
  if (tail.procedure == nullptr && At(Kw::kProcedure) && statement && !into_done) {
    tail.procedure = ParseAnalyse();
  }
  take_into();
  return tail;
}

template <class Query>
void Parser::SetTail(Query* query, const With* with, const QueryTail& tail) {
  if (with != nullptr) query->with = with;
  if (!tail.order_by.empty()) query->order_by = tail.order_by;
  if (tail.limit != nullptr) query->limit = tail.limit;
  if (tail.procedure != nullptr) query->procedure = tail.procedure;
  if (tail.into != nullptr) query->into = tail.into;
  if (tail.lock.mode == LockMode::kNone) return;
  query->lock = tail.lock.mode;
  query->lock_wait_seconds = tail.lock.wait_seconds;
  query->lock_of = tail.lock.of;
  query->more_locks = tail.more_locks;
}

// PROCEDURE ANALYSE(10, 2000)
const FuncCall* Parser::ParseAnalyse() {
  Expect(Kw::kProcedure);
  const uint32_t position = Cur().begin;
  const std::string_view name = Name();
  return ParsePlainCall({}, name, position, 0, -1)->As<FuncCall>();
}

void Parser::ParseSelectOptions(SelectOptions* options) {
  while (At(Tok::kWord)) {
    switch (Cur().word) {
      case Kw::kDistinct:
      case Kw::kDistinctrow:
        options->distinct = true;
        break;
      case Kw::kAll:  // the default
        break;
      case Kw::kHighPriority:
        options->high_priority = true;
        break;
      case Kw::kStraightJoin:
        options->straight_join = true;
        break;
      case Kw::kSqlSmallResult:
        options->sql_small_result = true;
        break;
      case Kw::kSqlBigResult:
        options->sql_big_result = true;
        break;
      case Kw::kSqlBufferResult:
        options->sql_buffer_result = true;
        break;
      case Kw::kSqlCalcFoundRows:
        options->sql_calc_found_rows = true;
        break;
      case Kw::kSqlCache:
        if (Peek().type == Tok::kComma || Peek().type == Tok::kDot) return;
        options->sql_cache = true;
        break;
      case Kw::kSqlNoCache:
        if (Peek().type == Tok::kComma || Peek().type == Tok::kDot) return;
        options->sql_no_cache = true;
        break;
      default:
        return;
    }
    Advance();
  }
}

// SELECT up to WINDOW; what comes behind belongs to the whole query expression.
Select* Parser::ParseSelectCore() {
  Select* node = New<Select>();
  Expect(Kw::kSelect);
  node->comments = TakeComments();
  ParseSelectOptions(&node->options);
  ListOf<Node> items(*this);
  if (AtNextValue()) {
    items.Add(ParseNextValue());
    node->items = items.Take();
    Expect(Kw::kFrom);
    AliasedTable* table = New<AliasedTable>();
    table->table = ParseTableName();
    node->from = One<TableExpr>(table);
    return node;
  }
  const bool into_allowed = std::exchange(into_allowed_, false);
  do {
    const bool star = At(Tok::kStar);
    if (star && !items.empty()) Fail();
    items.Add(ParseSelectItem());
  } while (Accept(Tok::kComma));
  node->items = items.Take();
  if (At(Kw::kInto) && into_allowed) node->into = ParseInto();
  const bool from = Accept(Kw::kFrom);
  if (from) {
    if (At(Kw::kDual) && Peek().type != Tok::kComma) {
      Advance();
    } else {
      node->from = ParseTables();
    }
  }
  node->where = ParseWhere();
  node->group_by = ParseGroupBy();
  if (Accept(Kw::kHaving)) node->having = ParseExpr();
  if (At(Kw::kWindow) && from) node->windows = ParseWindows();
  return node;
}

const Expr* Parser::ParseWhere() {
  if (!Accept(Kw::kWhere)) return nullptr;
  return ParseExpr();
}

// NEXT may be a column too, or begin MariaDB's NEXT VALUE FOR.
bool Parser::AtNextValue() const {
  if (!At(Kw::kNext)) return false;
  switch (Peek().type) {
    case Tok::kInteger:
    case Tok::kBindVar:
    case Tok::kQuestion:
      return true;
    case Tok::kWord:
      return !IsReserved(Peek().word) && !(PeekIs(Kw::kValue) && PeekIs(Kw::kFor, 2));
    default:
      return false;
  }
}

// SELECT NEXT VALUE, SELECT NEXT 5 VALUES, SELECT NEXT :n VALUES
const Node* Parser::ParseNextValue() {
  NextValue* node = New<NextValue>();
  Advance();
  if (Accept(Kw::kValue)) {
    Literal* one = New<Literal>();
    one->type = LiteralType::kInteger;
    one->text = "1";
    node->count = one;
    return node;
  }
  if (At(Tok::kInteger)) {
    node->count = ParseIntegerLiteral();
  } else if (At(Tok::kBindVar) || At(Tok::kQuestion)) {
    node->count = ParseBindToken();
  } else {
    FailAt(Cur(), "expecting value after next");
  }
  Expect(Kw::kValues);
  return node;
}

const Node* Parser::ParseSelectItem() {
  const Token first = Cur();
  if (first.type == Tok::kStar) {
    StarExpr* star = New<StarExpr>();
    Advance();
    return star;
  }
  // t.* and db.t.*
  if ((first.type == Tok::kWord || first.type == Tok::kQuotedName) && Peek().type == Tok::kDot) {
    const bool one = Peek(2).type == Tok::kStar;
    const bool two = !one && Peek(3).type == Tok::kDot && Peek(4).type == Tok::kStar;
    if (one || two) {
      StarExpr* star = New<StarExpr>();
      star->table = Name();
      Advance();
      if (two) {
        star->database = star->table;
        star->table = Name();
        Advance();
      }
      if (star->table.empty()) Fail();
      Advance();
      return star;
    }
  }
  SelectItem* item = New<SelectItem>();
  item->expr = ParseExpr();
  item->text = Source(first.begin, LastEnd() > first.begin ? LastEnd() : first.begin);
  if (Accept(Kw::kAs) || AtAlias()) item->alias = At(Tok::kString) ? OneString() : Name();
  return item;
}

const ValuesStatement* Parser::ParseValuesCore() {
  ValuesStatement* node = New<ValuesStatement>();
  Expect(Kw::kValues);
  node->comments = TakeComments();
  if (At(Tok::kListBind)) {
    node->list_bind = ParseBindToken();
    return node;
  }
  node->row_keyword = At(Kw::kRow);
  ListOf<RowValues> rows(*this);
  do {
    if (node->row_keyword) Expect(Kw::kRow);
    rows.Add(ParseRow());
  } while (Accept(Tok::kComma));
  node->rows = rows.Take();
  return node;
}

const RowValues* Parser::ParseRow() {
  RowValues* row = New<RowValues>();
  const bool query = At(Tok::kLeftParen) && Cur().is_query;
  Expect(Tok::kLeftParen);
  if (query && !At(Tok::kLeftParen)) Fail();
  if (!At(Tok::kRightParen)) row->items = CommaList<Expr>(&Parser::ParseStoredValue);
  Expect(Tok::kRightParen);
  return row;
}

// What INSERT, UPDATE and EXECUTE ... USING take: an expression, DEFAULT, or IGNORE (MariaDB).
const Expr* Parser::ParseStoredValue() {
  if ((At(Kw::kDefault) || At(Kw::kIgnore)) && EndsValue(Peek())) {
    const bool ignore = At(Kw::kIgnore);
    const Expr* node = ignore ? static_cast<const Expr*>(New<IgnoreValue>()) : New<DefaultExpr>();
    Advance();
    return node;
  }
  return ParseExpr();
}

const With* Parser::ParseWith() {
  With* node = New<With>();
  Expect(Kw::kWith);
  node->recursive = Accept(Kw::kRecursive);
  node->tables = CommaList<CommonTableExpr>(&Parser::ParseCte);
  return node;
}

const CommonTableExpr* Parser::ParseCte() {
  CommonTableExpr* node = New<CommonTableExpr>();
  node->name = Name();
  if (At(Tok::kLeftParen)) node->columns = ParenNameList();
  Expect(Kw::kAs);
  Expect(Tok::kLeftParen);
  node->query = ParseQuery();
  Expect(Tok::kRightParen);
  if (At(Kw::kCycle)) {
    Advance();
    node->cycle = NameList();
    Expect(Kw::kRestrict);
  }
  return node;
}

const GroupBy* Parser::ParseGroupBy() {
  if (!At(Kw::kGroup)) return nullptr;
  GroupBy* node = New<GroupBy>();
  Advance();
  Expect(Kw::kBy);
  ListOf<Expr> items(*this);
  std::vector<std::string_view> directions;  // MySQL dropped them; MariaDB still reads them
  bool directed = false;
  do {
    items.Add(ParseExpr());
    directions.push_back(Accept(Kw::kAsc) ? " asc" : Accept(Kw::kDesc) ? " desc" : "");
    directed |= !directions.back().empty();
  } while (Accept(Tok::kComma));
  node->items = items.Take();
  if (directed) node->directions = arena_.CopySpan<std::string_view>(directions);
  if (Accept(Kw::kWith)) {
    Expect(Kw::kRollup);
    node->with_rollup = true;
  }
  return node;
}

List<OrderItem> Parser::ParseOrderBy() {
  if (!Accept(Kw::kOrder)) return {};
  Expect(Kw::kBy);
  return CommaList<OrderItem>(&Parser::ParseOrderItem);
}

const OrderItem* Parser::ParseOrderItem() {
  OrderItem* node = New<OrderItem>();
  node->expr = ParseExpr();
  if (Accept(Kw::kDesc)) {
    node->descending = true;
  } else {
    Accept(Kw::kAsc);
  }
  return node;
}

const Literal* Parser::MakeInteger(std::string_view text) {
  Literal* node = New<Literal>();
  node->type = LiteralType::kInteger;
  node->text = text;
  return node;
}

// A count of rows: a number, a parameter or a variable of a procedure.
const Expr* Parser::ParseCount() {
  switch (Cur().type) {
    case Tok::kInteger:
      return ParseIntegerLiteral();
    case Tok::kBindVar:
    case Tok::kQuestion:
      return ParseBindToken();
    default:
      return ParseColumnRef();
  }
}

// Vitess calculates too: LIMIT 5 + 5.
const Expr* Parser::ParseLimitCount() {
  const bool plain = At(Tok::kInteger) || At(Tok::kBindVar) || At(Tok::kQuestion) || AtName();
  if (!plain || (At(Kw::kRow) && Peek().type == Tok::kLeftParen)) Fail();
  return ParseBinary(kAdd);
}

// LIMIT 1, 2; LIMIT 1 OFFSET 2; LIMIT 1 ROWS EXAMINED 5
const Limit* Parser::ParseLimit() {
  if (At(Kw::kOffset) || At(Kw::kFetch)) return ParseFetchFirst();
  if (!At(Kw::kLimit)) return nullptr;
  Limit* node = New<Limit>();
  Advance();
  if (!At(Kw::kRows)) {
    node->count = ParseLimitCount();
    if (Accept(Tok::kComma)) {
      node->offset = node->count;
      node->count = ParseLimitCount();
    } else if (Accept(Kw::kOffset)) {
      node->offset = ParseLimitCount();
    }
  }
  if (At(Kw::kRows) || node->count == nullptr) {
    Expect(Kw::kRows);
    Expect(Kw::kExamined);
    node->rows_examined = ParseCount();
  }
  return node;
}

// OFFSET n ROWS FETCH FIRST m ROWS ONLY: the standard's LIMIT (MariaDB).
const Limit* Parser::ParseFetchFirst() {
  Limit* node = New<Limit>();
  if (Accept(Kw::kOffset)) {
    node->offset = ParseCount();
    if (!Accept(Kw::kRow)) Expect(Kw::kRows);
  }
  if (!Accept(Kw::kFetch)) {
    node->count = MakeInteger("18446744073709551615");
    return node;
  }
  if (!Accept(Kw::kFirst)) Expect(Kw::kNext);
  node->count = At(Kw::kRow) || At(Kw::kRows) ? MakeInteger("1") : ParseCount();
  if (!Accept(Kw::kRow)) Expect(Kw::kRows);
  if (Accept(Kw::kWith)) {
    Expect(Kw::kTies);
    node->with_ties = true;
  } else {
    Expect(Kw::kOnly);
  }
  return node;
}

bool Parser::AtLock() const {
  return (At(Kw::kFor) && (PeekIs(Kw::kUpdate) || PeekIs(Kw::kShare))) ||
         (At(Kw::kLock) && PeekIs(Kw::kIn));
}

// FOR UPDATE, FOR SHARE, LOCK IN SHARE MODE with OF, NOWAIT, SKIP LOCKED and WAIT
const LockClause* Parser::ParseLockClause() {
  struct Modes {
    LockMode plain, nowait, skip, wait;
  };
  static constexpr Modes kUpdate = {LockMode::kForUpdate, LockMode::kForUpdateNowait,
                                    LockMode::kForUpdateSkipLocked, LockMode::kForUpdateWait};
  static constexpr Modes kShare = {LockMode::kForShare, LockMode::kForShareNowait,
                                   LockMode::kForShareSkipLocked, LockMode::kNone};
  static constexpr Modes kShareMode = {LockMode::kLockInShareMode, LockMode::kLockInShareModeNowait,
                                       LockMode::kLockInShareModeSkipLocked,
                                       LockMode::kLockInShareModeWait};
  LockClause* node = New<LockClause>();
  const Modes* modes = &kShareMode;
  const bool lock_in = At(Kw::kLock);
  Advance();
  if (lock_in) {
    Advance();
    Expect(Kw::kShare);
    Expect(Kw::kMode);
  } else {
    modes = At(Kw::kShare) ? &kShare : &kUpdate;
    Advance();
  }
  if (!lock_in && Accept(Kw::kOf)) {
    std::vector<std::string_view> names;
    do {
      names.push_back(ParseTableName()->name);
    } while (Accept(Tok::kComma));
    node->of = arena_.CopySpan<std::string_view>(names);
  }
  node->mode = modes->plain;
  if (Accept(Kw::kNowait)) {
    node->mode = modes->nowait;
  } else if (Accept(Kw::kSkip, Kw::kLocked)) {
    node->mode = modes->skip;
  } else if (modes->wait != LockMode::kNone && Accept(Kw::kWait)) {
    node->mode = modes->wait;
    node->wait_seconds = SmallInteger();
  }
  return node;
}

List<NamedWindow> Parser::ParseWindows() {
  ListOf<NamedWindow> windows(*this);
  Advance();
  bool repeats = false;
  do {
    if (!windows.empty()) repeats = Accept(Kw::kWindow);
    NamedWindow* node = New<NamedWindow>();
    node->repeats_keyword = repeats;
    node->name = Name();
    Expect(Kw::kAs);
    node->spec = ParseWindowSpec();
    windows.Add(node);
  } while (Accept(Tok::kComma));
  return windows.Take();
}

const SelectInto* Parser::ParseInto() {
  SelectInto* node = New<SelectInto>();
  Advance();
  const auto quoted = [&]() -> std::string_view {
    const size_t begin = Cur().begin;
    if (!At(Tok::kString)) Fail();
    Advance();
    return Source(begin, LastEnd());
  };
  if (Accept(Kw::kDumpfile)) {
    node->type = IntoType::kDumpfile;
    node->file = quoted();
    return node;
  }
  if (Accept(Kw::kOutfile)) {
    node->type = IntoType::kOutfile;
    if (Accept(Kw::kS3)) node->type = IntoType::kOutfileS3;
    node->file = quoted();
    if (Accept(Kw::kCharacter)) {
      Expect(Kw::kSet);
      node->charset = ParseWrittenCharset();
    } else if (Accept(Kw::kCharset)) {
      node->charset = ParseWrittenCharset();
    }
    node->export_options = ParseExportOptions();
    if (Accept(Kw::kManifest)) {
      node->manifest = Accept(Kw::kOn) ? " manifest on" : " manifest off";
      if (node->manifest == " manifest off") Expect(Kw::kOff);
    }
    if (Accept(Kw::kOverwrite)) {
      node->overwrite = Accept(Kw::kOn) ? " overwrite on" : " overwrite off";
      if (node->overwrite == " overwrite off") Expect(Kw::kOff);
    }
    return node;
  }
  node->type = IntoType::kVariables;
  node->variables = CommaList<Expr>(&Parser::ParseIntoVariable);
  return node;
}

// With the quotes that it may have.
std::string_view Parser::ParseWrittenCharset() {
  const std::string_view text = TokenText(Cur());
  ParseCharsetName();
  return text;
}

const Expr* Parser::ParseIntoVariable() {
  if (At(Tok::kUserVariable)) return ParseVariable();
  return ParseColumnRef();
}

// FORMAT CSV HEADER, FIELDS TERMINATED BY ',' ..., LINES ...: as canonical text.
std::string_view Parser::ParseExportOptions() {
  std::string text;
  if (Accept(Kw::kFormat)) {
    text += At(Kw::kCsv) ? " format csv" : " format text";
    if (!Accept(Kw::kCsv)) Expect(Kw::kText);
    if (Accept(Kw::kHeader)) text += " header";
  }
  if (At(Kw::kFields) || At(Kw::kColumns)) {
    text += At(Kw::kFields) ? " fields" : " columns";
    Advance();
    ParseExportTerms(false, text);
  }
  if (Accept(Kw::kLines)) {
    text += " lines";
    ParseExportTerms(true, text);
  }
  return text.empty() ? std::string_view() : Store(text);
}

// TERMINATED BY 'x' OPTIONALLY ENCLOSED BY 'y' ...: at least one.
void Parser::ParseExportTerms(bool lines, std::string& text) {
  bool any = false;
  while (true) {
    const bool optionally = !lines && Accept(Kw::kOptionally);
    const bool term = At(Kw::kTerminated) || (lines && At(Kw::kStarting)) ||
                      (!lines && (At(Kw::kEnclosed) || At(Kw::kEscaped)));
    if (!term || (optionally && !At(Kw::kEnclosed))) {
      if (!any || optionally) Fail();
      return;
    }
    any = true;
    if (optionally) text += " optionally";
    text += " " + std::string(KeywordText(Cur().word)) + " by ";
    Advance();
    Expect(Kw::kBy);
    switch (Cur().type) {
      case Tok::kString:
      case Tok::kHexNumber:
      case Tok::kHexString:
      case Tok::kBitNumber:
      case Tok::kBitString:
        break;
      default:
        Fail();
    }
    text += TokenText(Cur());
    Advance();
  }
}

List<Node> Parser::ParseReturning() {
  if (!Accept(Kw::kReturning)) return {};
  return CommaList<Node>(&Parser::ParseSelectItem);
}

}  // namespace tessera::sqlparser
