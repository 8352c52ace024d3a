// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "sqltypes/bind_vars.h"
#include "sqltypes/result_set.h"
#include "sqltypes/row_codec.h"

namespace tessera::sqltypes {
namespace {

Value Int(std::string_view text) { return {Type::kInt64, text}; }
Value Text(std::string_view text) { return {Type::kVarChar, text}; }

std::string Sql(const Value& value) {
  std::string out;
  AppendSql(value, out);
  return out;
}

TEST(Value, ReadsNumbersAndRefusesTheRest) {
  EXPECT_EQ(*Int("-9223372036854775808").ToInt64(), INT64_MIN);
  EXPECT_EQ(*Int("18446744073709551615").ToUint64(), UINT64_MAX);
  EXPECT_EQ(Int("9223372036854775808").ToInt64().error().code(), Code::kOutOfRange);
  EXPECT_EQ(Int("12x").ToInt64().error().code(), Code::kInvalidArgument);
  EXPECT_EQ(Value().ToInt64().error().code(), Code::kInvalidArgument);
  EXPECT_EQ(Int("").ToInt64().error().code(), Code::kInvalidArgument);
}

TEST(Value, SqlTextEscapesWhatQuotesNeed) {
  using namespace std::string_view_literals;
  EXPECT_EQ(Sql(Text("a'b\\c\n\r\t\b\0\x1a\"d"sv)), R"('a\'b\\c\n\r\t\b\0\Z"d')");
  EXPECT_EQ(Sql(Value()), "null");
  EXPECT_EQ(Sql(Int("-5")), "-5");
  EXPECT_EQ(Sql(Value(Type::kVarBinary, "x")), "_binary'x'");
  EXPECT_EQ(Sql(Value(Type::kBit, "\x05")), "b'00000101'");
  EXPECT_EQ(Sql(Value(Type::kHexVal, "x'ff'")), "x'ff'");
}

TEST(SqlTemplate, PastesOutsideQuotesAndCommentsOnly) {
  const SqlTemplate query(
      "select ':a', \":a\", `:a` /* :a */ from t where a = :a and b in ::list -- :a");
  const Value list[] = {Int("1"), Text("x")};
  BindVars vars;
  vars.Add("a", Text("it's"));
  vars.AddList("list", list);
  std::string out;
  ASSERT_TRUE(query.Render(vars, out).ok());
  EXPECT_EQ(out,
            "select ':a', \":a\", `:a` /* :a */ from t where a = 'it\\'s' and b in (1, 'x') -- :a");
}

TEST(SqlTemplate, NamesWhatIsMissingOrOfTheWrongKind) {
  std::string out;
  BindVars vars;
  EXPECT_EQ(SqlTemplate("select :a").Render(vars, out).error().message(), "missing bind var a");
  vars.AddList("a", {});
  EXPECT_FALSE(SqlTemplate("select :a").Render(vars, out).ok());
  EXPECT_FALSE(SqlTemplate("select ::a").Render(vars, out).ok());
}

// A prepared statement may have 65,535 parameters: a look along all of them for each took minutes.
TEST(SqlTemplate, ManyVariablesAreFoundAtOnce) {
  constexpr size_t kCount = 200'000;
  std::vector<std::string> names;
  std::string sql = "select ";
  for (size_t i = 0; i < kCount; ++i) {
    names.push_back("v" + std::to_string(i));
    sql += ":" + names.back() + ",";
  }
  BindVars vars;
  for (const std::string& name : names) vars.Set({name, Int("1"), {}});
  std::string out;
  ASSERT_TRUE(SqlTemplate(sql).Render(vars, out).ok());
  EXPECT_EQ(out.size(), 7 + 2 * kCount);
  EXPECT_EQ(vars.Find("w"), nullptr);
}

TEST(BindVars, AreReplacedByNameHoweverManyThereAre) {
  for (const size_t count : {3u, 32u, 33u, 34u, 100u}) {
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i) names.push_back("n" + std::to_string(i));
    BindVars vars;
    for (const std::string& name : names) vars.Add(name, Int("1"));
    vars.Add(names[1], Int("2"));  // the first of a name counts
    EXPECT_EQ(vars.Find("n1")->value.raw(), "1");
    const std::string again = "n1";
    vars.Set({again, Int("3"), {}});
    EXPECT_EQ(vars.size(), count + 1);
    EXPECT_EQ(vars.Find("n1")->value.raw(), "3");
    EXPECT_EQ(vars.Find("n0")->value.raw(), "1");
    EXPECT_EQ(vars.Find("n"), nullptr);
    const BindVars copy = vars;
    EXPECT_EQ(copy.Find("n1")->value.raw(), "3");
    vars.clear();
    EXPECT_EQ(vars.Find("n1"), nullptr);
    vars.Add("n1", Int("4"));
    EXPECT_EQ(vars.Find("n1")->value.raw(), "4");
  }
}

TEST(SqlTemplate, TimesAndAssignmentsAreNoVariables) {
  std::string out;
  ASSERT_TRUE(SqlTemplate("set @a := 12:30").Render(BindVars(), out).ok());
  EXPECT_EQ(out, "set @a := 12:30");
}

Field NamedField(std::string name, Type type) {
  Field field;
  field.name = std::move(name);
  field.type = type;
  return field;
}

ResultSet Encoded() {
  ResultSet result;
  result.fields = {NamedField("id", Type::kInt64), NamedField("name", Type::kVarChar)};
  std::string run;
  const Value first[] = {Int("1"), Text("one")};
  const Value second[] = {Int("22"), Value()};
  const Value third[] = {Int("3"), Text("")};
  AppendRowEntry(first, run);
  AppendRowEntry(second, run);
  AppendRowEntry(third, run);
  result.SetEncodedRows(std::move(run), 3);
  return result;
}

TEST(ResultSet, DecodesWhatWasEncoded) {
  ResultSet result = Encoded();
  ASSERT_TRUE(result.Decode().ok());
  ASSERT_EQ(result.row_count(), 3u);
  EXPECT_EQ(result.row(0)[1], Text("one"));
  EXPECT_TRUE(result.row(1)[1].is_null());
  EXPECT_FALSE(result.row(2)[1].is_null());
  EXPECT_EQ(result.row(2)[1].raw(), "");
}

TEST(ResultSet, EveryCutOfARunIsAnErrorNotACrash) {
  const ResultSet whole = Encoded();
  const std::string run(whole.encoded_rows());
  for (size_t size = 0; size < run.size(); ++size) {
    ResultSet cut;
    cut.fields = whole.fields;
    cut.SetEncodedRows(run.substr(0, size), 3);
    EXPECT_FALSE(cut.Decode().ok()) << size;
  }
}

TEST(ResultSet, LengthsThatLieAreErrors) {
  const Type types[] = {Type::kInt64};
  Value cells[1];
  using namespace std::string_view_literals;
  EXPECT_FALSE(DecodeRow("\x0a\x01\x14\x12\x01x"sv, types, cells).ok());  // says ten bytes, has one
  EXPECT_FALSE(
      DecodeRow("\x0a\x02\x02\x02\x12\x02xy"sv, types, cells).ok());      // two cells for one field
  EXPECT_FALSE(DecodeRow("\x0a\x01\x03\x12\x01x"sv, types, cells).ok());  // length -2
  EXPECT_TRUE(DecodeRow("\x0a\x01\x02\x12\x01x"sv, types, cells).ok());
}

TEST(ResultSet, AppendKeepReorderAndNarrow) {
  ResultSet all;
  all.fields = Encoded().fields;
  ASSERT_TRUE(all.AppendRows(Encoded()).ok());
  ASSERT_TRUE(all.AppendRows(Encoded()).ok());
  EXPECT_EQ(all.row_count(), 6u);
  const size_t order[] = {5, 0, 1};
  all.Reorder(order);
  EXPECT_EQ(all.row(0)[0], Int("3"));
  all.KeepRows(1, 10);
  ASSERT_EQ(all.row_count(), 2u);
  EXPECT_EQ(all.row(1)[0], Int("22"));
  all.KeepColumns(1);
  EXPECT_EQ(all.row(1).size(), 1u);
  EXPECT_EQ(all.row(1)[0], Int("22"));
  EXPECT_EQ(all.fields.size(), 1u);
}

TEST(BindVars, ErrorTextIsSortedAndQuoted) {
  BindVars vars;
  vars.Add("v2", Int("2"));
  vars.Add("v1", Text("a\"b"));
  EXPECT_EQ(DescribeForError(vars),
            R"({v1: "type:VARCHAR value:\"a\\\"b\""v2: "type:INT64 value:\"2\""})");
}

}  // namespace
}  // namespace tessera::sqltypes
