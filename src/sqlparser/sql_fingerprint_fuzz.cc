// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The fingerprint of any text: with its values put back it is the statement's tree; buffers that
// are used again, and shapes seen before, change nothing.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sqlparser/internal/fingerprint_property.h"
#include "sqlparser/shape_cache.h"

using namespace tessera::sqlparser;

namespace {

bool SameValues(std::span<const FingerprintValue> a, std::span<const FingerprintValue> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.type == y.type && x.bytes == y.bytes && x.tuple_begin == y.tuple_begin &&
           x.tuple_end == y.tuple_end;
  });
}

void Same(const Fingerprint& a, const Fingerprint& b) {
  CHECK(a.text == b.text && a.hash == b.hash && a.kind == b.kind);
  CHECK(a.directives == b.directives && a.leading_comments == b.leading_comments);
  CHECK(SameValues(a.values, b.values) && SameValues(a.items, b.items));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  static Fingerprint& kept = *new Fingerprint;  // reused, as a connection does
  static ShapeCache& shapes = *new ShapeCache;
  Fingerprint fresh;
  const bool good = fresh.Scan(sql).ok();
  CHECK(kept.Scan(sql, {}, &shapes).ok() == good);
  if (!good) return 0;
  Same(fresh, kept);
  // Once more: now the shape is known.
  CHECK(kept.Scan(sql, {}, &shapes).ok());
  Same(fresh, kept);
  const std::string fault = FingerprintFault(sql, fresh);
  if (!fault.empty()) std::fprintf(stderr, "%s\n", fault.c_str());
  CHECK(fault.empty());
  return 0;
}
