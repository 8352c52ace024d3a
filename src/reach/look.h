// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"
#include "runtime/tls.h"

namespace tessera::reach {

enum class How : uint8_t { kTcp, kTls, kGrpc, kMysql };
std::string_view HowName(How how);  // "tcp", "tls", "grpc", "mysql"
// kInvalidArgument names those there are.
Result<How> ParseHow(std::string_view name);

struct Question {
  runtime::Address address;
  How how = How::kTcp;
  // What gRPC speaks TLS with; clear text without. Its certificate is shown by kTls, too.
  std::shared_ptr<const runtime::TlsContext> tls;
};

// The step that failed.
enum class Step : uint8_t { kNone, kResolve, kConnect, kTls, kGrpc, kMysql };
// "none", "resolve", "connect", "tls", "grpc", "mysql"
std::string_view StepName(Step step);
Step ParseStep(std::string_view name);

struct Sight {
  Step failed = Step::kNone;  // kNone: all went well
  std::string error;          // why it failed
  int64_t connect_us = 0;     // until TCP was connected, the name's look-up included
  int64_t total_us = 0;
  // What a server that speaks TLS showed, verified or not.
  std::vector<runtime::TlsCertificate> chain;
  std::vector<std::string> names;  // that its certificate is for

  bool ok() const { return failed == Step::kNone; }
};

// Connects as the question says and hangs up: a failure is part of what is seen. For gRPC the
// health service is called; whatever a gRPC server answers is well. To a MySQL server somebody logs
// in whom it does not know, and being refused is well: servers count those who hang up before that
// as broken, and block their hosts in the end. ctx bounds it all.
Task<Sight> Look(const Context& ctx, Question question);

}  // namespace tessera::reach
