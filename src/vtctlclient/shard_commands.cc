// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on shards.
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

class CreateShard final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(force_, include_parent_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    vtctldata::CreateShardRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard_name(shard.shard);
    request.set_force(*force_);
    request.set_include_parent(*include_parent_);
    CO_TRY(const vtctldata::CreateShardResponse response,
           co_await call.Ask<vtctldata::CreateShardResponse>(ctx, request));
    PrintJson(call, response);
    co_return Ok{};
  }

 private:
  Flag<bool> force_{"force", false, "Succeed when it exists already, and leave it as it is.", 'f'};
  Flag<bool> include_parent_{"include-parent", false, "Make the keyspace too if there is none.",
                             'p'};
};

Task<Result<>> GetShard(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  vtctldata::GetShardRequest request;
  request.set_keyspace(shard.keyspace);
  request.set_shard_name(shard.shard);
  CO_TRY(const vtctldata::GetShardResponse response,
         co_await call.Ask<vtctldata::GetShardResponse>(ctx, request));
  PrintJson(call, response.shard());
  co_return Ok{};
}

// Needs nobody: it is arithmetic.
class GenerateShardRanges final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(width_, chars_); }
  Task<Result<>> Run(const Context&, Call& call) override {
    int count = 0;
    const Result<> parsed = flags::ParseText(call.words[0], count);
    if (!parsed.ok() || count < 1) {
      co_return Errorf(Code::kInvalidArgument, "'{}' is no number of shards", call.words[0])
          .WithHint("1 or more");
    }
    const int digits = chars_.given() ? *chars_ : *width_;
    CO_TRY(const std::vector<std::string> ranges, keys::GenerateShardRanges(count, digits));
    std::string text = "[";
    for (const std::string& range : ranges)
      text += (text.size() == 1 ? "\"" : ",\"") + range + "\"";
    Print(text + "]");
    co_return Ok{};
  }

 private:
  Flag<int> width_{"hex-width", 0, "Digits of each boundary; 0 takes as few as do."};
  Flag<int> chars_{"chars", 0, "Another name of --hex-width."};
};

}  // namespace

std::vector<Command> ShardCommands() {
  return {
      {"CreateShard", "<keyspace/shard>", "Makes a shard of a keyspace.",
       "CreateShard customer/-80", 1, 1, With<CreateShard>()},
      {"GetShard", "<keyspace/shard>", "Shows a shard's record.", "GetShard customer/-80", 1, 1,
       Plain(&GetShard)},
      {"GenerateShardRanges", "<number of shards>",
       "Prints the names of so many shards of equal size.", "GenerateShardRanges 4", 1, 1,
       With<GenerateShardRanges>(), true},
  };
}

}  // namespace tessera::vtctlclient
