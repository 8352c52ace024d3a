// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "sqlparser/keywords.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sqlparser/ast.h"

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
constexpr size_t kLongest = 64;
static_assert(kCount * 3 < kSlots);

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

constexpr uint32_t SlotOf(const WordKey& key, size_t size) {
  const uint64_t h = (key.head ^ (key.tail * 3) ^ size) * 0x9e3779b97f4a7c15u;
  return static_cast<uint32_t>(h >> 52);
}
static_assert(kSlots == 1u << (64 - 52));

struct Table {
  std::array<uint16_t, kSlots> slots{};
  std::array<WordKey, kCount> keys{};
  std::array<uint8_t, kCount> sizes{};
};

constexpr Table MakeTable() {
  Table table;
  for (size_t i = 1; i < kCount; ++i) {
    const std::string_view text = kEntries[i].text;
    table.keys[i] = KeyOf(text.data(), text.size());
    table.sizes[i] = static_cast<uint8_t>(text.size());
    uint32_t slot = SlotOf(table.keys[i], text.size());
    while (table.slots[slot] != 0) slot = (slot + 1) & (kSlots - 1);
    table.slots[slot] = static_cast<uint16_t>(i);
  }
  return table;
}

constexpr Table kTable = MakeTable();

}  // namespace

Kw LookupKeyword(std::string_view word) {
  const size_t size = word.size();
  if (size > kLongest || size < 2) return Kw::kNone;
  const WordKey key = KeyOf(word.data(), size);
  for (uint32_t slot = SlotOf(key, size); kTable.slots[slot] != 0;
       slot = (slot + 1) & (kSlots - 1)) {
    const uint16_t i = kTable.slots[slot];
    if (kTable.sizes[i] != size || kTable.keys[i] != key) continue;
    if (size <= 16 || Ident::EqualNoCase(kEntries[i].text, word)) return static_cast<Kw>(i);
  }
  return Kw::kNone;
}

std::string_view KeywordText(Kw word) { return kEntries[static_cast<size_t>(word)].text; }
bool IsReserved(Kw word) { return kEntries[static_cast<size_t>(word)].reserved; }
bool IsQuotedWord(Kw word) { return kEntries[static_cast<size_t>(word)].quoted; }

}  // namespace tessera::sqlparser
