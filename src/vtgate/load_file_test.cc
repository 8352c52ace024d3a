// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/load_file.h"

#include <gmock/gmock.h>

namespace tessera::vtgate {
namespace {

using ::testing::ElementsAre;

// All lines, the file given in pieces of so many bytes; NULL as <null>, fields apart by |.
std::vector<std::string> Lines(std::string_view clauses, std::string_view file, size_t piece,
                               std::string_view skip = "") {
  const Result<LoadFormat> format = LoadFormat::Parse(clauses, skip);
  EXPECT_TRUE(format.ok());
  LoadReader reader(*format);
  std::vector<std::string> out;
  std::vector<LoadField> fields;
  const auto take = [&] {
    while (true) {
      const Result<bool> more = reader.Next(fields);
      EXPECT_TRUE(more.ok());
      if (!more.ok() || !*more) return;
      std::string line;
      for (size_t i = 0; i < fields.size(); ++i)
        line += (i == 0 ? "" : "|") + fields[i].value_or("<null>");
      out.push_back(line);
    }
  };
  for (size_t at = 0; at < file.size(); at += piece) {
    reader.Append(file.substr(at, piece));
    take();
  }
  reader.End();
  take();
  return out;
}

constexpr std::string_view kCsv =
    R"(fields terminated by ',' optionally enclosed by '"' escaped by '\\')"
    R"( lines terminated by '\r\n')";

TEST(LoadReader, LinesAreTheSameHoweverTheyCome) {
  for (const size_t piece : {1, 2, 3, 1000}) {
    EXPECT_THAT(Lines("", "1\ta\n2\t\\N\n3\tx\\ty\\\nz\n\n4", piece),
                ElementsAre("1|a", "2|<null>", "3|x\ty\nz", "", "4"));
    EXPECT_THAT(
        Lines(kCsv, "1,\"a,b\"\r\n2,\"say \"\"hi\"\"\"\r\n3,NULL\r\n4,\"NULL\"\r\n5,\"x\r\"y\"\r\n",
              piece),
        ElementsAre("1|a,b", "2|say \"hi\"", "3|<null>", "4|NULL", "5|x\r\"y"));
    EXPECT_THAT(Lines("lines starting by 'xx'", "junk xx1\ta\nnone\nyxx2\tb\n", piece),
                ElementsAre("1|a", "2|b"));
    EXPECT_THAT(Lines(kCsv, "id,name\r\n1,a", piece, "ignore 1 lines"), ElementsAre("1|a"));
    EXPECT_THAT(Lines("", "", piece, "ignore 3 lines"), ElementsAre());
    EXPECT_THAT(Lines("fields escaped by ''", "1\ta\\N\n2\t\\N\n", piece),
                ElementsAre("1|a\\N", "2|\\N"));
    EXPECT_THAT(Lines("fields terminated by '||'", "1||a|b||c\n", piece), ElementsAre("1|a|b|c"));
  }
}

TEST(LoadReader, ALongLineInSmallPiecesTakesLinearTime) {
  LoadReader reader{LoadFormat()};
  std::vector<LoadField> fields;
  const std::string piece(16, 'x');
  for (size_t i = 0; i < 200'000; ++i) {
    reader.Append(piece);
    const Result<bool> more = reader.Next(fields);
    ASSERT_TRUE(more.ok() && !*more);
  }
  reader.End();
  const Result<bool> last = reader.Next(fields);
  ASSERT_TRUE(last.ok() && *last);
  ASSERT_EQ(fields.size(), 1);
  EXPECT_EQ(fields[0]->size(), 200'000 * piece.size());
}

TEST(LoadReader, ALineWithoutAnEndIsRefusedInsteadOfKept) {
  LoadReader reader{LoadFormat()};
  reader.Append(std::string(LoadReader::kLongestLine + 1, 'x'));
  std::vector<LoadField> fields;
  EXPECT_FALSE(reader.Next(fields).ok());
}

TEST(LoadFormat, FilesOfFixedWidthsAreRefused) {
  EXPECT_FALSE(LoadFormat::Parse("fields terminated by ''", "").ok());
  EXPECT_FALSE(LoadFormat::Parse("fields enclosed by 'ab'", "").ok());
}

}  // namespace
}  // namespace tessera::vtgate
