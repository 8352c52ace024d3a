// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/internal/fence.h"

#include <utility>

#include <fmt/format.h>

#include "topo/errors.h"
#include "topo/internal/conn_over.h"

namespace tessera::topo {
namespace {

// What was written, as far as a message has room for it: the last is where to look.
std::string Listed(const std::vector<std::string>& written) {
  constexpr size_t kMost = 8;
  if (written.empty()) return "nothing was written";
  if (written.size() <= kMost) return fmt::format("written were {}", fmt::join(written, ", "));
  const std::vector<std::string> last(written.end() - kMost, written.end());
  return fmt::format("written were {} records, {} last", written.size(), fmt::join(last, ", "));
}

}  // namespace

Error Fence::Lost(const Error& why, std::string_view next) const {
  return Errorf(Code::kAborted, "{}: the lock is lost ({}): {}; not done: {} and what follows",
                work_, why.message(), Listed(written_), next)
      .WithHint("somebody else may work there now: look at what was written, then run it again");
}

Task<Result<>> Fence::Check(const Context& ctx, std::string next) {
  const Result<> held = co_await lock_.Check(ctx);
  if (held.ok()) co_return Ok{};
  CO_TRY_OK(ctx.Check());
  co_return Lost(held.error(), next);
}

class FencedConn final : public ConnOver {
 public:
  FencedConn(Fence& fence, std::string_view cell, Conn& inner)
      : ConnOver(inner), fence_(fence), cell_(cell) {}

  Task<Result<Version>> Create(const Context& ctx, std::string_view path, std::string_view contents,
                               const Guards& guards) override {
    CO_TRY(const Guards all, co_await WithOurs(ctx, guards, path));
    Result<Version> made = co_await inner().Create(ctx, path, contents, all);
    co_return Noted(std::move(made), Name(path));
  }
  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version, const Guards& guards) override {
    CO_TRY(const Guards all, co_await WithOurs(ctx, guards, path));
    Result<Version> set = co_await inner().Update(ctx, path, contents, version, all);
    co_return Noted(std::move(set), Name(path));
  }
  Task<Result<>> Delete(const Context& ctx, std::string_view path, std::optional<Version> version,
                        const Guards& guards) override {
    CO_TRY(const Guards all, co_await WithOurs(ctx, guards, path));
    Result<> deleted = co_await inner().Delete(ctx, path, version, all);
    co_return Noted(std::move(deleted), Name(path), " (deleted)");
  }

 private:
  std::string Name(std::string_view path) const { return fmt::format("{}:{}", cell_, path); }

  // What the write is tied to; asks the lock first where it cannot be tied to ours.
  Task<Result<Guards>> WithOurs(const Context& ctx, Guards guards, std::string_view path) {
    if (fence_.guard_ != nullptr && inner().CanGuard(*fence_.guard_)) {
      guards.push_back(fence_.guard_);
    } else {
      CO_TRY_OK(co_await fence_.Check(ctx, Name(path)));
    }
    co_return guards;
  }

  // A loss of another lock is told by the fence of that one.
  template <class T>
  Result<T> Noted(Result<T> written, std::string name, std::string_view how = {}) {
    if (written.ok()) {
      fence_.written_.push_back(name.append(how));
    } else if (fence_.guard_ != nullptr && IsLockLost(written.error(), fence_.guard_->place())) {
      return fence_.Lost(written.error(), name);
    }
    return written;
  }

  Fence& fence_;
  std::string cell_;
};

std::unique_ptr<Conn> Fence::Over(std::string_view cell, Conn& inner) {
  return std::make_unique<FencedConn>(*this, cell, inner);
}

}  // namespace tessera::topo
