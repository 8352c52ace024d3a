// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on tablets.
#include <algorithm>
#include <ctime>

#include <fmt/format.h>

#include "keys/tablet_type.h"
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

std::string AliasText(const topodata::TabletAlias& alias) {
  return keys::TabletAlias{alias.cell(), alias.uid()}.ToString();
}

std::string Port(const topodata::Tablet& tablet, const std::string& name) {
  const auto found = tablet.port_map().find(name);
  return found == tablet.port_map().end() ? "" : fmt::format(":{}", found->second);
}

std::string Tags(const topodata::Tablet& tablet) {
  const std::map<std::string, std::string> sorted(tablet.tags().begin(), tablet.tags().end());
  std::string text = "[";
  for (const auto& [name, value] : sorted)
    text += (text.size() == 1 ? "" : " ") + name + ": \"" + value + "\"";
  return text + "]";
}

std::string TermStart(const topodata::Tablet& tablet) {
  if (!tablet.has_primary_term_start_time() || tablet.primary_term_start_time().seconds() == 0)
    return "<null>";
  const std::time_t seconds = tablet.primary_term_start_time().seconds();
  std::tm utc{};
  ::gmtime_r(&seconds, &utc);
  char text[32];
  const size_t size = std::strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &utc);
  return {text, size};
}

// One tablet a line, fields between blanks: what awk and people read.
std::string AwkLine(const topodata::Tablet& tablet) {
  const std::string keyspace = tablet.keyspace().empty() ? "<null>" : tablet.keyspace();
  const std::string shard = tablet.shard().empty() ? "<null>" : tablet.shard();
  return fmt::format("{} {} {} {} {} {}:{} {} {}", AliasText(tablet.alias()), keyspace, shard,
                     keys::TabletTypeName(static_cast<keys::TabletType>(tablet.type())),
                     tablet.hostname() + Port(tablet, "vt"), tablet.mysql_hostname(),
                     tablet.mysql_port(), Tags(tablet), TermStart(tablet));
}

class GetTablets final : public Action {
 public:
  void Register(flags::FlagSet& set) override {
    set.Add(keyspace_, shard_, cells_, type_, aliases_, format_, strict_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    if (*format_ != "awk" && *format_ != "json") {
      co_return Errorf(Code::kInvalidArgument, "--format {}: there is no such form", *format_)
          .WithHint("awk or json");
    }
    vtctldata::GetTabletsRequest request;
    request.set_keyspace(*keyspace_);
    request.set_shard(*shard_);
    request.set_strict(*strict_);
    for (const std::string& cell : *cells_) request.add_cells(cell);
    if (!type_->empty()) {
      CO_TRY(const topodata::TabletType type, ParseType(*type_));
      request.set_tablet_type(type);
    }
    for (const std::string& alias : *aliases_) {
      CO_TRY_OK(SetAlias(alias, *request.add_tablet_aliases()));
    }
    CO_TRY(const vtctldata::GetTabletsResponse response,
           co_await call.Ask<vtctldata::GetTabletsResponse>(ctx, request));
    Show(call, response);
    co_return Ok{};
  }

 private:
  void Show(const Call& call, const vtctldata::GetTabletsResponse& response) const {
    std::vector<const google::protobuf::Message*> list;
    for (const topodata::Tablet& tablet : response.tablets()) {
      if (*format_ == "awk") Print(AwkLine(tablet));
      list.push_back(&tablet);
    }
    if (*format_ == "json") PrintJson(call, list);
  }

  Flag<std::string> keyspace_{"keyspace", "", "Only tablets of this keyspace."};
  Flag<std::string> shard_{"shard", "", "Only tablets of this shard of it."};
  Flag<std::vector<std::string>> cells_{"cell", {}, "Only tablets of these cells."};
  Flag<std::string> type_{"tablet-type", "", "Only tablets of this type: primary, replica, ..."};
  Flag<std::vector<std::string>> aliases_{"tablet-alias", {}, "Only these tablets."};
  Flag<std::string> format_{"format", "awk", "awk: a line a tablet; json: their records."};
  Flag<bool> strict_{"strict", false, "Fail when some cell cannot be read."};
};

Task<Result<>> GetTablet(const Context& ctx, Call& call) {
  vtctldata::GetTabletRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY(const vtctldata::GetTabletResponse response,
         co_await call.Ask<vtctldata::GetTabletResponse>(ctx, request));
  PrintJson(call, response.tablet());
  co_return Ok{};
}

class DeleteTablets final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(allow_primary_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::DeleteTabletsRequest request;
    request.set_allow_primary(*allow_primary_);
    for (const std::string& word : call.words) {
      CO_TRY_OK(SetAlias(word, *request.add_tablet_aliases()));
    }
    CO_TRY_OK(co_await call.Ask<vtctldata::DeleteTabletsResponse>(ctx, request));
    Print(fmt::format("Successfully deleted {} tablets", call.words.size()));
    co_return Ok{};
  }

 private:
  Flag<bool> allow_primary_{"allow-primary", false, "Delete the primary of a shard, too."};
};

class ChangeTabletType final : public Action {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ChangeTabletTypeRequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
    CO_TRY(const topodata::TabletType type, ParseType(call.words[1]));
    request.set_db_type(type);
    request.set_dry_run(call.dry_run);
    CO_TRY(const vtctldata::ChangeTabletTypeResponse response,
           co_await call.Ask<vtctldata::ChangeTabletTypeResponse>(ctx, request));
    if (response.was_dry_run()) Print("--- DRY RUN ---");
    Print("- " + AwkLine(response.before_tablet()));
    Print("+ " + AwkLine(response.after_tablet()));
    co_return Ok{};
  }
};

class ChangeTabletTags final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(replace_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ChangeTabletTagsRequest request;
    CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
    request.set_replace(*replace_);
    for (size_t i = 1; i < call.words.size(); ++i) {
      const std::string& word = call.words[i];
      const size_t equals = word.find('=');
      if (equals == std::string::npos || equals == 0) {
        co_return Errorf(Code::kInvalidArgument, "'{}' is no tag", word)
            .WithHint("name=value; name= takes a tag away");
      }
      (*request.mutable_tags())[word.substr(0, equals)] = word.substr(equals + 1);
    }
    CO_TRY(const vtctldata::ChangeTabletTagsResponse response,
           co_await call.Ask<vtctldata::ChangeTabletTagsResponse>(ctx, request));
    PrintJson(call, response);
    co_return Ok{};
  }

 private:
  Flag<bool> replace_{"replace", false, "Take away the tags that are not named."};
};

Task<Result<>> SleepTablet(const Context& ctx, Call& call) {
  vtctldata::SleepTabletRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  std::chrono::nanoseconds duration{};
  const Result<> parsed = flags::ParseText(call.words[1], duration);
  if (!parsed.ok()) {
    co_return Errorf(Code::kInvalidArgument, "'{}' is no duration", call.words[1])
        .WithHint("10s, 1m30s");
  }
  request.mutable_duration()->set_seconds(duration.count() / 1'000'000'000);
  request.mutable_duration()->set_nanos(static_cast<int32_t>(duration.count() % 1'000'000'000));
  CO_TRY_OK(co_await call.Ask<vtctldata::SleepTabletResponse>(ctx, request));
  co_return Ok{};
}

Task<Result<>> SetWritable(const Context& ctx, Call& call) {
  vtctldata::SetWritableRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY(const bool writable, ParseBool(call.words[1]));
  request.set_writable(writable);
  CO_TRY_OK(co_await call.Ask<vtctldata::SetWritableResponse>(ctx, request));
  co_return Ok{};
}

class RefreshStateByShard final : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(cells_); }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    vtctldata::RefreshStateByShardRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard(shard.shard);
    for (const std::string& cell : *cells_) request.add_cells(cell);
    CO_TRY(const vtctldata::RefreshStateByShardResponse response,
           co_await call.Ask<vtctldata::RefreshStateByShardResponse>(ctx, request));
    Print("Refreshed state on shard " + call.words[0]);
    if (response.is_partial_refresh())
      Print("Not all tablets were told: " + response.partial_refresh_details());
    co_return Ok{};
  }

 private:
  Flag<std::vector<std::string>> cells_{"cells", {}, "Only tablets of these cells."};
};

Task<Result<>> ExecuteHook(const Context& ctx, Call& call) {
  vtctldata::ExecuteHookRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  request.mutable_tablet_hook_request()->set_name(call.words[1]);
  for (size_t i = 2; i < call.words.size(); ++i)
    request.mutable_tablet_hook_request()->add_parameters(call.words[i]);
  CO_TRY(const vtctldata::ExecuteHookResponse response,
         co_await call.Ask<vtctldata::ExecuteHookResponse>(ctx, request));
  PrintJson(call, response.hook_result());
  co_return Ok{};
}

Task<Result<>> GetPermissions(const Context& ctx, Call& call) {
  vtctldata::GetPermissionsRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY(const vtctldata::GetPermissionsResponse response,
         co_await call.Ask<vtctldata::GetPermissionsResponse>(ctx, request));
  PrintJson(call, response.permissions());
  co_return Ok{};
}

Task<Result<>> GetTabletVersion(const Context& ctx, Call& call) {
  vtctldata::GetVersionRequest request;
  CO_TRY_OK(SetAlias(call.words[0], *request.mutable_tablet_alias()));
  CO_TRY(const vtctldata::GetVersionResponse response,
         co_await call.Ask<vtctldata::GetVersionResponse>(ctx, request));
  Print(response.version());
  co_return Ok{};
}

}  // namespace

std::vector<Command> TabletCommands() {
  using namespace vtctldata;
  return {
      {"GetTablets", "", "Lists tablets, all or those that match.",
       "GetTablets --keyspace customer --tablet-type primary", 0, 0, With<GetTablets>()},
      {"GetTablet", "<alias>", "Shows a tablet's record.", "GetTablet zone1-0000000100", 1, 1,
       Plain(&GetTablet)},
      {"DeleteTablets", "<alias> [<alias> ...]",
       "Deletes the records of tablets that are gone for good.", "DeleteTablets zone1-0000000101",
       1, kAnyNumber, With<DeleteTablets>()},
      {"ChangeTabletType", "<alias> <type>",
       "Changes what a tablet does: replica, rdonly, spare, drained.",
       "ChangeTabletType zone1-0000000101 rdonly", 2, 2, With<ChangeTabletType>(), false, true},
      {"ChangeTabletTags", "<alias> <name=value> [...]", "Changes the tags of a tablet.",
       "ChangeTabletTags zone1-0000000101 rack=b7", 2, kAnyNumber, With<ChangeTabletTags>()},
      {"PingTablet", "<alias>", "Succeeds when the tablet answers.", "PingTablet zone1-0000000100",
       1, 1, Plain(&AskTablet<PingTabletRequest, PingTabletResponse>)},
      {"SleepTablet", "<alias> <duration>", "Has a tablet do nothing for a while, for tests.",
       "SleepTablet zone1-0000000100 10s", 2, 2, Plain(&SleepTablet)},
      {"RefreshState", "<alias>", "Has a tablet read its records again.",
       "RefreshState zone1-0000000100", 1, 1,
       Plain(&AskTablet<RefreshStateRequest, RefreshStateResponse>)},
      {"RefreshStateByShard", "<keyspace/shard>", "Has a shard's tablets read their records again.",
       "RefreshStateByShard customer/-80", 1, 1, With<RefreshStateByShard>()},
      {"RunHealthCheck", "<alias>", "Has a tablet tell its health to all who watch, now.",
       "RunHealthCheck zone1-0000000100", 1, 1,
       Plain(&AskTablet<RunHealthCheckRequest, RunHealthCheckResponse>)},
      {"SetWritable", "<alias> <true|false>", "Lets a tablet's MySQL take writes, or not.",
       "SetWritable zone1-0000000100 true", 2, 2, Plain(&SetWritable)},
      {"ExecuteHook", "<alias> <hook> [<name=value> ...]",
       "Runs a program of the tablet's vthook folder.", "ExecuteHook zone1-0000000100 disk_space",
       2, kAnyNumber, Plain(&ExecuteHook)},
      {"GetTabletVersion", "<alias>", "Shows which version a tablet runs.",
       "GetTabletVersion zone1-0000000100", 1, 1, Plain(&GetTabletVersion)},
      {"GetPermissions", "<alias>", "Shows the MySQL users of a tablet and their rights.",
       "GetPermissions zone1-0000000100", 1, 1, Plain(&GetPermissions)},
  };
}

}  // namespace tessera::vtctlclient
