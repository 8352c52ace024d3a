// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What our loop and streams add to the system calls: 120 bytes there, 300 bytes back over TCP on
// loopback, client and server on threads of their own, so many connections with one call each.
// Prints CPU microseconds per call (client + server, user + system) of streams and of bare epoll
// loops that make the same system calls, measured in turn, and the median of the rounds' ratios.
// The aim is 1.2. Usage: runtime_bench [calls per round] [rounds]
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "base/completion.h"
#include "runtime/loop_pool.h"
#include "runtime/task_group.h"
#include "runtime/testing/bare_echo.h"

namespace tessera::runtime {
namespace {

using testing::BareMicros;
using testing::CpuMicros;

constexpr size_t kRequest = 120;
constexpr size_t kAnswer = 300;

// --- ours ---

Task<Result<>> ServeOne(const Context& ctx, std::unique_ptr<Stream> stream) {
  const std::string answer(kAnswer, 'a');
  char buffer[4096];
  for (;;) {
    CO_TRY(const size_t count, co_await stream->Read(ctx, buffer));
    if (count == 0) co_return Ok{};
    CO_TRY_OK(co_await stream->WriteAll(ctx, answer));
  }
}

Task<int> ServeAll(const Context& ctx, size_t connections, Address* address,
                   std::atomic<bool>* listening) {
  auto listener = Loop::Current().Listen(Address::Tcp("127.0.0.1", 0));
  *address = (*listener)->address();
  listening->store(true);
  listening->notify_one();
  TaskGroup group(ctx);
  for (size_t i = 0; i < connections; ++i) {
    Result<std::unique_ptr<Socket>> socket = co_await (*listener)->Accept(ctx);
    group.Start(ServeOne(group.context(), Loop::Current().Open(std::move(*socket))));
  }
  const Result<> served = co_await group.Join();
  co_return served.ok() ? 0 : 1;
}

Task<Result<>> CallInTurn(const Context& ctx, Stream& stream, size_t* left) {
  const std::string request(kRequest, 'q');
  char buffer[4096];
  while (*left > 0) {
    --*left;
    CO_TRY_OK(co_await stream.WriteAll(ctx, request));
    CO_TRY(const size_t count, co_await stream.Read(ctx, buffer));
    if (count != kAnswer) co_return Error(Code::kInternal, "an answer of the wrong size");
  }
  co_return Ok{};
}

Task<int> CallAll(const Context& ctx, const Address* address, size_t calls, size_t in_flight,
                  double* micros) {
  std::vector<std::unique_ptr<Stream>> streams;
  for (size_t i = 0; i < in_flight; ++i) {
    auto stream = co_await Loop::Current().Connect(ctx, *address);
    streams.push_back(std::move(*stream));
  }
  const double before = CpuMicros();
  TaskGroup group(ctx);
  size_t left = calls;
  for (const auto& stream : streams) group.Start(CallInTurn(group.context(), *stream, &left));
  const Result<> called = co_await group.Join();
  *micros = (CpuMicros() - before) / static_cast<double>(calls);
  co_return called.ok() ? 0 : 1;
}

double OurMicros(size_t calls, size_t in_flight) {
  Address address;
  std::atomic<bool> listening = false;
  std::thread thread([&] {
    CHECK(RunLoop([&](const Context& ctx) {
            return ServeAll(ctx, in_flight, &address, &listening);
          }) == 0);
  });
  listening.wait(false);
  double micros = 0;
  CHECK(RunLoop([&](const Context& ctx) {
          return CallAll(ctx, &address, calls, in_flight, &micros);
        }) == 0);
  thread.join();
  return micros;
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

int Main(size_t calls, size_t rounds) {
  std::printf("%10s %12s %12s %8s   (CPU us per call, medians of %zu rounds of %zu calls)\n",
              "in flight", "streams", "bare epoll", "ratio", rounds, calls);
  OurMicros(calls / 10 + 1, 8);  // warm
  for (const size_t in_flight : {1, 8, 64}) {
    std::vector<double> ours;
    std::vector<double> bare;
    std::vector<double> ratios;
    for (size_t round = 0; round < rounds; ++round) {
      ours.push_back(OurMicros(calls, in_flight));
      bare.push_back(BareMicros(kRequest, kAnswer, calls, in_flight));
      ratios.push_back(ours.back() / bare.back());
    }
    std::printf("%10zu %12.2f %12.2f %8.2f\n", in_flight, Median(ours), Median(bare),
                Median(ratios));
  }
  return 0;
}

}  // namespace
}  // namespace tessera::runtime

int main(int argc, char** argv) {
  const size_t calls = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 40'000;
  const size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 7;
  return tessera::runtime::Main(std::max<size_t>(calls, 1), std::max<size_t>(rounds, 1));
}
