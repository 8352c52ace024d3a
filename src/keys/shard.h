// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/key_range.h"

namespace tessera::keys {

// A shard name in its canonical (lower-case) form and the range it stands for; names without a dash
// have none.
struct ShardName {
  std::string name;
  std::optional<KeyRange> key_range;
};

// Checks 1 to 64 characters of [A-Za-z0-9_-]; a name with a dash must be a key range in hex.
Result<ShardName> ParseShardName(std::string_view text);

// Checks 1 to 64 characters of [A-Za-z0-9_-].
Result<> ValidateKeyspaceName(std::string_view name);

struct KeyspaceShard {
  std::string keyspace;
  std::string shard;
};

// Reads "keyspace/shard" or "keyspace:shard" and checks both names.
Result<KeyspaceShard> ParseKeyspaceShard(std::string_view text);

// Reads limits such as "-40-80-" (three ranges); "0" is one complete range.
Result<std::vector<KeyRange>> ParseShardingSpec(std::string_view spec);

// The names of count equal shards. hex_width is the number of digits of a limit; 0 chooses 2 up to
// 256 shards, else 4.
Result<std::vector<std::string>> GenerateShardRanges(int count, int hex_width = 0);

}  // namespace tessera::keys
