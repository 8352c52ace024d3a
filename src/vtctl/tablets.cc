// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Tablets' records.
#include <algorithm>
#include <set>

#include "keys/tablet_type.h"
#include "proto/vtctldata.pb.h"
#include "runtime/task_group.h"
#include "topo/errors.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

using keys::TabletAlias;

namespace {

using vtctldata::GetTabletsRequest;
using vtctldata::GetTabletsResponse;

struct CellRead {
  std::string cell;
  std::vector<topo::Tablet> tablets;
  std::optional<Error> error;
};

Task<> ReadCell(const Context& ctx, Control& control, CellRead& read) {
  Result<std::vector<topo::Tablet>> tablets = co_await control.topo.GetTablets(ctx, read.cell);
  if (tablets.ok())
    read.tablets = *std::move(tablets);
  else
    read.error = std::move(tablets).error().Wrap("cell " + read.cell);
}

// All cells at once: a slow one does not hold up the others.
Task<Result<std::vector<CellRead>>> ReadCells(const Context& ctx, Control& control,
                                              std::vector<std::string> cells) {
  if (cells.empty()) {
    CO_TRY(cells, co_await control.topo.GetCells(ctx));
  }
  std::vector<CellRead> reads(cells.size());
  const Context bounded = ctx.WithTimeout(control.tablet_timeout);
  runtime::TaskGroup group(bounded);
  for (size_t i = 0; i < cells.size(); ++i) {
    reads[i].cell = std::move(cells[i]);
    group.Start(ReadCell(group.context(), control, reads[i]));
  }
  const Result<> joined = co_await group.Join();
  static_cast<void>(joined.ok());
  co_return reads;
}

bool Matches(const topo::Tablet& tablet, const GetTabletsRequest& request) {
  if (!request.keyspace().empty() && tablet.keyspace != request.keyspace()) return false;
  if (!request.shard().empty() && tablet.shard != request.shard()) return false;
  return request.tablet_type() == topodata::UNKNOWN ||
         static_cast<int>(tablet.type) == request.tablet_type();
}

// The newest term of each shard. A primary of an older one has been replaced, whatever its record
// still says.
std::map<std::string, int64_t> NewestTerms(const std::vector<topo::Tablet>& tablets) {
  std::map<std::string, int64_t> terms;
  for (const topo::Tablet& tablet : tablets) {
    if (tablet.type != keys::TabletType::kPrimary) continue;
    int64_t& term = terms[tablet.keyspace + "/" + tablet.shard];
    term = std::max(term, tablet.primary_term_start);
  }
  return terms;
}

void PutAll(const std::vector<topo::Tablet>& tablets, GetTabletsResponse& response) {
  const std::map<std::string, int64_t> terms = NewestTerms(tablets);
  for (const topo::Tablet& tablet : tablets) {
    topodata::Tablet& out = *response.add_tablets();
    out = ToMessage<topodata::Tablet>(tablet);
    if (tablet.type != keys::TabletType::kPrimary) continue;
    const auto newest = terms.find(tablet.keyspace + "/" + tablet.shard);
    if (tablet.primary_term_start < newest->second) out.set_type(topodata::UNKNOWN);
  }
}

Task<Result<GetTabletsResponse>> ByAlias(const Context& ctx, Control& control,
                                         const GetTabletsRequest& request) {
  std::vector<topo::Tablet> tablets;
  for (const topodata::TabletAlias& alias : request.tablet_aliases()) {
    Result<topo::Tablet> tablet = co_await FindTablet(ctx, control, alias);
    if (tablet.ok())
      tablets.push_back(*std::move(tablet));
    else if (request.strict())
      co_return tablet.error();
  }
  GetTabletsResponse response;
  PutAll(tablets, response);
  co_return response;
}

Task<Result<GetTabletsResponse>> GetTablets(const Context& ctx, Control& control,
                                            const GetTabletsRequest& request) {
  if (request.tablet_aliases_size() != 0) {
    co_return co_await ByAlias(ctx, control, request);
  }
  if (request.keyspace().empty() && !request.shard().empty())
    co_return Error(Code::kInvalidArgument, "a shard is named without its keyspace")
        .WithHint("--keyspace KEYSPACE --shard SHARD");
  std::vector<std::string> cells(request.cells().begin(), request.cells().end());
  CO_TRY(const std::vector<CellRead> reads, co_await ReadCells(ctx, control, std::move(cells)));
  std::vector<topo::Tablet> tablets;
  size_t failed = 0;
  const Error* first_error = nullptr;
  for (const CellRead& read : reads) {
    for (const topo::Tablet& tablet : read.tablets)
      if (Matches(tablet, request)) tablets.push_back(tablet);
    if (!read.error) continue;
    if (request.strict()) co_return *read.error;
    if (failed++ == 0) first_error = &*read.error;
  }
  // Some cells are better than none; none is an error.
  if (first_error != nullptr && failed == reads.size()) co_return *first_error;
  GetTabletsResponse response;
  PutAll(tablets, response);
  co_return response;
}

Task<Result<vtctldata::GetTabletResponse>> GetTablet(const Context& ctx, Control& control,
                                                     const vtctldata::GetTabletRequest& request) {
  CO_TRY(const topo::Tablet tablet, co_await FindTablet(ctx, control, request.tablet_alias()));
  vtctldata::GetTabletResponse response;
  *response.mutable_tablet() = ToMessage<topodata::Tablet>(tablet);
  co_return response;
}

// Whether its shard holds this tablet for its primary.
Task<Result<bool>> IsShardPrimary(const Context& ctx, Control& control,
                                  const topo::Tablet& tablet) {
  const Result<topo::Versioned<topo::Shard>> shard =
      co_await FindShard(ctx, control, tablet.keyspace, tablet.shard);
  if (!shard.ok()) {
    if (topo::IsNoNode(shard.error())) co_return false;
    co_return shard.error();
  }
  co_return shard->record.primary_alias == tablet.alias;
}

Task<Result<>> DeleteOne(const Context& ctx, Control& control, const topo::Tablet& tablet,
                         bool allow_primary) {
  CO_TRY(const bool primary, co_await IsShardPrimary(ctx, control, tablet));
  if (primary && !allow_primary) {
    co_return Errorf(Code::kFailedPrecondition, "tablet {} is the primary of {}/{}",
                     tablet.alias.ToString(), tablet.keyspace, tablet.shard)
        .WithHint("make another one primary first, or say --allow-primary");
  }
  CO_TRY_OK(co_await control.topo.DeleteTablet(ctx, tablet.alias));
  if (!primary) co_return Ok{};
  // The shard must not point at a tablet that is no more.
  const topo::Server::ShardChange clear = [&tablet](topo::Shard& shard) -> Result<bool> {
    if (shard.primary_alias != tablet.alias) return false;
    shard.primary_alias = TabletAlias();
    shard.primary_term_start = std::chrono::duration_cast<std::chrono::nanoseconds>(
                                   std::chrono::system_clock::now().time_since_epoch())
                                   .count();
    return true;
  };
  CO_TRY_OK(co_await control.topo.UpdateShard(ctx, tablet.keyspace, tablet.shard, clear));
  co_return Ok{};
}

Task<Result<vtctldata::DeleteTabletsResponse>> DeleteTablets(
    const Context& ctx, Control& control, const vtctldata::DeleteTabletsRequest& request) {
  // All are looked at before the first is touched: a mistyped alias deletes nothing.
  std::vector<topo::Tablet> tablets;
  for (const topodata::TabletAlias& alias : request.tablet_aliases()) {
    CO_TRY(topo::Tablet tablet, co_await FindTablet(ctx, control, alias));
    tablets.push_back(std::move(tablet));
  }
  for (const topo::Tablet& tablet : tablets) {
    CO_TRY_OK(co_await DeleteOne(ctx, control, tablet, request.allow_primary()));
  }
  co_return vtctldata::DeleteTabletsResponse();
}

}  // namespace

Task<Result<topo::Tablet>> FindTablet(const Context& ctx, Control& control,
                                      const topodata::TabletAlias& alias) {
  const TabletAlias wanted = AliasOf(alias);
  if (wanted.empty()) co_return Missing("tablet");
  Result<topo::Versioned<topo::Tablet>> found = co_await control.topo.GetTablet(ctx, wanted);
  if (!found.ok()) {
    if (!topo::IsNoNode(found.error())) co_return std::move(found).error();
    co_return Errorf(Code::kNotFound, "there is no tablet {}", wanted.ToString())
        .WithHint("GetTablets lists those there are");
  }
  co_return std::move(found->record);
}

Task<Result<std::vector<topo::Tablet>>> TabletsOfShard(const Context& ctx, Control& control,
                                                       std::string_view keyspace,
                                                       std::string_view shard,
                                                       std::vector<std::string> cells) {
  CO_TRY(std::vector<CellRead> reads, co_await ReadCells(ctx, control, std::move(cells)));
  std::vector<topo::Tablet> tablets;
  for (CellRead& read : reads) {
    if (read.error) co_return *read.error;
    for (topo::Tablet& tablet : read.tablets) {
      if (tablet.keyspace == keyspace && tablet.shard == shard)
        tablets.push_back(std::move(tablet));
    }
  }
  co_return tablets;
}

void AddTablets(Methods& methods, Control& control) {
  Add(methods, control, &GetTablet);
  Add(methods, control, &GetTablets);
  Add(methods, control, &DeleteTablets);
}

}  // namespace tessera::vtctl
