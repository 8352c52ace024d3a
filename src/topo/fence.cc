// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo/internal/fence.h"

#include <utility>

#include <fmt/format.h>

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

Task<Result<>> Fence::Check(const Context& ctx, std::string next) {
  const Result<> held = co_await lock_.Check(ctx);
  if (held.ok()) co_return Ok{};
  CO_TRY_OK(ctx.Check());
  co_return Errorf(Code::kAborted, "{}: the lock is lost ({}): {}; not done: {} and what follows",
                   work_, held.error().message(), Listed(written_), next)
      .WithHint("somebody else may work there now: look at what was written, then run it again");
}

class FencedConn final : public ConnOver {
 public:
  FencedConn(Fence& fence, std::string_view cell, Conn& inner)
      : ConnOver(inner), fence_(fence), cell_(cell) {}

  Task<Result<Version>> Create(const Context& ctx, std::string_view path,
                               std::string_view contents) override {
    CO_TRY_OK(co_await fence_.Check(ctx, Name(path)));
    CO_TRY(const Version version, co_await inner().Create(ctx, path, contents));
    fence_.written_.push_back(Name(path));
    co_return version;
  }
  Task<Result<Version>> Update(const Context& ctx, std::string_view path, std::string_view contents,
                               std::optional<Version> version) override {
    CO_TRY_OK(co_await fence_.Check(ctx, Name(path)));
    CO_TRY(const Version now, co_await inner().Update(ctx, path, contents, version));
    fence_.written_.push_back(Name(path));
    co_return now;
  }
  Task<Result<>> Delete(const Context& ctx, std::string_view path,
                        std::optional<Version> version) override {
    CO_TRY_OK(co_await fence_.Check(ctx, Name(path)));
    CO_TRY_OK(co_await inner().Delete(ctx, path, version));
    fence_.written_.push_back(Name(path) + " (deleted)");
    co_return Ok{};
  }

 private:
  std::string Name(std::string_view path) const { return fmt::format("{}:{}", cell_, path); }

  Fence& fence_;
  std::string cell_;
};

std::unique_ptr<Conn> Fence::Over(std::string_view cell, Conn& inner) {
  return std::make_unique<FencedConn>(*this, cell, inner);
}

}  // namespace tessera::topo
