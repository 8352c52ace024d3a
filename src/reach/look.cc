// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "reach/look.h"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <memory>
#include <utility>

#include "base/executor.h"
#include "mysqlconn/connection.h"
#include "rpc/channel.h"
#include "runtime/loop.h"

namespace tessera::reach {

using runtime::TlsContext;

namespace {

constexpr std::string_view kHealthCheck = "/grpc.health.v1.Health/Check";

int64_t Microseconds(Instant since) {
  const Duration passed = Executor::Current().Now() - since;
  return std::chrono::duration_cast<std::chrono::microseconds>(passed).count();
}

void Fail(Step step, const Error& error, Sight& sight) {
  sight.failed = step;
  sight.error = error.message();
}

// Looks at what a server shows, whoever signed it: an expired certificate is to be seen, too.
Task<Result<std::shared_ptr<const TlsContext>>> Curious(std::shared_ptr<const TlsContext> tls) {
  runtime::TlsConfig config;
  if (tls != nullptr) config = tls->config();
  config.verify = runtime::TlsVerify::kNothing;
  config.ca_file.clear();
  config.crl_file.clear();
  config.alpn = {"h2"};
  const auto make = [&config] { return TlsContext::ForClient(config); };
  co_return co_await runtime::RunBlocking(make);
}

// The step at which a connection failed that knows its words: `later` when TCP was connected.
Step StepOf(const Error& error, Step later) {
  const std::string& text = error.message();
  if (text.find("cannot resolve") != std::string::npos) return Step::kResolve;
  return text.find("connect to ") != std::string::npos ? Step::kConnect : later;
}

// Connects by TCP; the stream, or nothing and the failure in `sight`.
Task<std::unique_ptr<runtime::Stream>> ConnectTcp(const Context& ctx, runtime::Address address,
                                                  Sight& sight) {
  const Instant start = Executor::Current().Now();
  Result<std::unique_ptr<runtime::Stream>> stream =
      co_await runtime::Loop::Current().Connect(ctx, address);
  sight.connect_us = Microseconds(start);
  if (stream.ok()) co_return std::move(*stream);
  Fail(StepOf(stream.error(), Step::kConnect), stream.error(), sight);
  co_return std::unique_ptr<runtime::Stream>();
}

// A TLS hello on a connection of its own.
Task<> Hello(const Context& ctx, const Question& question, Sight& sight) {
  const Result<std::shared_ptr<const TlsContext>> tls = co_await Curious(question.tls);
  if (!tls.ok()) {
    Fail(Step::kTls, tls.error(), sight);
    co_return;
  }
  std::unique_ptr<runtime::Stream> stream = co_await ConnectTcp(ctx, question.address, sight);
  if (stream == nullptr) co_return;
  const Result<runtime::TlsConnection> secret =
      co_await runtime::TlsConnect(ctx, std::move(stream), *tls, question.address.host);
  if (!secret.ok()) {
    Fail(Step::kTls, secret.error(), sight);
    co_return;
  }
  sight.chain = secret->session.peer_chain;
  sight.names = secret->session.peer_names;
}

Task<Result<>> CallHealth(const Context& ctx, rpc::Channel& channel) {
  CO_TRY_OK(co_await channel.Connect(ctx));
  const Result<std::string> answer = co_await channel.Call(ctx, kHealthCheck, "");
  const bool nobody = !answer.ok() && (answer.error().code() == Code::kUnavailable ||
                                       answer.error().code() == Code::kDeadlineExceeded);
  if (nobody) co_return answer.error();
  co_return Ok{};
}

Task<> AskGrpc(const Context& ctx, const Question& question, Sight& sight) {
  rpc::ChannelOptions options;
  options.tls = question.tls;
  rpc::Channel channel(question.address, options);
  const Result<> called = co_await CallHealth(ctx, channel);
  co_await channel.Close();
  if (called.ok()) co_return;
  if (question.tls != nullptr) {
    const bool refused = called.error().code() == Code::kUnauthenticated ||
                         called.error().message().find("TLS") != std::string::npos;
    Fail(refused ? Step::kTls : Step::kGrpc, called.error(), sight);
    co_return;
  }
  // The usual reason why a port is open and no gRPC comes out of it.
  Sight shown;
  co_await Hello(ctx, question, shown);
  if (shown.ok()) {
    Fail(Step::kTls, Error(Code::kUnavailable, "the server speaks TLS, and was asked without"),
         sight);
    sight.chain = std::move(shown.chain);
    sight.names = std::move(shown.names);
  } else {
    Fail(Step::kGrpc, called.error(), sight);
  }
}

// Refusals that tell nothing of the host: wrong user, wrong way to log in.
bool IsLoginRefused(uint16_t mysql_errno) {
  constexpr uint16_t kRefusals[] = {1045, 1251, 1698, 2059, 2061};
  return std::find(std::begin(kRefusals), std::end(kRefusals), mysql_errno) != std::end(kRefusals);
}

Task<> AskMysql(const Context& ctx, const Question& question, Sight& sight) {
  mysqlconn::ConnectOptions options;
  options.address = question.address;
  options.user = "tessera_reach";
  const Instant start = Executor::Current().Now();
  const Result<std::unique_ptr<mysqlconn::Connection>> connected =
      co_await mysqlconn::Connection::Connect(ctx, options);
  sight.connect_us = Microseconds(start);
  if (connected.ok() || IsLoginRefused(connected.error().mysql_errno())) co_return;
  Fail(StepOf(connected.error(), Step::kMysql), connected.error(), sight);
}

Task<> LookBy(const Context& ctx, const Question& question, Sight& sight) {
  if (question.how == How::kMysql) {
    co_await AskMysql(ctx, question, sight);
  } else if (question.how == How::kTls || (question.how == How::kGrpc && question.tls != nullptr)) {
    co_await Hello(ctx, question, sight);
  } else {
    const std::unique_ptr<runtime::Stream> stream =
        co_await ConnectTcp(ctx, question.address, sight);
  }
  if (sight.ok() && question.how == How::kGrpc) co_await AskGrpc(ctx, question, sight);
}

}  // namespace

std::string_view HowName(How how) {
  switch (how) {
    case How::kTcp:
      return "tcp";
    case How::kTls:
      return "tls";
    case How::kGrpc:
      return "grpc";
    case How::kMysql:
      return "mysql";
  }
  return "";
}

Result<How> ParseHow(std::string_view name) {
  for (const How how : {How::kTcp, How::kTls, How::kGrpc, How::kMysql})
    if (HowName(how) == name) return how;
  return Errorf(Code::kInvalidArgument, "'{}' is no way to look: it is tcp, tls, grpc or mysql",
                name);
}

std::string_view StepName(Step step) {
  switch (step) {
    case Step::kNone:
      return "none";
    case Step::kResolve:
      return "resolve";
    case Step::kConnect:
      return "connect";
    case Step::kTls:
      return "tls";
    case Step::kGrpc:
      return "grpc";
    case Step::kMysql:
      return "mysql";
  }
  return "";
}

Step ParseStep(std::string_view name) {
  for (const Step step : {Step::kNone, Step::kResolve, Step::kConnect, Step::kTls, Step::kMysql})
    if (StepName(step) == name) return step;
  return Step::kGrpc;
}

Task<Sight> Look(const Context& ctx, Question question) {
  Sight sight;
  const Instant start = Executor::Current().Now();
  co_await LookBy(ctx, question, sight);
  sight.total_us = Microseconds(start);
  co_return sight;
}

}  // namespace tessera::reach
