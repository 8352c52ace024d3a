// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/keywords.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <type_traits>

#include "sqlparser/ast.h"

namespace tessera::sqlparser {
namespace {

struct Entry {
  std::string_view text;
  bool quoted;
};

constexpr Entry kEntries[] = {
    {"", false},
#define TESSERA_KEYWORD(Name, text, reserved, quoted) {text, quoted != 0},
#include "sqlparser/keywords.inc"
#undef TESSERA_KEYWORD
};
constexpr size_t kCount = std::size(kEntries);

// Words that Vitess's printer puts in backquotes and that no grammar of ours knows: character set
// introducers, and functions mostly.
constexpr std::string_view kQuotedNames[] = {"_armscii8",
                                             "_ascii",
                                             "_big5",
                                             "_binary",
                                             "_cp1250",
                                             "_cp1251",
                                             "_cp1256",
                                             "_cp1257",
                                             "_cp850",
                                             "_cp852",
                                             "_cp866",
                                             "_cp932",
                                             "_dec8",
                                             "_eucjpms",
                                             "_euckr",
                                             "_gb18030",
                                             "_gb2312",
                                             "_gbk",
                                             "_geostd8",
                                             "_greek",
                                             "_hebrew",
                                             "_hp8",
                                             "_keybcs2",
                                             "_koi8r",
                                             "_koi8u",
                                             "_latin1",
                                             "_latin2",
                                             "_latin5",
                                             "_latin7",
                                             "_macce",
                                             "_macroman",
                                             "_sjis",
                                             "_swe7",
                                             "_tis620",
                                             "_ucs2",
                                             "_ujis",
                                             "_utf16",
                                             "_utf16le",
                                             "_utf32",
                                             "_utf8",
                                             "_utf8mb3",
                                             "_utf8mb4",
                                             "catalog_name",
                                             "class_origin",
                                             "constraint_catalog",
                                             "cursor_name",
                                             "endpoint",
                                             "format_bytes",
                                             "format_pico_time",
                                             "geomcollection",
                                             "get_lock",
                                             "glength",
                                             "gtid_subset",
                                             "gtid_subtract",
                                             "is_free_lock",
                                             "is_used_lock",
                                             "isclosed",
                                             "log",
                                             "manual",
                                             "numpoints",
                                             "parallel",
                                             "pointn",
                                             "ps_current_thread_id",
                                             "ps_thread_id",
                                             "qualify",
                                             "regexp_instr",
                                             "regexp_like",
                                             "regexp_replace",
                                             "regexp_substr",
                                             "release_all_locks",
                                             "release_lock",
                                             "sql_tsi_day",
                                             "sql_tsi_hour",
                                             "sql_tsi_microsecond",
                                             "sql_tsi_minute",
                                             "sql_tsi_month",
                                             "sql_tsi_quarter",
                                             "sql_tsi_second",
                                             "sql_tsi_week",
                                             "sql_tsi_year",
                                             "st_area",
                                             "st_asbinary",
                                             "st_asgeojson",
                                             "st_astext",
                                             "st_aswkb",
                                             "st_aswkt",
                                             "st_centroid",
                                             "st_dimension",
                                             "st_endpoint",
                                             "st_envelope",
                                             "st_exteriorring",
                                             "st_geohash",
                                             "st_geomcollfromtext",
                                             "st_geomcollfromtxt",
                                             "st_geomcollfromwkb",
                                             "st_geometrycollectionfromtext",
                                             "st_geometrycollectionfromwkb",
                                             "st_geometryfromtext",
                                             "st_geometryfromwkb",
                                             "st_geometryn",
                                             "st_geometrytype",
                                             "st_geomfromgeojson",
                                             "st_geomfromtext",
                                             "st_geomfromwkb",
                                             "st_interiorringn",
                                             "st_isclosed",
                                             "st_isempty",
                                             "st_issimple",
                                             "st_latfromgeohash",
                                             "st_latitude",
                                             "st_length",
                                             "st_linefromtext",
                                             "st_linefromwkb",
                                             "st_linestringfromtext",
                                             "st_linestringfromwkb",
                                             "st_longfromgeohash",
                                             "st_longitude",
                                             "st_mlinefromtext",
                                             "st_mlinefromwkb",
                                             "st_mpointfromtext",
                                             "st_mpointfromwkb",
                                             "st_mpolyfromtext",
                                             "st_mpolyfromwkb",
                                             "st_multilinestringfromtext",
                                             "st_multilinestringfromwkb",
                                             "st_multipointfromtext",
                                             "st_multipointfromwkb",
                                             "st_multipolygonfromtext",
                                             "st_multipolygonfromwkb",
                                             "st_numgeometries",
                                             "st_numinteriorring",
                                             "st_numinteriorrings",
                                             "st_numpoints",
                                             "st_pointfromgeohash",
                                             "st_pointfromtext",
                                             "st_pointfromwkb",
                                             "st_pointn",
                                             "st_polyfromtext",
                                             "st_polyfromwkb",
                                             "st_polygonfromtext",
                                             "st_polygonfromwkb",
                                             "st_startpoint",
                                             "st_x",
                                             "st_y",
                                             "startpoint",
                                             "tablesample",
                                             "vtexplain",
                                             "wait_for_executed_gtid_set",
                                             "wait_until_sql_thread_after_gtids"};

// A word of two bytes or more, without case: its first and its last eight bytes, which overlap in
// words of nine to fifteen. Equal keys of equal length are equal words up to sixteen bytes.
struct WordKey {
  uint64_t head = 0;
  uint64_t tail = 0;

  friend constexpr bool operator==(const WordKey&, const WordKey&) = default;
};

constexpr uint64_t kNoCase = 0x2020202020202020u;

constexpr uint64_t LoadBytes(const char* at, size_t size) {
  uint64_t out = 0;
  if (!std::is_constant_evaluated()) {
    std::memcpy(&out, at, size);
    return out;
  }
  for (size_t i = size; i-- > 0;) out = out << 8 | static_cast<uint8_t>(at[i]);
  return out;
}

constexpr WordKey KeyOf(const char* word, size_t size) {
  if (size >= 8) return {LoadBytes(word, 8) | kNoCase, LoadBytes(word + size - 8, 8) | kNoCase};
  if (size >= 4) {
    return {(LoadBytes(word, 4) | LoadBytes(word + size - 4, 4) << 32) | kNoCase, 0};
  }
  return {(LoadBytes(word, 2) | LoadBytes(word + size - 1, 1) << 16) | kNoCase, 0};
}

// Words by number. At most a third of the slots are taken, so that a probe or two settle it.
template <size_t kWords, size_t kSlots>
struct WordTable {
  static_assert(kWords * 3 < kSlots && std::has_single_bit(kSlots));
  static constexpr uint16_t kAbsent = UINT16_MAX;

  std::array<uint16_t, kSlots> slots{};
  std::array<WordKey, kWords> keys{};
  std::array<std::string_view, kWords> texts{};

  static constexpr size_t SlotOf(const WordKey& key, size_t size) {
    const uint64_t h = (key.head ^ (key.tail * 3) ^ size) * 0x9e3779b97f4a7c15u;
    return h >> (64 - std::countr_zero(kSlots));
  }

  constexpr WordTable() { slots.fill(kAbsent); }
  constexpr void Add(uint16_t number, std::string_view text) {
    texts[number] = text;
    keys[number] = KeyOf(text.data(), text.size());
    size_t slot = SlotOf(keys[number], text.size());
    while (slots[slot] != kAbsent) slot = (slot + 1) % kSlots;
    slots[slot] = number;
  }
  // The word's number, or kAbsent.
  uint16_t Find(std::string_view word) const {
    const size_t size = word.size();
    if (size < 2) return kAbsent;
    const WordKey key = KeyOf(word.data(), size);
    for (size_t slot = SlotOf(key, size); slots[slot] != kAbsent; slot = (slot + 1) % kSlots) {
      const uint16_t number = slots[slot];
      if (texts[number].size() != size || keys[number] != key) continue;
      if (size <= 16 || Ident::EqualNoCase(texts[number], word)) return number;
    }
    return kAbsent;
  }
};

using KeywordTable = WordTable<kCount, 4096>;
constexpr KeywordTable kKeywords = [] {
  KeywordTable table;
  for (size_t i = 1; i < kCount; ++i) table.Add(static_cast<uint16_t>(i), kEntries[i].text);
  return table;
}();

using NameTable = WordTable<std::size(kQuotedNames), 1024>;
constexpr NameTable kQuoted = [] {
  NameTable table;
  for (size_t i = 0; i < std::size(kQuotedNames); ++i)
    table.Add(static_cast<uint16_t>(i), kQuotedNames[i]);
  return table;
}();

}  // namespace

Kw LookupKeyword(std::string_view word) {
  const uint16_t number = kKeywords.Find(word);
  return number == KeywordTable::kAbsent ? Kw::kNone : static_cast<Kw>(number);
}

bool IsQuotedName(std::string_view name) {
  const Kw word = LookupKeyword(name);
  if (word != Kw::kNone) return kEntries[static_cast<size_t>(word)].quoted;
  return kQuoted.Find(name) != NameTable::kAbsent;
}

std::string_view KeywordText(Kw word) { return kEntries[static_cast<size_t>(word)].text; }

}  // namespace tessera::sqlparser
