// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on what records tell other programs: sources of shards, recoveries that are off,
// throttling.
#include <chrono>
#include <string>
#include <utility>

#include "keys/key_range.h"
#include "keys/shard.h"
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

Result<int> ParseUid(std::string_view word) {
  int uid = 0;
  const Result<> parsed = flags::ParseText(word, uid);
  if (!parsed.ok() || uid < 0)
    return Errorf(Code::kInvalidArgument, "'{}' is no number of a source", word);
  return uid;
}

class SourceShardAdd final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(key_range_, tables_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    CO_TRY(const int uid, ParseUid(call.words[1]));
    CO_TRY(const keys::KeyspaceShard source, ParseShard(call.words[2]));
    vtctldata::SourceShardAddRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard(shard.shard);
    request.set_uid(uid);
    request.set_source_keyspace(source.keyspace);
    request.set_source_shard(source.shard);
    if (key_range_.given()) {
      CO_TRY(const keys::KeyRange range, keys::ParseKeyRange(*key_range_));
      request.mutable_key_range()->set_start(range.start);
      request.mutable_key_range()->set_end(range.end);
    }
    for (const std::string& table : *tables_) request.add_tables(table);
    CO_TRY(const vtctldata::SourceShardAddResponse response,
           co_await call.Ask<vtctldata::SourceShardAddResponse>(ctx, request));
    PrintJson(call, response.shard());
    co_return Ok{};
  }

 private:
  Flag<std::string> key_range_{"key-range", "", "Which part of the source, as 40-80."};
  Flag<std::vector<std::string>> tables_{"tables", {}, "Which tables of the source."};
};

Task<Result<>> SourceShardDelete(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  CO_TRY(const int uid, ParseUid(call.words[1]));
  vtctldata::SourceShardDeleteRequest request;
  request.set_keyspace(shard.keyspace);
  request.set_shard(shard.shard);
  request.set_uid(uid);
  CO_TRY(const vtctldata::SourceShardDeleteResponse response,
         co_await call.Ask<vtctldata::SourceShardDeleteResponse>(ctx, request));
  PrintJson(call, response.shard());
  co_return Ok{};
}

// Exactly one of two flags that are each other's opposite.
Result<> CheckOneOf(const Flag<bool>& yes, const Flag<bool>& no) {
  if (*yes != *no) return Ok{};
  return Errorf(Code::kInvalidArgument, "exactly one of --{} and --{} is needed", yes.name(),
                no.name());
}

class SetVtorcEmergencyReparent final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(enable_, disable_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY_OK(CheckOneOf(enable_, disable_));
    vtctldata::SetVtorcEmergencyReparentRequest request;
    request.set_keyspace(call.words[0]);
    if (call.words.size() > 1) request.set_shard(call.words[1]);
    request.set_disable(*disable_);
    CO_TRY_OK(co_await call.Ask<vtctldata::SetVtorcEmergencyReparentResponse>(ctx, request));
    Print("Successfully updated keyspace " + call.words[0]);
    co_return Ok{};
  }

 private:
  Flag<bool> enable_{"enable", false, "vtorc promotes another when a primary is dead."};
  Flag<bool> disable_{"disable", false, "It does not; other repairs go on."};
};

class UpdateThrottlerConfig final : public Action {
 public:
  void Register(flags::FlagSet& set) override {
    set.Add(enable_, disable_, metric_, threshold_, query_, app_, unthrottle_, ratio_, duration_,
            exempt_, checked_app_, metrics_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::UpdateThrottlerConfigRequest request;
    request.set_keyspace(call.words[0]);
    CO_TRY_OK(Fill(request));
    CO_TRY_OK(co_await call.Ask<vtctldata::UpdateThrottlerConfigResponse>(ctx, request));
    co_return Ok{};
  }

 private:
  Result<> Fill(vtctldata::UpdateThrottlerConfigRequest& request) const {
    if (app_.given() && unthrottle_.given())
      return Error(Code::kInvalidArgument,
                   "--throttle-app and --unthrottle-app exclude each other");
    if (checked_app_.given() != metrics_.given())
      return Error(Code::kInvalidArgument, "--app-name and --app-metrics go together");
    request.set_enable(*enable_);
    request.set_disable(*disable_);
    request.set_metric_name(*metric_);
    request.set_threshold(*threshold_);
    request.set_custom_query(*query_);
    request.set_custom_query_set(query_.given());
    request.set_app_name(*checked_app_);
    for (const std::string& metric : *metrics_) request.add_app_checked_metrics(metric);
    if (app_.given()) SetRule(*app_, *duration_, *request.mutable_throttled_app());
    if (unthrottle_.given())
      SetRule(*unthrottle_, std::chrono::nanoseconds(0), *request.mutable_throttled_app());
    return Ok{};
  }

  // A rule that has run out takes the app's away.
  void SetRule(const std::string& app, std::chrono::nanoseconds lasts,
               topodata::ThrottledAppRule& rule) const {
    const auto end = std::chrono::system_clock::now().time_since_epoch() + lasts;
    rule.set_name(app);
    rule.set_ratio(*ratio_);
    rule.set_exempt(*exempt_);
    rule.mutable_expires_at()->set_seconds(
        std::chrono::duration_cast<std::chrono::seconds>(end).count());
  }

  Flag<bool> enable_{"enable", false, "Turn the throttler on."};
  Flag<bool> disable_{"disable", false, "Turn it off."};
  Flag<std::string> metric_{"metric-name", "", "The metric that --threshold is of."};
  Flag<double> threshold_{"threshold", 0, "Above it apps wait; seconds of lag by default."};
  Flag<std::string> query_{"custom-query", "", "Measures by this query; empty by lag again."};
  Flag<std::string> app_{"throttle-app", "", "An app to slow down."};
  Flag<std::string> unthrottle_{"unthrottle-app", "", "An app to leave alone again."};
  Flag<double> ratio_{"throttle-app-ratio", 1, "Part of its requests to refuse, 0 to 1."};
  Flag<std::chrono::nanoseconds> duration_{"throttle-app-duration", std::chrono::hours(1),
                                           "How long."};
  Flag<bool> exempt_{"throttle-app-exempt", false, "Never slow the app down instead."};
  Flag<std::string> checked_app_{"app-name", "", "The app that --app-metrics are of."};
  Flag<std::vector<std::string>> metrics_{
      "app-metrics", {}, "What is looked at for the app; empty for the default."};
};

}  // namespace

std::vector<Command> RecordCommands() {
  return {
      {"SourceShardAdd", "<keyspace/shard> <uid> <source keyspace/shard>",
       "Notes that a shard copies from another.", "SourceShardAdd --key-range -80 new/-80 1 old/0",
       3, 3, With<SourceShardAdd>()},
      {"SourceShardDelete", "<keyspace/shard> <uid>", "Takes such a note away.",
       "SourceShardDelete new/-80 1", 2, 2, Plain(&SourceShardDelete)},
      {"SetVtorcEmergencyReparent", "<keyspace> [<shard>]",
       "Lets vtorc replace dead primaries, or not.",
       "SetVtorcEmergencyReparent --disable -- customer -80", 1, 2,
       With<SetVtorcEmergencyReparent>()},
      {"UpdateThrottlerConfig", "<keyspace>", "Says when and whom a keyspace's tablets slow down.",
       "UpdateThrottlerConfig --enable --threshold 5 customer", 1, 1,
       With<UpdateThrottlerConfig>()},
  };
}

}  // namespace tessera::vtctlclient
