// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/internal/zk_relay.h"

#include <chrono>
#include <utility>

#include <fmt/core.h>

#include "base/waiter.h"
#include "runtime/numeric.h"

namespace tessera::topo_zk {

using runtime::Loop;
using runtime::Stream;
using runtime::TlsConfig;
using runtime::TlsContext;

namespace {

// What a server has to answer the end of a session; one that is hung does not answer.
constexpr Duration kGoodbye = std::chrono::seconds(1);
// After the listening socket failed (no more descriptors).
constexpr Duration kDoorPause = std::chrono::milliseconds(50);
constexpr size_t kPumpSize = size_t{64} << 10;

// Says what to do about it in the words of our flags.
Error Advised(Error error) {
  const std::string_view advice =
      error.code() == Code::kUnauthenticated
          ? "the server's certificate must be of an authority in --topo-zk-tls-ca, in date, and "
            "for "
            "the name in the server's address (or --topo-zk-tls-server-name); ours "
            "(--topo-zk-tls-cert, --topo-zk-tls-key) of one that the server trusts"
          : "see that it is the server's secureClientPort; a server that wants a certificate of us "
            "may hang up: --topo-zk-tls-cert, --topo-zk-tls-key";
  return std::move(error).WithHint(std::string(advice));
}

// A server that does not take what we send must not hold us.
Task<> CancelLate(const Context& ctx, Context talking) {
  const Result<> slept = co_await Sleep(ctx, 2 * kGoodbye);
  if (slept.ok()) talking.Cancel();
}

}  // namespace

// One connection, both ends of it.
struct ZkRelay::Talk {
  std::unique_ptr<Stream> local;
  std::unique_ptr<Stream> remote;
  bool leaving = false;                       // the library has closed its end
  Context answering = Context::Background();  // bounds the wait for the server's last words
};

Result<std::unique_ptr<ZkRelay>> ZkRelay::Make(TlsConfig tls, Duration dial_timeout) {
  TRY(auto listener, Loop::Current().Listen(runtime::Address::Tcp("127.0.0.1", 0)));
  std::unique_ptr<ZkRelay> relay(new ZkRelay(std::move(tls), dial_timeout, std::move(listener)));
  relay->door_.Start(relay->Serve());
  return relay;
}

ZkRelay::ZkRelay(TlsConfig tls, Duration dial_timeout, std::unique_ptr<runtime::Listener> listener)
    : tls_(std::move(tls)),
      dial_timeout_(dial_timeout),
      listener_(std::move(listener)),
      life_(Context::Background().WithCancel()),
      door_(life_),
      talks_(life_),
      talking_(life_.WithCancel()) {}

void ZkRelay::Aim(Target target) {
  target_ = std::move(target);
  expected_.clear();
  trouble_.reset();
}

void ZkRelay::Expect(int fd) {
  std::string own = runtime::OwnAddress(fd);
  // Once in, nobody may come from the same address again: it is free when the library leaves it.
  if (own != admitted_) expected_ = std::move(own);
}

Task<> ZkRelay::Serve() {
  while (!life_.cancelled()) {
    Result<std::unique_ptr<runtime::Socket>> socket = co_await listener_->Accept(door_.context());
    if (socket.ok()) {
      Admit(Loop::Current().Open(std::move(*socket)));
      continue;
    }
    const Result<> slept = co_await Sleep(door_.context(), kDoorPause);
    if (!slept.ok()) break;
  }
}

void ZkRelay::Admit(std::unique_ptr<Stream> local) {
  if (expected_.empty() || local->peer() != expected_) {
    ++turned_away_;
    return;
  }
  talking_.Cancel();  // the library has left the one before
  talking_ = life_.WithCancel();
  trouble_.reset();
  admitted_ = std::exchange(expected_, {});
  ++admissions_;
  auto talk = std::make_shared<Talk>();
  talk->local = std::move(local);
  talks_.Start(Converse(talking_, std::move(talk), target_));
}

// The library's end closes with `talk`, which tells it that the connection is lost.
Task<> ZkRelay::Converse(Context ctx, std::shared_ptr<Talk> talk, Target target) {
  const uint64_t number = admissions_;
  stands_ = false;
  const Result<> dialed = co_await Dial(ctx, target, *talk);
  if (dialed.ok()) {
    if (number == admissions_) stands_ = true;
    talk->answering = ctx.WithCancel();
    runtime::TaskGroup both(ctx);
    both.Start(PumpOut(both.context(), *talk));
    both.Start(PumpIn(talk->answering, *talk));
    const Result<> ended = co_await both.Join();
    static_cast<void>(ended.ok());  // each way handles its own errors
  }
  if (number != admissions_) co_return;  // what follows is of a later one
  if (!dialed.ok() && !ctx.cancelled()) trouble_ = dialed.error();
  admitted_.clear();
}

Task<Result<>> ZkRelay::Dial(const Context& ctx, const Target& target, Talk& talk) {
  const Context bounded = ctx.WithTimeout(dial_timeout_);
  const auto load = [this] { return TlsContext::ForClient(tls_); };
  CO_TRY(std::shared_ptr<const TlsContext> files, co_await runtime::RunBlocking(load));
  CO_TRY(std::unique_ptr<Stream> clear, co_await Loop::Current().Connect(bounded, target.address));
  Result<runtime::TlsConnection> secret =
      co_await runtime::TlsConnect(bounded, std::move(clear), std::move(files), target.name);
  if (!secret.ok()) co_return Advised(std::move(secret).error());
  talk.remote = std::move(secret->stream);
  co_return Ok{};
}

// From the library to the server.
Task<> ZkRelay::PumpOut(const Context& ctx, Talk& talk) {
  std::string buffer(kPumpSize, '\0');
  for (;;) {
    const Result<size_t> count = co_await talk.local->Read(ctx, buffer);
    if (!count.ok() || *count == 0) break;
    const Result<> written =
        co_await talk.remote->WriteAll(ctx, std::string_view(buffer).substr(0, *count));
    if (!written.ok()) break;  // why, the other way reads
  }
  // The answer to the end of a session says that the server has taken it.
  talk.leaving = true;
  const Result<> answered = co_await Sleep(talk.answering, kGoodbye);
  static_cast<void>(answered.ok());  // PumpIn cuts it short
  talk.remote->Shutdown();
}

// From the server to the library.
Task<> ZkRelay::PumpIn(const Context& ctx, Talk& talk) {
  std::string buffer(kPumpSize, '\0');
  for (;;) {
    const Result<size_t> count = co_await talk.remote->Read(ctx, buffer);
    if (!count.ok() && !talk.leaving && !ctx.cancelled()) trouble_ = Advised(count.error());
    if (!count.ok() || *count == 0) break;
    // The library may have gone; what it said last is still on its way, so go on until the end.
    const Result<> written =
        co_await talk.local->WriteAll(ctx, std::string_view(buffer).substr(0, *count));
    talk.leaving = talk.leaving || !written.ok();
  }
  talk.local->Shutdown();
  talk.remote->Shutdown();
  ctx.Cancel();
}

Task<> ZkRelay::Close() {
  const Result<> door = co_await door_.CancelAndJoin();
  static_cast<void>(door.ok());  // by our cancelling
  if (!stands_) talking_.Cancel();
  runtime::TaskGroup patience(life_);
  patience.Start(CancelLate(patience.context(), talking_));
  const Result<> talks = co_await talks_.Join();
  static_cast<void>(talks.ok());  // they report nothing
  const Result<> cut_short = co_await patience.CancelAndJoin();
  static_cast<void>(cut_short.ok());
  life_.Cancel();
}

}  // namespace tessera::topo_zk
