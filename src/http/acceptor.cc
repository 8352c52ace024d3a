// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/acceptor.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "base/check.h"
#include "base/completion.h"
#include "runtime/task_group.h"

namespace tessera::http {

namespace {

// Ends what is left when the time to drain is over.
class DrainTimer final : public Timer {
 public:
  explicit DrainTimer(const Context& ctx) : ctx_(ctx) {}

 private:
  void OnTimer() override { ctx_.Cancel(); }
  const Context& ctx_;
};

// A loop's connections; made on that loop, because contexts belong to one.
struct Here {
  runtime::TaskGroup group{Context::Background()};
  Context draining = Context::Background().WithCancel();
};

}  // namespace

// The connections of one loop. Everything but `coming` belongs to that loop's thread.
struct Acceptor::Worker {
  explicit Worker(runtime::Loop& worker_loop) : loop(worker_loop) {}

  void Adopt(ConnectionHandler& handler, std::atomic<size_t>& count,
             std::unique_ptr<runtime::Socket> socket) {
    coming.fetch_sub(1, std::memory_order_relaxed);
    if (!here) here.emplace();
    here->group.Start(Run(*here, handler, count, loop.Open(std::move(socket))));
  }

  static Task<Result<>> Run(Here& here, ConnectionHandler& handler, std::atomic<size_t>& count,
                            std::unique_ptr<runtime::Stream> stream) {
    co_await handler.Serve(here.group.context(), here.draining, std::move(stream));
    count.fetch_sub(1, std::memory_order_relaxed);
    co_return Ok{};
  }

  Task<Result<>> Drain(Duration timeout) {
    if (!here) co_return Ok{};
    here->draining.Cancel();
    DrainTimer timer(here->group.context());
    loop.Arm(timer, loop.Now() + timeout);
    const Result<> outcome = co_await here->group.Join();
    here.reset();
    co_return outcome;
  }

  // Drains on the worker's own loop and tells `done` on `home`.
  struct Detached;
  static Detached DrainThere(Worker& worker, Duration timeout, runtime::Loop& home,
                             Completion<Result<>>& done);

  size_t load() const { return loop.stream_count() + coming.load(std::memory_order_relaxed); }

  runtime::Loop& loop;
  std::atomic<size_t> coming = 0;  // placed here, not yet opened
  std::optional<Here> here;
  ConnectionHandler* handler = nullptr;
};

struct Acceptor::Worker::Detached {
  struct promise_type {
    Detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

Acceptor::Worker::Detached Acceptor::Worker::DrainThere(Worker& worker, Duration timeout,
                                                        runtime::Loop& home,
                                                        Completion<Result<>>& done) {
  const Result<> outcome = co_await worker.Drain(timeout);
  home.Post([&done, outcome] { done.Set(outcome); });
}

Acceptor::Acceptor() = default;
Acceptor::~Acceptor() = default;

Result<runtime::Address> Acceptor::Listen(const runtime::Address& address,
                                          const runtime::ListenOptions& options) {
  TRY(std::unique_ptr<runtime::Listener> listener,
      runtime::Loop::Current().ListenWith(address, options));
  listeners_.push_back(std::move(listener));
  return listeners_.back()->address();
}

void Acceptor::UseLoops(std::vector<runtime::Loop*> loops) { loops_ = std::move(loops); }

Task<Result<>> Acceptor::Serve(const Context& ctx, ConnectionHandler& handler,
                               Duration drain_timeout) {
  if (loops_.empty()) loops_.push_back(&runtime::Loop::Current());
  for (runtime::Loop* loop : loops_) {
    workers_.push_back(std::make_unique<Worker>(*loop));
    workers_.back()->handler = &handler;
  }
  runtime::TaskGroup acceptors(ctx);
  for (const auto& listener : listeners_)
    acceptors.Start(AcceptFrom(acceptors.context(), *listener));
  const Result<> accepted = co_await acceptors.Join();
  listeners_.clear();
  const Result<> drained = co_await DrainAll(drain_timeout);
  workers_.clear();
  // Being told to end is what Serve waits for.
  if (!ctx.cancelled() && !accepted.ok()) co_return accepted;
  co_return drained;
}

Task<Result<>> Acceptor::AcceptFrom(const Context& ctx, runtime::Listener& listener) {
  for (;;) {
    CO_TRY(std::unique_ptr<runtime::Socket> socket, co_await listener.Accept(ctx));
    Place(std::move(socket));
  }
}

void Acceptor::Place(std::unique_ptr<runtime::Socket> socket) {
  Worker& worker =
      **std::min_element(workers_.begin(), workers_.end(),
                         [](const auto& a, const auto& b) { return a->load() < b->load(); });
  connections_.fetch_add(1, std::memory_order_relaxed);
  worker.coming.fetch_add(1, std::memory_order_relaxed);
  if (&worker.loop == &runtime::Loop::Current())
    return worker.Adopt(*worker.handler, connections_, std::move(socket));
  // shared: std::function must be copyable
  auto box = std::make_shared<std::unique_ptr<runtime::Socket>>(std::move(socket));
  worker.loop.Post(
      [this, &worker, box] { worker.Adopt(*worker.handler, connections_, std::move(*box)); });
}

Task<Result<>> Acceptor::DrainAll(Duration timeout) {
  runtime::Loop& home = runtime::Loop::Current();
  std::vector<std::unique_ptr<Completion<Result<>>>> ends;
  for (const auto& worker : workers_) {
    Completion<Result<>>& done = *ends.emplace_back(std::make_unique<Completion<Result<>>>());
    Worker* there = worker.get();
    there->loop.Post(
        [there, timeout, &home, &done] { Worker::DrainThere(*there, timeout, home, done); });
  }
  Result<> outcome;
  for (const auto& end : ends) {
    Completion<Result<>>& done = *end;
    const Result<> one = co_await done;
    if (!one.ok()) outcome = one;
  }
  co_return outcome;
}

}  // namespace tessera::http
