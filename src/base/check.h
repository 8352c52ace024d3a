// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace tessera {

// Prints the broken invariant with its place and a stack, then aborts. Never for bytes that came
// from outside: those are errors.
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace tessera

// Always on: a broken invariant of our own code ends the process.
#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::tessera::CheckFailed(#condition, __FILE__, __LINE__))

#ifdef NDEBUG
#define DCHECK(condition) static_cast<void>(0)
#else
#define DCHECK(condition) CHECK(condition)
#endif
