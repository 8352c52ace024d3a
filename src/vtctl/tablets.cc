// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// Tablets' records.
#include <algorithm>
#include <set>

#include "keys/tablet_type.h"
#include "proto/vtctldata.pb.h"
#include "topo/errors.h"
#include "vtctl/internal/operation.h"

namespace tessera::vtctl {

using keys::TabletAlias;

namespace {

using vtctldata::GetTabletsRequest;
using vtctldata::GetTabletsResponse;

// Of all cells, or of those named. A slow cell does not hold up the others.
Task<Result<topo::Partial<topo::Tablet>>> ReadCells(const Context& ctx, Control& control,
                                                    std::vector<std::string> cells) {
  const Context bounded = ctx.WithTimeout(control.tablet_timeout);
  co_return co_await control.topo.GetTabletsOfCells(bounded, std::move(cells));
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

// The answer has no place for what could not be read.
void TellLeftOut(const Control& control, const Error& error) {
  control.Tell("left out: " + error.ToString());
}

Task<Result<GetTabletsResponse>> ByAlias(const Context& ctx, Control& control,
                                         const GetTabletsRequest& request) {
  std::vector<topo::Tablet> tablets;
  for (const topodata::TabletAlias& alias : request.tablet_aliases()) {
    Result<topo::Tablet> tablet = co_await FindTablet(ctx, control, alias);
    if (tablet.ok()) {
      tablets.push_back(*std::move(tablet));
    } else if (request.strict()) {
      co_return tablet.error();
    } else {
      TellLeftOut(control, tablet.error());
    }
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
  CO_TRY(const topo::Partial<topo::Tablet> read,
         co_await ReadCells(ctx, control, std::move(cells)));
  // Some cells are better than none; none is an error.
  if (!read.errors.empty() && (request.strict() || read.found.empty()))
    co_return read.errors.front();
  for (const Error& error : read.errors) TellLeftOut(control, error);
  std::vector<topo::Tablet> tablets;
  for (const topo::Tablet& tablet : read.found)
    if (Matches(tablet, request)) tablets.push_back(tablet);
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
  CO_TRY(topo::Partial<topo::Tablet> read, co_await ReadCells(ctx, control, std::move(cells)));
  if (!read.errors.empty()) co_return read.errors.front();
  std::vector<topo::Tablet> tablets;
  for (topo::Tablet& tablet : read.found)
    if (tablet.keyspace == keyspace && tablet.shard == shard) tablets.push_back(std::move(tablet));
  co_return tablets;
}

void AddTablets(Methods& methods, Control& control) {
  Add(methods, control, &GetTablet);
  Add(methods, control, &GetTablets);
  Add(methods, control, &DeleteTablets);
}

}  // namespace tessera::vtctl
