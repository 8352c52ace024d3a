// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vindex/vindex.h"

#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "vindex/lookup.h"
#include "vindex/registry.h"

namespace tessera::vindex {
namespace {

using sqltypes::Type;
using sqltypes::Value;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::unique_ptr<FunctionalVindex> Make(std::string_view type, const Params& params = {}) {
  auto made = MakeVindex(type, "v", params).value();
  return std::unique_ptr<FunctionalVindex>(static_cast<FunctionalVindex*>(made.release()));
}

Error MakeError(std::string_view type, const Params& params) {
  auto made = MakeVindex(type, "v", params);
  return made.ok() ? Error(Code::kOk, "no error") : made.error();
}

TEST(Registry, KnowsEveryTypeAndRefusesOthers) {
  EXPECT_EQ(VindexTypes().size(), 23u);
  EXPECT_TRUE(std::is_sorted(VindexTypes().begin(), VindexTypes().end()));
  EXPECT_EQ(MakeError("md6", {}).code(), Code::kNotFound);
  EXPECT_THAT(MakeError("md6", {}).message(), HasSubstr("\"md6\""));
}

TEST(Registry, RemembersUnknownParams) {
  const auto vindex = Make("hash", {{"colour", "red"}, {"size", "1"}});
  EXPECT_THAT(vindex->unknown_params(), ElementsAre("colour", "size"));
  EXPECT_EQ(vindex->name(), "v");
  EXPECT_EQ(vindex->type(), "hash");
}

TEST(Registry, CostsAndKinds) {
  EXPECT_EQ(Make("binary")->cost(), 0);
  EXPECT_EQ(Make("numeric")->cost(), 0);
  EXPECT_EQ(Make("xxhash")->cost(), 1);
  EXPECT_EQ(Make("null")->cost(), 100);
  const auto multi =
      Make("multicol", {{"column_count", "3"}, {"column_vindex", "hash,numeric,xxhash"}});
  EXPECT_EQ(multi->cost(), 2);
  EXPECT_EQ(multi->columns().max, 3);
  EXPECT_TRUE(multi->columns().partial);
  EXPECT_TRUE(multi->is_multi_column());
}

TEST(Registry, RefusesBadParams) {
  EXPECT_EQ(MakeError("multicol", {}).code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeError("multicol", {{"column_count", "9"}}).code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeError("multicol", {{"column_count", "2"}, {"column_bytes", "8"}}).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(MakeError("multicol", {{"column_count", "2"}, {"column_vindex", "lookup"}}).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(MakeError("cfc", {{"hash", "md5"}}).code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeError("cfc", {{"hash", "md5"}, {"offsets", "[4,2]"}}).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(MakeError("cfc", {{"hash", "sha"}, {"offsets", "[2]"}}).code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeError("numeric_static_map", {}).code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeError("numeric_static_map", {{"json", "{\"a\":1}"}}).code(),
            Code::kInvalidArgument);
  EXPECT_EQ(MakeError("numeric_static_map", {{"json", "[1"}}).code(), Code::kInvalidArgument);
  EXPECT_EQ(MakeError("region_experimental", {{"region_bytes", "3"}}).code(),
            Code::kInvalidArgument);
  const Error missing =
      MakeError("region_json", {{"region_bytes", "1"}, {"region_map", "/nowhere/map.json"}});
  EXPECT_THAT(missing.message(), HasSubstr("/nowhere/map.json"));
}

TEST(Functional, ReversesWhatItMapped) {
  std::mt19937_64 random(3);
  for (const std::string_view type : {"hash", "numeric", "reverse_bits", "binary"}) {
    const auto vindex = Make(type);
    EXPECT_TRUE(vindex->is_reversible());
    for (int i = 0; i < 100; ++i) {
      const std::string text = std::to_string(random());
      const Value value(Type::kUint64, text);
      const std::string id = vindex->Map(value)->id();
      EXPECT_EQ(vindex->ReverseMap(id)->bytes, text) << type;
      EXPECT_TRUE(*vindex->Verify({&value, 1}, id)) << type;
      EXPECT_FALSE(*vindex->Verify({&value, 1}, "nowhere!")) << type;
    }
  }
  EXPECT_EQ(Make("hash")->ReverseMap("short").error().code(), Code::kInvalidArgument);
  EXPECT_EQ(Make("xxhash")->ReverseMap("12345678").error().code(), Code::kUnimplemented);
}

TEST(Functional, RangesHoldBothEnds) {
  const auto numeric = Make("numeric");
  EXPECT_TRUE(numeric->maps_ranges());
  const auto range =
      numeric->MapRange(Value(Type::kInt64, "5"), Value(Type::kInt64, "256"))->key_range();
  for (const char* inside : {"5", "6", "255", "256"}) {
    EXPECT_TRUE(range.Contains(numeric->Map(Value(Type::kInt64, inside))->id())) << inside;
  }
  for (const char* outside : {"4", "257"}) {
    EXPECT_FALSE(range.Contains(numeric->Map(Value(Type::kInt64, outside))->id())) << outside;
  }
  EXPECT_TRUE(numeric->MapRange(Value(Type::kInt64, "6"), Value(Type::kInt64, "5"))->is_none());
  const auto all =
      numeric->MapRange(Value(Type::kInt64, "0"), Value(Type::kUint64, "18446744073709551615"));
  EXPECT_TRUE(all->key_range().IsComplete());
  const auto binary = Make("binary");
  const auto letters =
      binary->MapRange(Value(Type::kVarChar, "b"), Value(Type::kVarChar, "d"))->key_range();
  EXPECT_TRUE(letters.Contains("b"));
  EXPECT_TRUE(letters.Contains("d"));
  EXPECT_FALSE(letters.Contains("da"));
  EXPECT_FALSE(letters.Contains("a"));
}

TEST(UnicodeLoose, FoldsWhatReadersTakeForTheSame) {
  const auto vindex = Make("unicode_loose_xxhash");
  const auto id = [&vindex](std::string_view text) {
    return vindex->Map(Value(Type::kVarChar, text))->id();
  };
  EXPECT_EQ(id("STRASSE"), id("stra\xC3\x9F\x65"));
  EXPECT_EQ(id("\xEF\xBC\x91"), id("1"));  // full-width digit
  EXPECT_EQ(id("\xEA\xB0\x81"),
            id("\xE1\x84\x80\xE1\x85\xA1\xE1\x86\xA8"));  // Hangul syllable and its jamo
  EXPECT_EQ(id("\xD0\x96\xCC\x88"), id("\xD3\x9C"));      // contraction and the letter it spells
  EXPECT_EQ(id("\xD0\x96\xCC\xA3\xCC\x88"),
            id("\xD3\x9C"));  // reaching over a mark of another class
  EXPECT_NE(id("\xD0\x96"), id("\xD3\x9C"));
  EXPECT_EQ(id("\xE0\xBA\xB8\xE0\xB8\xB8"),
            id("\xE0\xB8\xB8\xE0\xBA\xB8"));          // marks in canonical order
  EXPECT_NE(id("\xE4\xB8\x80"), id("\xE4\xB8\x81"));  // ideographs by code point
  EXPECT_NE(id("a b"), id("ab"));
}

TEST(UnicodeLoose, RefusesWhatIsNotUtf8) {
  const auto vindex = Make("unicode_loose_md5");
  for (const std::string_view bad :
       {"\xFF", "a\xC3", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE4\xB8"}) {
    EXPECT_EQ(vindex->Map(Value(Type::kVarChar, bad)).error().code(), Code::kInvalidArgument);
  }
}

TEST(UnicodeLoose, TakesAnyBytesWithoutHarm) {
  const auto vindex = Make("unicode_loose_md5");
  std::mt19937_64 random(5);
  int valid = 0;
  for (int i = 0; i < 20000; ++i) {
    std::string text(random() % 6, '\0');
    for (char& c : text) c = static_cast<char>(random());
    valid += vindex->Map(Value(Type::kVarChar, text)).ok() ? 1 : 0;
  }
  EXPECT_GT(valid, 0);
}

TEST(Lookup, WritesItsStatements) {
  const Params params{{"table", "ks.lk"}, {"from", "a, b"}, {"to", "id"}, {"autocommit", "true"}};
  const auto made = MakeVindex("lookup", "byab", params).value();
  EXPECT_TRUE(made->needs_lookup());
  EXPECT_EQ(made->cost(), 20);
  EXPECT_FALSE(made->is_unique());
  const auto& lookup = static_cast<const LookupVindex&>(*made);
  EXPECT_EQ(lookup.MapSql(false), "select a, id from ks.lk where a in ::a");
  EXPECT_EQ(lookup.MapSql(true), "select a, id from ks.lk where a in ::a for update");
  EXPECT_EQ(lookup.VerifySql(), "select a from ks.lk where a = :a and id = :id");
  EXPECT_EQ(lookup.InsertSql(2, false),
            "insert into ks.lk(a, b, id) values(:a_0, :b_0, :id_0), (:a_1, :b_1, :id_1) on "
            "duplicate key update "
            "a=values(a), b=values(b), id=values(id)");
  EXPECT_EQ(lookup.DeleteSql(), "delete from ks.lk where a = :a and b = :b and id = :id");
  EXPECT_THAT(LookupUnsupported(*made).message(), HasSubstr("VT12001"));
  EXPECT_EQ(LookupUnsupported(*made).mysql_errno(), 1235);
}

TEST(Lookup, ChecksItsParams) {
  EXPECT_EQ(MakeError("lookup", {{"table", "t"}}).code(), Code::kInvalidArgument);
  Params params{{"table", "t"}, {"from", "f"}, {"to", "k"}};
  EXPECT_EQ(MakeError("lookup_unique", params).message(), "no error");
  EXPECT_EQ(MakeVindex("consistent_lookup_unique", "v", params).value()->cost(), 10);
  EXPECT_EQ(MakeVindex("lookup_cost", "v", params).value()->cost(), 5);
  params["write_only"] = "yes";
  EXPECT_THAT(MakeError("lookup", params).message(),
              HasSubstr("write_only value must be 'true' or 'false'"));
}

TEST(Recommended, FollowsTheColumnType) {
  EXPECT_EQ(*RecommendedVindexType(Type::kInt64), "xxhash");
  EXPECT_EQ(*RecommendedVindexType(Type::kVarBinary), "xxhash");
  EXPECT_EQ(*RecommendedVindexType(Type::kVarChar), "unicode_loose_xxhash");
  EXPECT_FALSE(RecommendedVindexType(Type::kFloat64).ok());
}

}  // namespace
}  // namespace tessera::vindex
