// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/waiter.h"
#include "runtime/epoll_loop.h"
#include "runtime/port_owner.h"

namespace tessera::runtime {

namespace {

constexpr size_t kPartsPerCall = 64;

Error BrokenError(std::string_view what, const std::string& peer, int error) {
  return Errorf(Code::kUnavailable, "{} {}: {}", what, peer, std::strerror(error));
}

// A descriptor that closes itself.
class Fd {
 public:
  explicit Fd(int fd = -1) : fd_(fd) {}
  Fd(Fd&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Fd() {
    if (fd_ >= 0) close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_;
};

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = 0;
  sockaddr* raw() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* raw() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

std::string Describe(const SocketAddress& address) {
  if (address.storage.ss_family == AF_UNIX) {
    const auto& un = reinterpret_cast<const sockaddr_un&>(address.storage);
    return address.size > sizeof(sa_family_t) ? "unix:" + std::string(un.sun_path)
                                              : "unix:(unnamed)";
  }
  char host[NI_MAXHOST];
  char port[NI_MAXSERV];
  if (getnameinfo(address.raw(), address.size, host, sizeof host, port, sizeof port,
                  NI_NUMERICHOST | NI_NUMERICSERV) != 0)
    return "unknown";
  return fmt::format(fmt::runtime(address.storage.ss_family == AF_INET6 ? "[{}]:{}" : "{}:{}"),
                     host, port);
}

Result<SocketAddress> UnixAddress(const std::string& path) {
  SocketAddress address;
  auto& un = reinterpret_cast<sockaddr_un&>(address.storage);
  if (path.size() >= sizeof un.sun_path)
    return Errorf(Code::kInvalidArgument,
                  "socket path '{}' is longer than {} bytes: choose a shorter folder", path,
                  sizeof un.sun_path - 1);
  un.sun_family = AF_UNIX;
  std::memcpy(un.sun_path, path.c_str(), path.size() + 1);
  address.size = sizeof un;
  return address;
}

// All addresses of a TCP name. May block unless `host` is a literal.
Result<std::vector<SocketAddress>> Resolve(const std::string& host, uint16_t port, bool passive,
                                           bool literal_only) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags =
      (passive ? AI_PASSIVE : 0) | (literal_only ? AI_NUMERICHOST : 0) | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int error = getaddrinfo(host.empty() ? nullptr : host.c_str(), std::to_string(port).c_str(),
                                &hints, &found);
  if (error != 0)
    return Errorf(Code::kUnavailable, "cannot resolve host '{}': {}", host, gai_strerror(error));
  std::vector<SocketAddress> addresses;
  for (const addrinfo* at = found; at != nullptr; at = at->ai_next) {
    SocketAddress address;
    std::memcpy(&address.storage, at->ai_addr, at->ai_addrlen);
    address.size = at->ai_addrlen;
    addresses.push_back(address);
  }
  freeaddrinfo(found);
  return addresses;
}

void SetNoDelay(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
             sizeof on);  // fails on Unix sockets, which have no delay
}

class EpollSocket final : public Socket {
 public:
  EpollSocket(Fd fd, SocketAddress peer) : fd(std::move(fd)), peer(peer) {}
  Fd fd;
  SocketAddress peer;
};

// A wait for one direction of a descriptor to become ready.
class ReadyWaiter final : public Waiter {
 public:
  ReadyWaiter(const Context& ctx, ReadyWaiter*& place) : Waiter(ctx), place_(place) {
    CHECK(place_ == nullptr);
    place_ = this;
  }
  ~ReadyWaiter() override { place_ = nullptr; }

 private:
  ReadyWaiter*& place_;
};

class EpollStream final : public Stream, EpollLoop::Watcher {
 public:
  // `ready`: reads and writes are tried at once. Without it they wait for their first event, which
  // comes with the next poll if there is anything to report.
  EpollStream(EpollLoop& loop, Fd fd, std::string peer, bool ready)
      : loop_(loop),
        fd_(std::move(fd)),
        peer_(std::move(peer)),
        readable_(ready),
        writable_(ready) {
    loop_.Watch(fd_.get(), EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, *this);
    loop_.CountStream(1);
  }
  ~EpollStream() override {
    CHECK(reader_ == nullptr && writer_ == nullptr);
    loop_.Unwatch(fd_.get(), *this);
    loop_.CountStream(-1);
  }

  // Waits for a connect to `address` under way to end.
  Task<Result<>> Connected(const Context& ctx, const SocketAddress& address) {
    if (!writable_) {
      ReadyWaiter ready(ctx, writer_);
      CO_TRY_OK(co_await ready);
    }
    if (!hung_up_) co_return Ok{};
    int error = 0;
    socklen_t size = sizeof error;
    getsockopt(fd_.get(), SOL_SOCKET, SO_ERROR, &error, &size);
    if (error != 0) co_return BrokenError("connect to", Describe(address), error);
    co_return Ok{};
  }

  Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) override {
    for (;;) {
      if (shut_) co_return Errorf(Code::kUnavailable, "connection to {} was shut down", peer_);
      if (readable_) {
        const ssize_t count = recv(fd_.get(), into.data(), into.size(), 0);
        if (count >= 0) {
          // A short read empties the socket; the next byte brings a new edge. An orderly end stays
          // readable.
          if (count > 0 && static_cast<size_t>(count) < into.size() && !hung_up_) readable_ = false;
          co_return static_cast<size_t>(count);
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) co_return BrokenError("read from", peer_, errno);
        readable_ = false;
      }
      ReadyWaiter ready(ctx, reader_);
      const Result<> woken = co_await ready;
      if (!woken.ok()) co_return woken.error();
    }
  }

  Result<size_t> TryWrite(std::span<const std::string_view> parts) override {
    size_t total = 0;
    size_t skip = 0;  // bytes of parts.front() already sent
    while (!parts.empty()) {
      if (shut_) return Errorf(Code::kUnavailable, "connection to {} was shut down", peer_);
      std::array<iovec, kPartsPerCall> vectors;
      size_t used = 0;
      for (; used < parts.size() && used < kPartsPerCall; ++used) {
        const std::string_view part = parts[used].substr(used == 0 ? skip : 0);
        vectors[used] = {const_cast<char*>(part.data()), part.size()};
      }
      msghdr message{};
      message.msg_iov = vectors.data();
      message.msg_iovlen = used;
      const ssize_t count = sendmsg(fd_.get(), &message, MSG_NOSIGNAL);
      if (count < 0) {
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return BrokenError("write to", peer_, errno);
        writable_ = false;
        return total;
      }
      total += static_cast<size_t>(count);
      skip += static_cast<size_t>(count);
      while (!parts.empty() && skip >= parts.front().size()) {
        skip -= parts.front().size();
        parts = parts.subspan(1);
      }
    }
    return total;
  }

  Task<Result<>> Write(const Context& ctx, std::span<const std::string_view> parts) override {
    std::string_view rest;  // of the part that was cut
    for (;;) {
      if (!rest.empty()) {
        CO_TRY(const size_t sent, TryWrite(std::span<const std::string_view>(&rest, 1)));
        rest.remove_prefix(sent);
      }
      if (rest.empty()) {
        CO_TRY(size_t sent, TryWrite(parts));
        while (!parts.empty() && sent >= parts.front().size()) {
          sent -= parts.front().size();
          parts = parts.subspan(1);
        }
        if (parts.empty()) co_return Ok{};
        rest = parts.front().substr(sent);
        parts = parts.subspan(1);
      }
      if (writable_) continue;
      ReadyWaiter ready(ctx, writer_);
      const Result<> woken = co_await ready;
      if (!woken.ok()) co_return woken.error();
    }
  }

  void Shutdown() override {
    if (shut_) return;
    shut_ = true;
    shutdown(fd_.get(), SHUT_RDWR);
    if (reader_ != nullptr) reader_->Wake();
    if (writer_ != nullptr) writer_->Wake();
  }

  std::string peer() const override { return peer_; }

 private:
  void OnEvents(uint32_t events) override {
    if (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) hung_up_ = true;
    if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR)) {
      readable_ = true;
      if (reader_ != nullptr) reader_->Wake();
    }
    if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) {
      writable_ = true;
      if (writer_ != nullptr) writer_->Wake();
    }
  }

  EpollLoop& loop_;
  Fd fd_;
  std::string peer_;
  bool readable_;
  bool writable_;
  bool hung_up_ = false;
  bool shut_ = false;
  ReadyWaiter* reader_ = nullptr;
  ReadyWaiter* writer_ = nullptr;
};

class EpollListener final : public Listener, EpollLoop::Watcher {
 public:
  EpollListener(EpollLoop& loop, Fd fd, Address address)
      : loop_(loop), fd_(std::move(fd)), address_(std::move(address)) {
    loop_.Watch(fd_.get(), EPOLLIN | EPOLLET, *this);
  }
  ~EpollListener() override {
    CHECK(waiter_ == nullptr);
    loop_.Unwatch(fd_.get(), *this);
    if (address_.is_unix()) unlink(address_.unix_path.c_str());
  }

  Task<Result<std::unique_ptr<Socket>>> Accept(const Context& ctx) override {
    for (;;) {
      SocketAddress peer;
      peer.size = sizeof peer.storage;
      Fd fd(accept4(fd_.get(), peer.raw(), &peer.size, SOCK_NONBLOCK | SOCK_CLOEXEC));
      if (fd.get() >= 0) co_return std::make_unique<EpollSocket>(std::move(fd), peer);
      const int error = errno;
      if (error == EINTR || error == ECONNABORTED) continue;
      if (error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM) {
        // Out of descriptors: those waiting stay in the kernel's queue until some are free.
        CO_TRY_OK(co_await Sleep(ctx, std::chrono::milliseconds(100)));
        continue;
      }
      if (error != EAGAIN) co_return BrokenError("accept on", address_.ToString(), error);
      ReadyWaiter ready(ctx, waiter_);
      const Result<> woken = co_await ready;
      if (!woken.ok()) co_return woken.error();
    }
  }

  const Address& address() const override { return address_; }

 private:
  void OnEvents(uint32_t) override {
    if (waiter_ != nullptr) waiter_->Wake();
  }

  EpollLoop& loop_;
  Fd fd_;
  Address address_;
  ReadyWaiter* waiter_ = nullptr;
};

// The descriptor is watched once for the connect and all that follows: a gate dials ten thousand
// tablets.
Task<Result<std::unique_ptr<Stream>>> ConnectOne(const Context& ctx, EpollLoop& loop,
                                                 const SocketAddress& address, std::string peer) {
  Fd fd(socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) co_return BrokenError("socket for", Describe(address), errno);
  if (address.storage.ss_family != AF_UNIX) SetNoDelay(fd.get());
  if (connect(fd.get(), address.raw(), address.size) != 0 && errno != EINPROGRESS)
    co_return BrokenError("connect to", Describe(address), errno);
  auto stream = std::make_unique<EpollStream>(loop, std::move(fd), std::move(peer), false);
  CO_TRY_OK(co_await stream->Connected(ctx, address));
  co_return std::unique_ptr<Stream>(std::move(stream));
}

// A look-up that its caller may leave behind: getaddrinfo cannot be interrupted. Shared by the loop
// and a thread of the pool.
struct LookUp {
  std::mutex mutex;
  Loop* loop;  // nullptr once nobody waits: the loop may be gone
  std::optional<Result<std::vector<SocketAddress>>> found;
  ReadyWaiter* waiter = nullptr;  // the loop's own

  static void Run(const std::shared_ptr<LookUp>& self, const std::string& host, uint16_t port) {
    Result<std::vector<SocketAddress>> found = Resolve(host, port, false, false);
    const std::lock_guard lock(self->mutex);
    self->found.emplace(std::move(found));
    if (self->loop == nullptr) return;
    self->loop->Post([self] {
      if (self->waiter != nullptr) self->waiter->Wake();
    });
  }
};

Task<Result<std::vector<SocketAddress>>> Addresses(const Context& ctx, const Address& address) {
  if (address.is_unix()) {
    CO_TRY(const SocketAddress unix_address, UnixAddress(address.unix_path));
    co_return std::vector<SocketAddress>(1, unix_address);
  }
  Result<std::vector<SocketAddress>> literal = Resolve(address.host, address.port, false, true);
  if (literal.ok()) co_return literal;
  const auto look_up = std::make_shared<LookUp>();
  look_up->loop = &Loop::Current();
  look_up->loop->PostBlocking(
      [look_up, host = address.host, port = address.port] { LookUp::Run(look_up, host, port); });
  ReadyWaiter ready(ctx, look_up->waiter);
  Result<> woken = co_await ready;
  const std::lock_guard lock(look_up->mutex);
  look_up->loop = nullptr;
  if (!woken.ok())
    co_return std::move(woken).error().Wrap(fmt::format("cannot resolve host '{}'", address.host));
  co_return std::move(*look_up->found);
}

// The refused bind said by name: who has the port, and what to do.
Error InUse(const Address& address) {
  const std::string owner = address.is_unix() ? std::string() : PortOwner(address.port);
  return Errorf(Code::kAlreadyExists, "cannot listen on {}: address already in use{}",
                address.ToString(), owner.empty() ? "" : " by " + owner)
      .WithHint("Stop that process or choose another port");
}

// Removes a socket file that nobody listens on any more.
void RemoveStale(const SocketAddress& address, const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISSOCK(info.st_mode)) return;
  const Fd probe(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (connect(probe.get(), address.raw(), address.size) != 0 && errno == ECONNREFUSED)
    unlink(path.c_str());
}

// Accepted connections inherit it, as they do TCP_NODELAY.
void SetKeepalive(int fd, Duration period) {
  if (period <= Duration(0)) return;
  const int on = 1;
  const auto seconds = static_cast<int>(
      std::clamp<int64_t>(std::chrono::ceil<std::chrono::seconds>(period).count(), 1, 32767));
  setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &seconds, sizeof seconds);
  setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &seconds, sizeof seconds);
}

Result<Fd> BindAndListen(const Address& address, const SocketAddress& where,
                         const ListenOptions& options) {
  Fd fd(socket(where.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (fd.get() < 0) return BrokenError("socket for", address.ToString(), errno);
  const int on = 1;
  if (!address.is_unix()) {
    setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (options.reuse_port) setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    SetKeepalive(fd.get(), options.keepalive);
    SetNoDelay(fd.get());
  }
  if (bind(fd.get(), where.raw(), where.size) != 0 || listen(fd.get(), 4096) != 0) {
    const int error = errno;
    if (error == EADDRINUSE) return InUse(address);
    return Errorf(Code::kFailedPrecondition, "cannot listen on {}: {}", address.ToString(),
                  std::strerror(error));
  }
  return fd;
}

uint16_t BoundPort(int fd) {
  SocketAddress bound;
  bound.size = sizeof bound.storage;
  getsockname(fd, bound.raw(), &bound.size);
  if (bound.storage.ss_family == AF_INET)
    return ntohs(reinterpret_cast<sockaddr_in&>(bound.storage).sin_port);
  return ntohs(reinterpret_cast<sockaddr_in6&>(bound.storage).sin6_port);
}

}  // namespace

Task<Result<std::unique_ptr<Stream>>> EpollLoop::Connect(const Context& ctx,
                                                         const Address& address) {
  CO_TRY_OK(ctx.Check());
  CO_TRY(const std::vector<SocketAddress> addresses, co_await Addresses(ctx, address));
  std::optional<Error> first;
  for (const SocketAddress& candidate : addresses) {
    Result<std::unique_ptr<Stream>> stream =
        co_await ConnectOne(ctx, *this, candidate, address.ToString());
    if (stream.ok()) co_return stream;
    if (!first) first = std::move(stream).error();
    CO_TRY_OK(ctx.Check());
  }
  if (first) co_return std::move(*first);
  co_return Errorf(Code::kUnavailable, "host '{}' has no address", address.host);
}

Result<std::unique_ptr<Listener>> EpollLoop::ListenWith(const Address& address,
                                                        const ListenOptions& options) {
  Address bound = address;
  SocketAddress where;
  if (address.is_unix()) {
    TRY(where, UnixAddress(address.unix_path));
    RemoveStale(where, address.unix_path);
  } else {
    // A name is looked up in place: listening happens at start, and on a literal or a local name.
    TRY(const std::vector<SocketAddress> addresses,
        Resolve(address.host, address.port, true, false));
    where = addresses.front();
  }
  TRY(Fd fd, BindAndListen(address, where, options));
  if (!address.is_unix() && address.port == 0) bound.port = BoundPort(fd.get());
  return std::make_unique<EpollListener>(*this, std::move(fd), std::move(bound));
}

std::unique_ptr<Stream> EpollLoop::Open(std::unique_ptr<Socket> socket) {
  auto& accepted = static_cast<EpollSocket&>(*socket);
  return std::make_unique<EpollStream>(*this, std::move(accepted.fd), Describe(accepted.peer),
                                       true);
}

}  // namespace tessera::runtime
