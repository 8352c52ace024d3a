// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include <gtest/gtest.h>

#include "engine/merge.h"
#include "engine/route.h"

namespace tessera::engine {
namespace {

using sqltypes::BindVars;
using sqltypes::ResultSet;
using sqltypes::Type;
using sqltypes::Value;

using Cells = std::vector<std::optional<std::string>>;

ResultSet RowsOf(Type type, const std::vector<Cells>& rows) {
  ResultSet out;
  for (size_t i = 0; i < rows.front().size(); ++i) {
    sqltypes::Field field;
    field.name = "c" + std::to_string(i);
    field.type = type;
    out.fields.push_back(field);
  }
  for (const Cells& row : rows) {
    std::vector<Value> cells;
    for (const auto& cell : row)
      cells.push_back(cell ? Value(type, out.arena().Copy(*cell)) : Value());
    out.AppendRow(cells);
  }
  return out;
}

// Gives the same rows always.
class Fixed final : public Primitive {
 public:
  explicit Fixed(std::vector<Cells> rows) : rows_(std::move(rows)) {}
  Task<Result<ResultSet>> Execute(const Context&, Exec&, const BindVars&) const override {
    co_return RowsOf(Type::kInt64, rows_);
  }
  PlanDescription Describe() const override { return PlanDescription("Fixed"); }

 private:
  std::vector<Cells> rows_;
};

PrimitivePtr Of(std::vector<Cells> rows) { return std::make_unique<Fixed>(std::move(rows)); }

// A session without shards: what is tested here asks none.
class NoShards final : public Exec {
 public:
  Task<Result<std::vector<std::string>>> Resolve(const Context&, std::string_view,
                                                 const keys::Destination&) override {
    co_return std::vector<std::string>();
  }
  Task<Result<std::vector<ResultSet>>> ExecuteShards(const Context&, std::string_view,
                                                     std::span<const ShardQuery>,
                                                     ShardOptions) override {
    co_return Error(Code::kInternal, "no shard is to be asked");
  }
  Task<Result<ResultSet>> ExecutePrepared(const Context&, std::string_view, const ShardQuery&,
                                          std::span<const std::string>) override {
    co_return Error(Code::kInternal, "no shard is to be asked");
  }
};

// Runs a coroutine that never waits.
struct Now {
  struct promise_type {
    Now get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

Now RunNow(const Primitive& plan, std::optional<Result<ResultSet>>& out) {
  NoShards exec;
  const BindVars vars;
  out = co_await plan.Execute(Context::Background(), exec, vars);
}

// "1,2;3,NULL"
std::string RowsFrom(const Primitive& plan) {
  std::optional<Result<ResultSet>> result;
  RunNow(plan, result);
  if (!result || !result->ok()) return result ? result->error().message() : "it waits";
  ResultSet rows = std::move(*result).value();
  EXPECT_TRUE(rows.Decode().ok());
  std::string out;
  for (size_t i = 0; i < rows.row_count(); ++i) {
    if (i > 0) out += ";";
    for (size_t c = 0; c < rows.fields.size(); ++c) {
      const Value cell = std::as_const(rows).row(i)[c];
      out += (c > 0 ? "," : "") + (cell.is_null() ? "NULL" : std::string(cell.raw()));
    }
  }
  return out;
}

SortKey By(int column, bool descending = false) {
  SortKey key;
  key.column.index = column;
  key.descending = descending;
  return key;
}

TEST(Sort, OrdersByValueNullsFirstAndKeepsTies) {
  const std::vector<Cells> rows = {{"10", "1"}, {"9", "2"}, {std::nullopt, "3"}, {"9", "4"}};
  EXPECT_EQ(RowsFrom(Sort(Of(rows), {By(0)})), "NULL,3;9,2;9,4;10,1");
  EXPECT_EQ(RowsFrom(Sort(Of(rows), {By(0, true)})), "10,1;9,2;9,4;NULL,3");
  EXPECT_EQ(RowsFrom(Sort(Of(rows), {By(0), By(1, true)})), "NULL,3;9,4;9,2;10,1");
  EXPECT_EQ(RowsFrom(Sort(Of(rows), {By(-1, true)})), "9,4;NULL,3;9,2;10,1");
}

TEST(Limit, CutsAWindow) {
  const std::vector<Cells> rows = {{"1"}, {"2"}, {"3"}, {"4"}};
  const auto limit = [&rows](std::string count, std::string offset) {
    return RowsFrom(Limit(Of(rows), PlanValue::Constant(Type::kInt64, std::move(count)),
                          PlanValue::Constant(Type::kInt64, std::move(offset))));
  };
  EXPECT_EQ(limit("2", "1"), "2;3");
  EXPECT_EQ(limit("9", "3"), "4");
  EXPECT_EQ(limit("0", "0"), "");
  EXPECT_EQ(limit("1", "4"), "");
  EXPECT_EQ(limit("18446744073709551615", "2"), "3;4");
}

TEST(Distinct, KeepsTheFirstOfEqualRows) {
  const std::vector<Cells> rows = {
      {"1", "a"}, {"2", "b"}, {"1", "a"}, {std::nullopt, "c"}, {std::nullopt, "c"}};
  EXPECT_EQ(RowsFrom(Distinct(Of(rows), {})), "1,a;2,b;NULL,c");
  ColumnAt first;
  first.index = 0;
  EXPECT_EQ(RowsFrom(Distinct(Of({{"1", "a"}, {"1", "b"}}), {first})), "1,a");
}

TEST(Concatenate, PutsInputsBehindEachOtherAndChecksTheirWidth) {
  std::vector<PrimitivePtr> inputs;
  inputs.push_back(Of({{"1"}}));
  inputs.push_back(Of({{"2"}, {"3"}}));
  EXPECT_EQ(RowsFrom(DropColumns(Of({{"1", "2"}, {"3", "4"}}), 1)), "1;3");
  EXPECT_EQ(RowsFrom(Concatenate(std::move(inputs))), "1;2;3");
  std::vector<PrimitivePtr> uneven;
  uneven.push_back(Of({{"1"}}));
  uneven.push_back(Of({{"2", "3"}}));
  EXPECT_NE(RowsFrom(Concatenate(std::move(uneven))).find("columns"), std::string::npos);
}

ResultSet Changed(uint64_t rows, std::string info) {
  ResultSet out;
  out.affected_rows = rows;
  out.info = std::move(info);
  return out;
}

std::string InfoOf(const std::string& one, const std::string& two) {
  std::vector<ResultSet> results;
  results.push_back(Changed(1, one));
  results.push_back(Changed(2, two));
  const Result<ResultSet> all = JoinResults(std::move(results));
  EXPECT_EQ(all->affected_rows, 3u);
  return all->info;
}

TEST(JoinResults, KeepsTheWarningsOfAllShards) {
  std::vector<ResultSet> results;
  for (const uint16_t code : {uint16_t{1062}, uint16_t{1366}}) {
    results.push_back(Changed(0, ""));
    results.back().warnings.emplace_back().code = code;
  }
  const Result<ResultSet> all = JoinResults(std::move(results));
  ASSERT_EQ(all->warnings.size(), 2u);
  EXPECT_EQ(all->warnings[0].code, 1062);
  EXPECT_EQ(all->warnings[1].code, 1366);
}

// `told`: the server told the id, but LAST_INSERT_ID() stayed.
ResultSet WithInsertId(uint64_t id, bool told = false) {
  ResultSet out;
  out.insert_id = id;
  out.insert_id_changed = !told && id != 0;
  return out;
}

TEST(JoinResults, TellsTheLastInsertIdThatIsNew) {
  const auto joined = [](ResultSet first, ResultSet second) {
    std::vector<ResultSet> results;
    results.push_back(std::move(first));
    results.push_back(std::move(second));
    const Result<ResultSet> all = JoinResults(std::move(results));
    return std::pair(all->insert_id, all->insert_id_changed);
  };
  EXPECT_EQ(joined(WithInsertId(5), WithInsertId(7)), std::pair(uint64_t{7}, true));
  EXPECT_EQ(joined(WithInsertId(5), WithInsertId(0)), std::pair(uint64_t{5}, true));
  EXPECT_EQ(joined(WithInsertId(5), WithInsertId(7, true)), std::pair(uint64_t{5}, true));
  EXPECT_EQ(joined(WithInsertId(5, true), WithInsertId(7)), std::pair(uint64_t{7}, true));
  EXPECT_EQ(joined(WithInsertId(5, true), WithInsertId(7, true)), std::pair(uint64_t{7}, false));
}

TEST(JoinResults, AddsWhatServersTellOfAChange) {
  EXPECT_EQ(
      InfoOf("Records: 9  Duplicates: 1  Warnings: 0", "Records: 3  Duplicates: 0  Warnings: 2"),
      "Records: 12  Duplicates: 1  Warnings: 2");
  EXPECT_EQ(InfoOf("Rows matched: 1  Changed: 0  Warnings: 0",
                   "Rows matched: 2  Changed: 2  Warnings: 0"),
            "Rows matched: 3  Changed: 2  Warnings: 0");
  EXPECT_EQ(InfoOf("", ""), "");
  EXPECT_EQ(InfoOf("Records: 1", "Rows: 1"), "Records: 1");
  EXPECT_EQ(InfoOf("Records: 1", ""), "Records: 1");
  EXPECT_EQ(InfoOf("Records: 18446744073709551615", "Records: 99999999999999999999"),
            "Records: 18446744073709551615");
}

}  // namespace
}  // namespace tessera::engine
