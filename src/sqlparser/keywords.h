// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tessera::sqlparser {

enum class Kw : uint16_t {
  kNone,
#define TESSERA_KEYWORD(Name, text, reserved, quoted) k##Name,
#include "sqlparser/keywords.inc"
#undef TESSERA_KEYWORD
};

// The word, compared without case; kNone when it is not in the table.
Kw LookupKeyword(std::string_view word);

std::string_view KeywordText(Kw word);

inline constexpr bool kReservedWords[] = {
    false,
#define TESSERA_KEYWORD(Name, text, reserved, quoted) reserved != 0,
#include "sqlparser/keywords.inc"
#undef TESSERA_KEYWORD
};
inline bool IsReserved(Kw word) { return kReservedWords[static_cast<size_t>(word)]; }
// Whether the canonical printer puts a name that is spelt so in backquotes.
bool IsQuotedName(std::string_view name);

}  // namespace tessera::sqlparser
