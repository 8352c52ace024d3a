// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/collations.h"

#include <array>

namespace tessera::vtgate {

namespace {

// Below 100 the numbers have no order; above, each Unicode set has a range.
constexpr std::array<std::string_view, 100> kFirst = {
    "",         "big5",    "latin2",  "dec8",    "cp850",   "latin1",   "hp8",     "koi8r",
    "latin1",   "latin2",  "swe7",    "ascii",   "ujis",    "sjis",     "cp1251",  "latin1",
    "hebrew",   "",        "tis620",  "euckr",   "latin7",  "latin2",   "koi8u",   "cp1251",
    "gb2312",   "greek",   "cp1250",  "latin2",  "gbk",     "cp1257",   "latin5",  "latin1",
    "armscii8", "utf8mb3", "cp1250",  "ucs2",    "cp866",   "keybcs2",  "macce",   "macroman",
    "cp852",    "latin7",  "latin7",  "macce",   "cp1250",  "utf8mb4",  "utf8mb4", "latin1",
    "latin1",   "latin1",  "cp1251",  "cp1251",  "cp1251",  "macroman", "utf16",   "utf16",
    "utf16le",  "cp1256",  "cp1257",  "cp1257",  "utf32",   "utf32",    "utf16le", "binary",
    "armscii8", "ascii",   "cp1250",  "cp1256",  "cp866",   "dec8",     "greek",   "hebrew",
    "hp8",      "keybcs2", "koi8r",   "koi8u",   "",        "latin2",   "latin5",  "latin7",
    "cp850",    "cp852",   "swe7",    "utf8mb3", "big5",    "euckr",    "gb2312",  "gbk",
    "sjis",     "tis620",  "ucs2",    "ujis",    "geostd8", "geostd8",  "latin1",  "cp932",
    "cp932",    "eucjpms", "eucjpms", "cp1250"};

}  // namespace

bool IsForClients(std::string_view charset) {
  return charset != "ucs2" && charset != "utf16" && charset != "utf16le" && charset != "utf32";
}

Error NotForClients(std::string_view charset) {
  return Errorf(Code::kInvalidArgument,
                "Variable 'character_set_client' can't be set to the value of '{}'", charset)
      .WithMysql(1231, "42000");
}

std::string_view CharsetOfCollation(uint16_t collation) {
  if (collation < kFirst.size()) return kFirst[collation];
  if (collation >= 101 && collation <= 124) return "utf16";
  if (collation >= 128 && collation <= 159) return "ucs2";
  if (collation >= 160 && collation <= 183) return "utf32";
  if (collation >= 192 && collation <= 223) return "utf8mb3";
  if (collation >= 224 && collation <= 247) return "utf8mb4";
  return {};
}

}  // namespace tessera::vtgate
