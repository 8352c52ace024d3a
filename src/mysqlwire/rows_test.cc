// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/rows.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mysqlwire/binary_rows.h"
#include "mysqlwire/protocol.h"
#include "sqltypes/row_codec.h"

namespace tessera::mysqlwire {
namespace {

using sqltypes::Type;
using sqltypes::Value;

std::vector<Value> Cells(const std::vector<const std::string*>& texts) {
  std::vector<Value> cells;
  for (const std::string* text : texts)
    cells.push_back(text == nullptr ? Value() : Value(Type::kVarChar, *text));
  return cells;
}

TEST(TextRow, ToEncodedBytes) {
  ByteBuffer out;
  ASSERT_TRUE(EncodeTextRow(std::string_view("\x01"
                                             "7\xfb\x00\x03"
                                             "abc",
                                             8),
                            4, out)
                  .ok());
  // Packed zigzag lengths 1, -1, 0, 3; then "7abc".
  EXPECT_EQ(out.view(), std::string_view("\x0a\x04\x02\x01\x00\x06\x12\x04"
                                         "7abc",
                                         12));
}

TEST(TextRow, BackFromEncodedBytes) {
  ByteBuffer out;
  ASSERT_TRUE(DecodeToTextRow(std::string_view("\x0a\x04\x02\x01\x00\x06\x12\x04"
                                               "7abc",
                                               12),
                              4, out)
                  .ok());
  EXPECT_EQ(out.view(), std::string_view("\x01"
                                         "7\xfb\x00\x03"
                                         "abc",
                                         8));
}

TEST(TextRow, EncodedFormIsTheOneOfSqltypes) {
  const std::string empty;
  const std::string small = "x";
  const std::string edge(250, 'a');
  const std::string over(251, 'b');
  const std::string big(70000, 'c');
  const std::string huge(size_t{17} << 20, 'd');
  for (const auto& texts : std::vector<std::vector<const std::string*>>{
           {&small},
           {nullptr},
           {nullptr, nullptr},
           {&empty},
           {&empty, &small, nullptr, &edge, &over, &big, &huge}}) {
    const std::vector<Value> cells = Cells(texts);
    ByteBuffer packet;
    AppendTextRow(cells, packet);
    ByteBuffer encoded;
    ASSERT_TRUE(EncodeTextRow(packet.view(), cells.size(), encoded).ok());
    std::string entry;
    sqltypes::AppendRowEntry(cells, entry);
    sqltypes::RowRunReader reader(entry);
    const auto body = reader.Next();
    ASSERT_TRUE(body.ok());
    EXPECT_TRUE(*body == encoded.view());
    ByteBuffer again;
    ASSERT_TRUE(DecodeToTextRow(encoded.view(), cells.size(), again).ok());
    EXPECT_TRUE(again.view() == packet.view());
  }
}

TEST(TextRow, MalformedPacketsAreRefused) {
  ByteBuffer out;
  EXPECT_FALSE(EncodeTextRow("\x05"
                             "abc",
                             1, out)
                   .ok());  // cut
  EXPECT_FALSE(EncodeTextRow("\x01"
                             "a\x01"
                             "b",
                             1, out)
                   .ok());  // too many
  EXPECT_FALSE(EncodeTextRow("\x01"
                             "a",
                             2, out)
                   .ok());                                                           // too few
  EXPECT_FALSE(EncodeTextRow("\xff", 1, out).ok());                                  // no length
  EXPECT_FALSE(EncodeTextRow("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 1, out).ok());  // giant length
  EXPECT_TRUE(out.empty());
}

TEST(EncodedRow, MalformedBodiesAreRefused) {
  ByteBuffer out;
  const auto decode = [&](std::string_view body, size_t columns) {
    return DecodeToTextRow(body, columns, out).ok();
  };
  EXPECT_FALSE(decode(std::string_view("\x0a\x01\x06\x12\x01x", 6), 1));  // length over the values
  EXPECT_FALSE(decode(std::string_view("\x0a\x01\x80", 3), 1));           // half a varint
  EXPECT_FALSE(decode(std::string_view("\x0a\x05\x02", 3), 1));           // field over the end
  EXPECT_FALSE(
      decode(std::string_view("\x0a\x02\x02\x02\x12\x02xy", 8), 1));  // two cells for one column
  EXPECT_FALSE(decode("", 1));
  EXPECT_TRUE(out.empty());
  // Fields in the other order, and one of another number, are legal.
  EXPECT_TRUE(decode(std::string_view("\x12\x01x\x18\x07\x0a\x01\x02", 8), 1));
  EXPECT_EQ(out.view(), "\x01x");
}

TEST(BinaryRow, Bytes) {
  const std::vector<Type> types = {Type::kInt8, Type::kUint64,  Type::kVarChar, Type::kDatetime,
                                   Type::kTime, Type::kFloat64, Type::kNull};
  const std::vector<Value> cells = {Value(Type::kInt8, "-2"),
                                    Value(Type::kUint64, "18446744073709551615"),
                                    Value(Type::kVarChar, "ab"),
                                    Value(Type::kDatetime, "2026-02-03 04:05:06.5"),
                                    Value(Type::kTime, "-25:01:02"),
                                    Value(Type::kFloat64, "1.5"),
                                    Value()};
  ByteBuffer out;
  ASSERT_TRUE(AppendBinaryRow(cells, types, out).ok());
  const std::string_view expected(
      "\x00\x00\x01"                      // header; column 6 is NULL
      "\xfe"                              // -2
      "\xff\xff\xff\xff\xff\xff\xff\xff"  // 2^64-1
      "\x02"
      "ab"                                                // text
      "\x0b\xea\x07\x02\x03\x04\x05\x06\x20\xa1\x07\x00"  // .5 = 500000 = 0x07a120
      "\x08\x01\x01\x00\x00\x00\x01\x01\x02"              // -(1 day 01:01:02)
      "\x00\x00\x00\x00\x00\x00\xf8\x3f",                 // 1.5
      3 + 1 + 8 + 3 + 12 + 9 + 8);
  EXPECT_EQ(out.view(), expected);
  std::string entry;
  sqltypes::AppendRowEntry(cells, entry);
  const auto body = sqltypes::RowRunReader(entry).Next();
  ByteBuffer from_encoded;
  ASSERT_TRUE(DecodeToBinaryRow(*body, types, from_encoded).ok());
  EXPECT_EQ(from_encoded.view(), expected);
}

TEST(BinaryRow, ValuesOfTheWrongTypeAreAnError) {
  ByteBuffer out;
  const std::vector<Type> types = {Type::kInt32};
  EXPECT_FALSE(AppendBinaryRow(std::vector<Value>{Value(Type::kInt32, "abc")}, types, out).ok());
  const std::vector<Type> dates = {Type::kDate};
  EXPECT_FALSE(AppendBinaryRow(std::vector<Value>{Value(Type::kDate, "2026-13")}, dates, out).ok());
}

TEST(BinaryParameters, OfEveryKind) {
  ByteBuffer packet;
  packet.U8(0);     // no cursor
  packet.U32(1);    // iterations
  packet.U8(0x02);  // the second is NULL
  packet.U8(1);     // types follow
  for (const auto& [type, flag] :
       std::vector<std::pair<ColumnType, uint8_t>>{{ColumnType::kTiny, 0},
                                                   {ColumnType::kLong, 0},
                                                   {ColumnType::kLongLong, 0x80},
                                                   {ColumnType::kVarString, 0},
                                                   {ColumnType::kDateTime, 0},
                                                   {ColumnType::kDouble, 0},
                                                   {ColumnType::kBlob, 0}}) {
    packet.U8(static_cast<uint8_t>(type));
    packet.U8(flag);
  }
  packet.U8(0xff);
  packet.U64(~uint64_t{0});
  packet.LenencString("text");
  packet.Append(std::string_view("\x07\xea\x07\x02\x03\x04\x05\x06", 8));
  packet.U64(0x3ff8000000000000);
  std::vector<BoundType> types;
  Arena arena;
  const std::map<uint16_t, std::string> long_data = {{uint16_t{6}, "in pieces"}};
  const auto values = ParseParameters(packet.view(), 7, types, long_data, arena);
  ASSERT_TRUE(values.ok()) << values.error().message();
  const std::vector<Value>& v = *values;
  EXPECT_EQ(v[0], Value(Type::kInt64, "-1"));
  EXPECT_TRUE(v[1].is_null());
  EXPECT_EQ(v[2], Value(Type::kUint64, "18446744073709551615"));
  EXPECT_EQ(v[3], Value(Type::kVarChar, "text"));
  EXPECT_EQ(v[4], Value(Type::kDatetime, "2026-02-03 04:05:06"));
  EXPECT_EQ(v[5], Value(Type::kFloat64, "1.5"));
  EXPECT_EQ(v[6], Value(Type::kVarBinary, "in pieces"));
  for (size_t size = 0; size < packet.size(); ++size) {
    std::vector<BoundType> fresh;
    EXPECT_FALSE(ParseParameters(packet.view().substr(0, size), 7, fresh, long_data, arena).ok())
        << size;
  }
}

TEST(QueryAttributes, StandBeforeTheText) {
  ByteBuffer packet;
  packet.U8(3);
  packet.U8(1);     // sets
  packet.U8(0x04);  // the third is NULL
  packet.U8(1);
  for (const auto& [type, name] : std::vector<std::pair<ColumnType, std::string_view>>{
           {ColumnType::kVarString, "trace"}, {ColumnType::kLong, "n"}, {ColumnType::kLong, ""}}) {
    packet.U16(static_cast<uint16_t>(type));
    packet.LenencString(name);
  }
  packet.LenencString("00-ab-01");
  packet.U32(7);
  const std::string head(packet.view());
  packet.Append("select 1");
  std::vector<QueryAttribute> attributes;
  Arena arena;
  const auto sql = TakeQueryAttributes(packet.view(), attributes, arena);
  ASSERT_TRUE(sql.ok()) << sql.error().message();
  EXPECT_EQ(*sql, "select 1");
  ASSERT_EQ(attributes.size(), 3u);
  EXPECT_EQ(attributes[0].name, "trace");
  EXPECT_EQ(attributes[0].value, Value(Type::kVarChar, "00-ab-01"));
  EXPECT_EQ(attributes[1].value, Value(Type::kInt64, "7"));
  EXPECT_TRUE(attributes[2].value.is_null());
  for (size_t size = 0; size < head.size(); ++size)
    EXPECT_FALSE(TakeQueryAttributes(head.substr(0, size), attributes, arena).ok()) << size;
  // What most statements bring. Nothing is left of those before.
  EXPECT_EQ(*TakeQueryAttributes(std::string_view("\0\1select 2", 10), attributes, arena),
            "select 2");
  EXPECT_TRUE(attributes.empty());
}

TEST(QueryAttributes, NumbersThatNobodyMeansAreRefused) {
  std::vector<QueryAttribute> attributes;
  Arena arena;
  for (const std::string_view packet :
       {std::string_view("\xfe\xff\xff\xff\xff\xff\xff\xff\xff\x01", 10),
        std::string_view("\x01\x02\0\1", 4), std::string_view("\x01\x01\0\0", 4)})
    EXPECT_EQ(TakeQueryAttributes(packet, attributes, arena).error().mysql_errno(), 1835);
}

// An execution: flags, iterations, then as many parameters and attributes as there are names.
ByteBuffer Execution(const std::vector<std::string_view>& names, uint8_t flags) {
  ByteBuffer packet;
  packet.U8(flags);
  packet.U32(1);
  packet.U8(static_cast<uint8_t>(names.size()));
  packet.U8(0);  // nobody is NULL
  packet.U8(1);
  for (const std::string_view name : names) {
    packet.U16(static_cast<uint16_t>(ColumnType::kVarString));
    packet.LenencString(name);
  }
  for (size_t i = 0; i < names.size(); ++i) packet.LenencString(std::string(i + 1, 'v'));
  return packet;
}

TEST(QueryAttributes, ComeBehindParameters) {
  const ByteBuffer packet = Execution({"", "", "trace"}, kParameterCountAvailable);
  std::vector<BoundType> types;
  std::vector<QueryAttribute> attributes;
  Arena arena;
  const auto values = ParseParameters(packet.view(), 2, types, {}, arena, &attributes);
  ASSERT_TRUE(values.ok()) << values.error().message();
  EXPECT_EQ(values->size(), 2u);
  EXPECT_EQ((*values)[1], Value(Type::kVarChar, "vv"));
  EXPECT_EQ(types.size(), 2u);
  ASSERT_EQ(attributes.size(), 1u);
  EXPECT_EQ(attributes[0].name, "trace");
  EXPECT_EQ(attributes[0].value, Value(Type::kVarChar, "vvv"));
  // Fewer than the statement has are too few.
  EXPECT_FALSE(ParseParameters(packet.view(), 4, types, {}, arena, &attributes).ok());
  for (size_t size = 0; size < packet.size(); ++size) {
    std::vector<BoundType> fresh;
    EXPECT_FALSE(
        ParseParameters(packet.view().substr(0, size), 2, fresh, {}, arena, &attributes).ok())
        << size;
  }
}

TEST(QueryAttributes, OfAStatementWithoutParameters) {
  std::vector<BoundType> types;
  std::vector<QueryAttribute> attributes;
  Arena arena;
  const ByteBuffer packet = Execution({"trace"}, kParameterCountAvailable);
  ASSERT_TRUE(ParseParameters(packet.view(), 0, types, {}, arena, &attributes).ok());
  EXPECT_EQ(attributes.size(), 1u);
  // Without the flag there is nothing behind.
  ASSERT_TRUE(
      ParseParameters(std::string_view("\0\1\0\0\0", 5), 0, types, {}, arena, &attributes).ok());
  EXPECT_TRUE(attributes.empty());
}

TEST(QueryAttributes, AreTakenOutForServersThatKnowNone) {
  std::string packet("\x17\x2a\0\0\0", 5);  // COM_STMT_EXECUTE of statement 42
  const std::string command = packet;
  packet += Execution({"", "", "trace"}, kParameterCountAvailable | 1).view();
  const auto plain = WithoutQueryAttributes(packet);
  ASSERT_TRUE(plain.ok()) << plain.error().message();
  EXPECT_EQ(plain->substr(0, 5), command);
  std::vector<BoundType> types;
  Arena arena;
  const auto values = ParseParameters(std::string_view(*plain).substr(5), 2, types, {}, arena);
  ASSERT_TRUE(values.ok()) << values.error().message();
  EXPECT_EQ((*values)[0], Value(Type::kVarChar, "v"));
  EXPECT_EQ((*values)[1], Value(Type::kVarChar, "vv"));
  EXPECT_EQ((*plain)[5], 1);  // the cursor is wanted still

  EXPECT_EQ(*WithoutQueryAttributes(command + std::string("\0\1\0\0\0", 5)),
            command + std::string("\0\1\0\0\0", 5));
  EXPECT_FALSE(WithoutQueryAttributes(packet.substr(0, 12)).ok());
  EXPECT_FALSE(WithoutQueryAttributes(packet.substr(0, 8)).ok());
}

TEST(BinaryRows, ABulkHasOneRowAfterTheOther) {
  ByteBuffer packet;
  packet.U16(128);
  for (const uint8_t type : {8, 253}) packet.U16(type);
  packet.U8(0);
  packet.U64(7);
  packet.U8(0);
  packet.LenencString("a");
  packet.U8(1);
  packet.U8(2);
  packet.U8(3);
  packet.U8(0);
  packet.LenencString("");
  std::vector<BoundType> types;
  Arena arena;
  auto rows = BulkReader::Begin(packet.view(), 2, types);
  ASSERT_TRUE(rows.ok());
  std::vector<Value> row;
  ASSERT_TRUE(rows->Next(row, arena).ok());
  EXPECT_EQ(row, (std::vector<Value>{Value(Type::kInt64, "7"), Value(Type::kVarChar, "a")}));
  ASSERT_TRUE(rows->Next(row, arena).ok());
  EXPECT_EQ(row, (std::vector<Value>{Value(), Value(Type::kExpression, "default")}));
  ASSERT_TRUE(rows->Next(row, arena).ok());
  EXPECT_EQ(row,
            (std::vector<Value>{Value(Type::kExpression, "ignore"), Value(Type::kVarChar, "")}));
  EXPECT_TRUE(rows->empty());
  // The types may be those of before.
  ASSERT_TRUE(BulkReader::Begin(std::string_view("\0\0\1\1", 4), 2, types).ok());
  // Neither a piece of a row nor an indicator that is none is taken for a row.
  for (const std::string_view bad : {std::string_view("\0\0\1", 3), std::string_view("\0\0\0\7", 4),
                                     std::string_view("\0\0\4\1", 4)}) {
    auto broken = BulkReader::Begin(bad, 2, types);
    ASSERT_TRUE(broken.ok());
    EXPECT_EQ(broken->Next(row, arena).error().mysql_errno(), 1210);
    EXPECT_TRUE(broken->empty());
  }
  EXPECT_EQ(BulkReader::Begin(std::string_view("\x40\0", 2), 2, types).error().mysql_errno(), 1295);
  std::vector<BoundType> none;
  EXPECT_EQ(BulkReader::Begin(std::string_view("\0\0\1\1", 4), 2, none).error().mysql_errno(),
            1210);
}

}  // namespace
}  // namespace tessera::mysqlwire
