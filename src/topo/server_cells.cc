// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// The part of topo::Server that knows cells: their records, aliases and connections.
#include <algorithm>
#include <utility>

#include <fmt/core.h>

#include "base/waiter.h"
#include "topo/errors.h"
#include "topo/internal/record_access.h"
#include "topo/paths.h"
#include "topo/server.h"

namespace tessera::topo {
namespace {

// A global cell that does not answer must not hold up those whose connection is there.
constexpr Duration kCheckTimeout = std::chrono::seconds(1);

constexpr std::string_view kAliasLockDir = "internal/cells_aliases";

bool SamePlace(const CellInfo& a, const CellInfo& b) {
  return a.server_address == b.server_address && a.root == b.root;
}

Error Unknown(std::string_view cell) {
  return Errorf(Code::kNotFound, "cell {} is not in the topology", cell)
      .WithHint("add it with AddCellInfo, or correct the cell's name");
}

}  // namespace

Task<Result<Conn*>> Server::Cell(const Context& ctx, std::string_view cell) {
  if (cell == kGlobalCell) co_return global_.get();
  if (viewed_ != nullptr) {
    co_return co_await CellOfView(ctx, cell);
  }
  const auto open = cells_.find(cell);
  const bool known = open != cells_.end();
  const Instant now = Executor::Current().Now();
  if (known && now < open->second.check_at) co_return open->second.conn.get();
  // One looks whether the cell has moved; others go on meanwhile.
  if (known) open->second.check_at = now + options_.cell_check_interval;
  const Context bounded = known ? ctx.WithTimeout(kCheckTimeout) : ctx;
  Result<Versioned<CellInfo>> info = co_await GetCellInfo(bounded, cell);
  const auto after = cells_.find(cell);
  if (!info.ok()) {
    if (IsNoNode(info.error())) {
      Retire(cell);
      co_return Unknown(cell);
    }
    if (after != cells_.end()) co_return after->second.conn.get();
    co_return std::move(info).error();
  }
  if (after != cells_.end() && SamePlace(after->second.info, info->record))
    co_return after->second.conn.get();
  co_return co_await Reconnect(ctx, std::string(cell), std::move(info->record));
}

Task<Result<Conn*>> Server::Reconnect(const Context& ctx, std::string cell, CellInfo info) {
  Result<std::unique_ptr<Conn>> made =
      co_await factory_->Connect(ctx, info.server_address, info.root);
  if (!made.ok()) co_return std::move(made).error().Wrap("cell " + cell);
  std::unique_ptr<Conn> conn = std::move(*made);
  // Somebody else may have connected while we did.
  const auto again = cells_.find(cell);
  if (again != cells_.end() && SamePlace(again->second.info, info)) {
    co_await conn->Close();
    // The cell may have been retired meanwhile.
    const auto still = cells_.find(cell);
    if (still == cells_.end()) co_return Unknown(cell);
    co_return still->second.conn.get();
  }
  Retire(cell);
  OpenCell& added = cells_[cell];
  added.conn = std::move(conn);
  added.info = std::move(info);
  added.check_at = Executor::Current().Now() + options_.cell_check_interval;
  co_return added.conn.get();
}

void Server::Retire(std::string_view cell) {
  const auto open = cells_.find(cell);
  if (open == cells_.end()) return;
  std::unique_ptr<Conn> conn = std::move(open->second.conn);
  cells_.erase(open);
  retiring_.Start(CloseLater(retiring_.context(), std::move(conn)));
}

// Calls under way have time to end; watches are ended with the connection, and begin anew on the
// next.
Task<Result<>> Server::CloseLater(const Context& ctx, std::unique_ptr<Conn> conn) {
  const Result<> waited = co_await Sleep(ctx, options_.retire_after);
  (void)waited;  // the whole server closes: all the sooner
  co_await conn->Close();
  co_return Ok{};
}

Task<Result<std::vector<std::string>>> Server::GetCells(const Context& ctx) {
  co_return co_await ListNames(ctx, *global_, kCellsDir);
}

Task<Result<Versioned<CellInfo>>> Server::GetCellInfo(const Context& ctx, std::string_view cell) {
  co_return co_await ReadRecord(ctx, *global_, CellInfoPath(cell), DecodeCellInfo);
}

Task<Result<>> Server::CreateCell(const Context& ctx, std::string_view cell, CellInfo info) {
  CO_TRY_OK(ValidateCellName(cell));
  CO_TRY_OK(co_await global_->Create(ctx, CellInfoPath(cell), Encode(info)));
  co_return Ok{};
}

Task<Result<CellInfo>> Server::UpdateCell(const Context& ctx, std::string_view cell,
                                          const Change<CellInfo>& change) {
  CO_TRY_OK(ValidateCellName(cell));
  CO_TRY(CellInfo after, co_await ChangeRecord(ctx, *global_, CellInfoPath(cell), DecodeCellInfo,
                                               WhenAbsent::kMake, change));
  const auto open = cells_.find(cell);
  if (open != cells_.end()) open->second.check_at = Instant{};
  co_return after;
}

// Else an alias of the cell could be made after we have seen that there is none.
Task<Result<>> Server::DeleteCell(const Context& ctx, std::string_view cell, bool force) {
  Result<std::unique_ptr<LockHandle>> lock = co_await LockAliases(ctx, "DeleteCellInfo");
  if (!lock.ok() && !force) co_return std::move(lock).error();
  std::string name = fmt::format("DeleteCellInfo of cell {}", cell);
  LockedWork work = [&](Server& locked) { return locked.DeleteCellLocked(ctx, cell, force); };
  const WithoutLock unheard;
  CO_TRY_OK(
      co_await ForceUnderLock(ctx, std::move(lock), std::move(name), unheard, std::move(work)));
  Retire(cell);
  co_return Ok{};
}

Task<Result<>> Server::DeleteCellLocked(const Context& ctx, std::string_view cell, bool force) {
  if (!force) {
    CO_TRY_OK(co_await RefuseReferenced(ctx, cell));
  }
  co_return co_await global_->Delete(ctx, CellInfoPath(cell), std::nullopt);
}

Task<Result<>> Server::RefuseReferenced(const Context& ctx, std::string_view cell) {
  CO_TRY(const auto aliases, co_await GetCellsAliases(ctx));
  for (const auto& [name, alias] : aliases) {
    if (std::find(alias.cells.begin(), alias.cells.end(), cell) == alias.cells.end()) continue;
    co_return Errorf(Code::kFailedPrecondition, "cell {} is in the alias {}", cell, name)
        .WithHint("take it out with UpdateCellsAlias first");
  }
  const Result<std::vector<std::string>> graphs = co_await GetSrvKeyspaceNames(ctx, cell);
  if (!graphs.ok()) {
    co_return Error(graphs.error())
        .Wrap("cell " + std::string(cell))
        .WithHint("delete it with force if its topology server will not come back");
  }
  if (!graphs->empty()) {
    co_return Errorf(Code::kFailedPrecondition, "cell {} has {} serving keyspaces, {} first", cell,
                     graphs->size(), graphs->front())
        .WithHint("delete them with DeleteKeyspace or RemoveKeyspaceCell first");
  }
  CO_TRY(const std::vector<Tablet> tablets, co_await GetTablets(ctx, cell));
  if (!tablets.empty()) {
    co_return Errorf(Code::kFailedPrecondition, "cell {} has {} tablets, {} first", cell,
                     tablets.size(), tablets.front().alias.ToString())
        .WithHint("delete them with DeleteTablets first");
  }
  co_return Ok{};
}

Task<Result<std::map<std::string, CellsAlias>>> Server::GetCellsAliases(const Context& ctx) {
  std::map<std::string, CellsAlias> aliases;
  CO_TRY(const std::vector<std::string> names, co_await ListNames(ctx, *global_, kCellsAliasesDir));
  for (const std::string& name : names) {
    auto record = co_await ReadRecord(ctx, *global_, CellsAliasPath(name), DecodeCellsAlias);
    if (!record.ok() && IsNoNode(record.error())) continue;  // deleted meanwhile
    if (!record.ok()) co_return std::move(record).error();
    aliases[name] = std::move(record->record);
  }
  co_return aliases;
}

// That every cell exists and is in no other alias. Holds true under the lock of aliases.
Task<Result<>> Server::CheckAlias(const Context& ctx, std::string_view alias,
                                  const std::vector<std::string>& cells) {
  CO_TRY_OK(ValidateCellName(alias));
  CO_TRY(const std::vector<std::string> known, co_await GetCells(ctx));
  for (const std::string& cell : cells) {
    if (!std::binary_search(known.begin(), known.end(), cell)) co_return Unknown(cell);
  }
  CO_TRY(const auto aliases, co_await GetCellsAliases(ctx));
  for (const auto& [name, other] : aliases) {
    if (name == alias) continue;
    for (const std::string& cell : other.cells) {
      if (std::find(cells.begin(), cells.end(), cell) == cells.end()) continue;
      co_return Errorf(Code::kFailedPrecondition, "cell {} is in the alias {} already", cell, name)
          .WithHint("a cell may be in one alias only: take it out of that one first");
    }
  }
  co_return Ok{};
}

// Two aliases that are made at the same time are two records, which no version holds apart. The
// lock is not one of cells_aliases/, where Vitess's programs would take it for an alias, and no
// named one, which a dead owner may keep for a day: it is of a directory of its own, and only
// directories with a record in them have locks.
Task<Result<std::unique_ptr<LockHandle>>> Server::LockAliases(const Context& ctx,
                                                              std::string_view action) {
  const std::string marker = JoinPath(kAliasLockDir, "Lockable");
  const Result<Version> made = co_await global_->Create(ctx, marker, "");
  if (!made.ok() && !IsNodeExists(made.error())) co_return made.error();
  const Context bounded = ctx.WithTimeout(kLockTimeout);
  const std::string contents = LockContents(action);
  co_return co_await global_->Lock(bounded, kAliasLockDir, contents);
}

Task<Result<>> Server::UnderAliasLock(const Context& ctx, std::string_view action,
                                      LockedWork work) {
  CO_TRY(std::unique_ptr<LockHandle> lock, co_await LockAliases(ctx, action));
  co_return co_await UnderLock(std::move(lock), std::string(action), std::move(work));
}

Task<Result<>> Server::CreateCellsAlias(const Context& ctx, std::string_view alias,
                                        std::vector<std::string> cells) {
  LockedWork work = [&](Server& locked) {
    return locked.WriteCellsAlias(ctx, alias, cells, AliasMode::kCreate);
  };
  co_return co_await UnderAliasLock(ctx, "AddCellsAlias", std::move(work));
}

Task<Result<>> Server::UpdateCellsAlias(const Context& ctx, std::string_view alias,
                                        std::vector<std::string> cells) {
  LockedWork work = [&](Server& locked) {
    return locked.WriteCellsAlias(ctx, alias, cells, AliasMode::kReplace);
  };
  co_return co_await UnderAliasLock(ctx, "UpdateCellsAlias", std::move(work));
}

Task<Result<>> Server::WriteCellsAlias(const Context& ctx, std::string_view alias,
                                       std::vector<std::string> cells, AliasMode mode) {
  CO_TRY_OK(co_await CheckAlias(ctx, alias, cells));
  CellsAlias record;
  record.cells = cells;
  if (mode == AliasMode::kCreate) {
    CO_TRY_OK(co_await global_->Create(ctx, CellsAliasPath(alias), Encode(record)));
    co_return Ok{};
  }
  const Change<CellsAlias> change = [&cells](CellsAlias& known) -> Result<bool> {
    known.cells = cells;
    return true;
  };
  CO_TRY_OK(co_await ChangeRecord(ctx, *global_, CellsAliasPath(alias), DecodeCellsAlias,
                                  WhenAbsent::kMake, change));
  co_return Ok{};
}

Task<Result<>> Server::DeleteCellsAlias(const Context& ctx, std::string_view alias) {
  co_return co_await global_->Delete(ctx, CellsAliasPath(alias), std::nullopt);
}

Task<Result<std::vector<std::string>>> Server::ExpandCells(const Context& ctx,
                                                           std::vector<std::string> names) {
  CO_TRY(const std::vector<std::string> known, co_await GetCells(ctx));
  CO_TRY(const auto aliases, co_await GetCellsAliases(ctx));
  std::vector<std::string> cells;
  for (std::string& name : names) {
    const auto alias = aliases.find(name);
    if (alias != aliases.end()) {
      cells.insert(cells.end(), alias->second.cells.begin(), alias->second.cells.end());
    } else if (std::binary_search(known.begin(), known.end(), name)) {
      cells.push_back(std::move(name));
    } else {
      co_return Unknown(name);
    }
  }
  std::sort(cells.begin(), cells.end());
  cells.erase(std::unique(cells.begin(), cells.end()), cells.end());
  co_return cells;
}

}  // namespace tessera::topo
