// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/loop.h"
#include "runtime/task_group.h"
#include "runtime/tls.h"

namespace tessera::topo_zk {

// TLS for a library that has none (docs/decisions/0011-zookeeper-tls.md): a port of 127.0.0.1 to
// which the library connects in clear, and from which we connect to the server with TLS. Only the
// one connection that was announced is let in; all others are closed. Belongs to the loop it was
// made on.
class ZkRelay {
 public:
  struct Target {
    runtime::Address address;  // of the server, numeric
    std::string name;          // what its certificate must be for
  };

  // Listens. The files of `tls` are read again for each connection, so that new certificates count.
  static Result<std::unique_ptr<ZkRelay>> Make(runtime::TlsConfig tls, Duration dial_timeout);
  ~ZkRelay() = default;  // after Close
  ZkRelay(const ZkRelay&) = delete;
  ZkRelay& operator=(const ZkRelay&) = delete;

  // Where the library connects to.
  std::string address() const { return listener_->address().ToString(); }
  // Whom connections from now on lead to.
  void Aim(Target target);
  // Announces the library's descriptor, which is connecting or connected to address(). Call it
  // after each step in which the library may have opened one, before the loop goes on.
  void Expect(int fd);
  // Why the last connection came to nothing, or broke; nothing while all is well.
  const std::optional<Error>& trouble() const { return trouble_; }
  // Connections that were not ours.
  size_t turned_away() const { return turned_away_; }

  // Passes on what the library has sent, waits a moment for the server's answer to it, and ends.
  Task<> Close();

 private:
  struct Talk;

  ZkRelay(runtime::TlsConfig tls, Duration dial_timeout,
          std::unique_ptr<runtime::Listener> listener);
  Task<> Serve();
  void Admit(std::unique_ptr<runtime::Stream> local);
  Task<> Converse(Context ctx, std::shared_ptr<Talk> talk, Target target);
  Task<Result<>> Dial(const Context& ctx, const Target& target, Talk& talk);
  Task<> PumpOut(const Context& ctx, Talk& talk);
  Task<> PumpIn(const Context& ctx, Talk& talk);

  const runtime::TlsConfig tls_;
  const Duration dial_timeout_;
  std::unique_ptr<runtime::Listener> listener_;
  Context life_;
  runtime::TaskGroup door_;   // accepts
  runtime::TaskGroup talks_;  // what was let in
  Context talking_;           // the last of these
  Target target_;
  std::string expected_;  // address of the library's end; empty: nobody may come
  std::string admitted_;  // the same of the one that was let in and still talks
  uint64_t admissions_ = 0;
  bool stands_ = false;  // the last one has reached its server
  size_t turned_away_ = 0;
  std::optional<Error> trouble_;
};

}  // namespace tessera::topo_zk
