// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// What a unary call costs: 120 bytes in, 300 bytes out, over TCP on loopback, client and server on
// threads of their own in this process. Prints CPU microseconds per call (client + server, user +
// system) of rpc/ and of grpc++'s callback API, measured in turn. Usage: rpc_call_bench [calls per
// round] [rounds]; with a third number ours alone, with so many in flight
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "rpc/channel.h"
#include "rpc/interop/grpc_peer.h"
#include "rpc/testing/server_thread.h"
#include "runtime/task_group.h"
#include "runtime/testing/bare_echo.h"

namespace tessera::rpc {
namespace {

using runtime::testing::CpuMicros;

constexpr size_t kRequest = 120;
constexpr size_t kResponse = 300;
constexpr std::string_view kPath = "/test.Bench/Call";

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

struct Servers {
  testing::ServerThread ours{{}, RegisterBench};
  interop::GrpcServer theirs{false, kResponse};
  interop::GrpcClient client{"127.0.0.1:" + std::to_string(theirs.port()), false};
};

void Compare(Servers& servers, size_t count, size_t rounds, size_t in_flight) {
  std::vector<double> ours;
  std::vector<double> theirs;
  std::vector<double> bare;
  std::vector<double> ratios;
  for (size_t round = 0; round < rounds; ++round) {
    ours.push_back(OurMicros(servers.ours.port(), count, in_flight));
    theirs.push_back(GrpcMicros(servers.client, count, in_flight));
    bare.push_back(runtime::testing::BareMicros(kRequest, kResponse, count, 1));
    ratios.push_back(theirs.back() / ours.back());
  }
  std::printf("%10zu %12.2f %12.2f %7.1fx %14.2f\n", in_flight, Median(ours), Median(theirs),
              Median(ratios), Median(bare));
}

int Main(size_t count, size_t rounds) {
  Servers servers;
  OurMicros(servers.ours.port(), 1000, 8);  // warm
  GrpcMicros(servers.client, 1000, 8);
  std::printf(
      "CPU us per call, client + server, medians of %zu rounds of %zu calls; bare epoll is one "
      "call in flight\n%10s %12s %12s %8s %14s\n",
      rounds, count, "in flight", "rpc", "grpc++", "ratio", "bare epoll");
  for (const size_t in_flight : {1, 8, 64}) Compare(servers, count, rounds, in_flight);
  return 0;
}

// Ours alone, for a profiler.
int Profile(size_t count, size_t in_flight) {
  testing::ServerThread ours({}, RegisterBench);
  std::printf("%zu in flight: %.2f CPU us per call\n", in_flight,
              OurMicros(ours.port(), count, in_flight));
  return 0;
}

}  // namespace
}  // namespace tessera::rpc

int main(int argc, char** argv) {
  const auto number = [argc, argv](int index, size_t otherwise) -> size_t {
    return argc > index ? std::max<size_t>(std::strtoul(argv[index], nullptr, 10), 1) : otherwise;
  };
  const size_t count = number(1, 20'000);
  if (argc > 3) return tessera::rpc::Profile(count, number(3, 1));
  return tessera::rpc::Main(count, number(2, 5));
}
