// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include "sqlparser/ast_admin.h"
#include "sqlparser/ast_dml.h"
#include "sqlparser/parser.h"
#include "sqlparser/printer.h"
#include "sqlparser/rewrite.h"
#include "vtgate/executor.h"
#include "vtgate/file_source.h"
#include "vtgate/load_file.h"

// LOAD DATA LOCAL INFILE into a table of several shards: the lines become the rows of INSERT or
// REPLACE statements, a bounded piece of the file at a time, in one transaction.
namespace tessera::vtgate {

using sqlparser::Assignment;
using sqlparser::Expr;
using sqlparser::Ident;
using sqlparser::Load;
using sqlparser::Node;
using sqlparser::Statement;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

constexpr size_t kBatchBytes = 256 << 10;
constexpr size_t kBatchRows = 1000;
constexpr size_t kKeptWarnings = 64;  // as many as a server keeps of one statement

bool HasWord(std::string_view text, std::string_view word) {
  for (size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const bool begins = at == 0 || text[at - 1] == ' ';
    const size_t end = at + word.size();
    if (begins && (end == text.size() || text[end] == ' ')) return true;
  }
  return false;
}

// An integer as SQL writes it: what a server makes of the text, and what a vindex hashes.
bool IsInteger(std::string_view text) {
  if (text.starts_with('-')) text.remove_prefix(1);
  return !text.empty() && text.size() <= 20 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsUtf8(std::string_view charset) {
  return charset.empty() || charset == "default" || charset == "binary" ||
         charset.starts_with("utf8");
}

}  // namespace

// What one LOAD makes of the lines of its file, and what came of them so far.
class LoadBatches {
 public:
  LoadBatches(const Load& load, const vschema::Table& table, LoadFormat format)
      : load_(load), table_(table), reader_(std::move(format)) {}

  Result<> Prepare();
  LoadReader& reader() { return reader_; }
  // Puts the fields of a line behind the others.
  Result<> AddRow(const std::vector<LoadField>& fields, std::vector<sqltypes::Warning>& warnings);
  bool full() const { return sql_.size() >= kBatchBytes || rows_ >= kBatchRows; }
  bool empty() const { return rows_ == 0; }
  // The statement of the rows so far; the next ones begin another.
  std::string Take();
  void NoteDone(const ResultSet& result);
  ResultSet Outcome() const;

 private:
  // Where a field goes.
  struct Target {
    std::string name;
    bool variable = false;
    bool shown = false;    // is a column of the INSERT; else only SET reads it
    bool integer = false;  // a number that decides the shard
    bool decides = false;
  };
  Result<> AddTargets();
  Result<> CheckDeciding() const;
  bool Decides(std::string_view column) const;
  bool IsSet(std::string_view column) const;
  Result<> AppendField(const Target& target, const LoadField* field);
  void AppendText(std::string_view text);
  Result<> AppendSet(const Assignment& assignment, const std::vector<LoadField>& fields);
  void Warn(uint16_t code, std::string text, std::vector<sqltypes::Warning>& warnings);

  const Load& load_;
  const vschema::Table& table_;
  LoadReader reader_;
  std::vector<Target> targets_;
  std::string charset_;  // of the file, when it is not UTF-8
  std::string prefix_;
  std::string sql_;
  size_t rows_ = 0;  // of the batch
  uint64_t records_ = 0;
  uint64_t affected_ = 0;
  uint64_t warned_ = 0;
  uint64_t first_id_ = 0;
};

bool LoadBatches::Decides(std::string_view column) const {
  for (const vschema::ColumnVindex& vindex : table_.column_vindexes)
    for (const std::string& name : vindex.columns)
      if (Ident::EqualNoCase(name, column)) return true;
  return false;
}

bool LoadBatches::IsSet(std::string_view column) const {
  return std::any_of(load_.set.begin(), load_.set.end(), [&](const Assignment* assignment) {
    return Ident::EqualNoCase(assignment->column->name.text, column);
  });
}

Result<> LoadBatches::AddTargets() {
  const auto add_column = [&](std::string_view name) {
    Target target;
    target.name = name;
    target.shown = !IsSet(name);
    target.decides = Decides(name);
    const vschema::Column* known = table_.FindColumn(name);
    target.integer = known != nullptr && sqltypes::IsIntegral(known->type);
    targets_.push_back(std::move(target));
  };
  if (!load_.has_targets || load_.targets.empty()) {
    if (!table_.columns_authoritative)
      return Errorf(Code::kFailedPrecondition,
                    "LOAD DATA into {} without a list of columns: they are not known here",
                    table_.QualifiedName())
          .WithHint("give the columns: (id, name, ...)");
    for (const vschema::Column& column : table_.columns) add_column(column.name);
    return Ok{};
  }
  for (const Expr* expr : load_.targets) {
    const auto* variable = expr->As<sqlparser::Variable>();
    if (variable == nullptr) {
      add_column(expr->Get<sqlparser::ColumnRef>().name.text);
      continue;
    }
    Target target;
    target.name = variable->name.text;
    target.variable = true;
    targets_.push_back(std::move(target));
  }
  return Ok{};
}

// A number and its text are in different shards: which one it is must be known.
Result<> LoadBatches::CheckDeciding() const {
  for (const Target& target : targets_) {
    if (!target.decides || !target.shown || table_.FindColumn(target.name) != nullptr) continue;
    return Errorf(Code::kFailedPrecondition,
                  "LOAD DATA into {}: the type of column {}, which decides the shard, is not known",
                  table_.QualifiedName(), target.name)
        .WithHint("schema tracking tells it; or declare the column's type in the VSchema");
  }
  return Ok{};
}

Result<> LoadBatches::Prepare() {
  TRY_OK(AddTargets());
  TRY_OK(CheckDeciding());
  if (!IsUtf8(load_.charset)) charset_ = load_.charset;
  // From a client's file rows that cannot be are left out, unless they replace others.
  const bool replaces = load_.duplicates == "replace";
  prefix_ = replaces ? "replace into " : "insert ignore into ";
  if (!load_.table->database.empty()) {
    sqlparser::AppendIdentifier(prefix_, load_.table->database);
    prefix_ += '.';
  }
  sqlparser::AppendIdentifier(prefix_, load_.table->name);
  prefix_ += " (";
  bool any = false;
  const auto add = [&](std::string_view name) {
    if (any) prefix_ += ", ";
    any = true;
    sqlparser::AppendIdentifier(prefix_, name);
  };
  for (const Target& target : targets_)
    if (target.shown) add(target.name);
  for (const Assignment* assignment : load_.set) add(assignment->column->name.text);
  prefix_ += ") values ";
  return Ok{};
}

void LoadBatches::Warn(uint16_t code, std::string text, std::vector<sqltypes::Warning>& warnings) {
  ++warned_;
  if (warnings.size() >= kKeptWarnings) return;
  sqltypes::Warning& warning = warnings.emplace_back();
  warning.code = code;
  warning.message = std::move(text);
}

void LoadBatches::AppendText(std::string_view text) {
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  if (charset_.empty() || ascii) {
    sqltypes::AppendSql(Value(Type::kVarChar, text), sql_);
    return;
  }
  constexpr std::string_view kDigits = "0123456789abcdef";
  sql_ += "_" + charset_ + " x'";
  for (const char c : text) {
    sql_ += kDigits[static_cast<unsigned char>(c) >> 4];
    sql_ += kDigits[static_cast<unsigned char>(c) & 15];
  }
  sql_ += '\'';
}

Result<> LoadBatches::AppendField(const Target& target, const LoadField* field) {
  if (field == nullptr) {
    sql_ += target.decides ? "null" : "default";
  } else if (!field->has_value()) {
    sql_ += "null";
  } else if (!target.integer) {
    AppendText(**field);
  } else if (IsInteger(**field)) {
    sql_ += **field;
  } else if (target.decides) {
    return Errorf(Code::kInvalidArgument,
                  "Incorrect integer value: '{}' for column '{}' at row {}: it decides the row's "
                  "shard",
                  **field, target.name, records_)
        .WithMysql(1366, "22007");
  } else {
    AppendText(**field);
  }
  return Ok{};
}

// The value of a SET, the line's fields in the place of what it reads.
Result<> LoadBatches::AppendSet(const Assignment& assignment,
                                const std::vector<LoadField>& fields) {
  Arena arena;
  Result<> read = Ok{};
  const Node* value =
      sqlparser::Rewrite(arena, assignment.value, [&](const Node* n) -> const Node* {
        const auto* variable = n->As<sqlparser::Variable>();
        const auto* column = n->As<sqlparser::ColumnRef>();
        const bool user = variable != nullptr && variable->scope == sqlparser::VariableScope::kUser;
        if (!user && column == nullptr) return n;
        const std::string_view name = user ? variable->name.text : column->name.text;
        for (size_t i = 0; i < targets_.size(); ++i) {
          if (targets_[i].variable != user || !Ident::EqualNoCase(targets_[i].name, name)) continue;
          const std::string whole = std::exchange(sql_, std::string());
          if (i < fields.size() && fields[i])
            AppendText(*fields[i]);
          else
            sql_ = "null";
          const std::string_view text = arena.Copy(std::exchange(sql_, whole));
          Result<const Expr*> literal = sqlparser::ParseExpr(arena, text);
          if (literal.ok()) return *literal;
          read = std::move(literal).error();
        }
        return n;
      });
  TRY_OK(read);
  sql_ += sqlparser::ToString(value);
  return Ok{};
}

Result<> LoadBatches::AddRow(const std::vector<LoadField>& fields,
                             std::vector<sqltypes::Warning>& warnings) {
  ++records_;
  ++rows_;
  sql_ += sql_.empty() ? prefix_ : ", ";
  sql_ += '(';
  bool any = false;
  for (size_t i = 0; i < targets_.size(); ++i) {
    if (!targets_[i].shown) continue;
    if (any) sql_ += ", ";
    any = true;
    TRY_OK(AppendField(targets_[i], i < fields.size() ? &fields[i] : nullptr));
  }
  for (const Assignment* assignment : load_.set) {
    if (any) sql_ += ", ";
    any = true;
    TRY_OK(AppendSet(*assignment, fields));
  }
  sql_ += ')';
  // One for each column, as servers have it.
  for (size_t i = fields.size(); i < targets_.size(); ++i) {
    if (targets_[i].variable) continue;
    Warn(1261, fmt::format("Row {} doesn't contain data for all columns", records_), warnings);
  }
  if (fields.size() > targets_.size())
    Warn(1262,
         fmt::format("Row {} was truncated; it contained more data than there were input columns",
                     records_),
         warnings);
  return Ok{};
}

std::string LoadBatches::Take() {
  rows_ = 0;
  return std::exchange(sql_, std::string());
}

void LoadBatches::NoteDone(const ResultSet& result) {
  affected_ += result.affected_rows;
  if (first_id_ == 0 && result.insert_id_changed) first_id_ = result.insert_id;
  constexpr std::string_view kBefore = "Warnings: ";
  const size_t at = result.info.find(kBefore);
  uint64_t told = 0;
  if (at != std::string::npos) {
    const char* const begin = result.info.data() + at + kBefore.size();
    std::from_chars(begin, result.info.data() + result.info.size(), told);
  }
  warned_ += std::max<uint64_t>(told, result.warnings.size());
}

ResultSet LoadBatches::Outcome() const {
  const bool replaces = load_.duplicates == "replace";
  const uint64_t deleted = replaces && affected_ > records_ ? affected_ - records_ : 0;
  const uint64_t skipped = !replaces && records_ > affected_ ? records_ - affected_ : 0;
  ResultSet out;
  out.affected_rows = affected_;
  out.insert_id = first_id_;
  out.insert_id_changed = first_id_ != 0;
  out.info = fmt::format("Records: {}  Deleted: {}  Skipped: {}  Warnings: {}", records_, deleted,
                         skipped, warned_);
  return out;
}

bool Executor::Loads(const Session& session, std::string_view sql) const {
  if (sqlparser::Preview(sql) != sqlparser::StatementKind::kLoad || HasOneServer(session) ||
      session.must_rollback)
    return false;
  Arena arena;
  const Result<const Statement*> statement = sqlparser::Parse(arena, sql);
  const auto* load = statement.ok() ? (*statement)->As<Load>() : nullptr;
  return load != nullptr && !load->xml && load->table != nullptr && load->partitions.empty() &&
         load->options.empty() && load->bulk.empty() && HasWord(load->head, "local");
}

Result<std::string> Executor::FileToLoad(const Session& session, std::string_view sql) const {
  Arena arena;
  TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  const Load& load = statement->Get<Load>();
  if (session.target.tablet_type != keys::TabletType::kPrimary)
    return Errorf(Code::kFailedPrecondition,
                  "supported only for primary tablet type, current type: {}",
                  keys::TabletTypeName(session.target.tablet_type));
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  const std::string_view keyspace =
      load.table->database.empty() ? session.target.keyspace : load.table->database;
  TRY(const vschema::Table* table, vschema->FindTable(keyspace, load.table->name));
  TRY(LoadFormat format, LoadFormat::Parse(load.format, load.skip));
  TRY_OK(LoadBatches(load, *table, std::move(format)).Prepare());
  std::string_view name = load.source;
  const bool quoted = name.size() >= 2 && name.front() == '\'' && name.back() == '\'';
  if (quoted) name = name.substr(1, name.size() - 2);
  return std::string(name);
}

Task<Result<>> Executor::FlushLoad(const Context& ctx, Session& session, LoadBatches& batches) {
  if (batches.empty()) co_return Ok{};
  const std::string sql = batches.Take();
  const size_t before = session.warnings.size();
  CO_TRY(ResultSet result, co_await ExecutePlanned(ctx, session, sql));
  result.warnings.assign(session.warnings.begin() + static_cast<std::ptrdiff_t>(before),
                         session.warnings.end());
  batches.NoteDone(result);
  if (session.warnings.size() > kKeptWarnings) session.warnings.resize(kKeptWarnings);
  co_return Ok{};
}

Task<Result<>> Executor::LoadRows(const Context& ctx, Session& session, LoadBatches& batches,
                                  FileSource& file) {
  std::vector<LoadField> fields;
  bool ended = false;
  while (!ended) {
    CO_TRY(const std::string_view piece, co_await file.Next(ctx));
    ended = piece.empty();
    if (ended)
      batches.reader().End();
    else
      batches.reader().Append(piece);
    Result<> loaded = Ok{};
    while (loaded.ok()) {
      Result<bool> more = batches.reader().Next(fields);
      if (!more.ok()) loaded = std::move(more).error();
      if (!loaded.ok() || !*more) break;
      loaded = batches.AddRow(fields, session.warnings);
      if (loaded.ok() && batches.full()) loaded = co_await FlushLoad(ctx, session, batches);
    }
    if (loaded.ok() && ended) loaded = co_await FlushLoad(ctx, session, batches);
    if (loaded.ok()) continue;
    // The client sends its file to the end before it hears anything.
    while (!ended) {
      CO_TRY(const std::string_view rest, co_await file.Next(ctx));
      ended = rest.empty();
    }
    co_return loaded;
  }
  co_return Ok{};
}

Task<Result<>> Executor::RunSavepoint(const Context& ctx, Session& session, std::string_view sql) {
  Arena arena;
  CO_TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  co_return co_await Savepoint(ctx, session, *statement);
}

Task<Result<ResultSet>> Executor::RunLoad(const Context& ctx, Session& session,
                                          std::string_view sql, FileSource& file) {
  Arena arena;
  CO_TRY(const Statement* statement, sqlparser::Parse(arena, sql));
  const Load& load = statement->Get<Load>();
  const std::shared_ptr<const vschema::VSchema> vschema = serving_.vschema();
  const std::string_view keyspace =
      load.table->database.empty() ? session.target.keyspace : load.table->database;
  CO_TRY(const vschema::Table* table, vschema->FindTable(keyspace, load.table->name));
  CO_TRY(LoadFormat format, LoadFormat::Parse(load.format, load.skip));
  LoadBatches batches(load, *table, std::move(format));
  CO_TRY_OK(batches.Prepare());
  const bool own = session.autocommit && !session.in_transaction;
  session.in_transaction = true;
  if (!own) {
    CO_TRY_OK(co_await RunSavepoint(ctx, session, "savepoint `load data`"));
  }
  const Result<> loaded = co_await LoadRows(ctx, session, batches, file);
  if (!loaded.ok()) {
    if (own) {
      co_await scatter_.Rollback(ctx, session);
    } else if (session.in_transaction && !session.must_rollback) {
      CO_TRY_OK(co_await RunSavepoint(ctx, session, "rollback to savepoint `load data`"));
    }
    co_return loaded.error();
  }
  if (own) {
    CO_TRY_OK(co_await scatter_.Commit(ctx, session));
  }
  co_return batches.Outcome();
}

Task<Result<ResultSet>> Executor::LoadLocal(const Context& ctx, Session& session,
                                            std::string_view sql, FileSource& file) {
  StatementRun run;
  run.began = tessera::Executor::Current().Now();
  run.sql = sql;
  run.kind = sqlparser::StatementKind::kLoad;
  run.shards = session.shards.size();
  session.BeginStatement();
  session.ForgetWarnings();
  // However long the file takes, its transaction is one.
  const queryservice::Workload workload = session.options.workload;
  session.options.workload = queryservice::Workload::kDba;
  Result<ResultSet> result = co_await RunLoad(ctx, session, sql, file);
  session.options.workload = workload;
  session.plan.reset();
  session.row_count = result.ok() ? static_cast<int64_t>(result->affected_rows) : -1;
  if (result.ok() && result->insert_id_changed) session.last_insert_id = result->insert_id;
  if (!result.ok()) NoteError(session, result.error());
  if (!session.written.empty()) co_await NotePositions(ctx, session, result);
  NoteRun(session, run, result);
  co_return result;
}

}  // namespace tessera::vtgate
