// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "keys/shard.h"

#include <algorithm>
#include <cstdint>

#include <fmt/core.h>

#include "base/ascii.h"

namespace tessera::keys {
namespace {

constexpr size_t kMaxNameSize = 64;

bool IsName(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameSize) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  });
}

Error BadName(std::string_view kind, std::string_view name) {
  return Errorf(Code::kInvalidArgument, "invalid {} name '{}'", kind,
                name.substr(0, kMaxNameSize + 1))
      .WithHint("a name is 1 to 64 letters, digits, '_' and '-'");
}

std::vector<std::string_view> SplitLimits(std::string_view spec) {
  std::vector<std::string_view> parts;
  size_t from = 0;
  for (size_t dash = spec.find('-'); dash != std::string_view::npos; dash = spec.find('-', from)) {
    parts.push_back(spec.substr(from, dash - from));
    from = dash + 1;
  }
  parts.push_back(spec.substr(from));
  return parts;
}

}  // namespace

Result<> ValidateKeyspaceName(std::string_view name) {
  if (!IsName(name)) return BadName("keyspace", name);
  return Ok{};
}

Result<ShardName> ParseShardName(std::string_view text) {
  if (!IsName(text)) return BadName("shard", text);
  ShardName shard;
  shard.name = text;
  if (text.find('-') == std::string_view::npos) return shard;
  TRY(shard.key_range, ParseKeyRange(text).Wrap(fmt::format("invalid shard name '{}'", text)));
  shard.name = AsciiLower(shard.name);
  return shard;
}

Result<KeyspaceShard> ParseKeyspaceShard(std::string_view text) {
  const size_t split = text.find_first_of("/:");
  if (split == std::string_view::npos) {
    return Errorf(Code::kInvalidArgument, "invalid shard path: '{}'", text)
        .WithHint("a shard is written keyspace/shard, as in commerce/-80");
  }
  TRY_OK(ValidateKeyspaceName(text.substr(0, split)));
  TRY(ShardName shard, ParseShardName(text.substr(split + 1)));
  return KeyspaceShard{std::string(text.substr(0, split)), std::move(shard.name)};
}

Result<std::vector<KeyRange>> ParseShardingSpec(std::string_view spec) {
  const std::vector<std::string_view> limits = SplitLimits(spec);
  if (limits.size() == 1) {
    if (spec == "0") return std::vector<KeyRange>(1);
    return Errorf(Code::kInvalidArgument, "malformed spec: '{}' defines no range", spec);
  }
  std::vector<KeyRange> ranges;
  for (size_t i = 0; i + 1 < limits.size(); ++i) {
    const std::string_view start = limits[i];
    const std::string_view end = limits[i + 1];
    if (end.empty() && i + 2 < limits.size()) {
      return Errorf(Code::kInvalidArgument, "malformed spec: '{}' has an empty limit in the middle",
                    spec);
    }
    if (!end.empty() && start >= end) {
      return Errorf(Code::kInvalidArgument, "malformed spec: the limits of '{}' are not in order",
                    spec);
    }
    KeyRange range;
    TRY(range.start, HexDecode(start).Wrap("malformed spec"));
    TRY(range.end, HexDecode(end).Wrap("malformed spec"));
    ranges.push_back(std::move(range));
  }
  return ranges;
}

Result<std::vector<std::string>> GenerateShardRanges(int count, int hex_width) {
  constexpr int kMaxShards = 65536;
  if (count < 1 || count > kMaxShards) {
    return Errorf(Code::kInvalidArgument, "cannot split a keyspace into {} shards", count)
        .WithHint("the number of shards is 1 to 65536");
  }
  if (hex_width == 0) hex_width = count <= 256 ? 2 : 4;
  if ((hex_width != 2 && hex_width != 4) || (hex_width == 2 && count > 256)) {
    return Errorf(Code::kInvalidArgument, "limits of {} hex digits cannot tell {} shards apart",
                  hex_width, count);
  }
  const int64_t space = int64_t{1} << (4 * hex_width);
  std::vector<std::string> names;
  names.reserve(static_cast<size_t>(count));
  std::string start;
  for (int64_t i = 1; i <= count; ++i) {
    std::string end = i == count ? "" : fmt::format("{:0{}x}", i * space / count, hex_width);
    names.push_back(start + "-" + end);
    start = std::move(end);
  }
  return names;
}

}  // namespace tessera::keys
