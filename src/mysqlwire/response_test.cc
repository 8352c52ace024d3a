// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/response.h"

#include <string>

#include <gtest/gtest.h>

#include "mysqlwire/columns.h"
#include "mysqlwire/errno_codes.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response_reader.h"

namespace tessera::mysqlwire {
namespace {

using Event = ResponseReader::Event;

TEST(OkPacket, Bytes) {
  ByteBuffer out;
  OkPacket ok;
  ok.affected_rows = 3;
  ok.insert_id = 300;
  ok.status_flags = kStatusAutocommit;
  ok.warnings = 1;
  AppendOk(out, ok, kOkHeader);
  EXPECT_EQ(out.view(), std::string_view("\x00\x03\xfc\x2c\x01\x02\x00\x01\x00", 9));
  const auto parsed = ParseOk(out.view(), 0);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->affected_rows, 3u);
  EXPECT_EQ(parsed->insert_id, 300u);
  EXPECT_EQ(parsed->warnings, 1);
  for (size_t size = 0; size < 9; ++size)
    EXPECT_FALSE(ParseOk(out.view().substr(0, size), 0).ok()) << size;
}

TEST(OkPacket, TextHasItsLengthBeforeIt) {
  ByteBuffer out;
  OkPacket ok;
  ok.info = "Rows";
  AppendOk(out, ok, kOkHeader);
  EXPECT_EQ(out.view(), std::string_view("\0\0\0\0\0\0\0\x04Rows", 12));
}

TEST(OkPacket, SessionTracking) {
  ByteBuffer out;
  OkPacket ok;
  ok.status_flags = kStatusSessionStateChanged;
  // A schema change to "shop", then GTIDs "0-1-2".
  ok.session_state = std::string_view(
      "\x01\x05\x04shop\x03\x07\x00\x05"
      "0-1-2",
      16);
  AppendOk(out, ok, kOkHeader);
  const auto parsed = ParseOk(out.view(), kClientSessionTrack);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(TrackedSchema(parsed->session_state), "shop");
  std::string run;
  AppendTrackedVariable(run, "autocommit", "ON");
  EXPECT_EQ(TrackedSchema(run), std::nullopt);
  AppendTrackedSchema(run, "shop");
  EXPECT_EQ(run, std::string_view("\x00\x0e\x0a"
                                  "autocommit\x02"
                                  "ON\x01\x05\x04shop",
                                  23));
  EXPECT_EQ(TrackedSchema(run), "shop");
  EXPECT_EQ(TrackedGtids(run), std::nullopt);
  AppendTrackedGtids(run, "0-1-2");
  EXPECT_EQ(TrackedGtids(run), "0-1-2");
  EXPECT_EQ(TrackedGtids(parsed->session_state), "0-1-2");
  EXPECT_FALSE(TrackedGtids("\x01\xff").has_value());
}

TEST(ErrPacket, RoundTrip) {
  ByteBuffer out;
  AppendErr(out, 1062, "23000", "Duplicate entry '1' for key 'PRIMARY'");
  const Error error = ParseErr(out.view());
  EXPECT_EQ(error.mysql_errno(), 1062);
  EXPECT_EQ(error.sqlstate(), "23000");
  EXPECT_EQ(error.code(), Code::kAlreadyExists);
  EXPECT_EQ(error.message(), "Duplicate entry '1' for key 'PRIMARY'");
  EXPECT_EQ(ParseErr("\xff").mysql_errno(), 2027);
}

TEST(Errno, ToCode) {
  EXPECT_EQ(CodeOfErrno(1064, ""), Code::kInvalidArgument);
  EXPECT_EQ(CodeOfErrno(1146, ""), Code::kNotFound);
  EXPECT_EQ(CodeOfErrno(1205, ""), Code::kDeadlineExceeded);
  EXPECT_EQ(CodeOfErrno(1213, ""), Code::kAborted);
  EXPECT_EQ(CodeOfErrno(1290, ""), Code::kClusterEvent);
  EXPECT_EQ(CodeOfErrno(2013, ""), Code::kCancelled);
  EXPECT_EQ(CodeOfErrno(2006, ""), Code::kUnavailable);
  EXPECT_EQ(CodeOfErrno(1227, "x failover in progress y"), Code::kFailedPrecondition);
  EXPECT_EQ(CodeOfErrno(1227, "Access denied"), Code::kPermissionDenied);
  EXPECT_EQ(CodeOfErrno(1317, ""), Code::kUnknown);
  EXPECT_EQ(CodeOfErrno(1105, ""), Code::kUnknown);
}

struct ToMysqlCase {
  Code code;
  const char* text;
  uint16_t number;
  const char* sqlstate;
};

TEST(Errno, OfAnError) {
  const ToMysqlCase cases[] = {
      {Code::kCancelled, "x", 1317, "70100"},
      {Code::kDeadlineExceeded, "x", 1317, "70100"},
      {Code::kUnauthenticated, "x", 1045, "28000"},
      {Code::kResourceExhausted, "x", 1203, "42000"},
      {Code::kResourceExhausted, "grpc: received message larger than max (9 vs. 4)", 1153, "08S01"},
      {Code::kResourceExhausted, "Transaction throttled", 1041, "HY000"},
      {Code::kUnimplemented, "x", 1235, "42000"},
      {Code::kInternal, "x", 1815, "HY000"},
      {Code::kNotFound, "x", 1105, "HY000"},
      {Code::kNotFound, "vttablet: Duplicate (errno 1062) (sqlstate 23000) (CallerID: u)", 1062,
       "23000"},
      {Code::kNotFound, "(errno x) then (errno 1146) (sqlstate 42S02)", 1146, "42S02"},
      {Code::kNotFound, "(errno 99999) (sqlstate 42S02)", 1105, "HY000"},
      {Code::kNotFound, "(errno 12) (sqlstate 42-02)", 1105, "HY000"},
  };
  for (const ToMysqlCase& expected : cases) {
    const MysqlError mysql = ToMysqlError(Error(expected.code, expected.text));
    EXPECT_EQ(mysql.number, expected.number) << expected.text;
    EXPECT_STREQ(mysql.sqlstate, expected.sqlstate) << expected.text;
  }
  const Error own = Error(Code::kInternal, "x (errno 1) (sqlstate 00000)").WithMysql(1064, "42000");
  EXPECT_EQ(ToMysqlError(own).number, 1064);
}

// Feeds payloads to a reader and gives the events.
class Reader {
 public:
  explicit Reader(uint32_t capabilities) { reader.Begin(capabilities, true); }
  Event Feed(const ByteBuffer& packet) { return Feed(packet.view()); }
  Event Feed(std::string_view packet) {
    const auto event = reader.OnPacket(packet);
    EXPECT_TRUE(event.ok()) << event.error().message();
    return event.ok() ? *event : Event::kError;
  }
  ResponseReader reader;
};

ByteBuffer Column(std::string name, sqltypes::Type type) {
  sqltypes::Field field;
  field.name = std::move(name);
  field.type = type;
  ByteBuffer out;
  AppendColumn(out, field, 0);
  return out;
}

ByteBuffer End(uint32_t capabilities, uint16_t flags) {
  ByteBuffer out;
  if (capabilities & kClientDeprecateEof) {
    OkPacket ok;
    ok.status_flags = flags;
    AppendOk(out, ok, kEofHeader);
  } else {
    AppendEof(out, flags, 0);
  }
  return out;
}

class ResponseForms : public testing::TestWithParam<uint32_t> {};

TEST_P(ResponseForms, TwoResultsOneAfterTheOther) {
  Reader reader(GetParam());
  EXPECT_EQ(reader.Feed("\x02"), Event::kMore);
  EXPECT_EQ(reader.Feed(Column("a", sqltypes::Type::kInt64)), Event::kMore);
  const Event after_columns = reader.Feed(Column("b", sqltypes::Type::kVarChar));
  if (GetParam() & kClientDeprecateEof) {
    EXPECT_EQ(after_columns, Event::kFields);
  } else {
    EXPECT_EQ(after_columns, Event::kMore);
    EXPECT_EQ(reader.Feed(End(0, kStatusAutocommit)), Event::kFields);
  }
  ASSERT_EQ(reader.reader.fields().size(), 2u);
  EXPECT_EQ(reader.reader.fields()[1].name, "b");
  EXPECT_EQ(reader.Feed("\x01"
                        "1\x01"
                        "x"),
            Event::kRow);
  EXPECT_EQ(reader.Feed("\xfb\xfb"), Event::kRow);
  EXPECT_EQ(reader.Feed(End(GetParam(), kStatusMoreResults)), Event::kEnd);
  EXPECT_TRUE(reader.reader.more_results());
  ByteBuffer ok;
  OkPacket seven;
  seven.affected_rows = 7;
  AppendOk(ok, seven, kOkHeader);
  EXPECT_EQ(reader.Feed(ok), Event::kEnd);
  EXPECT_EQ(reader.reader.end().affected_rows, 7u);
  EXPECT_FALSE(reader.reader.active());
}

INSTANTIATE_TEST_SUITE_P(WithAndWithoutEof, ResponseForms,
                         testing::Values(0u, uint32_t{kClientDeprecateEof}));

TEST(ResponseReader, AnErrorAmongRowsEndsTheAnswer) {
  Reader reader(kClientDeprecateEof);
  reader.Feed("\x01");
  reader.Feed(Column("a", sqltypes::Type::kInt64));
  ByteBuffer err;
  AppendErr(err, 1317, "70100", "Query execution was interrupted");
  EXPECT_EQ(reader.Feed(err), Event::kError);
  EXPECT_EQ(reader.reader.error().mysql_errno(), 1317);
  EXPECT_FALSE(reader.reader.active());
}

TEST(ResponseReader, RefusesWhatWasNotAskedFor) {
  ResponseReader reader;
  EXPECT_FALSE(reader.OnPacket(std::string_view("\x00\x00\x00\x02\x00\x00\x00", 7)).ok());
  reader.Begin(0, true);
  EXPECT_FALSE(reader.OnPacket("\xfb/etc/passwd").ok());
  reader.Begin(0, true);
  EXPECT_FALSE(reader.OnPacket("").ok());
  reader.Begin(0, true);
  EXPECT_FALSE(reader.OnPacket(std::string_view("\xfd\x00\x00\x01", 4)).ok());  // 65,536 columns
}

TEST(Columns, EveryTypeComesBackFromItsWireForm) {
  using sqltypes::Type;
  for (const Type type :
       {Type::kInt8,     Type::kUint8,     Type::kInt16,     Type::kUint16, Type::kInt24,
        Type::kUint24,   Type::kInt32,     Type::kUint32,    Type::kInt64,  Type::kUint64,
        Type::kFloat32,  Type::kFloat64,   Type::kTimestamp, Type::kDate,   Type::kTime,
        Type::kDatetime, Type::kYear,      Type::kDecimal,   Type::kText,   Type::kBlob,
        Type::kVarChar,  Type::kVarBinary, Type::kChar,      Type::kBinary, Type::kBit,
        Type::kEnum,     Type::kSet,       Type::kGeometry,  Type::kJson,   Type::kVector,
        Type::kNull}) {
    const MysqlType mysql = MysqlFromType(type);
    const auto back = TypeFromMysql(static_cast<uint8_t>(mysql.type), mysql.flags);
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(*back, type) << static_cast<int>(type);
  }
  EXPECT_EQ(*TypeFromMysql(15, 0), Type::kVarChar);
  EXPECT_EQ(*TypeFromMysql(249, 0), Type::kText);
  EXPECT_EQ(*TypeFromMysql(254, kColumnBinary | kColumnEnum),
            Type::kBinary);  // BINARY is looked at first
  EXPECT_FALSE(TypeFromMysql(100, 0).ok());
}

TEST(Columns, DefinitionRoundTrip) {
  sqltypes::Field field;
  field.name = "n";
  field.org_name = "name";
  field.table = "c";
  field.org_table = "customer";
  field.database = "commerce";
  field.type = sqltypes::Type::kVarChar;
  field.charset = 45;
  field.column_length = 400;
  field.flags = kColumnNotNull | kColumnPrimaryKey;
  field.decimals = 31;
  ByteBuffer out;
  AppendColumn(out, field, 0);
  const auto parsed = ParseColumn(out.view(), 0);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(*parsed, field);
  for (size_t size = 0; size + 2 < out.size(); ++size)
    EXPECT_FALSE(ParseColumn(out.view().substr(0, size), 0).ok());
}

// Bytes of MariaDB 10.11: `j json` and `u uuid` of a table.
TEST(Columns, MariadbTellsNamesOfTypes) {
  const std::string_view ends[] = {
      {"\x06\x01\x04json\x0c\x2d\x00\xff\xff\xff\xff\xfc\x90\x00\x00\x00\x00", 20},
      {"\x06\x00\x04uuid\x0c\x2d\x00\x90\x00\x00\x00\xfe\xa0\x00\x00\x00\x00", 20}};
  const std::string_view told[] = {"format=json", "uuid"};
  for (size_t i = 0; i < 2; ++i) {
    const std::string packet = std::string(
                                   "\x03"
                                   "def\x01t\x01m\x01m\x01j\x01j") +
                               std::string(ends[i]);
    const auto field = ParseColumn(packet, kMariadbExtendedMetadata);
    ASSERT_TRUE(field.ok());
    EXPECT_EQ(field->column_type, told[i]);
    ByteBuffer again;
    AppendColumn(again, *field, kMariadbExtendedMetadata);
    EXPECT_EQ(ParseColumn(again.view(), kMariadbExtendedMetadata)->column_type, told[i]);
    ByteBuffer plain;
    AppendColumn(plain, *field, 0);
    EXPECT_TRUE(ParseColumn(plain.view(), 0)->column_type.empty());
  }
}

}  // namespace
}  // namespace tessera::mysqlwire
