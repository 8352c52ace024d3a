// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Known answers. kVectors are our own few; TESSERA_VINDEX_VECTORS may name a file with more of the
// same form.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "vindex/lookup.h"
#include "vindex/registry.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Type;
using sqltypes::Value;

struct Vector {
  std::string vindex;
  std::string params;
  std::string input;
  std::string result;
};

std::vector<std::string> Split(std::string_view text, std::string_view separator) {
  std::vector<std::string> parts;
  for (size_t at = text.find(separator); at != std::string_view::npos; at = text.find(separator)) {
    parts.emplace_back(text.substr(0, at));
    text.remove_prefix(at + separator.size());
  }
  parts.emplace_back(text);
  return parts;
}

void AppendUtf8(uint32_t point, std::string& out) {
  if (point < 0x80) {
    out.push_back(static_cast<char>(point));
  } else if (point < 0x800) {
    out.push_back(static_cast<char>(0xC0 | point >> 6));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else if (point < 0x10000) {
    out.push_back(static_cast<char>(0xE0 | point >> 12));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  } else {
    out.push_back(static_cast<char>(0xF0 | point >> 18));
    out.push_back(static_cast<char>(0x80 | (point >> 12 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point >> 6 & 0x3F)));
    out.push_back(static_cast<char>(0x80 | (point & 0x3F)));
  }
}

// Decodes \t, \xHH, \uHHHH and \UHHHHHHHH, where the last three stand for code points.
std::string Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const char kind = text[i] == '\\' && i + 1 < text.size() ? text[i + 1] : '\0';
    const size_t digits = kind == 'x' ? 2 : kind == 'u' ? 4 : kind == 'U' ? 8 : 0;
    if (digits != 0) {
      AppendUtf8(
          static_cast<uint32_t>(std::stoul(std::string(text.substr(i + 2, digits)), nullptr, 16)),
          out);
      i += 1 + digits;
    } else if (kind == 't') {
      out.push_back('\t');
      ++i;
    } else {
      out.push_back(text[i]);
    }
  }
  return out;
}

Params ParseParams(std::string_view text, const std::filesystem::path& folder) {
  Params params;
  if (text.empty()) return params;
  for (const std::string& item : Split(text, ";")) {
    const size_t equals = item.find('=');
    std::string name = item.substr(0, equals);
    std::string value = item.substr(equals + 1);
    if (name == "map") {
      const std::filesystem::path file = folder / "regions.json";
      std::ofstream(file) << value;
      name = "region_map";
      value = file;
    }
    params[name] = value;
  }
  return params;
}

std::string Show(const Result<Destination>& found) {
  if (!found.ok()) return "error";
  switch (found->kind()) {
    case Destination::Kind::kNone:
      return "none";
    case Destination::Kind::kKeyspaceId:
      return "ksid:" + keys::HexEncode(found->id());
    case Destination::Kind::kKeyRange:
      return "keyrange:" + found->key_range().ToString();
    case Destination::Kind::kAllShards:
      return "all_shards";
    default:
      return found->ToString();
  }
}

struct Row {
  std::vector<std::string> texts;
  std::vector<Value> values;
};

Row ParseRow(const std::string& input, bool unescape) {
  Row row;
  std::vector<Type> types;
  for (const std::string& cell : Split(input, " , ")) {
    const size_t colon = cell.find(':');
    const std::string text = colon == std::string::npos ? "" : cell.substr(colon + 1);
    row.texts.push_back(unescape ? Unescape(text) : text);
    types.push_back(sqltypes::ParseTypeName(cell.substr(0, colon)).value_or(Type::kNull));
  }
  for (size_t i = 0; i < types.size(); ++i) {
    row.values.push_back(types[i] == Type::kNull ? Value() : Value(types[i], row.texts[i]));
  }
  return row;
}

std::string ShowStored(const Result<OwnedValue>& stored, std::string_view prefix, bool hex) {
  if (!stored.ok()) return "error";
  return std::string(prefix) + std::string(sqltypes::TypeName(stored->type)) + " " +
         (hex ? keys::HexEncode(stored->bytes) : stored->bytes);
}

std::string Compute(const Vector& vector, const std::filesystem::path& folder) {
  const std::string type = vector.vindex.substr(0, vector.vindex.find_first_of("(, "));
  const bool unicode = vector.vindex.find("unicode") != std::string::npos;
  const Row row = ParseRow(vector.input, unicode);
  if (type.starts_with("lookup")) {
    const Params params{{"table", "t"}, {"from", "f"}, {"to", "k"}};
    const auto made = MakeVindex(type, "v", params);
    if (!made.ok()) return made.error().message();
    const auto& lookup = static_cast<const LookupVindex&>(**made);
    if (vector.vindex.find("(from") != std::string::npos)
      return ShowStored(lookup.FromColumn(row.values[0]), "from:", false);
    std::string id;
    if (vector.params.starts_with("ksid=")) {
      id = keys::HexDecode(vector.params.substr(5)).value();
    } else {
      const auto primary = MakeVindex("xxhash", "p", {});
      id = static_cast<const FunctionalVindex&>(**primary).Map(row.values[0])->id();
    }
    return ShowStored(lookup.ToColumn(id), "to:", lookup.settings().form == LookupForm::kBytes);
  }
  const auto made = MakeVindex(type, "v", ParseParams(vector.params, folder));
  if (!made.ok()) return made.error().message();
  const auto& vindex = static_cast<const FunctionalVindex&>(**made);
  if (vector.vindex.find("LIKE") != std::string::npos)
    return Show(vindex.MapLike(row.values[0].raw()));
  return Show(vindex.Map(row.values));
}

class Vectors : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "vindex_test.XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

const Vector kVectors[] = {
    {"hash", "", "INT64:1", "ksid:166b40b44aba4bd6"},
    {"hash", "", "INT64:0", "ksid:8ca64de9c1b123a7"},
    {"hash", "", "INT64:-1", "ksid:355550b2150e2451"},
    {"hash", "", "UINT64:18446744073709551615", "ksid:355550b2150e2451"},
    {"hash", "", "VARCHAR:12345", "ksid:2eb77c1f70087d3d"},
    {"hash", "", "VARCHAR:abc", "none"},
    {"hash", "", "FLOAT64:1.1", "none"},
    {"hash", "", "NULL", "none"},
    {"numeric", "", "INT64:1234567890123", "ksid:0000011f71fb04cb"},
    {"numeric", "", "INT64:-1", "none"},
    {"reverse_bits", "", "INT64:1", "ksid:8000000000000000"},
    {"reverse_bits", "", "VARCHAR:12345", "ksid:9c0c000000000000"},
    {"null", "", "NULL", "ksid:00"},
    {"xxhash", "", "VARCHAR:test1", "ksid:d01ab7e4d6978f0b"},
    {"xxhash", "", "INT64:1", "ksid:d46405367612b4b7"},
    {"xxhash", "", "NULL", "ksid:99e9d85137db46ef"},
    {"xxhash", "", "EXPRESSION:now()", "error"},
    {"binary", "", "VARCHAR:test1", "ksid:7465737431"},
    {"binary", "", "HEXNUM:0x8a", "ksid:8a"},
    {"binary", "", "HEXVAL:x'8a4f'", "ksid:8a4f"},
    {"binary", "", "HEXVAL:x'8a4'", "error"},
    {"binary", "", "HEXVAL:8a", "error"},
    {"binary", "", "BITNUM:0b100000001", "ksid:0101"},
    {"binary", "", "BITNUM:0b0", "ksid:"},
    {"binary", "", "BITNUM:0b12", "error"},
    {"binary_md5", "", "VARBINARY:Test", "ksid:0cbc6611f5540bd0809a388dc95a615b"},
    {"unicode_loose_md5", "", "VARCHAR:T\\xe9st", "ksid:0b5edbb401fd7524393690491d64f1f5"},
    {"unicode_loose_md5", "", "VARCHAR:Te\\u0301st", "ksid:0b5edbb401fd7524393690491d64f1f5"},
    {"unicode_loose_md5", "", "VARCHAR:TEST  ", "ksid:0b5edbb401fd7524393690491d64f1f5"},
    {"unicode_loose_md5", "", "VARBINARY: Test", "ksid:a2e3515c7e8df1ffd2ccfc11c6b19dd1"},
    {"unicode_loose_md5", "", "VARBINARY:Test\\t", "ksid:82456dd87a9c7a02b1c2056b5abaa272"},
    {"unicode_loose_md5", "", "VARCHAR:\\xdf", "ksid:ad4d333c3973cbe3c331409840d2cc06"},
    {"unicode_loose_xxhash", "", "VARCHAR:T\\xe9st", "ksid:42d21361087a4c07"},
    {"unicode_loose_xxhash", "", "VARCHAR:B\\xe9st", "ksid:926975b9ce2ec316"},
    {"numeric_static_map", "json={\"1\":1,\"3\":2}", "INT64:3", "ksid:0000000000000002"},
    {"numeric_static_map", "json={\"1\":1,\"3\":2}", "INT64:4", "ksid:0000000000000004"},
    {"numeric_static_map", "json={\"1\":1};fallback_type=hash", "INT64:2", "ksid:06e7ea22ce92708f"},
    {"numeric_static_map", "json={\"1\":1};fallback_type=hash", "VARCHAR:a", "none"},
    {"region_experimental", "region_bytes=1", "INT64:256 , INT64:1", "ksid:00166b40b44aba4bd6"},
    {"region_experimental", "region_bytes=2", "INT64:256 , INT64:1", "ksid:0100166b40b44aba4bd6"},
    {"region_experimental", "region_bytes=1", "INT64:255", "keyrange:ff-"},
    {"region_json", "region_bytes=2;map={\"US\":1,\"CA\":2}", "INT64:255 , VARCHAR:US",
     "ksid:0001254e882e6597f41d"},
    {"region_json", "region_bytes=1;map={\"US\":1,\"CA\":2}", "INT64:1 , VARCHAR:ZZ", "none"},
    {"cfc", "hash=;offsets=", "VARCHAR:test", "ksid:74657374"},
    {"cfc", "hash=md5;offsets=[2,4]", "VARCHAR:testing", "ksid:569e627fd44086"},
    {"cfc", "hash=md5;offsets=[2,4]", "VARCHAR:tes", "error"},
    {"cfc(prefix, LIKE)", "hash=;offsets=", "VARCHAR:te\\%x%", "keyrange:74652578-74652579"},
    {"cfc(prefix, LIKE)", "hash=md5;offsets=[2,4]", "VARCHAR:tes%", "keyrange:569e-569f"},
    {"cfc(prefix, LIKE)", "hash=md5;offsets=[2,4]", "VARCHAR:testi%", "keyrange:569e627f-569e6280"},
    {"cfc(prefix, LIKE)", "hash=md5;offsets=[2,4]", "VARCHAR:%", "all_shards"},
    {"multicol", "column_count=3;column_bytes=;column_vindex=", "INT64:1 , INT64:1 , INT64:1",
     "ksid:166b40166b40166b"},
    {"multicol", "column_count=3;column_bytes=1,3;column_vindex=", "INT64:1 , INT64:2 , INT64:3",
     "ksid:1606e7ea4eb190c9"},
    {"multicol", "column_count=2;column_bytes=;column_vindex=binary,binary_md5",
     "VARCHAR:a , VARCHAR:b", "ksid:6100000092eb5ffe"},
    {"multicol", "column_count=3;column_bytes=;column_vindex=", "INT64:1 , INT64:1",
     "keyrange:166b40166b40-166b40166b41"},
    {"multicol", "column_count=2", "VARCHAR:x , INT64:1", "none"},
    {"lookup_hash (to column value for ksid)", "ksid=166b40b44aba4bd6", "KSID:166b40b44aba4bd6",
     "to:UINT64 1"},
    {"lookup_unicodeloosemd5_hash (from column value)", "", "VARCHAR:TEST",
     "from:UINT64 819333748401992996"},
};

TEST_F(Vectors, OursHold) {
  for (const Vector& vector : kVectors) {
    EXPECT_EQ(Compute(vector, folder_), vector.result)
        << vector.vindex << " " << vector.params << " " << vector.input;
  }
}

TEST_F(Vectors, ThoseOfTheFileHold) {
  const char* path = std::getenv("TESSERA_VINDEX_VECTORS");
  if (path == nullptr) GTEST_SKIP() << "TESSERA_VINDEX_VECTORS names no file";
  std::ifstream file(path);
  std::string line;
  ASSERT_TRUE(std::getline(file, line)) << path;
  int checked = 0;
  while (std::getline(file, line)) {
    const std::vector<std::string> cells = Split(line, "\t");
    ASSERT_GE(cells.size(), 4u) << line;
    EXPECT_EQ(Compute({cells[0], cells[1], cells[2], cells[3]}, folder_), cells[3]) << line;
    ++checked;
  }
  EXPECT_GT(checked, 0);
  RecordProperty("vectors", checked);
}

}  // namespace
}  // namespace tessera::vindex
