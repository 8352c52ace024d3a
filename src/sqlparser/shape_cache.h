// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sqlparser/fingerprint.h"

namespace tessera::sqlparser {

// The statements a client sends differ in their values and in little else. This keeps the shapes of
// those that were scanned: the text between their values. A statement whose text between its values
// is the same gets the same fingerprint without a scan; only its values are read.
//
// A find is exact: what the scanner does with a statement follows from its bytes between the values
// and from the types of the values, and both are compared. Shapes where that would not hold,
// because another value could join what it touches, are not kept. One cache serves all fingerprints
// of one thread. Holds no values, so nothing of a client's data; its memory is bounded.
class ShapeCache {
 public:
  // Room for some `shapes` shapes of at most kLongest bytes each.
  explicit ShapeCache(size_t shapes = 2048);

  // Fills `out` when the shape is known.
  bool Find(std::string_view sql, const ParseOptions& options, Fingerprint& out);
  // Remembers what a scan of sql has put into `out`.
  void Insert(std::string_view sql, const ParseOptions& options, const Fingerprint& out);

 private:
  static constexpr size_t kWays = 8;
  static constexpr size_t kLongest = 4096;
  static constexpr size_t kMostHoles = 256;

  struct Hole {
    uint32_t before = 0;  // bytes of constant text in front of it
    uint32_t number = 0;
    Tok type = Tok::kEnd;
    Tok previous = Tok::kEnd;
    bool takes_sign = false;
  };
  struct Shape {
    uint64_t key = 0;
    uint64_t hash = 0;
    StatementKind kind = StatementKind::kOther;
    uint32_t directives = 0;  // place and size in a statement
    uint32_t directives_size = 0;
    std::string constant;  // what stands around the values
    std::string text;      // the fingerprint's
    std::vector<Hole> holes;
  };
  struct Set {
    std::array<uint64_t, kWays> keys{};
    std::array<uint32_t, kWays> shapes{};  // index in shapes_, one more; 0 for none
    uint32_t next = 0;                     // the way to give up next
  };

  static bool Match(const Shape& shape, std::string_view sql, const ParseOptions& options,
                    Fingerprint& out);
  static void Fill(const Shape& shape, std::string_view sql, Fingerprint& out);

  std::vector<Set> sets_;
  std::vector<Shape> shapes_;
};

}  // namespace tessera::sqlparser
