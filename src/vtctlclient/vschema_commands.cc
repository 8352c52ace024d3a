// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Commands on VSchemas.
#include <cstdio>

#include "proto/vschema.pb.h"
#include "proto/vtctldata.pb.h"
#include "vtctlclient/internal/arguments.h"
#include "vtctlclient/internal/command.h"

namespace tessera::vtctlclient {

using flags::Flag;

namespace {

Task<Result<>> GetVSchema(const Context& ctx, Call& call) {
  vtctldata::GetVSchemaRequest request;
  request.set_keyspace(call.words[0]);
  CO_TRY(const vtctldata::GetVSchemaResponse response,
         co_await call.Ask<vtctldata::GetVSchemaResponse>(ctx, request));
  PrintJson(call, response.v_schema());
  co_return Ok{};
}

class ApplyVSchema final : public Action {
 public:
  void Register(flags::FlagSet& set) override {
    set.Add(text_, file_, sql_, sql_file_, strict_, skip_rebuild_, cells_);
  }
  Task<Result<>> Run(const Context& ctx, Call& call) override {
    vtctldata::ApplyVSchemaRequest request;
    request.set_keyspace(call.words[0]);
    CO_TRY_OK(TakeVSchema(request));
    request.set_dry_run(call.dry_run);
    request.set_strict(*strict_);
    request.set_skip_rebuild(*skip_rebuild_);
    for (const std::string& cell : *cells_) request.add_cells(cell);
    CO_TRY(const vtctldata::ApplyVSchemaResponse response,
           co_await call.Ask<vtctldata::ApplyVSchemaResponse>(ctx, request));
    for (const auto& [vindex, unknown] : response.unknown_vindex_params())
      for (const std::string& param : unknown.params())
        std::fprintf(stderr, "vindex %s does not know its parameter %s\n", vindex.c_str(),
                     param.c_str());
    Print(call.dry_run ? "Dry run: the VSchema would be" : "New VSchema object:");
    PrintJson(call, response.v_schema());
    co_return Ok{};
  }

 private:
  Result<> TakeVSchema(vtctldata::ApplyVSchemaRequest& request) const {
    const bool as_sql = sql_.given() || sql_file_.given();
    if (as_sql == (text_.given() || file_.given())) {
      return Errorf(Code::kInvalidArgument,
                    "exactly one of --vschema, --vschema-file, --sql and --sql-file is needed");
    }
    TRY(std::string given, as_sql ? TextOrFile(sql_, sql_file_) : TextOrFile(text_, file_));
    if (!as_sql) return vtctl::FromJson(given, *request.mutable_v_schema());
    if (given.empty()) return Errorf(Code::kInvalidArgument, "there is no statement to apply");
    request.set_sql(std::move(given));
    return Ok{};
  }

  Flag<std::string> text_{"vschema", "", "The VSchema as JSON."};
  Flag<std::string> file_{"vschema-file", "", "A file of it; - is standard input."};
  Flag<std::string> sql_{"sql", "", "ALTER VSCHEMA statements, with semicolons between them."};
  Flag<std::string> sql_file_{"sql-file", "", "A file of them; - is standard input."};
  Flag<bool> strict_{"strict", false, "Refuse parameters that a vindex does not know."};
  Flag<bool> skip_rebuild_{"skip-rebuild", false, "Leave what gates watch for later."};
  Flag<std::vector<std::string>> cells_{"cells", {}, "Only for the gates of these cells."};
};

}  // namespace

std::vector<Command> VSchemaCommands() {
  return {
      {"GetVSchema", "<keyspace>", "Shows how a keyspace's tables are sharded.",
       "GetVSchema customer", 1, 1, Plain(&GetVSchema)},
      {"ApplyVSchema", "<keyspace>", "Changes what is known of how tables are sharded.",
       "ApplyVSchema --vschema-file customer.json customer", 1, 1, With<ApplyVSchema>(), false,
       true},
  };
}

}  // namespace tessera::vtctlclient
