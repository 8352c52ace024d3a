// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/internal/parser_impl.h"

namespace tessera::sqlparser {
namespace {

bool HasTail(const QueryExpr* query) {
  if (const auto* select = query->As<Select>()) {
    return select->limit != nullptr || select->into != nullptr;
  }
  if (const auto* set = query->As<SetOperation>()) {
    return set->limit != nullptr || set->into != nullptr;
  }
  return query->Get<ValuesStatement>().limit != nullptr;
}

}  // namespace

// [WITH ...] query [UNION query]... [ORDER BY ...] [LIMIT ...] [FOR UPDATE] [INTO ...]
const QueryExpr* Parser::ParseQuery() {
  const Depth depth(*this);
  const With* with = At(Kw::kWith) ? ParseWith() : nullptr;
  const bool parenthesised = At(Tok::kLeftParen);
  const QueryExpr* query = ParseQueryTerm();
  const bool single = !query->Is<SetOperation>() || parenthesised;
  const QueryExpr* left = query;
  uint32_t chain = 0;
  while (At(Kw::kUnion) || At(Kw::kExcept) || At(Kw::kMinus)) {
    if (const auto* select = left->As<Select>();
        select != nullptr && !select->items.empty() && select->items[0]->Is<NextValue>()) {
      Fail();
    }
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
    if (const auto* select = node->right->As<Select>();
        select != nullptr && !select->items.empty() && select->items[0]->Is<NextValue>()) {
      Fail();
    }
    left = node;
  }
  return WithTail(left, single && parenthesised && left == query, with);
}

// INTERSECT binds tighter than UNION and EXCEPT.
const QueryExpr* Parser::ParseQueryTerm() {
  const QueryExpr* left = ParseQueryPrimary();
  uint32_t chain = 0;
  while (At(Kw::kIntersect)) {
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
  if (At(Kw::kValues)) return ParseValuesCore();
  return ParseSelectCore();
}

const QueryExpr* Parser::ParseParenQuery() {
  const Depth depth(*this);
  Expect(Tok::kLeftParen);
  const QueryExpr* query = ParseQuery();
  Expect(Tok::kRightParen);
  return query;
}

// ORDER BY, LIMIT, locks and INTO behind a query. Behind a parenthesised one they replace its own,
// unless it has a LIMIT: then they work on its result.
const QueryExpr* Parser::WithTail(const QueryExpr* query, bool parenthesised, const With* with) {
  const bool has_tail = At(Kw::kOrder) || At(Kw::kLimit) || At(Kw::kOffset) || At(Kw::kFetch) ||
                        At(Kw::kFor) || At(Kw::kLock) || At(Kw::kInto);
  if (!has_tail && with == nullptr) return query;
  if (parenthesised && has_tail && HasTail(query)) {
    DerivedTable* derived = NewAt<DerivedTable>(query->position);
    derived->query = query;
    derived->alias = "dt";
    Select* outer = NewAt<Select>(query->position);
    outer->items = arena_.CopySpan<const Node*>(std::vector<const Node*>{New<StarExpr>()});
    outer->from = arena_.CopySpan<const TableExpr*>(std::vector<const TableExpr*>{derived});
    query = outer;
  }
  List<OrderItem> order_by = ParseOrderBy();
  const Limit* limit = ParseLimit();
  LockMode lock = LockMode::kNone;
  uint32_t wait = 0;
  std::span<const std::string_view> of;
  const SelectInto* into = At(Kw::kInto) ? ParseInto() : nullptr;
  ParseLock(&lock, &wait, &of);
  if (into == nullptr && At(Kw::kInto)) into = ParseInto();
  if (const auto* values = query->As<ValuesStatement>()) {
    if (lock != LockMode::kNone) {
      FailAt(tokens_[at_ > 0 ? at_ - 1 : 0], "VALUES does not support LOCK");
    }
    ValuesStatement* copy = arena_.New<ValuesStatement>(*values);
    if (!order_by.empty()) copy->order_by = order_by;
    if (limit != nullptr) copy->limit = limit;
    if (with != nullptr) copy->with = with;
    return copy;
  }
  if (const auto* set = query->As<SetOperation>()) {
    SetOperation* copy = arena_.New<SetOperation>(*set);
    if (!order_by.empty()) copy->order_by = order_by;
    if (limit != nullptr) copy->limit = limit;
    if (with != nullptr) copy->with = with;
    if (into != nullptr) copy->into = into;
    if (lock != LockMode::kNone) copy->lock = lock;
    copy->lock_wait_seconds = wait;
    return copy;
  }
  // Nothing else holds it: the select was made by this parser a moment ago.
  Select* select = const_cast<Select*>(&query->Get<Select>());
  if (!order_by.empty()) select->order_by = order_by;
  if (limit != nullptr) select->limit = limit;
  if (with != nullptr) select->with = with;
  if (into != nullptr) select->into = into;
  if (lock != LockMode::kNone) {
    select->lock = lock;
    select->lock_wait_seconds = wait;
    select->lock_of = of;
  }
  return select;
}

void Parser::ParseSelectOptions(SelectOptions* options) {
  while (At(Tok::kWord)) {
    switch (Cur().word) {
      case Kw::kDistinct:
      case Kw::kDistinctrow:
        options->distinct = true;
        break;
      case Kw::kAll:
        options->all = true;
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
  const bool sequence = At(Kw::kNext) && Peek().type != Tok::kDot && Peek().type != Tok::kComma &&
                        !PeekIs(Kw::kFrom) && Peek().type != Tok::kEnd &&
                        !(PeekIs(Kw::kValue) && PeekIs(Kw::kFor, 2)) && !PeekIs(Kw::kAs);
  if (sequence) {
    items.Add(ParseNextValue());
    node->items = items.Take();
    Expect(Kw::kFrom);
    AliasedTable* table = New<AliasedTable>();
    table->table = ParseTableName();
    node->from = arena_.CopySpan<const TableExpr*>(std::vector<const TableExpr*>{table});
    return node;
  }
  do {
    const bool star = At(Tok::kStar);
    if (star && !items.empty()) Fail();
    items.Add(ParseSelectItem());
  } while (Accept(Tok::kComma));
  node->items = items.Take();
  if (At(Kw::kInto)) node->into = ParseInto();
  if (Accept(Kw::kFrom)) {
    if (At(Kw::kDual) && Peek().type != Tok::kComma) {
      Advance();
    } else {
      node->from = ParseTables();
    }
  }
  node->where = ParseWhere();
  node->group_by = ParseGroupBy();
  if (Accept(Kw::kHaving)) node->having = ParseExpr();
  if (At(Kw::kWindow)) node->windows = ParseWindows();
  if (At(Kw::kProcedure)) Fail();
  return node;
}

const Expr* Parser::ParseWhere() {
  if (!Accept(Kw::kWhere)) return nullptr;
  return ParseExpr();
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
        star->table = AnyName();
        Advance();
      }
      Advance();
      return star;
    }
  }
  SelectItem* item = New<SelectItem>();
  item->expr = ParseExpr();
  item->text = Source(first.begin, LastEnd() > first.begin ? LastEnd() : first.begin);
  if (Accept(Kw::kAs)) {
    item->alias = At(Tok::kString) ? StringValue() : AnyName();
  } else if (AtAlias() && !At(Kw::kWindow)) {
    item->alias = NameOrString();
  }
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
  if (!At(Tok::kRightParen)) row->items = CommaList<Expr>(&Parser::ParseExpr);
  Expect(Tok::kRightParen);
  return row;
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
    const size_t begin = Cur().begin;
    Advance();
    NameList();
    Expect(Kw::kRestrict);
    node->cycle = Lower(Source(begin, LastEnd()));
  }
  return node;
}

const GroupBy* Parser::ParseGroupBy() {
  if (!At(Kw::kGroup)) return nullptr;
  GroupBy* node = New<GroupBy>();
  Advance();
  Expect(Kw::kBy);
  ListOf<Expr> items(*this);
  do {
    items.Add(ParseExpr());
    if (!Accept(Kw::kAsc)) Accept(Kw::kDesc);  // MySQL dropped them; MariaDB still reads them
  } while (Accept(Tok::kComma));
  node->items = items.Take();
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

const Limit* Parser::ParseLimit() {
  if (At(Kw::kOffset) || At(Kw::kFetch)) {  // OFFSET n ROWS FETCH FIRST m ROWS ONLY
    Limit* node = New<Limit>();
    if (Accept(Kw::kOffset)) {
      node->offset = ParseExpr();
      if (!Accept(Kw::kRow)) Expect(Kw::kRows);
    }
    if (Accept(Kw::kFetch)) {
      if (!Accept(Kw::kFirst)) Expect(Kw::kNext);
      if (!At(Kw::kRow) && !At(Kw::kRows)) {
        node->count = ParseExpr();
      } else {
        Literal* one = New<Literal>();
        one->type = LiteralType::kInteger;
        one->text = "1";
        node->count = one;
      }
      if (!Accept(Kw::kRow)) Expect(Kw::kRows);
      if (Accept(Kw::kWith)) Fail();  // WITH TIES: has no LIMIT form
      Expect(Kw::kOnly);
    } else {
      Literal* all = New<Literal>();
      all->type = LiteralType::kInteger;
      all->text = "18446744073709551615";
      node->count = all;
    }
    return node;
  }
  if (!At(Kw::kLimit)) return nullptr;
  Limit* node = New<Limit>();
  Advance();
  if (!At(Kw::kRows)) {
    node->count = ParseExpr();
    if (Accept(Tok::kComma)) {
      node->offset = node->count;
      node->count = ParseExpr();
    } else if (Accept(Kw::kOffset)) {
      node->offset = ParseExpr();
    }
  }
  if (At(Kw::kRows) && PeekIs(Kw::kExamined)) {
    Advance();
    Advance();
    node->rows_examined = ParseExpr();
  }
  return node;
}

void Parser::ParseLock(LockMode* mode, uint32_t* wait, std::span<const std::string_view>* of) {
  while (true) {
    bool share = false;
    bool in_share_mode = false;
    if (At(Kw::kFor) && (PeekIs(Kw::kUpdate) || PeekIs(Kw::kShare))) {
      Advance();
      share = At(Kw::kShare);
      Advance();
      if (Accept(Kw::kOf)) {
        std::vector<std::string_view> names;
        do {
          names.push_back(Name());
        } while (Accept(Tok::kComma));
        *of = arena_.CopySpan<std::string_view>(std::span<const std::string_view>(names));
      }
    } else if (At(Kw::kLock) && PeekIs(Kw::kIn)) {
      Advance();
      Advance();
      Expect(Kw::kShare);
      Expect(Kw::kMode);
      in_share_mode = true;
    } else {
      return;
    }
    *mode = in_share_mode ? LockMode::kLockInShareMode
            : share       ? LockMode::kForShare
                          : LockMode::kForUpdate;
    if (Accept(Kw::kNowait)) {
      *mode = in_share_mode ? LockMode::kLockInShareModeNowait
              : share       ? LockMode::kForShareNowait
                            : LockMode::kForUpdateNowait;
    } else if (Accept(Kw::kSkip, Kw::kLocked)) {
      *mode = in_share_mode ? LockMode::kLockInShareModeSkipLocked
              : share       ? LockMode::kForShareSkipLocked
                            : LockMode::kForUpdateSkipLocked;
    } else if (!share && Accept(Kw::kWait)) {
      *mode = in_share_mode ? LockMode::kLockInShareModeWait : LockMode::kForUpdateWait;
      *wait = SmallInteger();
    }
  }
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
      node->charset = ParseCharsetName();
    } else if (Accept(Kw::kCharset)) {
      node->charset = ParseCharsetName();
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

const Expr* Parser::ParseIntoVariable() {
  if (At(Tok::kUserVariable)) return ParseVariable();
  return ParseColumnRef();
}

// FORMAT CSV HEADER, FIELDS TERMINATED BY ',' ..., LINES ...: as canonical text.
std::string_view Parser::ParseExportOptions() {
  std::string text;
  while (At(Kw::kFormat) || At(Kw::kFields) || At(Kw::kColumns) || At(Kw::kLines)) {
    text += At(Kw::kFields) ? " columns" : " " + std::string(KeywordText(Cur().word));
    const bool format = At(Kw::kFormat);
    Advance();
    while (At(Tok::kWord) || At(Tok::kString)) {
      if (At(Kw::kFormat) || At(Kw::kFields) || At(Kw::kColumns) || At(Kw::kLines) ||
          At(Kw::kManifest) || At(Kw::kOverwrite) || At(Kw::kFrom) || At(Kw::kWhere) ||
          At(Kw::kUnion) || At(Kw::kFor) || At(Kw::kLock)) {
        break;
      }
      text += " ";
      if (At(Tok::kString)) {
        text += TokenText(Cur());
      } else {
        text += KeywordText(Cur().word);
        if (Cur().word == Kw::kNone) Fail();
      }
      Advance();
      if (format && At(Kw::kHeader)) continue;
    }
  }
  return text.empty() ? std::string_view() : Store(text);
}

List<Node> Parser::ParseReturning() {
  if (!Accept(Kw::kReturning)) return {};
  return CommaList<Node>(&Parser::ParseSelectItem);
}

}  // namespace tessera::sqlparser
