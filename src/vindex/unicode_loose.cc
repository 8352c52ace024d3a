// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Vindexes over text that ignore case, accents and trailing spaces: unicode_loose_md5 and
// unicode_loose_xxhash.
#include "vindex/internal/collation_weights.h"
#include "vindex/internal/column_bytes.h"
#include "vindex/internal/hashes.h"
#include "vindex/internal/types.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Value;

class UnicodeLoose final : public FunctionalVindex {
 public:
  using HashFunction = std::string (*)(std::string_view);

  explicit UnicodeLoose(HashFunction hash) : hash_(hash) {}

  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    return WithBytes(row[0], [this](std::string_view bytes) -> Result<Destination> {
      TRY(const std::string weights, PrimaryWeights(bytes).Wrap("vindex '" + name() + "'"));
      return Destination::OfId(hash_(weights));
    });
  }

 private:
  HashFunction hash_;
};

}  // namespace

Made MakeUnicodeLooseMd5(const Params&) { return std::make_unique<UnicodeLoose>(Md5); }
Made MakeUnicodeLooseXxhash(const Params&) { return std::make_unique<UnicodeLoose>(Xxh64); }

}  // namespace tessera::vindex
