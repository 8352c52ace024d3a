// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The fingerprint of any text: with its values put back it is the statement's tree; buffers that
// are used again, and shapes seen before, change nothing. The other statements that a shape may
// come from are made from the input, so that each input fails alone.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <random>
#include <span>
#include <string>
#include <string_view>

#include "base/check.h"
#include "sqlparser/internal/fingerprint_property.h"
#include "sqlparser/internal/fuzz_mutator.h"
#include "sqlparser/internal/scan.h"
#include "sqlparser/shape_cache.h"

using namespace tessera::sqlparser;

namespace {

bool SameValues(std::span<const FingerprintValue> a, std::span<const FingerprintValue> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.type == y.type && x.bytes == y.bytes && x.tuple_begin == y.tuple_begin &&
           x.tuple_end == y.tuple_end;
  });
}

bool Same(const Fingerprint& a, const Fingerprint& b) {
  return a.text == b.text && a.hash == b.hash && a.kind == b.kind && a.directives == b.directives &&
         a.leading_comments == b.leading_comments && SameValues(a.values, b.values) &&
         SameValues(a.items, b.items);
}

// A statement and what a scan of it by itself gives.
struct Scanned {
  explicit Scanned(std::string_view text) : sql(text), good(alone.Scan(text).ok()) {}
  std::string_view sql;
  Fingerprint alone;
  bool good;
};

// The same with buffers and shapes of statements before it.
void ScanAgain(const Scanned& scanned, Fingerprint& kept, ShapeCache& shapes) {
  const bool good = kept.Scan(scanned.sql, {}, &shapes).ok();
  if (good == scanned.good && (!good || Same(scanned.alone, kept))) return;
  std::fprintf(stderr, "alone %d and behind others %d:\n  %s\n  %s\n  %s\n", scanned.good, good,
               std::string(scanned.sql).c_str(), std::string(scanned.alone.text).c_str(),
               std::string(kept.text).c_str());
  CHECK(false);
}

// Values as others of their type may be written: what a number begins with may join what is in
// front of it, and a list may hold a version comment.
std::span<const std::string_view> OthersOf(Tok type) {
  static constexpr std::string_view kIntegers[] = {
      "5", "-7", "99999", "18446744073709551616", "5, 'x'", "0", "5 /*!, 6"};
  static constexpr std::string_view kDecimals[] = {".5", "5.5", "-.5", "5.", "-5.25"};
  static constexpr std::string_view kFloats[] = {"1e5", ".5e5", "-1.e-5", "5.5e+5"};
  static constexpr std::string_view kStrings[] = {"'x'", "\"x\"", "''", "'it''s'", "'/*!'"};
  static constexpr std::string_view kHexNumbers[] = {"0x1f", "0X2F"};
  static constexpr std::string_view kHexStrings[] = {"x'1f'", "X''"};
  switch (type) {
    case Tok::kInteger:
      return kIntegers;
    case Tok::kDecimal:
      return kDecimals;
    case Tok::kFloat:
      return kFloats;
    case Tok::kString:
      return kStrings;
    case Tok::kHexNumber:
      return kHexNumbers;
    case Tok::kHexString:
      return kHexStrings;
    default:
      return {};
  }
}

// sql with other values, drawn with `random`: some stay, and some lose a minus.
std::string WithOtherValues(std::string_view sql, std::minstd_rand& random) {
  const ParseOptions options;
  Lexer lexer(sql, options);
  std::string out;
  size_t at = 0;
  while (true) {
    const Token token = lexer.Next();
    if (token.type == Tok::kEnd || token.type == Tok::kError) break;
    const std::span<const std::string_view> others = OthersOf(token.type);
    const size_t choice = others.empty() ? 0 : random() % (others.size() + 1);
    if (choice == others.size()) continue;
    out += sql.substr(at, token.begin - at);
    if (out.ends_with('-') && random() % 2 == 0) out.pop_back();
    out += others[choice];
    at = token.end;
  }
  return out.append(sql.substr(at));
}

// The shape of either statement changes nothing about the other.
void ScanBoth(const Scanned& one, const Scanned& other) {
  ShapeCache shapes(1);
  Fingerprint kept;
  ScanAgain(one, kept, shapes);
  ScanAgain(one, kept, shapes);  // now the shape is known
  ScanAgain(other, kept, shapes);
  ShapeCache turned(1);
  ScanAgain(other, kept, turned);
  ScanAgain(one, kept, turned);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view sql(reinterpret_cast<const char*>(data), size);
  const Scanned scanned(sql);
  std::minstd_rand random(static_cast<uint32_t>(HashText(sql)));
  const std::string other = WithOtherValues(sql, random);
  ScanBoth(scanned, Scanned(other));
  if (!scanned.good) return 0;
  const std::string fault = FingerprintFault(sql, scanned.alone);
  if (!fault.empty()) std::fprintf(stderr, "%s\n", fault.c_str());
  CHECK(fault.empty());
  return 0;
}
