// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"
#include "runtime/sync.h"
#include "runtime/task_group.h"
#include "runtime/tls.h"

struct _zhandle;  // of ZooKeeper's C library

namespace tessera::topo_zk {

struct ZkStat {
  int64_t czxid = 0;  // transaction that made the node
  int64_t mzxid = 0;  // and the one that wrote it last
  int64_t pzxid = 0;  // and the last that made or deleted a child
  int64_t ctime = 0;  // milliseconds since 1970
  int64_t mtime = 0;
  int32_t version = 0;
  int32_t cversion = 0;
  int32_t aversion = 0;
  int64_t ephemeral_owner = 0;  // session; 0: the node stays
  int32_t data_length = 0;
  int32_t num_children = 0;
};

struct ZkNode {
  std::string contents;
  ZkStat stat;
};

struct ZkPermission {
  static constexpr int kRead = 1;
  static constexpr int kWrite = 2;
  static constexpr int kCreate = 4;
  static constexpr int kDelete = 8;
  static constexpr int kAdmin = 16;
};

struct ZkAcl {
  int permissions = 0;  // sum of ZkPermission
  std::string scheme;   // "world", "auth", "digest", ...
  std::string id;
};

// Anyone may do these.
ZkAcl WorldAcl(int permissions);
// What Vitess gives records, and the nodes above them.
inline constexpr int kFilePermissions =
    ZkPermission::kAdmin | ZkPermission::kRead | ZkPermission::kWrite;
inline constexpr int kDirectoryPermissions =
    kFilePermissions | ZkPermission::kCreate | ZkPermission::kDelete;

enum class ZkMode : uint8_t { kPersistent, kEphemeral, kEphemeralSequential };

// A change of one node. Version -1 stands for any; a new node is everybody's, and stays.
struct ZkWrite {
  enum class Kind : uint8_t { kCreate, kSet, kDelete };
  Kind kind = Kind::kSet;
  std::string path;
  std::string contents;
  int32_t version = -1;
};

// What became of a write that was tied to a session and to nodes. It was made unless one of the
// first two says why not.
struct ZkTiedWrite {
  bool session_gone = false;
  std::optional<size_t> missing;  // which of the nodes
  ZkStat stat;                    // of the node after kSet
};

struct ZkOptions {
  // How long a session outlives its connection (--topo-zk-base-timeout).
  Duration session_timeout = std::chrono::seconds(30);
  // Requests under way at one time (--topo-zk-max-concurrency).
  int max_concurrency = 64;
  Duration request_timeout = std::chrono::seconds(15);
  // Shown to the server in each session; empty: none.
  std::string auth_scheme;
  std::string auth;
  // Speak TLS, to the servers' secureClientPort; nothing: in clear.
  std::optional<runtime::TlsConfig> tls;
};

class ZkRelay;
class ZkSignal;
struct CallBase;

// One session with an ensemble of ZooKeeper servers, driven from the loop it was made on. A broken
// connection is made again, with the same session while the servers keep it, else with a new one;
// nodes that were ephemeral in the old are then gone (`generation` tells).
//
// Errors: topo's NoNode, NodeExists, NodeNotEmpty and BadVersion with the path; kPermissionDenied;
// kUnavailable when no server answers, or when the connection broke under way: a write may then
// have been done or not.
class ZkClient {
 public:
  // `address`: host:port,host:port[|observers]. Starts connecting; requests wait for it.
  static Result<std::shared_ptr<ZkClient>> Make(std::string_view address, ZkOptions options);
  ~ZkClient();
  ZkClient(const ZkClient&) = delete;
  ZkClient& operator=(const ZkClient&) = delete;

  // Reads. With a signal, it fires when what was read has changed (Exists: appears, changes or
  // goes).
  Task<Result<ZkNode>> Get(const Context& ctx, std::string path, ZkSignal* signal = nullptr);
  Task<Result<std::optional<ZkStat>>> Exists(const Context& ctx, std::string path,
                                             ZkSignal* signal = nullptr);
  // Names, sorted.
  Task<Result<std::vector<std::string>>> Children(const Context& ctx, std::string path,
                                                  ZkSignal* signal = nullptr);
  Task<Result<std::vector<ZkAcl>>> GetAcl(const Context& ctx, std::string path);

  // Gives the path that was made: a sequential one has a number behind it. Parents must exist.
  Task<Result<std::string>> Create(const Context& ctx, std::string path, std::string contents,
                                   ZkAcl acl, ZkMode mode);
  // Version -1 stands for any.
  Task<Result<ZkStat>> Set(const Context& ctx, std::string path, std::string contents,
                           int32_t version);
  Task<Result<>> Delete(const Context& ctx, std::string path, int32_t version);
  // Makes the write in that session of ours or not at all, and only if all of `nodes` are there, in
  // one step. Errors are those of the write alone.
  Task<Result<ZkTiedWrite>> WriteTied(const Context& ctx, ZkWrite write, int64_t session,
                                      std::vector<std::string> nodes);
  Task<Result<>> SetAcl(const Context& ctx, std::string path, std::vector<ZkAcl> acl);
  // Shows a name and password ("digest", "user:password") to the server, in this session and in
  // those after it.
  Task<Result<>> AddAuth(const Context& ctx, std::string scheme, std::string auth);

  // Makes the nodes above a path that are missing.
  Task<Result<>> MakeParents(const Context& ctx, std::string path);
  // Create, with parents.
  Task<Result<std::string>> CreateDeep(const Context& ctx, std::string path, std::string contents,
                                       ZkAcl acl, ZkMode mode);

  // Counts sessions. Ephemeral nodes of an earlier one are gone, or will be.
  uint64_t generation() const { return generation_; }
  int64_t session_id() const;
  // True when an address of ours is one of the other's too: then both are of one ensemble.
  bool SharesServerWith(const ZkClient& other) const;
  const std::string& servers() const { return servers_; }
  const ZkOptions& options() const { return options_; }

  // For what must go on after whoever began it: ended by Close.
  const Context& life() const { return life_; }
  runtime::TaskGroup& background() { return background_; }

  // The nodes of ours that stand in queues (zk_lock.h), and what is held while one is made.
  struct QueueBook {
    runtime::AsyncMutex mutex;
    std::unordered_set<std::string> places;
  };
  QueueBook& queue_book() { return queue_book_; }

  // Ends the session, at once for ephemeral nodes. Await it before destruction; nothing else may be
  // called after.
  Task<> Close();

 private:
  friend class ZkSignal;
  friend struct ZkCallbacks;

  // One place where a server may be.
  struct Server {
    std::string numeric;  // host:port
    std::string name;     // as the host was given
  };

  ZkClient(std::vector<runtime::Address> endpoints, ZkOptions options);

  Task<> Drive();
  Task<Result<>> OpenSession();
  bool OpenHandle(int64_t session, std::string_view password);
  Task<> RunSession();
  Task<> WaitForServer(int fd, int interest, Duration most);
  void CloseHandle();
  void NoteState(int code);
  Error Trouble(int code) const;
  void Lose();
  Task<Result<std::vector<Server>>> ResolveServers();
  Task<> MoveOn();
  Task<Result<>> WaitUntilConnected(const Context& ctx);
  Error Down() const;
  void StirDriver();

  template <class T>
  Task<Result<T>> Ask(const Context& ctx, std::string path,
                      std::function<int(_zhandle*, const void*)> send);
  template <class T>
  Task<Result<T>> AskOnce(const Context& ctx, const std::string& path,
                          const std::function<int(_zhandle*, const void*)>& send);
  template <class T>
  Task<Result<T>> Read(const Context& ctx, std::string path,
                       std::function<int(_zhandle*, const void*)> send);

  std::vector<runtime::Address> endpoints_;
  std::string servers_;  // as given, for messages
  ZkOptions options_;
  Context life_;
  Context turn_;  // one wait of the driver; cancelled when there is something to send
  runtime::TaskGroup driver_;
  runtime::TaskGroup background_;
  runtime::Semaphore permits_;
  runtime::WaitQueue changed_;  // the connection came, or all servers have been tried
  _zhandle* handle_ = nullptr;
  std::unique_ptr<ZkRelay> relay_;  // with TLS
  std::vector<Server> addresses_;
  size_t current_ = 0;  // the one in use
  bool connected_ = false;
  uint64_t generation_ = 0;
  uint64_t failures_ = 0;  // connections that failed since the last that stood
  bool move_on_ = false;   // the last one failed just now
  uint64_t rounds_ = 0;    // how often all servers have failed
  Error trouble_{Code::kUnavailable, "no connection yet"};  // what the last failure was
  QueueBook queue_book_;
  std::unordered_set<CallBase*> calls_;
  uint64_t next_signal_ = 1;
  std::unordered_map<uint64_t, ZkSignal*> signals_;
};

// Fires once when a node it was given for changes, or when the session that watched it is lost;
// giving it to another read makes it new. The client must outlive it.
class ZkSignal {
 public:
  // `news`, when given, is woken too, for who waits for any of several signals.
  explicit ZkSignal(std::shared_ptr<ZkClient> client, runtime::WaitQueue* news = nullptr);
  ~ZkSignal();
  ZkSignal(const ZkSignal&) = delete;
  ZkSignal& operator=(const ZkSignal&) = delete;

  Task<Result<>> Wait(const Context& ctx);
  bool fired() const { return fired_; }

 private:
  friend class ZkClient;
  friend struct ZkCallbacks;
  void Fire();
  std::shared_ptr<ZkClient> client_;
  uint64_t id_;
  bool fired_ = false;
  runtime::WaitQueue waiters_;
  runtime::WaitQueue* news_;
};

}  // namespace tessera::topo_zk
