// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <initializer_list>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/result.h"
#include "sqlparser/ast_nodes.h"
#include "sqlparser/lexer.h"
#include "sqlparser/parser.h"

namespace tessera::sqlparser {

// A recursive descent parser over the tokens of one text. The first error is kept and moves the
// parser to the end of the text: from then on every Accept fails, every loop ends, and what is
// built no longer matters. So the grammar's functions need no error checks of their own; they
// always return a node.
class Parser {
 public:
  Parser(Arena& arena, std::string_view sql, const ParseOptions& options);

  Result<const Statement*> ParseStatementText();
  Result<const Expr*> ParseExprText();
  Result<const TableName*> ParseTableNameText();
  // After a syntax error.
  ErrorPlace WhereFailed() const;

 private:
  // parser.cc: tokens, names, errors.
  const Token& Cur() const { return tokens_[at_]; }
  const Token& Peek(size_t n = 1) const;
  void Advance() {
    const Token& token = tokens_[at_];
    if (token.type == Tok::kEnd) return;
    last_end_ = token.end;
    ++at_;
    while (tokens_[at_].type == Tok::kComment) ++at_;
  }
  bool At(Tok type) const { return Cur().type == type; }
  bool At(Kw word) const { return Cur().word == word; }
  bool PeekIs(Kw word, size_t n = 1) const { return Peek(n).word == word; }
  bool Accept(Tok type) {
    if (Cur().type != type) return false;
    Advance();
    return true;
  }
  bool Accept(Kw word) {
    if (Cur().word != word) return false;
    Advance();
    return true;
  }
  // Both words, or neither.
  bool Accept(Kw first, Kw second) {
    if (Cur().word != first || Peek().word != second) return false;
    Advance();
    Advance();
    return true;
  }
  void Expect(Tok type) {
    if (!Accept(type)) Fail();
  }
  void Expect(Kw word) {
    if (!Accept(word)) Fail();
  }
  // A syntax error at the current token; at an earlier one; with words of its own.
  void Fail() { FailAt(Cur()); }
  static constexpr std::string_view kSyntaxError = "syntax error";
  void FailAt(const Token& token, std::string_view message = kSyntaxError);
  void FailTooDeep();
  bool failed() const { return failed_; }
  struct Mark {
    size_t at;
    size_t scratch;
    uint32_t question_marks;
  };
  Mark Save() const { return {at_, scratch_.size(), question_marks_}; }
  // Back to a place where no error had happened yet.
  void Restore(const Mark& mark);
  Error TakeError();

  std::string_view Source(size_t begin, size_t end) const {
    return sql_.substr(begin, end - begin);
  }
  std::string_view TokenText(const Token& token) const { return Source(token.begin, token.end); }
  // The end of the last token taken, in the text.
  size_t LastEnd() const { return last_end_; }
  // Whether the current token goes on with bare text that ends at `stop`. It never makes "--",
  // which at another text's end, or with a blank behind, begins a comment.
  bool ExtendsBareText(size_t stop) const {
    return Cur().begin == stop && !(At(Tok::kMinus) && stop > 0 && sql_[stop - 1] == '-');
  }
  // From here to the end of the statement (a semicolon may follow), as written.
  std::string_view RestOfText(size_t begin) const;
  std::string_view Lower(std::string_view text);
  std::string_view Store(std::string_view text) { return arena_.Copy(text); }
  Comments TakeComments();
  // The statement's end: nothing, or a semicolon and nothing.
  bool AtEnd() const { return At(Tok::kEnd) || At(Tok::kSemicolon); }

  // A name: a bare word that is not reserved, or a quoted one.
  bool AtName() const;
  std::string_view Name() {
    const Token& token = Cur();
    std::string_view name = TokenText(token);
    if (token.type == Tok::kQuotedName && token.match == 0) {
      name = name.substr(1, name.size() - 2);
    } else if (token.type != Tok::kWord || token.word != Kw::kNone || name.front() == '_') {
      return UnusualName();
    }
    Advance();
    return name;
  }
  std::string_view UnusualName();
  // After a dot, and in a few places more, reserved words are names too.
  std::string_view AnyName();
  std::string_view NameOf(const Token& token);
  std::string_view Unquoted(std::string_view text, bool is_string, bool plain);
  std::string_view VariableName(std::string_view text);
  // A name or a string literal.
  bool AtAlias() const;
  std::string_view NameOrString();
  std::string_view NonEmptyNameOrString();
  static bool HasEmptyPart(std::string_view name);
  std::string_view ParseVariablePart();
  // A name that needs no quotes, though it may have them.
  std::string_view ParseBareName();
  std::string_view ParseVindexWord();
  // A name, in its quotes where it needs them.
  std::string_view NameAsWritten();
  std::string_view StringValue();
  // The same, but of one literal only.
  std::string_view OneString();
  std::span<const Ident> NameList();       // a, b
  std::span<const Ident> ParenNameList();  // (a, b)
  uint32_t SmallInteger();

  template <class T>
  T* New() {
    T* node = arena_.New<T>();
    node->position = Cur().begin;
    return node;
  }
  template <class T>
  T* NewAt(uint32_t position) {
    T* node = arena_.New<T>();
    node->position = position;
    return node;
  }
  // Collects a list on a stack shared by all levels, then moves it to the arena.
  template <class T>
  class ListOf {
   public:
    explicit ListOf(Parser& parser) : parser_(parser), begin_(parser.scratch_.size()) {}
    void Add(const T* node) { parser_.scratch_.push_back(node); }
    bool empty() const { return parser_.scratch_.size() == begin_; }
    size_t size() const { return parser_.scratch_.size() - begin_; }
    List<T> Take() {
      const size_t count = size();
      if (count == 0) return {};
      void* memory = parser_.arena_.Allocate(count * sizeof(const T*), alignof(const T*));
      auto* const out = static_cast<const T**>(memory);
      for (size_t i = 0; i < count; ++i)
        new (&out[i]) const T*(static_cast<const T*>(parser_.scratch_[begin_ + i]));
      parser_.scratch_.Shrink(begin_);
      return {out, count};
    }

   private:
    Parser& parser_;
    size_t begin_;
  };
  // A list of one.
  template <class T>
  List<T> One(const T* node) {
    std::span<const T*> out = arena_.NewArray<const T*>(1);
    out[0] = node;
    return out;
  }
  // parse, parse, ...
  template <class T, class R>
  List<T> CommaList(R* (Parser::*parse)()) {
    ListOf<T> list(*this);
    do {
      list.Add((this->*parse)());
    } while (Accept(Tok::kComma));
    return list.Take();
  }
  template <class T, class R>
  List<T> ParenList(R* (Parser::*parse)()) {
    Expect(Tok::kLeftParen);
    List<T> list = CommaList<T>(parse);
    Expect(Tok::kRightParen);
    return list;
  }

  // parse_clause.cc: words by their text, and clauses that the tree keeps as text only.
  // The words of phrase ("for upgrade"), in any case, stand here.
  bool AtPhrase(std::string_view phrase) const;
  bool AcceptPhrase(std::string_view phrase);
  void ExpectPhrase(std::string_view phrase) {
    if (!AcceptPhrase(phrase)) Fail();
  }
  // Writes down what it takes in canonical form: words in lower case, one blank between them.
  class Clause {
   public:
    explicit Clause(Parser& parser) : parser_(parser) {}
    bool Accept(std::string_view phrase);
    void Expect(std::string_view phrase);
    // The first of the phrases that stands here.
    bool AcceptOne(std::initializer_list<std::string_view> phrases);
    void ExpectOne(std::initializer_list<std::string_view> phrases);
    bool Comma();
    void Equal(bool optional);
    void Name();
    void NameOrString();
    void String();
    void Integer();
    void IntegerList();
    // A number with or without a point, a sign, or in hexadecimal.
    void Number();
    // 10, 10m, '10G'
    void SizeNumber();
    void QualifiedName();
    void User();
    void Users();
    // What the caller has taken itself.
    void Add(std::string_view text);
    void AddSome(std::string_view text) {
      if (!text.empty()) Add(text);
    }
    void Append(std::string_view text) { text_.append(text); }
    void AppendName(std::string_view name);
    std::string_view Take() { return text_.empty() ? std::string_view() : parser_.Store(text_); }

   private:
    Parser& parser_;
    std::string text_;
  };
  std::span<const std::string_view> StoreTexts(const std::vector<std::string_view>& texts) {
    return arena_.CopySpan<std::string_view>(std::span<const std::string_view>(texts));
  }
  // [FOR CHANNEL 'name']: the name, printed form.
  std::string_view ParseForChannel();

  // Counts how deep we are while it lives.
  class Depth {
   public:
    explicit Depth(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > parser_.options_.max_depth) parser_.FailTooDeep();
    }
    ~Depth() { --parser_.depth_; }

   private:
    Parser& parser_;
  };

  // parse_expr.cc
  const Expr* ParseExpr() { return ParseBinary(0); }
  const Expr* ParseBinary(int min_level);
  const Expr* ParseBinaryTail(const Expr* left, int min_level);
  const Expr* ParsePredicateTail(const Expr* left, bool negated);
  const Expr* ParseInList();
  const Expr* ParseIsTail(const Expr* left);
  const Expr* ParseUnary();
  const Expr* ParsePostfix(const Expr* expr);
  const Expr* ParsePrimary();
  const Expr* ParseWordPrimary();
  const Expr* ParseParenthesised();
  bool AtSubquery() const;
  const Expr* ParseColumn();
  const Expr* ParseCase();
  const Expr* ParseIntervalStart();
  struct Interval {
    const Expr* value;
    std::string_view unit;
  };
  Interval ParseInterval();
  const Subquery* ParseSubquery();
  std::string_view ParseIntervalUnit();

  // parse_literal.cc
  const Literal* ParseLiteralToken(LiteralType type);
  const Literal* ParseStringLiteral();
  const Literal* ParseIntegerLiteral();
  const Expr* ParseBindToken();
  const Expr* ParseOdbc();
  const Variable* ParseVariable();
  void CheckKeyCache(std::string_view name, bool scoped, const Token& token);
  std::string_view ParseCharsetName();
  std::string_view ParseCollationName();

  // parse_func.cc
  static bool IsFunctionWord(Kw word);
  const Expr* ParseFunction();
  const Expr* ParseKnownFunction(int special, std::string_view name, uint32_t position);
  const Expr* ParseQualifiedCall(Ident qualifier, Ident name, uint32_t position);
  const Expr* ParseNamedCall(std::string_view name, uint32_t position, bool quoted);
  const Expr* ParsePlainCall(Ident qualifier, std::string_view name, uint32_t position, int min,
                             int max);
  const Expr* ParseTrim();
  const Expr* ParseSubstring();
  const Expr* ParseDateFunc(DateArithOp op, std::string_view name);
  const Expr* ParseTimestampFunc(bool is_diff);
  const Expr* ParseCurrentTime(std::string_view name, bool parens_required, uint32_t position);
  const Expr* ParseMatch();
  const Expr* ParseValuesFunc(bool value_keyword, uint32_t position);
  const Expr* ParseSequenceCall(std::string_view name, uint32_t position);

  // parse_window.cc: aggregates and window functions.
  const Expr* ParseAggregate(AggregateOp op, bool allow_distinct);
  void ParseAggregateArgs(Aggregate* node, bool allow_distinct);
  std::string_view TextString();
  const Expr* ParseWindowFunc(WindowOp op);
  List<Expr> ParseWindowArgs(WindowOp op);
  void ParseWindowTail(WindowFunc* node);
  const Expr* ParseLastValue(uint32_t position);
  const WindowSpec* ParseOver();
  bool AtFrame() const;
  const WindowSpec* ParseWindowSpec();
  const FrameClause* ParseFrame();
  const FrameBound* ParseFrameBound();

  // parse_cast.cc: functions whose arguments name types.
  const Expr* ParseCast(bool is_convert);
  std::string_view ParseTimeZone();
  const DataType* ParseCastType();
  const Literal* ParseLengthLiteral();
  void ParseCastCharset(DataType* node);
  const Expr* ParseJsonValue();
  void ParseJsonOn(JsonOnAction* on_empty, const Expr** empty_default, JsonOnAction* on_error,
                   const Expr** error_default);
  const Expr* ParseWeightString();
  const Expr* ParseWeightNumbers(const Expr* operand, uint32_t position);
  std::string_view ParseWeightLevels();
  const Expr* ParseColumnCreate(bool add, std::string_view name, uint32_t position);
  const DataType* ParseDynamicType();
  const Expr* ParseColumnGet(uint32_t position);

  // parse_select.cc
  const QueryExpr* ParseQueryStatement();
  const QueryExpr* ParseQuery();
  const QueryExpr* ParseQueryBehind(const With* with, bool statement);
  const QueryExpr* ParseQueryTerm();
  const QueryExpr* ParseQueryPrimary();
  const QueryExpr* ParseParenQuery();
  const QueryExpr* ParseTableQuery();
  const QueryExpr* WithTail(const QueryExpr* query, bool parenthesised, const With* with,
                            bool statement);
  // What may stand behind a query.
  struct QueryTail {
    List<OrderItem> order_by;
    const Limit* limit = nullptr;
    const FuncCall* procedure = nullptr;
    LockClause lock;
    List<LockClause> more_locks;
    const SelectInto* into = nullptr;
  };
  QueryTail ParseQueryTail(const QueryExpr* query, bool statement);
  template <class Query>
  void SetTail(Query* query, const With* with, const QueryTail& tail);
  const FuncCall* ParseAnalyse();
  Select* ParseSelectCore();
  void ParseSelectOptions(SelectOptions* options);
  const Node* ParseSelectItem();
  bool AtNextValue() const;
  const Node* ParseNextValue();
  const ValuesStatement* ParseValuesCore();
  const RowValues* ParseRow();
  const With* ParseWith();
  const CommonTableExpr* ParseCte();
  const GroupBy* ParseGroupBy();
  List<OrderItem> ParseOrderBy();
  const OrderItem* ParseOrderItem();
  const Limit* ParseLimit();
  const Limit* ParseFetchFirst();
  const Expr* ParseCount();
  const Expr* ParseLimitCount();
  std::string_view ParseWrittenCharset();
  const Literal* MakeInteger(std::string_view text);
  bool AtLock() const;
  const LockClause* ParseLockClause();
  const Expr* ParseStoredValue();
  const SelectInto* ParseInto();
  std::string_view ParseExportOptions();
  void ParseExportTerms(bool lines, std::string& text);
  const Expr* ParseIntoVariable();
  List<NamedWindow> ParseWindows();
  const Expr* ParseWhere();
  List<Node> ParseReturning();

  // parse_table.cc
  List<TableExpr> ParseTables();
  const TableExpr* ParseTableReference();
  const TableExpr* ParseJoins(const TableExpr* left);
  const TableExpr* ParseTableFactor();
  const TableExpr* ParseDerived(bool lateral);
  const TableExpr* ParseAliasedTable();
  const TableExpr* ParseJsonTable();
  const JsonTableColumn* ParseJsonColumn();
  const Expr* ParsePathLiteral();
  std::string_view ParseTableAlias();
  const IndexHint* ParseIndexHint();
  const SystemTime* ParseSystemTime();
  const Expr* ParseHistoryPoint(HistoryUnit* unit);
  const TableName* ParseTableName();
  bool ParseJoinCondition(JoinTable* join);
  bool AtJoin(JoinType* type, int* words) const;

  // parse_dml.cc
  const Statement* ParseInsert(bool is_replace);
  const Statement* ParseUpdate(const With* with);
  const Statement* ParseDelete(const With* with);
  WritePriority ParsePriority(bool delayed, bool high);
  void ParseInsertSource(Insert* insert);
  const Assignment* ParseAssignment();
  const ColumnRef* ParseColumnRef();
  const TableName* ParseDeleteTarget();
  const Portion* ParsePortion();
  void ParseRowAlias(Insert* insert);
  void ParseDeleteTables(Delete* node);
  const Statement* ParseDeleteHistory(Comments comments);
  const Limit* ParseCountLimit();
  void ParseUpdatePortion(Update* node);

  // parse_statement.cc: choice by first word, and what has no better place.
  const Statement* ParseStatement();
  const Statement* ParseStatementByWord(Kw word);
  const Statement* ParseOther(OtherClass other_class, int words);
  void SkipStatement();
  const Statement* ParseWithStatement();
  const Statement* ParseBegin();
  const Statement* ParseStart();
  const Statement* ParseCommit();
  const Statement* ParseRollback();
  const Statement* ParseRelease();
  const Statement* ParseUse();
  const Statement* ParseCall();
  const Statement* ParseLock();
  const LockedTable* ParseLockedTable();
  const Statement* ParseUnlock();
  const Statement* ParseFlush();
  std::string_view ParseFlushOption();
  const Statement* ParseKill();
  const Statement* ParseStream(bool vstream);
  const Statement* ParseAnalyze();
  const Statement* ParseDo();
  const Statement* ParseRevert();
  void ParseCompletion(Completion* chain, Completion* release);

  // parse_explain.cc
  const Statement* ParseExplain();
  bool AtExplainable() const;
  void ParseExplainType(Explain* node);
  std::string_view ParseExplainFormat();
  const Statement* ParseExplainTable(uint32_t position);
  const Statement* ParseAnalyzeStatement(uint32_t position);
  const Statement* ParseVexplain();
  const Statement* ParsePrepare();
  const Statement* ParseExecute();
  const Statement* ParseDeallocate();

  // parse_set.cc
  const Statement* ParseSet();
  const Statement* ParseSetForStatement();
  const Variable* ParseSetTarget();
  bool ParseSetNames(ListOf<SetItem>& items);
  VariableScope ParseSetScope();
  const SetItem* ParseSetVariable(VariableScope scope);
  void ParseSetItem(ListOf<SetItem>& items);
  void ParseSetTransaction(VariableScope scope, ListOf<SetItem>& items);
  const Expr* ParseSetValue();
  const SetItem* MakeSetItem(VariableScope scope, std::string_view name, const Expr* value);

  // parse_show.cc
  const Statement* ParseShow();
  const Statement* ParseShowCreate(Show* show);
  void ParseShowFilter(Show* show);
  void ParseShowFrom(Show* show);

  // parse_show_admin.cc
  void ParseShowRest(Show* show);
  void ParseShowProfile(Clause& text);
  void ParseShowEvents(Clause& text);
  ShowType ParseShowReplica(Clause& text);
  void ParseShowEngine(Clause& text);
  const Statement* ParseShowExplain();
  const Statement* ParseShowParseTree();

  // parse_ddl.cc
  const Statement* ParseCreate();
  const Statement* ParseCreateTable(Comments comments, bool or_replace, bool temporary);
  void ParseCreateTableBody(CreateTable* table);
  bool EndsUnknown();
  const Statement* ParseCreateDatabase(Comments comments, bool or_replace);
  const Statement* ParseAlter();
  const Statement* ParseAlterDatabase();
  const Statement* ParseDrop();
  const Statement* ParseDropTable(Comments comments, bool temporary);
  const Statement* ParseTruncate();
  const Statement* ParseRename();
  const RenamePair* ParseRenamePair();
  bool ParseIfExists();
  bool ParseIfNotExists();
  List<DatabaseOption> ParseDatabaseOptions();
  const DatabaseOption* ParseDatabaseOption();
  void ParseDatabaseOptionValue(DatabaseOption* option);
  std::string_view ParseDefiner();
  std::string_view ParseUser();

  // parse_view.cc
  struct ViewHead {
    std::string_view algorithm;
    std::string_view definer;
    std::string_view security;
  };
  const Statement* ParseCreateView(Comments comments, bool or_replace);
  const Statement* ParseAlterView(Comments comments);
  ViewHead ParseViewHead();
  template <class View>
  void ParseViewBody(View* view);
  std::string_view ParseCheckOption();

  // parse_sequence.cc
  const Statement* ParseCreateSequence(Comments comments, bool or_replace, bool temporary);
  const Statement* ParseAlterSequence(Comments comments);
  const Statement* ParseDropSequence(Comments comments, bool temporary);
  List<SequenceOption> ParseSequenceOptions(bool may_restart);
  const SequenceOption* ParseSequenceOption(bool may_restart);

  // parse_vschema.cc
  const Statement* ParseAlterVschema();
  const Statement* ParseAlterMigration();
  const VindexSpec* ParseVindexSpec(std::string_view name);

  // parse_type.cc
  DataType* ParseDataType();
  std::string_view ParseTypeName();
  void ParseTypeValues(DataType* type);
  void ParseTypeSize(DataType* type, bool scale, bool must_scale);
  void ParseNumberAttributes(DataType* type);
  void ParseTextAttributes(DataType* type, bool charset);
  void ParseCompression(DataType* type);
  static bool TypeCompresses(const DataType& type);

  // parse_table_spec.cc: what stands in CREATE TABLE (...).
  struct TableElements {
    std::vector<const ColumnDef*> columns;
    std::vector<const IndexDef*> indexes;
    std::vector<const ConstraintDef*> constraints;
    std::vector<const PeriodDef*> periods;
  };
  const TableSpec* ParseTableSpec(bool parenthesised);
  void ParseTableElements(TableElements* out);
  PeriodDef* ParsePeriodDef();
  Ident ParseFieldName();
  const ColumnDef* ParseColumnDef(std::vector<const ConstraintDef*>* constraints);
  const ColumnOptions* ParseColumnOptions(DataType* type,
                                          std::vector<const ConstraintDef*>* constraints);
  bool ParseColumnOption(ColumnOptions* options, std::vector<const ConstraintDef*>* constraints);
  bool ParseStoredColumnOption(DataType* type, ColumnOptions* options);
  void ParseGenerated(ColumnOptions* options);
  void ParseColumnKey(ColumnOptions* options);
  bool ParseColumnCheck(std::vector<const ConstraintDef*>* constraints);
  void ParseColumnReference(ColumnOptions* options);
  const Expr* ParseDefaultValue(bool* is_expression);
  ConstraintDef* ParseConstraintDef(Ident name);
  ForeignKeyDef* ParseReferences();
  const CheckDef* ParseCheck();
  ReferenceAction ParseReferenceAction();
  const TableName* ParseNewTableName();

  // parse_index.cc: indexes in tables, CREATE INDEX and DROP INDEX.
  bool AtIndexDef() const;
  const IndexDef* ParseIndexDef(Ident constraint, bool has_constraint);
  void ParseIndexTypeOption(const IndexDef& index, std::vector<const IndexOption*>& options);
  void ParseIndexColumns(IndexDef* index);
  void ParseIndexOptions(IndexDef* index, std::vector<const IndexOption*>& options);
  const IndexColumn* ParseIndexColumn();
  const IndexOption* ParseIndexOption(IndexType type);
  const Statement* ParseCreateIndex(Comments comments, bool or_replace);
  const Statement* ParseDropIndex(Comments comments);
  void ParseAlgorithmAndLock(std::vector<const AlterOption*>& options);

  // parse_table_option.cc
  List<TableOption> ParseTableOptions();
  const TableOption* ParseTableOption();
  const TableOption* ParseUnionOption(TableOption* node);
  const TableOption* ParseKnownOption(TableOption* node);
  const TableOption* ParseEngineAttribute();
  void ParseAttributeValue(TableOption* option);
  const Literal* ParseOneString();
  std::string_view ParseCharsetOrDefault();
  std::string_view ParseCollationOrDefault();

  // parse_partition.cc
  const PartitionOption* ParsePartitionOption();
  void CheckPartitions(const PartitionOption& option);
  const Expr* ParsePartitionExpr();
  int ParseKeyAlgorithm();
  const SystemTimeRotation* ParseSystemTimeRotation();
  const SubPartition* ParseSubPartition();
  List<PartitionDef> ParsePartitionDefs();
  const PartitionDef* ParsePartitionDef();
  void ParsePartitionValues(PartitionDef* definition);
  const TupleExpr* ParsePartitionTuple(bool in_list, bool of_rows);
  const SubPartitionDef* ParseSubPartitionDef();
  List<TableOption> ParsePartitionDefOptions(bool attributes_too);
  const PartitionSpec* ParsePartitionSpec();
  const PartitionSpec* ParseConvertTable();
  void ParsePartitionSpecTail(PartitionSpec* node);
  void ParsePartitionName(PartitionSpec* node);
  void ParseSomePartitions(PartitionSpec* node);
  std::string_view ParsePartitionChecks(bool repair);

  // parse_alter.cc
  const Statement* ParseAlterTable(Comments comments);
  std::string_view ParseLockWait();
  void ParseAlterTableBody(AlterTable* alter);
  const AlterOption* ParseAlterOption();
  const AlterOption* ParseAlterAdd(AlterOption* option);
  void ParseAlterAddConstraint(AlterOption* option);
  const AlterOption* ParseAlterDrop(AlterOption* option);
  const AlterOption* ParseAlterChange(AlterOption* option);
  const AlterOption* ParseAlterColumn(AlterOption* option);
  const AlterOption* ParseAlterIndex(AlterOption* option);
  const AlterOption* ParseAlterConvert(AlterOption* option);
  const AlterOption* ParseAlterRename(AlterOption* option);
  const OrderItem* ParseAlterOrderItem();
  void ParseColumnPlace(AlterOption* option);

  // parse_program.cc: definitions of stored programs.
  struct ProgramHead {
    Comments comments;
    bool or_replace = false;
    std::string_view definer;
  };
  std::string_view ProgramWord();
  std::string_view LabelName();
  const TableName* ParseProgramName();
  const Statement* ParseCreateProgram(const ProgramHead& head);
  const Statement* ParseCreateProcedure(const ProgramHead& head);
  const ProcedureParam* ParseProcedureParam();
  const ProcedureParam* ParseFunctionParam();
  const ProcedureParam* ParseRowField();
  const Node* ParseVariableType(bool row_allowed);
  const DataType* ParseProgramType();
  const RoutineOptions* ParseRoutineOptions(bool is_create);
  bool ParseRoutineOption(RoutineOptions* options, bool is_create);
  const Statement* ParseCreateFunction(const ProgramHead& head);
  const Statement* ParseLoadableFunction(const CreateFunction& head);
  bool AtFunctionBody() const;
  const Statement* ParseCreateTrigger(const ProgramHead& head);
  const Statement* ParseCreateEvent(const ProgramHead& head);
  const EventSchedule* ParseEventSchedule();
  Tristate ParseEventCompletion();
  std::string_view ParseEventStatus();
  const Statement* ParseAlterEvent(Comments comments, std::string_view definer);
  const Statement* ParseAlterRoutine(Comments comments);
  const Statement* ParseDropProgram(Comments comments);

  // parse_program_body.cc: what bodies are made of.
  const Statement* ParseProgramBody();
  bool AtLabel() const;
  void AcceptLabelColon();
  Ident ParseEndLabel(Ident label);
  const Statement* ParseBodyStatement();
  const Statement* ParseLabelled(Ident label);
  const Statement* ParseBlock(Ident label);
  const CompoundStatement* ParseStatements();
  const CompoundBranch* ParseBranch();
  const Statement* ParseCompoundIf();
  const Statement* ParseCompoundCase();
  const Statement* ParseCompoundLoop(Ident label);
  const Statement* ParseCompoundFor(Ident label);
  bool AtCursorOfFor() const;
  const Statement* ParseDeclare();
  const Statement* ParseDeclareHandler(uint32_t position);
  const HandlerCondition* ParseHandlerCondition();
  const Statement* ParseReturn();
  const Statement* ParseLoopJump();
  const Statement* ParseOpenCursor();
  const Statement* ParseFetchCursor();
  const Statement* ParseCloseCursor();

  // parse_diagnostics.cc
  const Statement* ParseSignal();
  const Expr* ParseDiagnosticsValue();
  const Statement* ParseGetDiagnostics();

  // parse_account.cc: users, roles, passwords.
  const Statement* ParseCreateUser(bool alter, bool or_replace);
  const Statement* ParseCreateRole(bool or_replace);
  const Statement* ParseDropUser(bool roles);
  const Statement* ParseRenameUser();
  const AccountUser* ParseAccountUser();
  std::string_view ParseAuthLead(bool first);
  const AuthMethod* ParseAuthMethod(std::string_view lead);
  void ParseAuthSecret(AuthMethod* method);
  std::string_view ParseFactorAction();
  std::string_view ParseSecret();
  std::string_view ParseRoleChoice();
  std::span<const std::string_view> ParseUserList();
  void ParseRequire(std::vector<std::string_view>& options);
  bool ParsePasswordOption(std::vector<std::string_view>& options);
  void ParseLimits(std::vector<std::string_view>& options, bool grant);
  void ParseAccountOptions(std::vector<std::string_view>& options);
  bool AtSetAccount() const;
  const Statement* ParseSetAccounts(uint32_t position, List<SetItem> before);
  const Statement* ParseSetPassword(uint32_t position);
  const Statement* ParseSetRole(uint32_t position);

  // parse_grant.cc
  const Statement* ParseGrant(bool revoke);
  bool GrantHasObject() const;
  const Privilege* ParsePrivilege();
  const Privilege* ParseGrantedRole();
  void ParseGrantObject(Grant* grant);
  void ParseGrantOptions(const Grant& grant, std::vector<std::string_view>& options);

  // parse_admin.cc: XA, HANDLER, upkeep of tables, plugins.
  const Statement* ParseXa();
  std::string_view ParseXid();
  const Statement* ParseHandlerStatement();
  void ParseHandlerRead(HandlerStatement* node);
  const Expr* ParseHandlerKey();
  const Statement* ParseMaintainTables(TableUpkeep upkeep);
  std::string_view ParseUpkeepOptions(const MaintainTables& node);
  std::span<const Ident> ParseKeyNames(bool indexes);
  const AnalyzedTable* ParseAnalyzedTable();
  void ParseHistogram(Analyze* node);
  const Statement* ParseAnalyzeTables(uint32_t position, bool local);
  const CachedTable* ParseCachedTable();
  const Statement* ParseKeyCache(bool load);
  const Statement* ParseInstall(bool uninstall);
  const Statement* ParseBinlog();

  // parse_replication.cc
  const Statement* ParseChange();
  const Statement* ParseReplicationFilter();
  void ParseFilterList(Clause& text);
  std::string_view ParseReplicationOption(bool mysql);
  std::string_view ParseConnectionName();
  const Statement* ParseReplicaCommand(bool stop);
  std::span<const std::string_view> ParseReplicaUntil();
  std::span<const std::string_view> ParseReplicaLogin(bool commas);
  const Statement* ParseReset();
  const Statement* ParsePurge();

  // parse_server.cc: commands that are words and values, and SERVER.
  const Statement* ParseBackup();
  const Statement* ParseInstanceLock(bool unlock);
  const Statement* ParseHelp();
  const Statement* ParseShutdown();
  const Statement* ParseClone();
  const Statement* ParseImport();
  const Statement* ParseAlterInstance();
  void ParseStorageOptions(Clause& text);
  const Statement* ParseTablespace(std::string_view verb);
  const Statement* ParseLogfileGroup(std::string_view verb);
  void ParseCpuList(Clause& text);
  const Statement* ParseResourceGroup(std::string_view verb);
  const Statement* ParseSetResourceGroup();
  const Statement* ParseSpatialReference(std::string_view verb);
  std::string_view ParseServerOption();
  const Statement* ParseServer(std::string_view verb, bool or_replace);

  // parse_load.cc
  const Statement* ParseLoad();
  void ParseLoadSource(Load* node);
  const TableName* ParseLoadTable();
  void ParseSeparator(Clause& text);
  std::string_view ParseLoadFormat();
  const Expr* ParseLoadTarget();
  std::string_view ParseBulkOptions();

  Arena& arena_;
  std::string_view sql_;
  ParseOptions options_;
  TokenList tokens_;
  size_t at_ = 0;
  size_t last_end_ = 0;
  StackVector<const Node*, 64> scratch_;
  uint32_t depth_ = 0;
  uint32_t question_marks_ = 0;
  bool failed_ = false;
  bool in_procedure_ = false;

  bool into_allowed_ = false;     // the query about to be parsed is the statement
  bool in_on_duplicate_ = false;  // VALUES(a) is the row's value there, not a query
  Token error_token_;
  std::string error_message_;
};

}  // namespace tessera::sqlparser
