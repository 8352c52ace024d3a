// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "engine/insert.h"

#include <algorithm>

namespace tessera::engine {

using keys::Destination;
using sqltypes::BindVar;
using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

namespace {

Result<> CopyVar(std::string_view name, const BindVars& from, BindVars& to) {
  if (to.Find(name) != nullptr) return Ok{};
  const BindVar* var = FindVar(from, name);
  if (var == nullptr) return Errorf(Code::kInvalidArgument, "missing bind var {}", name);
  to.Add(*var);
  return Ok{};
}

// NULL and 0 ask for the next number, as AUTO_INCREMENT has it.
bool WantsId(const Value& value) { return value.is_null() || value.raw() == "0"; }

}  // namespace

Task<Result<Insert::Ids>> Insert::MakeIds(const Context& ctx, Exec& exec,
                                          const BindVars& vars) const {
  Ids ids;
  uint64_t wanted = 0;
  for (const InsertRow& row : rows_) {
    CO_TRY(const Value given, row.auto_increment.Get(vars));
    if (WantsId(given)) ++wanted;
  }
  uint64_t next = 0;
  if (wanted > 0) {
    CO_TRY(const RoutedShards routed, co_await RouteTo(ctx, exec, sequence_->routing, vars));
    const std::string count = std::to_string(wanted);
    BindVars count_var;
    count_var.Add("n", Value(Type::kInt64, count));
    const std::vector<ShardQuery> query(
        1, ShardQuery{routed.shards.front().shard, sequence_->sql, &count_var});
    ShardOptions options;
    options.outside_transaction = true;
    CO_TRY(std::vector<ResultSet> answers,
           co_await exec.ExecuteShards(ctx, sequence_->routing.keyspace, query, options));
    CO_TRY(ResultSet answer, JoinResults(std::move(answers)));
    CO_TRY_OK(answer.Decode());
    if (answer.row_count() != 1 || answer.fields.empty())
      co_return Errorf(Code::kInternal, "the sequence of table {} gave no id", table_);
    CO_TRY(next, std::as_const(answer).row(0)[0].ToUint64());
    ids.first = next;
  }
  for (size_t i = 0; i < rows_.size(); ++i) {
    CO_TRY(const Value given, rows_[i].auto_increment.Get(vars));
    ids.names.push_back(SequenceVar(i));
    if (WantsId(given))
      ids.texts.push_back(std::to_string(next++));
    else
      ids.texts.emplace_back(given.raw());
  }
  co_return ids;
}

Result<Destination> Insert::PlaceRow(const InsertRow& row, const BindVars& vars) const {
  Destination place;
  for (size_t v = 0; v < vindexes_.size(); ++v) {
    std::vector<Value> columns;
    bool has_null = false;
    for (const size_t column : vindexes_[v].columns) {
      TRY(const Value value, row.values[column].Get(vars));
      has_null = has_null || value.is_null();
      columns.push_back(value);
    }
    if (v == 0) {
      TRY(place, vindexes_[v].vindex->Map(columns));
      if (place.kind() != Destination::Kind::kKeyspaceId) {
        return Errorf(Code::kInvalidArgument,
                      "could not map {} to a unique keyspace id for table {}",
                      columns.front().ToString(), table_);
      }
      continue;
    }
    if (has_null) continue;
    TRY(const bool same, vindexes_[v].vindex->Verify(columns, place.id()));
    if (!same) {
      return Errorf(Code::kFailedPrecondition,
                    "values {} for column of vindex {} of table {} do not map to the row's "
                    "keyspace id",
                    columns.front().ToString(), vindexes_[v].vindex->name(), table_);
    }
  }
  return place;
}

Result<> Insert::AddRow(size_t number, const BindVars& vars, Piece& piece) const {
  const InsertRow& row = rows_[number];
  if (row.sets_insert_id) piece.setter = number + 1;
  piece.sql += piece.sql.empty() ? prefix_ : ", ";
  piece.sql += row.sql;
  for (const std::string& name : row.vars) TRY_OK(CopyVar(name, vars, piece.vars));
  return Ok{};
}

Task<Result<std::vector<Insert::Piece>>> Insert::Split(const Context& ctx, Exec& exec,
                                                       const BindVars& vars) const {
  std::vector<Piece> pieces;
  if (vindexes_.empty()) {
    CO_TRY(RoutedShards routed, co_await RouteTo(ctx, exec, routing_, vars));
    for (RoutedShard& shard : routed.shards) {
      Piece piece;
      piece.shard = std::move(shard.shard);
      piece.vars = vars;
      for (const InsertRow& row : rows_) {
        piece.sql += piece.sql.empty() ? prefix_ : ", ";
        piece.sql += row.sql;
      }
      pieces.push_back(std::move(piece));
    }
  } else {
    for (size_t i = 0; i < rows_.size(); ++i) {
      CO_TRY(Destination place, PlaceRow(rows_[i], vars));
      CO_TRY(const std::vector<std::string> shards,
             co_await exec.Resolve(ctx, routing_.keyspace, place));
      if (shards.size() != 1)
        co_return Errorf(Code::kInternal, "a keyspace id of {} lies in {} shards",
                         routing_.keyspace, shards.size());
      auto at = std::find_if(pieces.begin(), pieces.end(),
                             [&](const Piece& p) { return p.shard == shards.front(); });
      if (at == pieces.end()) {
        at = pieces.insert(pieces.end(), Piece());
        at->shard = shards.front();
        for (const std::string& name : suffix_vars_) {
          CO_TRY_OK(CopyVar(name, vars, at->vars));
        }
      }
      CO_TRY_OK(AddRow(i, vars, *at));
    }
    std::sort(pieces.begin(), pieces.end(),
              [](const Piece& a, const Piece& b) { return a.shard < b.shard; });
  }
  for (Piece& piece : pieces) piece.sql += suffix_;
  co_return pieces;
}

namespace {

// A server that got one row of several says nothing of it: this is what it would add to the count.
void TellOfSingleRows(std::vector<ResultSet>& results) {
  for (ResultSet& result : results) {
    if (!result.info.empty()) continue;
    const bool added = result.affected_rows == 1;
    result.info = fmt::format("Records: 1  Duplicates: {}  Warnings: {}", added ? 0 : 1,
                              result.warnings.size());
  }
}

// LAST_INSERT_ID() as an answer has it.
struct InsertId {
  uint64_t id = 0;
  bool changed = false;
};

void TakeInsertId(const InsertId& id, ResultSet& result) {
  if (!id.changed) return;
  result.insert_id = id.id;
  result.insert_id_changed = true;
}

}  // namespace

Task<Result<ResultSet>> Insert::Execute(const Context& ctx, Exec& exec,
                                        const BindVars& vars) const {
  Ids ids;
  BindVars all = vars;
  if (sequence_) {
    CO_TRY(ids, co_await MakeIds(ctx, exec, vars));
    for (size_t i = 0; i < ids.names.size(); ++i)
      all.Add(ids.names[i], Value(Type::kInt64, ids.texts[i]));
  }
  CO_TRY(const std::vector<Piece> pieces, co_await Split(ctx, exec, all));
  std::vector<ShardQuery> queries;
  for (const Piece& piece : pieces)
    queries.push_back(ShardQuery{piece.shard, piece.sql, &piece.vars});
  ShardOptions options;
  options.writes = true;
  CO_TRY(std::vector<ResultSet> results,
         co_await exec.ExecuteShards(ctx, routing_.keyspace, queries, options));
  if (results.size() > 1) TellOfSingleRows(results);
  // What the last row sets counts, wherever it is.
  InsertId set;
  size_t setter = 0;
  for (size_t i = 0; i < pieces.size() && i < results.size(); ++i) {
    if (!results[i].insert_id_changed || pieces[i].setter <= setter) continue;
    setter = pieces[i].setter;
    set = {results[i].insert_id, true};
  }
  CO_TRY(ResultSet out, JoinResults(std::move(results)));
  TakeInsertId(set, out);
  TakeInsertId({ids.first, ids.first != 0}, out);
  co_return out;
}

PlanDescription Insert::Describe() const {
  PlanDescription out("Insert", routing_.sharded ? "Sharded" : "Unsharded");
  routing_.DescribeTo(out);
  std::string query = prefix_;
  for (size_t i = 0; i < rows_.size(); ++i) query += (i == 0 ? "" : ", ") + rows_[i].sql;
  out.Add("Query", query + suffix_);
  out.Add("Table", table_);
  std::vector<std::string> places;
  for (const InsertVindex& vindex : vindexes_) {
    std::string text = vindex.vindex->name() + "(";
    for (const InsertRow& row : rows_) {
      for (const size_t column : vindex.columns) {
        if (text.back() != '(') text += ", ";
        text += row.values[column].ToString();
      }
    }
    places.push_back(text + ")");
  }
  out.Add("VindexValues", places);
  if (sequence_) out.Add("AutoIncrement", sequence_->sql);
  return out;
}

InsertRow InsertSelect::MakeRow(std::span<const Value> row, size_t number) const {
  InsertRow out;
  const auto constant = [&](int column) {
    const Value value = column < 0 || static_cast<size_t>(column) >= row.size()
                            ? Value()
                            : row[static_cast<size_t>(column)];
    if (value.is_null()) return PlanValue();
    return PlanValue::Constant(value.type(), std::string(value.raw()));
  };
  for (const int column : shape_.value_columns) {
    const bool made = shape_.sequence && column == shape_.auto_column;
    out.values.push_back(made ? PlanValue::Var(Insert::SequenceVar(number)) : constant(column));
  }
  if (shape_.sequence) out.auto_increment = constant(shape_.auto_column);
  out.sql = "(";
  for (size_t c = 0; c < shape_.columns; ++c) {
    if (c > 0) out.sql += ", ";
    if (shape_.sequence && static_cast<int>(c) == shape_.auto_column) {
      out.vars.push_back(Insert::SequenceVar(number));
      out.sql += ":" + out.vars.back();
    } else {
      sqltypes::AppendSql(row[c], out.sql);
    }
  }
  out.sql += ")";
  out.sets_insert_id = shape_.sets_insert_id;
  return out;
}

Task<Result<ResultSet>> InsertSelect::Execute(const Context& ctx, Exec& exec,
                                              const BindVars& vars) const {
  CO_TRY(ResultSet rows, co_await input_->Execute(ctx, exec, vars));
  CO_TRY_OK(rows.Decode());
  const InsertId selected{rows.insert_id, rows.insert_id_changed};
  const bool appended = shape_.sequence && rows.fields.size() + 1 == shape_.columns &&
                        shape_.auto_column + 1 == static_cast<int>(shape_.columns);
  if (rows.fields.size() + (appended ? 1 : 0) != shape_.columns) {
    co_return Error(Code::kInvalidArgument, "Column count doesn't match value count at row 1")
        .WithMysql(1136, "21S01");
  }
  if (rows.row_count() == 0) {
    ResultSet nothing;
    TakeInsertId(selected, nothing);
    co_return nothing;
  }
  for (const sqltypes::Field& field : rows.fields) {
    if (field.type != sqltypes::Type::kFloat32) continue;
    co_return Errorf(Code::kUnimplemented,
                     "VT12001: unsupported: INSERT ... SELECT of the FLOAT column {} over shards",
                     field.name)
        .WithMysql(1235, "42000")
        .WithHint("a FLOAT's text has six digits, so its value would change: select it + 0e0");
  }
  std::vector<InsertRow> made;
  for (size_t i = 0; i < rows.row_count(); ++i)
    made.push_back(MakeRow(std::as_const(rows).row(i), i));
  const Insert insert(shape_.routing, shape_.table, shape_.prefix, shape_.suffix, std::move(made),
                      shape_.vindexes, shape_.suffix_vars, shape_.sequence);
  CO_TRY(ResultSet out, co_await insert.Execute(ctx, exec, vars));
  // An id that the server made, or that a row set, is newer.
  if (!out.insert_id_changed) TakeInsertId(selected, out);
  co_return out;
}

PlanDescription InsertSelect::Describe() const {
  PlanDescription out("Insert", "Select");
  shape_.routing.DescribeTo(out);
  out.Add("Query", shape_.prefix + "..." + shape_.suffix);
  out.Add("Table", shape_.table);
  if (shape_.sequence) out.Add("AutoIncrement", shape_.sequence->sql);
  out.AddInput(input_->Describe());
  return out;
}

}  // namespace tessera::engine
