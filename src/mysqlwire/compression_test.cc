// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/compression.h"

#include <string>

#include <gtest/gtest.h>

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {
namespace {

// Input in pieces of that size.
Result<std::string> ExpandAll(FrameExpander& expander, std::string_view input, size_t piece) {
  std::string all;
  std::string out(4096, '\0');
  while (!input.empty()) {
    std::string_view some = input.substr(0, piece);
    const size_t before = some.size();
    for (size_t count = 1; count != 0;) {
      TRY(count, expander.Expand(some, out));
      all.append(out, 0, count);
    }
    EXPECT_TRUE(some.empty());
    input.remove_prefix(before);
  }
  return all;
}

std::string Frame(std::string_view body, uint8_t number, size_t plain) {
  ByteBuffer out;
  out.U24(static_cast<uint32_t>(body.size()));
  out.U8(number);
  out.U24(static_cast<uint32_t>(plain));
  out.Append(body);
  return std::string(out.view());
}

// The body of one frame that holds `plain`.
std::string BodyOf(CompressionMethod method, std::string_view plain) {
  FrameCompressor compressor(method, 3);
  ByteBuffer out;
  compressor.Append(plain, out);
  return std::string(out.view().substr(7));
}

class Compression : public ::testing::TestWithParam<CompressionMethod> {};

TEST_P(Compression, RoundTripsOfAnyLength) {
  std::string text;
  for (int i = 0; i < 300000; ++i) text += std::to_string(i * 7919);
  FrameCompressor compressor(GetParam(), 3);
  FrameExpander expander(GetParam());
  for (const size_t size : {size_t{1}, size_t{49}, size_t{50}, size_t{70000}, text.size()}) {
    for (const size_t piece : {size_t{1}, size_t{7}, size_t{100000}}) {
      if (piece == 1 && size > 100000) continue;
      ByteBuffer frames;
      compressor.SetSequence(0);
      compressor.Append(std::string_view(text).substr(0, size), frames);
      const auto back = ExpandAll(expander, frames.view(), piece);
      ASSERT_TRUE(back.ok()) << back.error().message();
      EXPECT_TRUE(*back == text.substr(0, size));
      EXPECT_TRUE(expander.at_rest());
      EXPECT_EQ(expander.sequence(), compressor.sequence());
      if (size > 1000) {
        EXPECT_LT(frames.size(), size / 2);
      }
    }
  }
}

TEST_P(Compression, LiesAboutLengthsAreFoundOut) {
  const std::string plain(1000, 'x');
  const std::string body = BodyOf(GetParam(), plain);
  for (const size_t claimed : {size_t{1}, size_t{999}, size_t{1001}, kMaxFrame}) {
    FrameExpander expander(GetParam());
    const std::string frame = Frame(body, 0, claimed);
    EXPECT_FALSE(ExpandAll(expander, frame + Frame("next", 1, 0), 4096).ok()) << claimed;
  }
  for (const std::string& bad :
       {body + "more", body.substr(0, body.size() - 1), std::string("rubbish"), std::string()}) {
    FrameExpander expander(GetParam());
    EXPECT_FALSE(ExpandAll(expander, Frame(bad, 0, 1000) + Frame("next", 1, 0), 4096).ok());
  }
}

TEST_P(Compression, ABombGoesThroughTheRoomItIsGiven) {
  const std::string plain(kMaxFrame, '\0');
  std::string body;
  {
    // Our own frames are shorter: 16 of them are as good.
    FrameCompressor compressor(GetParam(), 9);
    ByteBuffer frames;
    compressor.Append(plain, frames);
    body = frames.view();
  }
  EXPECT_LT(body.size(), 40000u);
  FrameExpander expander(GetParam());
  std::string_view in = body;
  char room[1000];
  size_t total = 0;
  while (!in.empty()) {
    const auto count = expander.Expand(in, room);
    ASSERT_TRUE(count.ok());
    ASSERT_LE(*count, sizeof room);
    total += *count;
  }
  EXPECT_EQ(total, plain.size());
}

INSTANTIATE_TEST_SUITE_P(Methods, Compression,
                         ::testing::Values(CompressionMethod::kZlib, CompressionMethod::kZstd));

TEST(FrameExpander, NumbersCountOnOrBeginAnew) {
  FrameExpander expander(CompressionMethod::kZlib);
  EXPECT_TRUE(ExpandAll(expander, Frame("a", 0, 0) + Frame("b", 1, 0) + Frame("c", 0, 0), 3).ok());
  expander.SetSequence(5);  // our answers had 1 to 4
  EXPECT_TRUE(ExpandAll(expander, Frame("d", 5, 0), 100).ok());
  const auto jumped = ExpandAll(expander, Frame("e", 9, 0), 100);
  ASSERT_FALSE(jumped.ok());
  EXPECT_EQ(jumped.error().mysql_errno(), 1156);
}

TEST(FrameExpander, EmptyFramesAreNothing) {
  FrameExpander expander(CompressionMethod::kZlib);
  const auto text = ExpandAll(expander, Frame("", 0, 0) + Frame("a", 1, 0), 100);
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(*text, "a");
}

}  // namespace
}  // namespace tessera::mysqlwire
