// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// multicol: each column is hashed by a vindex of its own and gives some bytes of the keyspace id,
// the first column the first ones. Leading columns alone give a key range.
#include <charconv>

#include "vindex/internal/types.h"
#include "vindex/registry.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Value;

constexpr int kIdBytes = 8;

struct Part {
  std::unique_ptr<Vindex> vindex;
  int bytes = 0;
};

class MultiCol final : public FunctionalVindex {
 public:
  explicit MultiCol(std::vector<Part> parts) : parts_(std::move(parts)) {
    for (const Part& part : parts_) cost_ += part.vindex->cost();
  }

  int cost() const override { return cost_; }
  bool is_unique() const override { return true; }
  ColumnCount columns() const override {
    return {.max = static_cast<int>(parts_.size()), .partial = true};
  }

  Result<Destination> Map(std::span<const Value> row) const override {
    std::string id;
    size_t reserved = 0;
    for (size_t i = 0; i < row.size() && i < parts_.size(); ++i) {
      const Result<Destination> part =
          static_cast<const FunctionalVindex&>(*parts_[i].vindex).Map(row[i]);
      if (!part.ok() || part->kind() != Destination::Kind::kKeyspaceId) return Destination::None();
      id.resize(reserved, '\0');
      id.append(part->id(), 0, static_cast<size_t>(parts_[i].bytes));
      reserved += static_cast<size_t>(parts_[i].bytes);
    }
    if (row.size() < parts_.size()) return Destination::OfRange(keys::PrefixRange(id));
    return Destination::OfId(std::move(id));
  }

 private:
  std::vector<Part> parts_;
  int cost_ = 0;
};

std::vector<std::string_view> SplitCommas(std::string_view text) {
  std::vector<std::string_view> items;
  if (text.empty()) return items;
  size_t from = 0;
  for (size_t comma = text.find(','); comma != std::string_view::npos;
       comma = text.find(',', from)) {
    items.push_back(text.substr(from, comma - from));
    from = comma + 1;
  }
  items.push_back(text.substr(from));
  return items;
}

std::string_view TrimSpaces(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

Result<int> ParseSmall(std::string_view param, std::string_view text) {
  int number = 0;
  const auto [stop, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc() || stop != text.data() + text.size() || number < 1 ||
      number > kIdBytes) {
    return Errorf(Code::kInvalidArgument, "multicol: {} must be 1 to {}, not '{}'", param, kIdBytes,
                  text);
  }
  return number;
}

// Bytes of the id for each column: those given, and even shares of the rest for the others.
Result<std::vector<int>> ShareBytes(std::string_view text, size_t count) {
  const std::vector<std::string_view> given = SplitCommas(text);
  if (given.size() > count) {
    return Errorf(Code::kInvalidArgument, "multicol: column_bytes '{}' has more than {} columns",
                  text, count);
  }
  std::vector<int> bytes(count, 0);
  int left = kIdBytes;
  auto open = static_cast<int>(count);
  for (size_t i = 0; i < given.size(); ++i) {
    const std::string_view item = TrimSpaces(given[i]);
    if (item.empty()) continue;
    TRY(bytes[i], ParseSmall("column_bytes", item));
    left -= bytes[i];
    --open;
  }
  if (left < open) {
    return Errorf(Code::kInvalidArgument,
                  "multicol: column_bytes '{}' leaves no byte for some columns", text)
        .WithHint("a keyspace id has 8 bytes, shared by all columns");
  }
  for (int& share : bytes) {
    if (share != 0) continue;
    share = (left + open - 1) / open;
    left -= share;
    --open;
  }
  return bytes;
}

}  // namespace

Made MakeMultiCol(const Params& params) {
  TRY(const int count, ParseSmall("column_count", Param(params, "column_count")));
  TRY(const std::vector<int> bytes,
      ShareBytes(Param(params, "column_bytes"), static_cast<size_t>(count)));
  const std::vector<std::string_view> types = SplitCommas(Param(params, "column_vindex"));
  if (types.size() > static_cast<size_t>(count)) {
    return Errorf(Code::kInvalidArgument, "multicol: column_vindex names more than {} columns",
                  count);
  }
  std::vector<Part> parts;
  for (size_t i = 0; i < static_cast<size_t>(count); ++i) {
    std::string_view type = i < types.size() ? TrimSpaces(types[i]) : std::string_view();
    if (type.empty()) type = "hash";
    if (type == "multicol")
      return Errorf(Code::kInvalidArgument, "multicol: column_vindex cannot be multicol");
    TRY(auto vindex, MakeVindex(type, type, params).Wrap("multicol: column_vindex"));
    if (vindex->needs_lookup() || !vindex->is_unique() || vindex->is_multi_column() ||
        type == "cfc") {
      return Errorf(Code::kInvalidArgument,
                    "multicol: column_vindex '{}' is not a unique hash of one column", type);
    }
    parts.push_back({std::move(vindex), bytes[i]});
  }
  return std::make_unique<MultiCol>(std::move(parts));
}

}  // namespace tessera::vindex
