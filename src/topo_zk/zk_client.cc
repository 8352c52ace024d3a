// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "topo_zk/zk_client.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <mutex>

#include <fmt/core.h>
#include <sys/time.h>
#include <zookeeper/zookeeper.h>

#include "base/waiter.h"
#include "runtime/loop.h"
#include "runtime/numeric.h"
#include "topo/errors.h"
#include "topo/in_time.h"
#include "topo_zk/internal/zk_calls.h"
#include "topo_zk/internal/zk_relay.h"

namespace tessera::topo_zk {

namespace {

using std::chrono::milliseconds;

constexpr Duration kBriefPause = milliseconds(20);
// Between attempts when every server has failed.
constexpr Duration kLongPause = milliseconds(500);
constexpr int kMostRemakes = 10;

// The observers' part of an address serves readers that may be behind; we always ask the others.
Result<std::vector<runtime::Address>> ParseServers(std::string_view text) {
  text = text.substr(0, text.find('|'));
  std::vector<runtime::Address> servers;
  while (!text.empty()) {
    const size_t comma = std::min(text.find(','), text.size());
    const std::string_view item = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    TRY(runtime::Address address, runtime::Address::Parse(item).Wrap("ZooKeeper server"));
    if (address.is_unix())
      return Errorf(Code::kInvalidArgument, "ZooKeeper server: {} is no host:port", item);
    servers.push_back(std::move(address));
  }
  if (servers.empty()) {
    return Error(Code::kInvalidArgument, "ZooKeeper: no server address is given")
        .WithHint(
            "set --topo-global-server-address (zk: --server) to host:port, several separated by "
            "commas");
  }
  return servers;
}

// What it would say is in our errors; and its log goes through one buffer for all threads.
void SilenceLibrary() {
  static std::once_flag once;
  std::call_once(once, [] { zoo_set_debug_level(static_cast<ZooLogLevel>(0)); });
}

}  // namespace

ZkAcl WorldAcl(int permissions) { return {permissions, "world", "anyone"}; }

ZkSignal::ZkSignal(std::shared_ptr<ZkClient> client, runtime::WaitQueue* news)
    : client_(std::move(client)), id_(client_->next_signal_++), news_(news) {
  client_->signals_.emplace(id_, this);
}

ZkSignal::~ZkSignal() { client_->signals_.erase(id_); }

void ZkSignal::Fire() {
  fired_ = true;
  waiters_.WakeAll();
  if (news_ != nullptr) news_->WakeAll();
}

Task<Result<>> ZkSignal::Wait(const Context& ctx) {
  while (!fired_) {
    CO_TRY_OK(co_await waiters_.Wait(ctx));
  }
  co_return Ok{};
}

Result<std::shared_ptr<ZkClient>> ZkClient::Make(std::string_view address, ZkOptions options) {
  TRY(std::vector<runtime::Address> endpoints, ParseServers(address));
  std::shared_ptr<ZkClient> client(new ZkClient(std::move(endpoints), std::move(options)));
  const ZkOptions& kept = client->options_;
  if (kept.tls) {
    TRY(client->relay_, ZkRelay::Make(*kept.tls, kept.session_timeout));
  }
  client->driver_.Start(client->Drive());
  return client;
}

ZkClient::ZkClient(std::vector<runtime::Address> endpoints, ZkOptions options)
    : endpoints_(std::move(endpoints)),
      options_(std::move(options)),
      life_(Context::Background().WithCancel()),
      turn_(life_.WithCancel()),
      driver_(life_),
      background_(life_),
      permits_(static_cast<size_t>(std::max(options_.max_concurrency, 1))) {
  for (const runtime::Address& endpoint : endpoints_) {
    if (!servers_.empty()) servers_ += ',';
    servers_ += endpoint.ToString();
  }
}

ZkClient::~ZkClient() { CHECK(handle_ == nullptr); }

int64_t ZkClient::session_id() const {
  return handle_ != nullptr ? zoo_client_id(handle_)->client_id : 0;
}

Task<> ZkClient::Close() {
  life_.Cancel();
  const Result<> background = co_await background_.CancelAndJoin();
  const Result<> driver = co_await driver_.CancelAndJoin();
  (void)background;  // both report nothing
  (void)driver;
  if (relay_ != nullptr) co_await relay_->Close();
  changed_.WakeAll(Error(Code::kCancelled, "the connection to ZooKeeper is closed"));
}

// Makes one session after another until the end.
Task<> ZkClient::Drive() {
  while (!life_.cancelled()) {
    const Result<> opened = co_await OpenSession();
    if (opened.ok()) {
      co_await RunSession();
      CloseHandle();
    } else {
      trouble_ = opened.error();
      ++rounds_;
      changed_.WakeAll();
    }
    if (life_.cancelled()) break;
    const Result<> slept = co_await Sleep(life_, opened.ok() ? kBriefPause : kLongPause);
    if (!slept.ok()) break;
  }
}

Task<Result<>> ZkClient::OpenSession() {
  CO_TRY(addresses_, co_await ResolveServers());
  // Each client begins elsewhere, so that they spread over the servers.
  current_ = runtime::Loop::Current().Random() % addresses_.size();
  if (!OpenHandle(0, ""))
    co_return Errorf(Code::kUnavailable, "no session can be made with {}",
                     addresses_[current_].numeric);
  ++generation_;
  co_return Ok{};
}

// Of the current server, for a new session (0) or an earlier one. The library knows one server at a
// time and no names: of several it skips some (3.8), and looking names up would block the loop.
bool ZkClient::OpenHandle(int64_t session, std::string_view password) {
  SilenceLibrary();
  clientid_t id{};
  id.client_id = session;
  password.copy(id.passwd, sizeof id.passwd);
  const auto timeout = std::chrono::duration_cast<milliseconds>(options_.session_timeout).count();
  std::string where = addresses_[current_].numeric;
  if (relay_ != nullptr) {
    const Result<runtime::Address> real = runtime::Address::Parse(where);
    CHECK(real.ok());  // NumericAddresses made it
    relay_->Aim({*real, addresses_[current_].name});
    where = relay_->address();
  }
  handle_ =
      zookeeper_init2(where.c_str(), ZkCallbacks::OnSession, static_cast<int>(timeout),
                      session != 0 ? &id : nullptr, this, ZOO_NO_LOG_CLIENTENV, ZkCallbacks::OnLog);
  if (handle_ == nullptr) return false;
  zoo_set_servers_resolution_delay(handle_, -1);
  if (!options_.auth_scheme.empty()) {
    zoo_add_auth(handle_, options_.auth_scheme.c_str(), options_.auth.data(),
                 static_cast<int>(options_.auth.size()), ZkCallbacks::OnAuth, nullptr);
  }
  return true;
}

void ZkClient::CloseHandle() {
  if (handle_ == nullptr) return;
  connected_ = false;
  Lose();
  zookeeper_close(handle_);  // gives every call back
  handle_ = nullptr;
  std::vector<ZkSignal*> all;
  for (const auto& [id, signal] : signals_) all.push_back(signal);
  for (ZkSignal* signal : all) signal->Fire();
}

// Until the session is lost, or we close.
Task<> ZkClient::RunSession() {
  while (!life_.cancelled()) {
    int fd = -1;
    int interest = 0;
    timeval most{};
    const int code = zookeeper_interest(handle_, &fd, &interest, &most);
    if (relay_ != nullptr && !connected_ && fd >= 0) relay_->Expect(fd);
    NoteState(code);
    if (is_unrecoverable(handle_) != ZOK) break;
    if (!move_on_ && fd >= 0) {
      const Duration time =
          std::chrono::seconds(most.tv_sec) + std::chrono::microseconds(most.tv_usec);
      co_await WaitForServer(fd, interest, time);
    }
    if (is_unrecoverable(handle_) != ZOK) break;
    if (move_on_) co_await MoveOn();
    if (handle_ == nullptr) break;
  }
}

Task<> ZkClient::WaitForServer(int fd, int interest, Duration most) {
  turn_ = life_.WithCancel();
  const Context bounded = turn_.WithTimeout(most);
  runtime::FdEvents wanted;
  wanted.readable = (interest & ZOOKEEPER_READ) != 0;
  wanted.writable = (interest & ZOOKEEPER_WRITE) != 0;
  const Result<runtime::FdEvents> ready =
      co_await runtime::Loop::Current().WaitForFd(bounded, fd, wanted);
  int events = 0;
  if (ready.ok() && ready->readable) events |= ZOOKEEPER_READ;
  if (ready.ok() && ready->writable) events |= interest & ZOOKEEPER_WRITE;
  if (!life_.cancelled()) NoteState(zookeeper_process(handle_, events));
}

// After each step of the library's: did the connection come or break?
void ZkClient::NoteState(int code) {
  const bool connected = zoo_state(handle_) == ZOO_CONNECTED_STATE;
  if (connected && !connected_) {
    connected_ = true;
    failures_ = 0;
    changed_.WakeAll();
  }
  if (!connected && connected_) {
    connected_ = false;
    Lose();
  }
  if (code == ZOK || code == ZNOTHING) return;
  trouble_ = Trouble(code);
  move_on_ = true;
  if (++failures_ % addresses_.size() != 0 && is_unrecoverable(handle_) == ZOK) return;
  ++rounds_;
  changed_.WakeAll();
}

// Why the connection failed. With TLS, the library only sees that the relay hung up.
Error ZkClient::Trouble(int code) const {
  if (zoo_state(handle_) == ZOO_AUTH_FAILED_STATE)
    return Error(Code::kUnauthenticated, "authentication failed")
        .WithHint("correct what --topo-zk-auth-file (zk: --auth) shows to it");
  if (relay_ != nullptr && relay_->trouble()) return *relay_->trouble();
  return Error(Code::kUnavailable, zerror(code));
}

// What is under way will not be answered.
void ZkClient::Lose() {
  const std::unordered_set<CallBase*> lost = std::move(calls_);
  calls_.clear();
  for (CallBase* call : lost) call->Finish(ZCONNECTIONLOSS);
}

Task<Result<std::vector<ZkClient::Server>>> ZkClient::ResolveServers() {
  const std::vector<runtime::Address>& endpoints = endpoints_;
  auto resolve = [&endpoints]() -> Result<std::vector<Server>> {
    std::vector<Server> out;
    Result<> last = Ok{};
    for (const runtime::Address& endpoint : endpoints) {
      const Result<std::vector<std::string>> known = runtime::NumericAddresses(endpoint);
      if (!known.ok()) {
        last = known.error();
        continue;
      }
      for (const std::string& numeric : *known) out.push_back({numeric, endpoint.host});
    }
    if (out.empty()) return last.error();
    return out;
  };
  co_return co_await runtime::RunBlocking(resolve);
}

// To the next server, with the same session. When all have failed: after a pause, and names are
// looked up again, because servers may have moved.
Task<> ZkClient::MoveOn() {
  move_on_ = false;
  const Server last = addresses_[current_];
  if (failures_ % addresses_.size() == 0) {
    const Result<> slept = co_await Sleep(life_, kLongPause);
    if (!slept.ok()) co_return;
    Result<std::vector<Server>> now = co_await ResolveServers();
    if (now.ok()) addresses_ = std::move(*now);
  }
  current_ = (current_ + 1) % addresses_.size();
  // The library connects again by itself to where it was.
  if (addresses_[current_].numeric == last.numeric && addresses_[current_].name == last.name)
    co_return;
  const clientid_t id = *zoo_client_id(handle_);
  CloseHandle();  // without a connection: the session is not ended
  OpenHandle(id.client_id, std::string_view(id.passwd, sizeof id.passwd));
}

Error ZkClient::Down() const {
  const std::string_view hint = trouble_.hint();
  return Errorf(Code::kUnavailable, "ZooKeeper at {} does not answer ({})", servers_,
                trouble_.message())
      .WithHint(
          std::string(hint.empty() ? "see that it runs and that its address is right" : hint));
}

// Waits for the connection, but no longer than it takes to try every server once.
Task<Result<>> ZkClient::WaitUntilConnected(const Context& ctx) {
  const uint64_t began = rounds_;
  while (!connected_) {
    const Result<> changed = co_await changed_.Wait(ctx);
    if (!changed.ok() && topo::IsTimeout(changed.error()))
      co_return topo::Timeout(fmt::format("connecting to ZooKeeper at {}", servers_));
    if (!changed.ok()) co_return changed.error();
    if (!connected_ && rounds_ != began) co_return Down();
  }
  co_return Ok{};
}

void ZkClient::StirDriver() { turn_.Cancel(); }

template <class T>
Task<Result<T>> ZkClient::Ask(const Context& ctx, std::string path,
                              std::function<int(_zhandle*, const void*)> send) {
  CO_TRY_OK(life_.Check());
  const Context bounded = topo::InTime(ctx, options_.request_timeout);
  CO_TRY_OK(co_await permits_.Acquire(bounded));
  Result<T> answer = co_await AskOnce<T>(bounded, path, send);
  permits_.Release();
  co_return answer;
}

template <class T>
Task<Result<T>> ZkClient::AskOnce(const Context& ctx, const std::string& path,
                                  const std::function<int(_zhandle*, const void*)>& send) {
  CO_TRY_OK(co_await WaitUntilConnected(ctx));
  const auto call = std::make_shared<Call<T>>();
  auto library_share = std::make_unique<std::shared_ptr<Call<T>>>(call);
  const int code = send(handle_, library_share.get());
  if (code != ZOK) co_return ZkError(code, path);
  static_cast<void>(library_share.release());  // its callback frees it
  StirDriver();
  if (!call->done) {
    calls_.insert(call.get());
    Waiter waiter(ctx);
    call->waiter = &waiter;
    const Result<> waited = co_await waiter;
    call->waiter = nullptr;
    calls_.erase(call.get());
    if (!call->done && topo::IsTimeout(waited.error()))
      co_return topo::Timeout(fmt::format("{}: ZooKeeper at {} does not answer", path, servers_));
    if (!call->done) co_return waited.error();
  }
  if (call->code != ZOK) co_return ZkError(call->code, path);
  co_return std::move(call->answer);
}

// Reads may be asked twice: once more when the connection broke under way.
template <class T>
Task<Result<T>> ZkClient::Read(const Context& ctx, std::string path,
                               std::function<int(_zhandle*, const void*)> send) {
  const bool was_connected = connected_;
  Result<T> first = co_await Ask<T>(ctx, path, send);
  if (first.ok() || !was_connected || first.error().code() != Code::kUnavailable) co_return first;
  co_return co_await Ask<T>(ctx, std::move(path), std::move(send));
}

Task<Result<ZkNode>> ZkClient::Get(const Context& ctx, std::string path, ZkSignal* signal) {
  if (signal != nullptr) signal->fired_ = false;
  auto send = [path, watch = ZkCallbacks::Watcher(signal),
               context = ZkCallbacks::WatchContext(signal)](_zhandle* handle, const void* data) {
    return zoo_awget(handle, path.c_str(), watch, context, ZkCallbacks::OnNode, data);
  };
  co_return co_await Read<ZkNode>(ctx, path, send);
}

Task<Result<std::optional<ZkStat>>> ZkClient::Exists(const Context& ctx, std::string path,
                                                     ZkSignal* signal) {
  if (signal != nullptr) signal->fired_ = false;
  auto send = [path, watch = ZkCallbacks::Watcher(signal),
               context = ZkCallbacks::WatchContext(signal)](_zhandle* handle, const void* data) {
    return zoo_awexists(handle, path.c_str(), watch, context, ZkCallbacks::OnMaybeStat, data);
  };
  co_return co_await Read<std::optional<ZkStat>>(ctx, path, send);
}

Task<Result<std::vector<std::string>>> ZkClient::Children(const Context& ctx, std::string path,
                                                          ZkSignal* signal) {
  if (signal != nullptr) signal->fired_ = false;
  auto send = [path, watch = ZkCallbacks::Watcher(signal),
               context = ZkCallbacks::WatchContext(signal)](_zhandle* handle, const void* data) {
    return zoo_awget_children(handle, path.c_str(), watch, context, ZkCallbacks::OnNames, data);
  };
  co_return co_await Read<std::vector<std::string>>(ctx, path, send);
}

Task<Result<std::vector<ZkAcl>>> ZkClient::GetAcl(const Context& ctx, std::string path) {
  auto send = [path](_zhandle* handle, const void* data) {
    return zoo_aget_acl(handle, path.c_str(), ZkCallbacks::OnAcl, data);
  };
  co_return co_await Read<std::vector<ZkAcl>>(ctx, path, send);
}

Task<Result<std::string>> ZkClient::Create(const Context& ctx, std::string path,
                                           std::string contents, ZkAcl acl, ZkMode mode) {
  const int flags = mode == ZkMode::kPersistent  ? ZOO_PERSISTENT
                    : mode == ZkMode::kEphemeral ? ZOO_EPHEMERAL
                                                 : ZOO_EPHEMERAL_SEQUENTIAL;
  auto send = [path, flags, contents = std::move(contents), acl = std::move(acl)](
                  _zhandle* handle, const void* data) mutable {
    struct ACL entry {};
    entry.perms = acl.permissions;
    entry.id.scheme = acl.scheme.data();
    entry.id.id = acl.id.data();
    const struct ACL_vector list { 1, &entry };
    return zoo_acreate(handle, path.c_str(), contents.data(), static_cast<int>(contents.size()),
                       &list, flags, ZkCallbacks::OnPath, data);
  };
  co_return co_await Ask<std::string>(ctx, path, send);
}

Task<Result<ZkStat>> ZkClient::Set(const Context& ctx, std::string path, std::string contents,
                                   int32_t version) {
  auto send = [path, version, contents = std::move(contents)](_zhandle* handle, const void* data) {
    return zoo_aset(handle, path.c_str(), contents.data(), static_cast<int>(contents.size()),
                    version, ZkCallbacks::OnStat, data);
  };
  co_return co_await Ask<ZkStat>(ctx, path, send);
}

Task<Result<>> ZkClient::Delete(const Context& ctx, std::string path, int32_t version) {
  auto send = [path, version](_zhandle* handle, const void* data) {
    return zoo_adelete(handle, path.c_str(), version, ZkCallbacks::OnNothing, data);
  };
  co_return co_await Ask<Ok>(ctx, path, send);
}

namespace {

// The requests of a tied write: that its nodes are there, and the write. Gives the library's code.
int SendTied(_zhandle* handle, const ZkWrite& write, const std::vector<std::string>& nodes,
             const void* data) {
  ZkBatch& batch = (*static_cast<const std::shared_ptr<Call<ZkBatch>>*>(data))->answer;
  std::vector<zoo_op_t> requests(nodes.size() + 1);
  batch.results.resize(requests.size());
  for (size_t i = 0; i < nodes.size(); ++i) zoo_check_op_init(&requests[i], nodes[i].c_str(), -1);
  const char* path = write.path.c_str();
  const auto size = static_cast<int>(write.contents.size());
  std::string scheme = "world";
  std::string anyone = "anyone";
  struct ACL entry {};
  entry.perms = kFilePermissions;
  entry.id.scheme = scheme.data();
  entry.id.id = anyone.data();
  const struct ACL_vector acl { 1, &entry };
  if (write.kind == ZkWrite::Kind::kCreate) {
    zoo_create_op_init(&requests.back(), path, write.contents.data(), size, &acl, ZOO_PERSISTENT,
                       nullptr, 0);
  } else if (write.kind == ZkWrite::Kind::kSet) {
    zoo_set_op_init(&requests.back(), path, write.contents.data(), size, write.version,
                    &batch.stat);
  } else {
    zoo_delete_op_init(&requests.back(), path, write.version);
  }
  return zoo_amulti(handle, static_cast<int>(requests.size()), requests.data(),
                    batch.results.data(), ZkCallbacks::OnBatch, data);
}

}  // namespace

Task<Result<ZkTiedWrite>> ZkClient::WriteTied(const Context& ctx, ZkWrite write, int64_t session,
                                              std::vector<std::string> nodes) {
  ZkTiedWrite outcome;
  // A server makes what comes in a session only while the session lasts: it is enough to send it in
  // no other.
  auto send = [&write, &nodes, &outcome, session](_zhandle* handle, const void* data) {
    outcome.session_gone = zoo_client_id(handle)->client_id != session;
    if (outcome.session_gone) return static_cast<int>(ZSESSIONEXPIRED);
    return SendTied(handle, write, nodes, data);
  };
  const std::string path = write.path;
  const Result<ZkBatch> batch = co_await Ask<ZkBatch>(ctx, path, send);
  if (outcome.session_gone) co_return outcome;
  if (!batch.ok()) co_return batch.error();
  outcome.stat = FromWire(batch->stat);
  for (size_t i = 0; i < batch->results.size(); ++i) {
    const int code = batch->results[i].err;
    if (code == ZOK || code == ZRUNTIMEINCONSISTENCY) continue;
    if (i == nodes.size()) co_return ZkError(code, path);
    outcome.missing = i;
    co_return outcome;
  }
  co_return outcome;
}

bool ZkClient::SharesServerWith(const ZkClient& other) const {
  return std::any_of(endpoints_.begin(), endpoints_.end(), [&other](const auto& ours) {
    return std::any_of(other.endpoints_.begin(), other.endpoints_.end(), [&ours](const auto& its) {
      return ours.host == its.host && ours.port == its.port;
    });
  });
}

Task<Result<>> ZkClient::SetAcl(const Context& ctx, std::string path, std::vector<ZkAcl> acl) {
  auto send = [path, acl = std::move(acl)](_zhandle* handle, const void* data) mutable {
    std::vector<struct ACL> entries(acl.size());
    for (size_t i = 0; i < acl.size(); ++i) {
      entries[i].perms = acl[i].permissions;
      entries[i].id.scheme = acl[i].scheme.data();
      entries[i].id.id = acl[i].id.data();
    }
    struct ACL_vector list {
      static_cast<int32_t>(entries.size()), entries.data()
    };
    return zoo_aset_acl(handle, path.c_str(), -1, &list, ZkCallbacks::OnNothing, data);
  };
  co_return co_await Ask<Ok>(ctx, path, send);
}

Task<Result<>> ZkClient::AddAuth(const Context& ctx, std::string scheme, std::string auth) {
  auto send = [scheme, auth](_zhandle* handle, const void* data) {
    return zoo_add_auth(handle, scheme.c_str(), auth.data(), static_cast<int>(auth.size()),
                        ZkCallbacks::OnNothing, data);
  };
  CO_TRY_OK(co_await Ask<Ok>(ctx, "scheme " + scheme, send));
  options_.auth_scheme = std::move(scheme);
  options_.auth = std::move(auth);
  co_return Ok{};
}

Task<Result<>> ZkClient::MakeParents(const Context& ctx, std::string path) {
  for (size_t slash = path.find('/', 1); slash != std::string::npos;
       slash = path.find('/', slash + 1)) {
    const Result<std::string> made = co_await Create(
        ctx, path.substr(0, slash), "", WorldAcl(kDirectoryPermissions), ZkMode::kPersistent);
    if (made.ok() || topo::IsNodeExists(made.error())) continue;
    co_return made.error();
  }
  co_return Ok{};
}

// Others may delete a directory that is empty between our two steps: then both are made again.
Task<Result<std::string>> ZkClient::CreateDeep(const Context& ctx, std::string path,
                                               std::string contents, ZkAcl acl, ZkMode mode) {
  for (int attempt = 1;; ++attempt) {
    Result<std::string> made = co_await Create(ctx, path, contents, acl, mode);
    const bool no_parent = !made.ok() && topo::IsNoNode(made.error());
    if (!no_parent || attempt == kMostRemakes) co_return made;
    const Result<> parents = co_await MakeParents(ctx, path);
    if (!parents.ok() && !topo::IsNoNode(parents.error())) co_return parents.error();
  }
}

}  // namespace tessera::topo_zk
