// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Vindexes over the bytes of one value: binary, binary_md5, xxhash.
#include "vindex/internal/column_bytes.h"
#include "vindex/internal/hashes.h"
#include "vindex/internal/types.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Value;

class Binary final : public FunctionalVindex {
 public:
  int cost() const override { return 0; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    TRY(std::string id, ToBytes(row[0]));
    return Destination::OfId(std::move(id));
  }
  bool maps_ranges() const override { return true; }
  Result<Destination> MapRange(const Value& from, const Value& to) const override {
    TRY(std::string first, ToBytes(from));
    TRY(std::string last, ToBytes(to));
    if (first > last) return Destination::None();
    // The smallest id past `last`: ids that differ in trailing zeros only count as equal, hence
    // the 1.
    last.push_back('\1');
    return Destination::OfRange({std::move(first), std::move(last)});
  }
  bool is_reversible() const override { return true; }
  Result<OwnedValue> ReverseMap(std::string_view keyspace_id) const override {
    return OwnedValue{sqltypes::Type::kVarBinary, std::string(keyspace_id)};
  }
};

class BinaryMd5 final : public FunctionalVindex {
 public:
  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    return WithBytes(row[0], [](std::string_view bytes) -> Result<Destination> {
      return Destination::OfId(Md5(bytes));
    });
  }
};

class Xxhash final : public FunctionalVindex {
 public:
  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    return WithBytes(row[0], [](std::string_view bytes) -> Result<Destination> {
      return Destination::OfId(Xxh64(bytes));
    });
  }
};

}  // namespace

Made MakeBinary(const Params&) { return std::make_unique<Binary>(); }
Made MakeBinaryMd5(const Params&) { return std::make_unique<BinaryMd5>(); }
Made MakeXxhash(const Params&) { return std::make_unique<Xxhash>(); }

}  // namespace tessera::vindex
