// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <zookeeper/zookeeper.h>

#include "base/error.h"
#include "base/waiter.h"
#include "topo_zk/zk_client.h"

namespace tessera::topo_zk {

// A request on its way. Shared by whoever waits and by the library, which calls back exactly once,
// at the latest when its handle is closed.
struct CallBase {
  int code = ZOK;
  bool done = false;
  Waiter* waiter = nullptr;

  void Finish(int outcome) {
    if (done) return;  // given up already
    code = outcome;
    done = true;
    if (waiter != nullptr) waiter->Wake();
  }
};

template <class T>
struct Call : CallBase {
  T answer{};
};

// What the library tells of several requests that are one. `stat` is of the one that sets.
struct ZkBatch {
  std::vector<zoo_op_result_t> results;
  struct Stat stat {};
};

ZkStat FromWire(const struct Stat& stat);

// What the library calls. `data` is a std::shared_ptr<Call<T>>* made by ZkClient::AskOnce.
struct ZkCallbacks {
  static void OnWatch(zhandle_t* handle, int type, int state, const char* path, void* context);
  static void OnSession(zhandle_t*, int, int, const char*, void*) {
  }                                        // the driver asks for the state
  static void OnLog(const char*) {}        // what goes wrong is in our errors
  static void OnAuth(int, const void*) {}  // a refusal ends the session, which the driver sees
  static void OnNothing(int code, const void* data);
  static void OnStat(int code, const struct Stat* stat, const void* data);
  static void OnMaybeStat(int code, const struct Stat* stat, const void* data);
  static void OnNode(int code, const char* value, int size, const struct Stat* stat,
                     const void* data);
  static void OnNames(int code, const struct String_vector* names, const void* data);
  static void OnPath(int code, const char* path, const void* data);
  static void OnBatch(int code, const void* data);
  static void OnAcl(int code, struct ACL_vector* acl, struct Stat* stat, const void* data);
  // With which a signal is armed; both nothing without one.
  static watcher_fn Watcher(const ZkSignal* signal) {
    return signal != nullptr ? OnWatch : nullptr;
  }
  static void* WatchContext(const ZkSignal* signal);
};

// The library's code as an error about a path.
Error ZkError(int code, std::string_view path);

}  // namespace tessera::topo_zk
