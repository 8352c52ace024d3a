// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Vindexes that place rows by a table of their own or by region: numeric_static_map,
// region_experimental, region_json.
#include <charconv>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "vindex/internal/column_bytes.h"
#include "vindex/internal/hashes.h"
#include "vindex/internal/types.h"
#include "vindex/registry.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Value;

class NumericStaticMap final : public FunctionalVindex {
 public:
  NumericStaticMap(std::unordered_map<uint64_t, uint64_t> map, std::unique_ptr<Vindex> fallback)
      : map_(std::move(map)), fallback_(std::move(fallback)) {}

  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  Result<Destination> Map(std::span<const Value> row) const override {
    const std::optional<uint64_t> number = ToUnsigned(row[0]);
    if (!number) return Destination::None();
    const auto found = map_.find(*number);
    if (found != map_.end()) return Destination::OfId(BigEndian(found->second));
    if (fallback_) return static_cast<const FunctionalVindex&>(*fallback_).Map(row);
    return Destination::OfId(BigEndian(*number));
  }

 private:
  std::unordered_map<uint64_t, uint64_t> map_;
  std::unique_ptr<Vindex> fallback_;
};

std::string RegionPrefix(uint64_t region, int bytes) {
  return BigEndian(region).substr(static_cast<size_t>(8 - bytes));
}

Result<int> ParseRegionBytes(std::string_view type, const Params& params) {
  const std::string_view text = Param(params, "region_bytes");
  if (text == "1" || text == "2") return text[0] - '0';
  return Errorf(Code::kInvalidArgument, "{}: region_bytes must be 1 or 2, not '{}'", type, text);
}

class RegionExperimental final : public FunctionalVindex {
 public:
  explicit RegionExperimental(int region_bytes) : region_bytes_(region_bytes) {}

  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  ColumnCount columns() const override { return {.max = 2, .partial = true}; }
  Result<Destination> Map(std::span<const Value> row) const override {
    const std::optional<uint64_t> region = ToUnsigned(row[0]);
    if (!region) return Destination::None();
    std::string prefix = RegionPrefix(*region, region_bytes_);
    if (row.size() == 1) return Destination::OfRange(keys::PrefixRange(prefix));
    const std::optional<uint64_t> number = ToUnsigned(row[1]);
    if (!number) return Destination::None();
    return Destination::OfId(prefix + BigEndian(HashNumber(*number)));
  }

 private:
  int region_bytes_;
};

class RegionJson final : public FunctionalVindex {
 public:
  RegionJson(std::unordered_map<std::string, uint64_t> regions, int region_bytes)
      : regions_(std::move(regions)), region_bytes_(region_bytes) {}

  int cost() const override { return 1; }
  bool is_unique() const override { return true; }
  ColumnCount columns() const override { return {.max = 2, .partial = false}; }
  Result<Destination> Map(std::span<const Value> row) const override {
    if (row.size() != 2) {
      return Errorf(Code::kInvalidArgument, "vindex '{}' takes an id and a country, not {} columns",
                    name(), row.size());
    }
    const std::optional<uint64_t> number = ToUnsigned(row[0]);
    const auto region = regions_.find(std::string(row[1].raw()));
    if (!number || region == regions_.end()) return Destination::None();
    return Destination::OfId(RegionPrefix(region->second, region_bytes_) +
                             BigEndian(HashNumber(*number)));
  }

 private:
  std::unordered_map<std::string, uint64_t> regions_;
  int region_bytes_;
};

// Calls add(key, number) for each member of a JSON object of unsigned numbers.
template <class Add>
Result<> ForEachNumber(std::string_view type, std::string_view text, Add add) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) {
    return Errorf(Code::kInvalidArgument, "{}: the map is not a JSON object", type);
  }
  for (const auto& [key, value] : json.items()) {
    if (!value.is_number_unsigned() || !add(key, value.template get<uint64_t>())) {
      return Errorf(Code::kInvalidArgument,
                    "{}: '{}' is not mapped from and to the right kind of number", type, key);
    }
  }
  return Ok{};
}

}  // namespace

Made MakeNumericStaticMap(const Params& params) {
  constexpr std::string_view kType = "numeric_static_map";
  const bool inline_json = params.contains("json");
  if (inline_json == params.contains("json_path")) {
    return Errorf(Code::kInvalidArgument, "{}: give exactly one of json and json_path", kType);
  }
  std::string text(Param(params, "json"));
  if (!inline_json) {
    TRY(text, ReadParamFile(kType, "json_path", std::string(Param(params, "json_path"))));
  }
  std::unordered_map<uint64_t, uint64_t> map;
  TRY_OK(ForEachNumber(kType, text, [&map](const std::string& key, uint64_t value) {
    uint64_t number = 0;
    const auto [stop, status] = std::from_chars(key.data(), key.data() + key.size(), number);
    if (status != std::errc() || stop != key.data() + key.size()) return false;
    map[number] = value;
    return true;
  }));
  std::unique_ptr<Vindex> fallback;
  if (const std::string_view type = Param(params, "fallback_type"); !type.empty()) {
    TRY(fallback, MakeVindex(type, std::string(kType) + "_fallback", {})
                      .Wrap("numeric_static_map: fallback_type"));
    if (fallback->needs_lookup() || !fallback->is_unique() || fallback->is_multi_column()) {
      return Errorf(Code::kInvalidArgument,
                    "{}: fallback_type '{}' is not a unique function of one column", kType, type);
    }
  }
  return std::make_unique<NumericStaticMap>(std::move(map), std::move(fallback));
}

Made MakeRegionExperimental(const Params& params) {
  TRY(const int bytes, ParseRegionBytes("region_experimental", params));
  return std::make_unique<RegionExperimental>(bytes);
}

Made MakeRegionJson(const Params& params) {
  constexpr std::string_view kType = "region_json";
  TRY(const int bytes, ParseRegionBytes(kType, params));
  TRY(const std::string text,
      ReadParamFile(kType, "region_map", std::string(Param(params, "region_map"))));
  std::unordered_map<std::string, uint64_t> regions;
  TRY_OK(ForEachNumber(kType, text, [&regions](const std::string& country, uint64_t region) {
    regions[country] = region;
    return true;
  }));
  return std::make_unique<RegionJson>(std::move(regions), bytes);
}

}  // namespace tessera::vindex
