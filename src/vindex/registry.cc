// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vindex/registry.h"

#include <algorithm>
#include <array>

#include "vindex/internal/types.h"
#include "vindex/lookup.h"

namespace tessera::vindex {
namespace {

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 9> kHashLookupParams{
    "table",        "from",         "to",        "autocommit", "multi_shard_autocommit",
    "ignore_nulls", "batch_lookup", "read_lock", "write_only"};
constexpr std::array<std::string_view, 10> kLookupParams{
    "table",        "from",         "to",        "autocommit", "multi_shard_autocommit",
    "ignore_nulls", "batch_lookup", "read_lock", "write_only", "no_verify"};
constexpr std::array<std::string_view, 11> kLookupCostParams{
    "table",        "from",         "to",        "autocommit", "multi_shard_autocommit",
    "ignore_nulls", "batch_lookup", "read_lock", "write_only", "no_verify",
    "cost"};
constexpr std::array<std::string_view, 7> kConsistentParams{
    "table", "from", "to", "ignore_nulls", "batch_lookup", "read_lock", "write_only"};
constexpr std::array<std::string_view, 2> kCfcParams{"hash", "offsets"};
// multicol passes its parameters to the vindexes of its columns, so theirs count as known.
constexpr std::array<std::string_view, 6> kMultiColParams{
    "column_count", "column_bytes", "column_vindex", "json", "json_path", "fallback_type"};
constexpr std::array<std::string_view, 3> kStaticMapParams{"json", "json_path", "fallback_type"};
constexpr std::array<std::string_view, 1> kRegionParams{"region_bytes"};
constexpr std::array<std::string_view, 2> kRegionJsonParams{"region_bytes", "region_map"};

struct Entry {
  std::string_view type;
  Made (*make)(const Params&);  // null: a lookup
  Names params;
};

const std::array kEntries{
    Entry{"binary", MakeBinary, {}},
    Entry{"binary_md5", MakeBinaryMd5, {}},
    Entry{"cfc", MakeCfc, kCfcParams},
    Entry{"consistent_lookup", nullptr, kConsistentParams},
    Entry{"consistent_lookup_unique", nullptr, kConsistentParams},
    Entry{"hash", MakeHash, {}},
    Entry{"lookup", nullptr, kLookupParams},
    Entry{"lookup_cost", nullptr, kLookupCostParams},
    Entry{"lookup_hash", nullptr, kHashLookupParams},
    Entry{"lookup_hash_unique", nullptr, kHashLookupParams},
    Entry{"lookup_unicodeloosemd5_hash", nullptr, kHashLookupParams},
    Entry{"lookup_unicodeloosemd5_hash_unique", nullptr, kHashLookupParams},
    Entry{"lookup_unique", nullptr, kLookupParams},
    Entry{"multicol", MakeMultiCol, kMultiColParams},
    Entry{"null", MakeNull, {}},
    Entry{"numeric", MakeNumeric, {}},
    Entry{"numeric_static_map", MakeNumericStaticMap, kStaticMapParams},
    Entry{"region_experimental", MakeRegionExperimental, kRegionParams},
    Entry{"region_json", MakeRegionJson, kRegionJsonParams},
    Entry{"reverse_bits", MakeReverseBits, {}},
    Entry{"unicode_loose_md5", MakeUnicodeLooseMd5, {}},
    Entry{"unicode_loose_xxhash", MakeUnicodeLooseXxhash, {}},
    Entry{"xxhash", MakeXxhash, {}},
};

}  // namespace

// Fills what the makers do not know: the name, the type and the parameters left over.
class VindexMaker {
 public:
  static Made Make(const Entry& entry, std::string_view name, const Params& params) {
    Made made = entry.make != nullptr ? entry.make(params) : MakeLookup(entry.type, params);
    if (!made.ok()) return made;
    Vindex& vindex = **made;
    vindex.name_ = name;
    vindex.type_ = entry.type;
    for (const auto& [param, value] : params) {
      if (std::find(entry.params.begin(), entry.params.end(), param) == entry.params.end()) {
        vindex.unknown_params_.push_back(param);
      }
    }
    return made;
  }
};

Result<std::unique_ptr<Vindex>> MakeVindex(std::string_view type, std::string_view name,
                                           const Params& params) {
  const auto entry = std::find_if(kEntries.begin(), kEntries.end(),
                                  [type](const Entry& known) { return known.type == type; });
  if (entry == kEntries.end()) {
    std::string known;
    for (const std::string_view each : VindexTypes())
      known.append(known.empty() ? "" : ", ").append(each);
    return Errorf(Code::kNotFound, "vindexType \"{}\" not found", type)
        .WithHint("known types are " + known);
  }
  return VindexMaker::Make(*entry, name, params);
}

std::span<const std::string_view> VindexTypes() {
  static const auto types = [] {
    std::array<std::string_view, kEntries.size()> names;
    std::transform(kEntries.begin(), kEntries.end(), names.begin(),
                   [](const Entry& entry) { return entry.type; });
    return names;
  }();
  return types;
}

Result<std::string_view> RecommendedVindexType(sqltypes::Type column_type) {
  // The bits of query.Flag: integral, text, binary.
  const auto number = static_cast<unsigned>(column_type);
  if ((number & (256U | 8192U)) != 0) return std::string_view("xxhash");
  if ((number & 4096U) != 0) return std::string_view("unicode_loose_xxhash");
  return Errorf(Code::kInvalidArgument, "no vindex can be recommended for columns of type {}",
                number)
      .WithHint("name the vindex type with USING");
}

}  // namespace tessera::vindex
