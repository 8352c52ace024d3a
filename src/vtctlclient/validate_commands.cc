// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands that look for what is wrong. They fail when they find something.
#include <algorithm>

#include <fmt/format.h>

#include "proto/vtctldata.pb.h"
#include "vtctl/schema_diff.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

// All findings of an answer, whatever they are sorted by.
template <class Response>
void Gather(const Response& response, std::vector<std::string>& findings) {
  findings.insert(findings.end(), response.results().begin(), response.results().end());
  if constexpr (requires { response.results_by_shard(); })
    for (const auto& [shard, more] : response.results_by_shard()) Gather(more, findings);
  if constexpr (requires { response.results_by_keyspace(); })
    for (const auto& [keyspace, more] : response.results_by_keyspace()) Gather(more, findings);
}

Result<> Verdict(size_t count) {
  if (count == 0) return Ok{};
  return Errorf(Code::kFailedPrecondition, "{} thing{} wrong, listed above", count,
                count == 1 ? "" : "s");
}

// Commands of this file, each with --json. What is found goes to standard output, so that it can be
// counted and searched.
class Finding : public Action {
 public:
  void Register(flags::FlagSet& set) override { set.Add(json_); }

 protected:
  template <class Response>
  Result<> Report(const Call& call, const Response& response) const {
    std::vector<std::string> findings;
    Gather(response, findings);
    std::sort(findings.begin(), findings.end());
    if (*json_) {
      PrintJson(call, response);
      return Verdict(findings.size());
    }
    for (const std::string& finding : findings)
      Print("- " + finding.substr(0, finding.find(vtctl::kWholeText)));
    if (findings.empty()) Print("all is well");
    return Verdict(findings.size());
  }

 private:
  Flag<bool> json_{"json", false, "What was found as JSON, by keyspace and shard."};
};

class Pinging : public Finding {
 public:
  void Register(flags::FlagSet& set) override {
    Finding::Register(set);
    set.Add(ping_);
  }

 protected:
  Flag<bool> ping_{"ping-tablets", false, "Ask every tablet whether it is there, too."};
};

class Validate final : public Pinging {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ValidateRequest request;
    request.set_ping_tablets(*ping_);
    CO_TRY(const vtctldata::ValidateResponse response,
           co_await call.Ask<vtctldata::ValidateResponse>(ctx, request));
    co_return Report(call, response);
  }
};

class ValidateKeyspace final : public Pinging {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ValidateKeyspaceRequest request;
    request.set_keyspace(call.words[0]);
    request.set_ping_tablets(*ping_);
    CO_TRY(const vtctldata::ValidateKeyspaceResponse response,
           co_await call.Ask<vtctldata::ValidateKeyspaceResponse>(ctx, request));
    co_return Report(call, response);
  }
};

class ValidateShard final : public Pinging {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    vtctldata::ValidateShardRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard(shard.shard);
    request.set_ping_tablets(*ping_);
    CO_TRY(const vtctldata::ValidateShardResponse response,
           co_await call.Ask<vtctldata::ValidateShardResponse>(ctx, request));
    co_return Report(call, response);
  }
};

class ValidateSchemaKeyspace : public Finding {
 public:
  using Request = vtctldata::ValidateSchemaKeyspaceRequest;

  void Register(flags::FlagSet& set) override {
    Finding::Register(set);
    set.Add(exclude_, views_, skip_, vschema_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    Request request;
    CO_TRY_OK(SetPlace(call.words[0], request));
    for (const std::string& table : *exclude_) request.add_exclude_tables(table);
    request.set_include_views(*views_);
    request.set_skip_no_primary(*skip_);
    request.set_include_vschema(*vschema_);
    CO_TRY(const vtctldata::ValidateSchemaKeyspaceResponse response,
           co_await call.Ask<vtctldata::ValidateSchemaKeyspaceResponse>(ctx, request));
    co_return Report(call, response);
  }

 protected:
  virtual Result<> SetPlace(const std::string& word, Request& request) const {
    request.set_keyspace(word);
    return Ok{};
  }

 private:
  Flag<std::vector<std::string>> exclude_{"exclude-tables", {}, "Not these; /regex/ is one, too."};
  Flag<bool> views_{"include-views", false, "Views, too."};
  Flag<bool> skip_{"skip-no-primary", false, "Say nothing of shards without a primary."};
  Flag<bool> vschema_{"include-vschema", false, "Whether the VSchema knows every table, too."};
};

class ValidateSchemaShard final : public ValidateSchemaKeyspace {
 protected:
  Result<> SetPlace(const std::string& word, Request& request) const override {
    TRY(const keys::KeyspaceShard shard, ParseShard(word));
    request.set_keyspace(shard.keyspace);
    request.add_shards(shard.shard);
    return Ok{};
  }
};

class ValidateVSchema final : public Finding {
 public:
  void Register(flags::FlagSet& set) override {
    Finding::Register(set);
    set.Add(shards_, exclude_, views_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ValidateVSchemaRequest request;
    request.set_keyspace(call.words[0]);
    for (const std::string& shard : *shards_) request.add_shards(shard);
    for (const std::string& table : *exclude_) request.add_exclude_tables(table);
    request.set_include_views(*views_);
    CO_TRY(const vtctldata::ValidateVSchemaResponse response,
           co_await call.Ask<vtctldata::ValidateVSchemaResponse>(ctx, request));
    co_return Report(call, response);
  }

 private:
  Flag<std::vector<std::string>> shards_{"shards", {}, "Only these shards."};
  Flag<std::vector<std::string>> exclude_{"exclude-tables", {}, "Not these; /regex/ is one, too."};
  Flag<bool> views_{"include-views", false, "Views, too."};
};

class ValidateVersionShard final : public Finding {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
    vtctldata::ValidateVersionShardRequest request;
    request.set_keyspace(shard.keyspace);
    request.set_shard(shard.shard);
    CO_TRY(const vtctldata::ValidateVersionShardResponse response,
           co_await call.Ask<vtctldata::ValidateVersionShardResponse>(ctx, request));
    co_return Report(call, response);
  }
};

class ValidateVersionKeyspace final : public Finding {
 public:
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ValidateVersionKeyspaceRequest request;
    request.set_keyspace(call.words[0]);
    CO_TRY(const vtctldata::ValidateVersionKeyspaceResponse response,
           co_await call.Ask<vtctldata::ValidateVersionKeyspaceResponse>(ctx, request));
    co_return Report(call, response);
  }
};

// What differs comes back as the error.
Task<Result<>> AskPermissions(const Context& ctx, Call& call,
                              const vtctldata::ValidatePermissionsKeyspaceRequest& request) {
  CO_TRY_OK(co_await call.Ask<vtctldata::ValidatePermissionsKeyspaceResponse>(ctx, request));
  Print("all is well");
  co_return Ok{};
}

Task<Result<>> ValidatePermissionsShard(const Context& ctx, Call& call) {
  CO_TRY(const keys::KeyspaceShard shard, ParseShard(call.words[0]));
  vtctldata::ValidatePermissionsKeyspaceRequest request;
  request.set_keyspace(shard.keyspace);
  request.add_shards(shard.shard);
  co_return co_await AskPermissions(ctx, call, request);
}

Task<Result<>> ValidatePermissionsKeyspace(const Context& ctx, Call& call) {
  vtctldata::ValidatePermissionsKeyspaceRequest request;
  request.set_keyspace(call.words[0]);
  co_return co_await AskPermissions(ctx, call, request);
}

}  // namespace

std::vector<Command> ValidateCommands() {
  return {
      {"Validate", "", "Looks for records that do not agree, everywhere.",
       "Validate --ping-tablets", 0, 0, With<Validate>()},
      {"ValidateKeyspace", "<keyspace>", "Looks for records of a keyspace that do not agree.",
       "ValidateKeyspace --ping-tablets customer", 1, 1, With<ValidateKeyspace>()},
      {"ValidateShard", "<keyspace/shard>", "Looks for records of a shard that do not agree.",
       "ValidateShard --ping-tablets customer/-80", 1, 1, With<ValidateShard>()},
      {"ValidateSchemaKeyspace", "<keyspace>", "Compares the tables of all tablets of a keyspace.",
       "ValidateSchemaKeyspace --include-vschema customer", 1, 1, With<ValidateSchemaKeyspace>()},
      {"ValidateSchemaShard", "<keyspace/shard>", "Compares the tables of all tablets of a shard.",
       "ValidateSchemaShard customer/-80", 1, 1, With<ValidateSchemaShard>()},
      {"ValidateVSchema", "<keyspace>", "Looks for tables that a keyspace's VSchema does not know.",
       "ValidateVSchema --exclude-tables /^tmp_/ customer", 1, 1, With<ValidateVSchema>()},
      {"ValidateVersionShard", "<keyspace/shard>", "Compares the versions of a shard's tablets.",
       "ValidateVersionShard customer/-80", 1, 1, With<ValidateVersionShard>()},
      {"ValidateVersionKeyspace", "<keyspace>", "Compares the versions of a keyspace's tablets.",
       "ValidateVersionKeyspace customer", 1, 1, With<ValidateVersionKeyspace>()},
      {"ValidatePermissionsShard", "<keyspace/shard>",
       "Compares MySQL's users and rights on a shard's tablets.",
       "ValidatePermissionsShard customer/-80", 1, 1, Plain(&ValidatePermissionsShard)},
      {"ValidatePermissionsKeyspace", "<keyspace>",
       "Compares MySQL's users and rights on a keyspace's tablets.",
       "ValidatePermissionsKeyspace customer", 1, 1, Plain(&ValidatePermissionsKeyspace)},
  };
}

}  // namespace tessera::vtctlclient
