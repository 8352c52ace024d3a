// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/packet.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {
namespace {

constexpr size_t kLimit = 64 << 20;

// Gives the reader `bytes` in pieces of `step`, and collects the packets that come out.
std::vector<std::string> ReadAll(PacketReader& reader, std::string_view bytes, size_t step,
                                 Error* error = nullptr) {
  std::vector<std::string> packets;
  while (!bytes.empty()) {
    const std::span<char> room = reader.Room(256);
    const size_t size = std::min({room.size(), step, bytes.size()});
    std::copy_n(bytes.data(), size, room.data());
    reader.Received(size);
    bytes.remove_prefix(size);
    for (;;) {
      auto packet = reader.Next();
      if (!packet.ok()) {
        if (error != nullptr) *error = packet.error();
        return packets;
      }
      if (!packet->has_value()) break;
      packets.emplace_back(**packet);
    }
  }
  return packets;
}

std::string Frame(uint8_t sequence, std::string_view payload) {
  std::string frame;
  for (int i = 0; i < 3; ++i) frame.push_back(static_cast<char>(payload.size() >> (8 * i)));
  frame.push_back(static_cast<char>(sequence));
  return frame.append(payload);
}

TEST(PacketReader, CutsPacketsAtAnyByte) {
  const std::string bytes = Frame(0, "first") + Frame(1, "") + Frame(2, std::string(1000, 'x'));
  for (const size_t step : {1, 2, 3, 5, 7, 100, 2000}) {
    PacketReader reader(kLimit);
    const auto packets = ReadAll(reader, bytes, step);
    ASSERT_EQ(packets.size(), 3u) << step;
    EXPECT_EQ(packets[0], "first");
    EXPECT_EQ(packets[1], "");
    EXPECT_EQ(packets[2], std::string(1000, 'x'));
    EXPECT_EQ(reader.sequence(), 3);
  }
}

TEST(PacketReader, SequenceWrapsAfter255) {
  PacketReader reader(kLimit);
  reader.SetSequence(255);
  EXPECT_EQ(ReadAll(reader, Frame(255, "a") + Frame(0, "b"), 100).size(), 2u);
}

TEST(PacketReader, WrongSequenceIsAnError) {
  PacketReader reader(kLimit);
  Error error(Code::kOk, "");
  EXPECT_TRUE(ReadAll(reader, Frame(3, "a"), 100, &error).empty());
  EXPECT_EQ(error.mysql_errno(), 1156);
  EXPECT_NE(error.message().find("number 3 came where 0"), std::string::npos) << error.message();
}

TEST(PacketReader, RefusesTooLongByTheHeaderAlone) {
  PacketReader reader(100);
  Error error(Code::kOk, "");
  EXPECT_TRUE(ReadAll(reader, Frame(0, std::string(101, 'x')).substr(0, 4), 100, &error).empty());
  EXPECT_EQ(error.mysql_errno(), 1153);
  EXPECT_EQ(reader.sequence(), 1);  // the answer's number
  EXPECT_LE(reader.capacity(), 4096u);
}

TEST(PacketReader, ALyingHeaderCommitsLittleMemory) {
  PacketReader reader(kLimit);
  const std::string header("\xfe\xff\xff\x00", 4);
  ReadAll(reader, header, 4);
  reader.Room(256);
  EXPECT_LE(reader.capacity(), size_t{2} << 20);
}

TEST(PacketReader, TailNeverMovesThePacketInHand) {
  PacketReader reader(kLimit);
  const std::string bytes = Frame(0, "query") + Frame(0, "next");
  std::span<char> room = reader.Room(64);
  std::copy_n(bytes.data(), 9, room.data());
  reader.Received(9);
  const auto packet = reader.Next();
  ASSERT_TRUE(packet.ok() && packet->has_value());
  std::span<char> tail = reader.Tail();
  ASSERT_GE(tail.size(), 8u);
  std::copy_n(bytes.data() + 9, 8, tail.data());
  reader.Received(8);
  EXPECT_EQ(**packet, "query");
  reader.SetSequence(0);
  EXPECT_EQ(reader.Next()->value(), "next");
}

// Sizes around the frame limit go through the writer and the reader.
class LongPacket : public testing::TestWithParam<size_t> {};

TEST_P(LongPacket, IsSplitAndJoined) {
  std::string payload(GetParam(), '\0');
  for (size_t i = 0; i < payload.size(); i += 997) payload[i] = static_cast<char>(i / 997);
  PacketWriter writer;
  writer.Begin();
  writer.buffer().Append("ok");
  writer.End();
  writer.Begin();
  writer.buffer().Append(payload);
  writer.End();
  const size_t frames = payload.size() / kMaxFrame + 1;
  EXPECT_EQ(writer.buffer().size(), 6 + payload.size() + 4 * frames);
  EXPECT_EQ(writer.sequence(), 1 + frames);
  PacketReader reader(kLimit);
  const auto packets = ReadAll(reader, writer.buffer().view(), 1 << 20);
  ASSERT_EQ(packets.size(), 2u);
  EXPECT_EQ(packets[0], "ok");
  EXPECT_TRUE(packets[1] == payload);
}

INSTANTIATE_TEST_SUITE_P(AroundTheFrameSize, LongPacket,
                         testing::Values(kMaxFrame - 1, kMaxFrame, kMaxFrame + 1, 2 * kMaxFrame,
                                         2 * kMaxFrame + 5));

TEST(PacketWriter, AbandonForgetsThePacketBegun) {
  PacketWriter writer;
  writer.Begin();
  writer.buffer().Append("kept");
  writer.End();
  writer.Begin();
  writer.buffer().Append("not");
  writer.Abandon();
  EXPECT_EQ(writer.buffer().view(), Frame(0, "kept"));
  EXPECT_EQ(writer.sequence(), 1);
}

TEST(ByteReader, LengthEncodedIntegers) {
  for (const uint64_t value :
       {uint64_t{0}, uint64_t{250}, uint64_t{251}, uint64_t{65535}, uint64_t{65536},
        uint64_t{0xffffff}, uint64_t{0x1000000}, ~uint64_t{0}}) {
    ByteBuffer buffer;
    buffer.LenencInt(value);
    EXPECT_EQ(buffer.size(), LenencSize(value));
    ByteReader in(buffer.view());
    EXPECT_EQ(in.LenencInt(), value);
    EXPECT_TRUE(in.empty() && !in.failed());
    ByteReader cut(buffer.view().substr(0, buffer.size() - 1));
    cut.LenencInt();
    EXPECT_TRUE(cut.failed());
  }
  ByteReader null("\xfb");
  null.LenencInt();
  EXPECT_TRUE(null.failed());
}

TEST(ByteReader, ALengthPastTheEndFails) {
  ByteReader in(std::string_view("\xfe\xff\xff\xff\xff\xff\xff\xff\xff", 9));
  EXPECT_EQ(in.LenencString(), "");
  EXPECT_TRUE(in.failed());
}

TEST(PacketReader, GivesWhatFollowsAPacketToAnotherLayer) {
  PacketReader reader(1 << 20);
  constexpr std::string_view kBytes("\x01\0\0\0Aclient hello", 17);
  const std::span<char> room = reader.Room(64);
  std::copy(kBytes.begin(), kBytes.end(), room.begin());
  reader.Received(kBytes.size());
  const auto packet = reader.Next();
  ASSERT_TRUE(packet.ok() && packet->has_value());
  EXPECT_EQ(**packet, "A");
  EXPECT_EQ(reader.TakeBuffered(), "client hello");
  EXPECT_EQ(reader.buffered(), 0u);
  EXPECT_EQ(reader.TakeBuffered(), "");
}

}  // namespace
}  // namespace tessera::mysqlwire
