// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/keywords.h"

#include <array>
#include <cstddef>

namespace tessera::sqlparser {
namespace {

struct Entry {
  std::string_view text;
  bool reserved;
  bool quoted;
};

constexpr Entry kEntries[] = {
    {"", false, false},
#define TESSERA_KEYWORD(Name, text, reserved, quoted) {text, reserved != 0, quoted != 0},
#include "sqlparser/keywords.inc"
#undef TESSERA_KEYWORD
};
constexpr size_t kCount = sizeof(kEntries) / sizeof(kEntries[0]);
constexpr size_t kSlots = 4096;
constexpr size_t kLongest = 32;
static_assert(kCount * 3 < kSlots);

constexpr char Lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

// First, last and middle letters and the length keep nearly all words apart.
constexpr uint32_t HashWord(const char* text, size_t size) {
  uint32_t h = static_cast<uint32_t>(size) * 0x9e3779b1u;
  for (size_t i = 0; i < size; ++i) {
    h = (h ^ static_cast<uint8_t>(Lower(text[i]))) * 0x01000193u;
  }
  return (h ^ (h >> 15)) & (kSlots - 1);
}

constexpr std::array<uint16_t, kSlots> BuildTable() {
  std::array<uint16_t, kSlots> table{};
  for (size_t i = 1; i < kCount; ++i) {
    uint32_t slot = HashWord(kEntries[i].text.data(), kEntries[i].text.size());
    while (table[slot] != 0) slot = (slot + 1) & (kSlots - 1);
    table[slot] = static_cast<uint16_t>(i);
  }
  return table;
}

constexpr std::array<uint16_t, kSlots> kTable = BuildTable();

}  // namespace

Kw LookupKeyword(std::string_view word) {
  if (word.size() > kLongest || word.size() < 2) return Kw::kNone;
  for (uint32_t slot = HashWord(word.data(), word.size()); kTable[slot] != 0;
       slot = (slot + 1) & (kSlots - 1)) {
    const std::string_view text = kEntries[kTable[slot]].text;
    if (text.size() != word.size()) continue;
    size_t i = 0;
    while (i < text.size() && Lower(word[i]) == text[i]) ++i;
    if (i == text.size()) return static_cast<Kw>(kTable[slot]);
  }
  return Kw::kNone;
}

std::string_view KeywordText(Kw word) { return kEntries[static_cast<size_t>(word)].text; }
bool IsReserved(Kw word) { return kEntries[static_cast<size_t>(word)].reserved; }
bool IsQuotedWord(Kw word) { return kEntries[static_cast<size_t>(word)].quoted; }

}  // namespace tessera::sqlparser
