// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace tessera::doctor {

// What an error of a replica's threads means, and what to do about it. Half sentences.
struct Cure {
  int number = 0;  // MySQL's; 0 when the error is none of those we know
  std::string_view meaning;
  std::string_view fix;
};

// Servers tell errors as text, with the number in it or not (Last_IO_Error, Last_SQL_Error).
const Cure& CureOf(std::string_view error);

}  // namespace tessera::doctor
