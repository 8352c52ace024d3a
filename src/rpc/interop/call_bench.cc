// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a unary call costs: 120 bytes in, 300 bytes out, over TCP on loopback, client and server on
// threads of their own in this process. Prints CPU microseconds per call (client + server, user +
// system) of rpc/ and of grpc++'s callback API, measured in turn. Usage: rpc_call_bench [calls per
// round] [rounds]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "rpc/channel.h"
#include "rpc/interop/grpc_peer.h"
#include "rpc/testing/server_thread.h"
#include "runtime/task_group.h"

namespace tessera::rpc {
namespace {

constexpr size_t kRequest = 120;
constexpr size_t kResponse = 300;
constexpr std::string_view kPath = "/test.Bench/Call";

double CpuMicros() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// Our client against any server.
Task<Result<>> CallInTurn(const Context& ctx, Channel& channel, std::string_view path,
                          size_t* left) {
  while (*left > 0) {
    --*left;
    CO_TRY(const std::string answer, co_await channel.Call(ctx, path, std::string(kRequest, 'q')));
    if (answer.size() != kResponse)
      co_return Error(Code::kInternal, "an answer has the wrong size");
  }
  co_return Ok{};
}

Task<int> RunCalls(const Context& ctx, int port, std::string_view path, size_t count,
                   size_t in_flight) {
  Channel channel(runtime::Address::Tcp("127.0.0.1", static_cast<uint16_t>(port)));
  runtime::TaskGroup group(ctx);
  size_t left = count;
  for (size_t i = 0; i < in_flight; ++i)
    group.Start(CallInTurn(group.context(), channel, path, &left));
  const Result<> outcome = co_await group.Join();
  if (!outcome.ok()) std::printf("calls failed: %s\n", outcome.error().ToString().c_str());
  co_await channel.Close();
  co_return outcome.ok() ? 0 : 1;
}

Task<Result<std::string>> Answer() { co_return std::string(kResponse, 'r'); }

double OurMicros(int port, size_t count, size_t in_flight) {
  const double before = CpuMicros();
  runtime::RunLoop(
      [&](const Context& ctx) { return RunCalls(ctx, port, kPath, count, in_flight); });
  return (CpuMicros() - before) / static_cast<double>(count);
}

double GrpcMicros(interop::GrpcClient& client, size_t count, size_t in_flight) {
  const double before = CpuMicros();
  const size_t answered =
      client.ManyUnary(std::string(testing::kUnary), count, in_flight, kRequest);
  if (answered != count) std::printf("grpc++ answered %zu of %zu\n", answered, count);
  return (CpuMicros() - before) / static_cast<double>(count);
}

double Median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

void RegisterBench(Server& server) {
  server.Unary(std::string(kPath),
               [](const Context&, ServerCall&, std::string_view) { return Answer(); });
}

int Main(size_t count, size_t rounds) {
  testing::ServerThread ours({}, RegisterBench);
  interop::GrpcServer theirs(false, kResponse);
  interop::GrpcClient client("127.0.0.1:" + std::to_string(theirs.port()), false);
  OurMicros(ours.port(), 1000, 8);  // warm
  GrpcMicros(client, 1000, 8);
  std::printf(
      "%10s %12s %12s %8s   (CPU us per call, client + server, median of %zu rounds of %zu "
      "calls)\n",
      "in flight", "rpc", "grpc++", "ratio", rounds, count);
  for (const size_t in_flight : {1, 8, 64}) {
    std::vector<double> our_rounds;
    std::vector<double> their_rounds;
    for (size_t round = 0; round < rounds; ++round) {
      our_rounds.push_back(OurMicros(ours.port(), count, in_flight));
      their_rounds.push_back(GrpcMicros(client, count, in_flight));
    }
    const double us = Median(our_rounds);
    const double them = Median(their_rounds);
    std::printf("%10zu %12.2f %12.2f %7.1fx\n", in_flight, us, them, them / us);
  }
  return 0;
}

}  // namespace
}  // namespace tessera::rpc

int main(int argc, char** argv) {
  const size_t count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 20'000;
  const size_t rounds = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 3;
  return tessera::rpc::Main(std::max<size_t>(count, 1), std::max<size_t>(rounds, 1));
}
