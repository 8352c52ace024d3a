// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/status.h"

#include <string>

#include <gtest/gtest.h>

#include "rpc/internal/message_assembler.h"
#include "rpc/internal/trace_parent.h"
#include "rpc/internal/wire_metadata.h"

namespace tessera::rpc {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::nanoseconds;
using std::chrono::seconds;

TEST(Status, GoNames) {
  EXPECT_EQ(GoCodeName(Code::kAlreadyExists), "AlreadyExists");
  EXPECT_EQ(GoCodeName(Code::kCancelled), "Canceled");
  EXPECT_EQ(GoCodeName(Code::kClusterEvent), "Code(17)");
  EXPECT_EQ(GoErrorText(Error(Code::kNotFound, "no such thing")),
            "rpc error: code = NotFound desc = no such thing");
}

TEST(Status, ParsesNumbers) {
  EXPECT_EQ(ParseStatus("0"), Code::kOk);
  EXPECT_EQ(ParseStatus("17"), Code::kClusterEvent);
  EXPECT_EQ(ParseStatus("18"), Code::kReadOnly);
  for (const char* bad : {"", "x", "19", "-1", "1 ", "99999999999999999999"})
    EXPECT_EQ(ParseStatus(bad), Code::kUnknown);
}

TEST(Status, PercentEncoding) {
  const std::string text = "50% \xe2\x82\xac\n\x7f~ end";
  EXPECT_EQ(PercentEncode(text), "50%25 %E2%82%AC%0A%7F~ end");
  EXPECT_EQ(PercentDecode(PercentEncode(text)), text);
  EXPECT_EQ(PercentDecode("%zz 100% %4"), "%zz 100% %4");
}

// With one, the peer takes the whole answer for broken.
TEST(Status, NoSpaceAtTheEndsOfAHeader) {
  EXPECT_EQ(PercentEncode(" why: "), "%20why:%20");
  EXPECT_EQ(PercentEncode(" "), "%20");
  EXPECT_EQ(PercentDecode(PercentEncode(" why: ")), " why: ");
}

TEST(Status, CutsAtACharacter) {
  EXPECT_EQ(CutErrorText("short"), "short");
  std::string text(kMaxErrorText - 1, 'a');
  text += "\xe2\x82\xac and more";
  EXPECT_EQ(CutErrorText(text).find(" [...]"), kMaxErrorText - 1);
}

TEST(Status, Timeouts) {
  EXPECT_EQ(FormatTimeout(nanoseconds(0)), "1n");
  EXPECT_EQ(FormatTimeout(milliseconds(30)), "30000000n");
  EXPECT_EQ(FormatTimeout(seconds(30)), "30000000u");
  EXPECT_EQ(FormatTimeout(seconds(100) + nanoseconds(1)), "100001m");
  EXPECT_EQ(ParseTimeout("30S"), seconds(30));
  EXPECT_EQ(ParseTimeout("5m"), milliseconds(5));
  EXPECT_EQ(ParseTimeout("2H"), hours(2));
  EXPECT_GT(*ParseTimeout("99999999H"), hours(24 * 365));
  for (const char* bad : {"", "S", "5", "5x", "-5S", "123456789S", " 5S"})
    EXPECT_FALSE(ParseTimeout(bad)) << bad;
}

TEST(WireMetadata, Base64) {
  for (const std::string bytes : {"", "f", "fo", "foo", "foob", "\xff\xfe\x01"}) {
    std::string back;
    EXPECT_TRUE(Base64Decode(Base64Encode(bytes), back));
    EXPECT_EQ(back, bytes);
  }
  std::string out;
  EXPECT_TRUE(Base64Decode("Zm8=", out));
  EXPECT_EQ(out, "fo");
  EXPECT_FALSE(Base64Decode("Z m8", out));
}

TEST(WireMetadata, BinaryListsAreSplit) {
  Metadata metadata;
  AddReceived("x-bin", "Zm8=,Zm9v", metadata);
  AddReceived("grpc-tags-bin", "Zm8", metadata);
  ASSERT_EQ(metadata.size(), 2u);
  EXPECT_EQ(metadata.begin()->second, "fo");
}

TEST(MessageAssembler, AnyCut) {
  std::string wire;
  for (const std::string message : {"", "x", "some longer message"}) {
    wire.append(MessagePrefix(message.size()).view());
    wire.append(message);
  }
  for (size_t step = 1; step <= wire.size(); ++step) {
    MessageAssembler assembler(100);
    MessageQueue queue;
    for (size_t at = 0; at < wire.size(); at += step)
      ASSERT_TRUE(assembler.Feed(std::string_view(wire).substr(at, step), queue).ok());
    EXPECT_TRUE(assembler.at_boundary());
    ASSERT_EQ(queue.count(), 3u);
    EXPECT_EQ(queue.Pop(), "");
    EXPECT_EQ(queue.Pop(), "x");
    EXPECT_EQ(queue.Pop(), "some longer message");
    EXPECT_EQ(queue.bytes(), 0u);
  }
}

TEST(MessageAssembler, RefusesWhatItMust) {
  MessageQueue queue;
  MessageAssembler large(10);
  EXPECT_EQ(large.Feed(std::string_view("\0\0\0\0\x0b", 5), queue).error().message(),
            "grpc: received message larger than max (11 vs. 10)");
  MessageAssembler compressed(10);
  EXPECT_EQ(compressed.Feed(std::string_view("\1\0\0\0\1", 5), queue).error().code(),
            Code::kInternal);
  MessageAssembler nonsense(10);
  EXPECT_EQ(nonsense.Feed("HTTP/1.1", queue).error().code(), Code::kInternal);
}

TEST(TraceParent, RoundTrip) {
  const TraceId trace{0x0af7651916cd43dd, 0x8448eb211c80319c};
  const std::string text = FormatTraceParent(trace, 0xb7ad6b7169203331);
  EXPECT_EQ(text, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(ParseTraceParent(text).low, trace.low);
  EXPECT_EQ(ParseTraceParent("00-zz").high, 0u);
}

}  // namespace
}  // namespace tessera::rpc
