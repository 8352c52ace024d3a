// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/internal/zk_calls.h"

#include <algorithm>
#include <cstdint>

#include <fmt/core.h>

#include "topo/errors.h"

namespace tessera::topo_zk {

ZkStat FromWire(const struct Stat& stat) {
  ZkStat out;
  out.czxid = stat.czxid;
  out.mzxid = stat.mzxid;
  out.pzxid = stat.pzxid;
  out.ctime = stat.ctime;
  out.mtime = stat.mtime;
  out.version = stat.version;
  out.cversion = stat.cversion;
  out.aversion = stat.aversion;
  out.ephemeral_owner = stat.ephemeralOwner;
  out.data_length = stat.dataLength;
  out.num_children = stat.numChildren;
  return out;
}

namespace {

// Takes the library's share of a call over.
template <class T>
std::unique_ptr<std::shared_ptr<Call<T>>> Owned(const void* data) {
  return std::unique_ptr<std::shared_ptr<Call<T>>>(
      static_cast<std::shared_ptr<Call<T>>*>(const_cast<void*>(data)));
}

}  // namespace

void ZkCallbacks::OnWatch(zhandle_t* handle, int type, int, const char*, void* context) {
  // Changes of the connection are told to all watches, which stay; that the session is lost the
  // client notices by itself.
  if (type == ZOO_SESSION_EVENT) return;
  auto* client = static_cast<ZkClient*>(const_cast<void*>(zoo_get_context(handle)));
  const auto found = client->signals_.find(reinterpret_cast<uintptr_t>(context));
  if (found != client->signals_.end()) found->second->Fire();
}

void* ZkCallbacks::WatchContext(const ZkSignal* signal) {
  return signal != nullptr ? reinterpret_cast<void*>(static_cast<uintptr_t>(signal->id_)) : nullptr;
}

void ZkCallbacks::OnNothing(int code, const void* data) {
  const auto call = Owned<Ok>(data);
  (*call)->Finish(code);
}

void ZkCallbacks::OnStat(int code, const struct Stat* stat, const void* data) {
  const auto call = Owned<ZkStat>(data);
  if (code == ZOK) (*call)->answer = FromWire(*stat);
  (*call)->Finish(code);
}

void ZkCallbacks::OnMaybeStat(int code, const struct Stat* stat, const void* data) {
  const auto call = Owned<std::optional<ZkStat>>(data);
  if (code == ZOK) (*call)->answer = FromWire(*stat);
  (*call)->Finish(code == ZNONODE ? ZOK : code);
}

void ZkCallbacks::OnNode(int code, const char* value, int size, const struct Stat* stat,
                         const void* data) {
  const auto call = Owned<ZkNode>(data);
  if (code == ZOK) {
    // A node without data has size -1.
    if (value != nullptr && size > 0) (*call)->answer.contents.assign(value, size);
    (*call)->answer.stat = FromWire(*stat);
  }
  (*call)->Finish(code);
}

void ZkCallbacks::OnNames(int code, const struct String_vector* names, const void* data) {
  const auto call = Owned<std::vector<std::string>>(data);
  if (code == ZOK) {
    std::vector<std::string>& out = (*call)->answer;
    for (int32_t i = 0; i < names->count; ++i) out.emplace_back(names->data[i]);
    std::sort(out.begin(), out.end());
  }
  (*call)->Finish(code);
}

void ZkCallbacks::OnPath(int code, const char* path, const void* data) {
  const auto call = Owned<std::string>(data);
  if (code == ZOK) (*call)->answer = path;
  (*call)->Finish(code);
}

// A request of the batch that was refused is the asker's to find; the code is for the whole.
void ZkCallbacks::OnBatch(int code, const void* data) {
  const auto call = Owned<ZkBatch>(data);
  const std::vector<zoo_op_result_t>& results = (*call)->answer.results;
  const bool answered = std::any_of(results.begin(), results.end(),
                                    [](const zoo_op_result_t& one) { return one.err != ZOK; });
  (*call)->Finish(answered ? ZOK : code);
}

void ZkCallbacks::OnAcl(int code, struct ACL_vector* acl, struct Stat*, const void* data) {
  const auto call = Owned<std::vector<ZkAcl>>(data);
  if (code == ZOK) {
    for (int32_t i = 0; i < acl->count; ++i) {
      const struct ACL& entry = acl->data[i];
      (*call)->answer.push_back({entry.perms, entry.id.scheme, entry.id.id});
    }
  }
  (*call)->Finish(code);
}

Error ZkError(int code, std::string_view path) {
  switch (code) {
    case ZNONODE:
      return topo::NoNode(path);
    case ZNODEEXISTS:
      return topo::NodeExists(path);
    case ZNOTEMPTY:
      return topo::NodeNotEmpty(path);
    case ZBADVERSION:
      return topo::BadVersion(path);
    case ZNOAUTH:
      return Errorf(Code::kPermissionDenied, "ZooKeeper: the ACL of {} does not let us do this",
                    path)
          .WithHint("show a name it knows with --topo-zk-auth-file (zk: addAuth)");
    case ZAUTHFAILED:
      return Errorf(Code::kUnauthenticated, "ZooKeeper refused our authentication for {}", path);
    case ZNOCHILDRENFOREPHEMERALS:
      return Errorf(Code::kFailedPrecondition,
                    "ZooKeeper: {} cannot be made under a node that ends with its session", path);
    case ZBADARGUMENTS:
    case ZINVALIDACL:
      return Errorf(Code::kInvalidArgument, "ZooKeeper: {} for {}", zerror(code), path);
    case ZOPERATIONTIMEOUT:
      return topo::Timeout(fmt::format("ZooKeeper did not answer about {}", path));
    default:
      return Errorf(Code::kUnavailable, "ZooKeeper: {} for {}", zerror(code), path);
  }
}

}  // namespace tessera::topo_zk
