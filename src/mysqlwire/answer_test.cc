// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/answer.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "mysqlwire/columns.h"
#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {
namespace {

constexpr uint32_t kOld = kClientProtocol41;
constexpr uint32_t kNew = kClientProtocol41 | kClientDeprecateEof;

std::string Ok(uint8_t header, uint16_t flags) {
  ByteBuffer out;
  OkPacket ok;
  ok.status_flags = flags;
  AppendOk(out, ok, header);
  return std::string(out.view());
}
std::string Eof(uint16_t flags) {
  ByteBuffer out;
  AppendEof(out, flags, 0);
  return std::string(out.view());
}
std::string Column(std::string database) {
  ByteBuffer out;
  sqltypes::Field field;
  field.name = "a";
  field.database = std::move(database);
  field.type = sqltypes::Type::kInt64;
  AppendColumn(out, field, 0);
  return std::string(out.view());
}
std::string Prepared(uint16_t columns, uint16_t parameters) {
  ByteBuffer out;
  out.U8(kOkHeader);
  out.U32(7);
  out.U16(columns);
  out.U16(parameters);
  out.U8(0);
  out.U16(0);
  return std::string(out.view());
}

// Packets without their headers.
std::vector<std::string> Packets(const PacketWriter& out) {
  std::vector<std::string> packets;
  std::string_view rest = out.buffer().view();
  while (!rest.empty()) {
    const size_t size = static_cast<uint8_t>(rest[0]) | static_cast<uint8_t>(rest[1]) << 8;
    packets.emplace_back(rest.substr(4, size));
    rest.remove_prefix(4 + size);
  }
  return packets;
}

// The packets that a client gets.
std::vector<std::string> Relayed(AnswerRelay& relay, Command command, bool more,
                                 const std::vector<std::string>& answer, uint16_t expected = 0) {
  relay.Begin(static_cast<uint8_t>(command), more);
  relay.ExpectStatus(expected);
  PacketWriter out;
  for (const std::string& packet : answer) {
    EXPECT_FALSE(relay.tracker().done());
    EXPECT_TRUE(relay.OnPacket(packet, out).ok());
  }
  EXPECT_TRUE(relay.tracker().done());
  return Packets(out);
}

const std::string kOneColumn("\x01");
const std::string kRowText("\x01x");

TEST(AnswerRelay, RowsGetTheEofsThatTheClientWants) {
  AnswerRelay relay(kNew, kOld, {"s", "s"});
  const auto got = Relayed(relay, Command::kQuery, false,
                           {kOneColumn, Column("s"), kRowText, Ok(kEofHeader, 2)});
  const std::vector<std::string> want = {kOneColumn, Column("s"), Eof(0), kRowText, Eof(2)};
  EXPECT_EQ(got, want);
}

// libmariadb, which gives rows up unread, looks for further results at the columns' end.
TEST(AnswerRelay, TheExpectedStatusIsToldBehindTheFirstColumns) {
  constexpr uint16_t kMore = 2 | kStatusMoreResults;
  AnswerRelay relay(kNew, kOld, {"s", "s"});
  const auto got = Relayed(relay, Command::kQuery, false,
                           {kOneColumn, Column("s"), kRowText, Ok(kEofHeader, kMore | 0x20),
                            kOneColumn, Column("s"), Ok(kEofHeader, kMore), Ok(kOkHeader, 2)},
                           kMore);
  const std::vector<std::string> want = {
      kOneColumn, Column("s"), Eof(kMore), kRowText,   Eof(kMore | 0x20),
      kOneColumn, Column("s"), Eof(kMore), Eof(kMore), Ok(kOkHeader, 2)};
  EXPECT_EQ(got, want);
}

TEST(AnswerRelay, ADeprecatedEofIsLeftOutForAClientWithout) {
  AnswerRelay relay(kOld, kNew, {"s", "s"});
  const auto got =
      Relayed(relay, Command::kQuery, false, {kOneColumn, Column("s"), Eof(2), kRowText, Eof(2)});
  const std::vector<std::string> want = {kOneColumn, Column("s"), kRowText, Ok(kEofHeader, 2)};
  EXPECT_EQ(got, want);
}

TEST(AnswerRelay, AnOpenedCursorHasOneEndOnly) {
  AnswerRelay relay(kNew, kOld, {"s", "s"});
  const auto flags = static_cast<uint16_t>(kStatusCursorExists | 2);
  const auto got = Relayed(relay, Command::kStmtExecute, false,
                           {kOneColumn, Column("s"), Ok(kEofHeader, flags)});
  const std::vector<std::string> want = {kOneColumn, Column("s"), Eof(flags)};
  EXPECT_EQ(got, want);
  AnswerRelay back(kOld, kNew, {"s", "s"});
  const auto again =
      Relayed(back, Command::kStmtExecute, false, {kOneColumn, Column("s"), Eof(flags)});
  const std::vector<std::string> wanted = {kOneColumn, Column("s"), Ok(kEofHeader, flags)};
  EXPECT_EQ(again, wanted);
}

// FOR r IN (SELECT ...) DO EXECUTE IMMEDIATE ...: its own cursor is open while results come.
TEST(AnswerRelay, ACursorOfAProgramLeavesItsResultsAsTheyAre) {
  const auto open = static_cast<uint16_t>(kStatusCursorExists | kStatusMoreResults | 2);
  for (const Command command : {Command::kQuery, Command::kStmtExecute}) {
    AnswerRelay relay(kOld, kOld, {"s", "s"});
    const std::vector<std::string> answer = {kOneColumn, Column("s"),     Eof(open), Eof(open),
                                             kOneColumn, Column("s"),     Eof(open), kRowText,
                                             Eof(open),  Ok(kOkHeader, 2)};
    EXPECT_EQ(Relayed(relay, command, false, answer), answer);
  }
}

TEST(AnswerRelay, AStatementsDefinitionsEndEach) {
  AnswerRelay relay(kNew, kOld, {"s", "s"});
  const auto got =
      Relayed(relay, Command::kStmtPrepare, false, {Prepared(1, 1), Column(""), Column("s")});
  const std::vector<std::string> want = {Prepared(1, 1), Column(""), Eof(0), Column("s"), Eof(0)};
  EXPECT_EQ(got, want);
  EXPECT_EQ(Relayed(relay, Command::kStmtPrepare, false, {Prepared(0, 0)}).size(), 1u);
}

TEST(AnswerRelay, ADatabaseHasTheClientsName) {
  AnswerRelay relay(kNew, kNew, {"vt_s", "s"});
  const auto got =
      Relayed(relay, Command::kQuery, false, {kOneColumn, Column("vt_s"), Ok(kEofHeader, 2)});
  EXPECT_EQ(got[1], Column("s"));
  ByteBuffer error;
  AppendErr(error, 1146, "42S02", "Table 'vt_s.t' doesn't exist");
  const auto refused = Relayed(relay, Command::kQuery, false, {std::string(error.view())});
  EXPECT_EQ(ParseErr(refused[0]).message(), "Table 's.t' doesn't exist");
  EXPECT_TRUE(relay.failed());
  EXPECT_EQ(relay.error_number(), 1146);
}

TEST(AnswerRelay, MoreResultsOfTheServerAndOfTheGate) {
  AnswerRelay relay(kNew, kNew, {"s", "s"});
  const auto got = Relayed(relay, Command::kQuery, true,
                           {Ok(kOkHeader, 2 | kStatusMoreResults), Ok(kOkHeader, 2)});
  EXPECT_EQ(got[1], Ok(kOkHeader, 2 | kStatusMoreResults));
}

TEST(AnswerTracker, AFileIsAskedForAndThenTheAnswerGoesOn) {
  AnswerTracker tracker;
  tracker.Begin(static_cast<uint8_t>(Command::kQuery), kNew);
  EXPECT_EQ(*tracker.OnPacket("\xfb/data"), AnswerPacket::kFileRequest);
  EXPECT_TRUE(tracker.file_wanted());
  tracker.FileSent();
  EXPECT_FALSE(tracker.done());
  EXPECT_EQ(*tracker.OnPacket(Ok(kOkHeader, 2)), AnswerPacket::kOk);
  EXPECT_TRUE(tracker.done());
}

TEST(AnswerTracker, CommandsWithoutAnAnswerAreDoneAtOnce) {
  AnswerTracker tracker;
  tracker.Begin(static_cast<uint8_t>(Command::kStmtClose), kNew);
  EXPECT_TRUE(tracker.done());
  EXPECT_FALSE(tracker.OnPacket(Ok(kOkHeader, 2)).ok());
}

TEST(RunReader, PacketsComeBackHoweverTheRunIsCut) {
  std::string run;
  const std::vector<std::string> packets = {"", "a", std::string(300, 'b'), "cd"};
  for (const std::string& packet : packets) AppendToRun(packet, run);
  for (size_t piece = 1; piece < 9; ++piece) {
    RunReader reader;
    std::vector<std::string> got;
    for (size_t at = 0; at < run.size(); at += piece) {
      reader.Append(std::string_view(run).substr(at, piece));
      for (;;) {
        const auto packet = reader.Next(1000);
        ASSERT_TRUE(packet.ok());
        if (!*packet) break;
        got.emplace_back(**packet);
      }
    }
    EXPECT_EQ(got, packets) << piece;
  }
  RunReader reader;
  reader.Append(run);
  EXPECT_TRUE(reader.Next(1).ok());
  EXPECT_TRUE(reader.Next(1).ok());
  EXPECT_FALSE(reader.Next(1).ok());
}

TEST(AnswerRelay, ColumnsOfOtherMetadata) {
  sqltypes::Field field;
  field.name = "u";
  field.database = "theirs";
  field.column_type = "uuid";
  const auto column = [&field](uint64_t capabilities, std::string database) {
    field.database = std::move(database);
    ByteBuffer out;
    AppendColumn(out, field, capabilities);
    return std::string(out.view());
  };
  constexpr uint64_t kExtended = kNew | kMariadbExtendedMetadata;
  const std::vector<std::string> tail = {Ok(kEofHeader, 0)};
  for (const auto& [from, to] :
       {std::pair<uint64_t, uint64_t>(kExtended, kNew), {kExtended, kExtended}}) {
    AnswerRelay relay(from, to, {"theirs", "ours"});
    EXPECT_EQ(Relayed(relay, Command::kQuery, false, {"\x01", column(from, "theirs"), tail[0]}),
              (std::vector<std::string>{"\x01", column(to, "ours"), tail[0]}));
  }
  AnswerRelay relay(kNew, kExtended, {"theirs", "ours"});
  field.column_type.clear();
  EXPECT_EQ(Relayed(relay, Command::kQuery, false, {"\x01", column(kNew, "theirs"), tail[0]})[1],
            column(kExtended, "ours"));
}

TEST(AnswerRelay, KnownColumnsAreLeftOut) {
  using namespace std::string_literals;
  AnswerRelay relay(kNew, kNew | kMariadbCacheMetadata, {"d", "d"});
  const std::string end = Ok(kEofHeader, 0);
  const std::vector<std::string> answer = {"\x01", Column("d"), "\0row"s, end};
  std::string known;
  const auto execute = [&] {
    relay.Begin(static_cast<uint8_t>(Command::kStmtExecute), false);
    relay.LeaveOutKnown(known);
    PacketWriter out;
    for (const std::string& packet : answer) EXPECT_TRUE(relay.OnPacket(packet, out).ok());
    return Packets(out);
  };
  EXPECT_EQ(execute(), (std::vector<std::string>{"\x01\x01", Column("d"), "\0row"s, end}));
  EXPECT_EQ(execute(), (std::vector<std::string>{"\x01\0"s, "\0row"s, end}));
  EXPECT_EQ(Relayed(relay, Command::kQuery, false, answer)[0], "\x01\x01");
  // What a prepare tells counts; its parameters do not.
  known = "old";
  relay.Begin(static_cast<uint8_t>(Command::kStmtPrepare), false);
  relay.LeaveOutKnown(known);
  PacketWriter out;
  for (const std::string& packet : {Prepared(1, 1), Column("x"), Column("d")})
    EXPECT_TRUE(relay.OnPacket(packet, out).ok());
  EXPECT_EQ(relay.prepared(), 7u);
  EXPECT_EQ(execute()[0], "\x01\0"s);
}

// Clients look at the EOF in front of the row to know that it holds OUT parameters.
TEST(AnswerRelay, TheEofBeforeOutParametersTellsOfThem) {
  using namespace std::string_literals;
  constexpr uint16_t kOutParameters = 0x1000 | kStatusMoreResults;
  AnswerRelay relay(kNew, kOld, {"d", "d"});
  const std::vector<std::string> out_parameters = {
      kOneColumn, Column("d"), "\0a"s, Ok(kEofHeader, kOutParameters), Ok(kOkHeader, 2)};
  EXPECT_EQ(Relayed(relay, Command::kStmtExecute, false, out_parameters),
            (std::vector<std::string>{kOneColumn, Column("d"), Eof(kOutParameters), "\0a"s,
                                      Eof(kOutParameters), Ok(kOkHeader, 2)}));
  // Rows are not kept back but the first.
  EXPECT_EQ(Relayed(relay, Command::kStmtExecute, false,
                    {kOneColumn, Column("d"), "\0a"s, "\0b"s, Ok(kEofHeader, 2)}),
            (std::vector<std::string>{kOneColumn, Column("d"), Eof(0), "\0a"s, "\0b"s, Eof(2)}));
  const std::string error = "\xff\x10\x04#HY000oh";
  EXPECT_EQ(Relayed(relay, Command::kStmtExecute, false, {kOneColumn, Column("d"), "\0a"s, error}),
            (std::vector<std::string>{kOneColumn, Column("d"), Eof(0), "\0a"s, error}));
}

TEST(AnswerRelay, ColumnsAreLeftOutForAClientThatWantsNone) {
  using namespace std::string_literals;
  AnswerRelay relay(kNew, kNew | kClientOptionalMetadata, {"d", "d"});
  const std::string end = Ok(kEofHeader, 2);
  const auto answer = [&](Command command, bool none, const std::vector<std::string>& packets) {
    relay.Begin(static_cast<uint8_t>(command), false);
    if (none) relay.LeaveOutColumns();
    PacketWriter out;
    for (const std::string& packet : packets) EXPECT_TRUE(relay.OnPacket(packet, out).ok());
    EXPECT_TRUE(relay.tracker().done());
    return Packets(out);
  };
  const std::vector<std::string> rows = {kOneColumn, Column("d"), kRowText, end};
  EXPECT_EQ(answer(Command::kQuery, false, rows),
            (std::vector<std::string>{"\x01\x01", Column("d"), kRowText, end}));
  EXPECT_EQ(answer(Command::kQuery, true, rows),
            (std::vector<std::string>{"\0\x01"s, kRowText, end}));
  const std::vector<std::string> prepared = {Prepared(1, 1), Column("x"), Column("d")};
  EXPECT_EQ(answer(Command::kStmtPrepare, false, prepared),
            (std::vector<std::string>{Prepared(1, 1) + "\x01", Column("x"), Column("d")}));
  EXPECT_EQ(answer(Command::kStmtPrepare, true, prepared),
            (std::vector<std::string>{Prepared(1, 1) + "\0"s}));
}

TEST(AnswerRelay, WhatIsToldOfTheSessionNamesTheClientsDatabase) {
  std::string theirs;
  AppendTrackedVariable(theirs, "autocommit", "ON");
  AppendTrackedSchema(theirs, "theirs");
  theirs += std::string("\x05\x09\x08________", 11);  // the state of the transaction
  std::string ours;
  AppendTrackedVariable(ours, "autocommit", "ON");
  AppendTrackedSchema(ours, "ours");
  ours += std::string("\x05\x09\x08________", 11);
  const auto ok = [](std::string_view changes) {
    OkPacket packet;
    if (!changes.empty()) packet.status_flags = kStatusSessionStateChanged;
    packet.session_state = changes;
    ByteBuffer out;
    AppendOk(out, packet, kOkHeader);
    return std::string(out.view());
  };
  constexpr uint64_t kTracks = kNew | kClientSessionTrack;
  AnswerRelay relay(kTracks, kTracks, {"theirs", "ours"});
  EXPECT_EQ(Relayed(relay, Command::kQuery, false, {ok(theirs)}),
            std::vector<std::string>{ok(ours)});
  AnswerRelay same(kTracks, kTracks, {"theirs", "theirs"});
  EXPECT_EQ(Relayed(same, Command::kQuery, false, {ok(theirs)}),
            std::vector<std::string>{ok(theirs)});
  AnswerRelay deaf(kTracks, kNew, {"theirs", "ours"});
  EXPECT_EQ(Relayed(deaf, Command::kQuery, false, {ok(theirs)}), std::vector<std::string>{ok({})});
}

}  // namespace
}  // namespace tessera::mysqlwire
