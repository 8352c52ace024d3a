// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Vindexes over one number: hash, numeric, reverse_bits; and null, which does not look at its
// value.
#include "vindex/internal/column_bytes.h"
#include "vindex/internal/hashes.h"
#include "vindex/internal/types.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Value;

uint64_t ReverseBits(uint64_t bits) {
  uint64_t reversed = 0;
  for (int i = 0; i < 64; ++i, bits >>= 1) reversed = reversed << 1 | (bits & 1);
  return reversed;
}

Result<uint64_t> IdNumber(const Vindex& vindex, std::string_view id) {
  const std::optional<uint64_t> number = FromBigEndian(id);
  if (!number) {
    return Errorf(Code::kInvalidArgument, "vindex '{}': keyspace id {} is not 8 bytes long",
                  vindex.name(), keys::HexEncode(id));
  }
  return *number;
}

OwnedValue Unsigned(uint64_t number) { return {sqltypes::Type::kUint64, std::to_string(number)}; }

Destination AtNumber(std::optional<uint64_t> number) {
  return number ? Destination::OfId(BigEndian(*number)) : Destination::None();
}

class Hash final : public FunctionalVindex {
 public:
  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    const std::optional<uint64_t> number = ToTwosComplement(row[0]);
    return number ? Destination::OfId(BigEndian(HashNumber(*number))) : Destination::None();
  }
  // Takes no sign, unlike Map: Vitess differs in the same way.
  Result<bool> Verify(std::span<const Value> row, std::string_view keyspace_id) const override {
    const std::optional<uint64_t> number = ToUnsigned(row[0]);
    if (!number)
      return Errorf(Code::kInvalidArgument, "vindex '{}': '{}' is not a number", name(),
                    row[0].raw());
    return BigEndian(HashNumber(*number)) == keyspace_id;
  }
  bool is_reversible() const override { return true; }
  Result<OwnedValue> ReverseMap(std::string_view keyspace_id) const override {
    TRY(const uint64_t number, IdNumber(*this, keyspace_id));
    return Unsigned(HashNumber(number));
  }
};

class Numeric final : public FunctionalVindex {
 public:
  int cost() const override { return 0; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    return AtNumber(ToUnsigned(row[0]));
  }
  bool maps_ranges() const override { return true; }
  Result<Destination> MapRange(const Value& from, const Value& to) const override {
    const std::optional<uint64_t> first = ToUnsigned(from);
    const std::optional<uint64_t> last = ToUnsigned(to);
    if (!first || !last || *first > *last) return Destination::None();
    // BETWEEN includes its last value, key ranges do not.
    return Destination::OfRange(
        {BigEndian(*first), *last == UINT64_MAX ? "" : BigEndian(*last + 1)});
  }
  bool is_reversible() const override { return true; }
  Result<OwnedValue> ReverseMap(std::string_view keyspace_id) const override {
    TRY(const uint64_t number, IdNumber(*this, keyspace_id));
    return Unsigned(number);
  }
};

class ReverseBitsVindex final : public FunctionalVindex {
 public:
  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    const std::optional<uint64_t> number = ToUnsigned(row[0]);
    return number ? Destination::OfId(BigEndian(ReverseBits(*number))) : Destination::None();
  }
  bool is_reversible() const override { return true; }
  Result<OwnedValue> ReverseMap(std::string_view keyspace_id) const override {
    TRY(const uint64_t number, IdNumber(*this, keyspace_id));
    return Unsigned(ReverseBits(number));
  }
};

class Null final : public FunctionalVindex {
 public:
  int cost() const override { return 100; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value>) const override {
    return Destination::OfId(std::string(1, '\0'));
  }
};

}  // namespace

Made MakeHash(const Params&) { return std::make_unique<Hash>(); }
Made MakeNumeric(const Params&) { return std::make_unique<Numeric>(); }
Made MakeReverseBits(const Params&) { return std::make_unique<ReverseBitsVindex>(); }
Made MakeNull(const Params&) { return std::make_unique<Null>(); }

}  // namespace tessera::vindex
