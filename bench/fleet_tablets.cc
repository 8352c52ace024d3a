// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Stands in for the tablets of a fleet (bench/fleet.py): listens on an address for each, and
// answers StreamHealth and GetSchema by a few bytes of HTTP/2. Must cost little: it shares the
// machine with the gate that is measured.
//
// fleet_tablets PORT SECONDS: reads "address health-message-in-hex" a line from stdin, listens on
// all, prints "ready". Each health stream tells the same message again every SECONDS, the first
// time after a random part of them.
#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <iostream>
#include <queue>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

namespace {

using std::string_view_literals::operator""sv;
using Clock = std::chrono::steady_clock;
using std::chrono::duration_cast;
using std::chrono::milliseconds;

// While much goes on it looks at all that has come once in so long, as a machine on the other end
// of a network would be heard of: else the gate would pay for waking us with each packet.
constexpr milliseconds kLook{1};
constexpr milliseconds kBusy{100};
constexpr int kMuch = 16;

constexpr std::string_view kPreface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
constexpr std::string_view kHead =
    "\x88\x5f\x10"
    "application/grpc"sv;  // :status 200, content-type
constexpr std::string_view kTrailers =
    "\x00\x0bgrpc-status\x01"
    "0"sv;
enum FrameKind : uint8_t { kData = 0, kHeaders = 1, kSettings = 4, kPing = 6 };
constexpr uint8_t kAck = 1;
constexpr uint8_t kEndStream = 1;
constexpr uint8_t kEndHeaders = 4;
constexpr size_t kFrameHead = 9;
constexpr size_t kEmptyMessage = 5;  // what StreamHealth asks; GetSchema says more

[[noreturn]] void Die(const std::string& what) {
  std::fprintf(stderr, "fleet_tablets: %s: %s\n", what.c_str(), std::strerror(errno));
  std::exit(1);
}

uint32_t Number(std::string_view bytes) {
  uint32_t out = 0;
  for (const char byte : bytes) out = out << 8 | static_cast<uint8_t>(byte);
  return out;
}

void Put(std::string& out, uint32_t number, int bytes) {
  while (bytes-- > 0) out.push_back(static_cast<char>(number >> (8 * bytes)));
}

void PutFrame(std::string& out, FrameKind kind, uint8_t flags, uint32_t stream,
              std::string_view payload) {
  Put(out, static_cast<uint32_t>(payload.size()), 3);
  Put(out, kind, 1);
  Put(out, flags, 1);
  Put(out, stream, 4);
  out.append(payload);
}

std::string FromHex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2)
    out.push_back(static_cast<char>(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

class Tablets {
 public:
  Tablets(uint16_t port, milliseconds interval)
      : port_(port), interval_(interval), poll_(epoll_create1(EPOLL_CLOEXEC)) {
    if (poll_ < 0) Die("epoll");
  }

  void Listen(const std::string& address, std::string health) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);  // accepted ones inherit it
    sockaddr_in where{};
    where.sin_family = AF_INET;
    where.sin_port = htons(port_);
    if (inet_pton(AF_INET, address.c_str(), &where.sin_addr) != 1) Die("no address: " + address);
    if (bind(fd, reinterpret_cast<const sockaddr*>(&where), sizeof where) != 0 ||
        listen(fd, 16) != 0)
      Die("cannot listen on " + address);
    Follow(fd);
    Descriptor& listener = At(fd);
    listener = Descriptor();
    listener.listens = true;
    std::string message(1, '\0');  // not compressed
    Put(message, static_cast<uint32_t>(health.size()), 4);
    listener.tablet = messages_.size();
    messages_.push_back(message + health);
  }

  [[noreturn]] void Run() {
    std::array<epoll_event, 1024> events{};
    Clock::time_point busy_until{};
    while (true) {
      const bool busy = Clock::now() < busy_until;
      const int count = epoll_wait(poll_, events.data(), events.size(), busy ? 0 : Timeout());
      for (int i = 0; i < count; ++i) Ready(events[static_cast<size_t>(i)].data.fd);
      const bool much = Tell() + std::max(count, 0) > kMuch;
      if (much) busy_until = Clock::now() + kBusy;
      if (busy && count < static_cast<int>(events.size())) std::this_thread::sleep_for(kLook);
    }
  }

 private:
  struct Descriptor {
    bool listens = false;
    bool greeted = false;
    size_t tablet = 0;
    uint64_t life = 0;  // numbers are used again
    std::string unread;
  };
  struct Due {
    Clock::time_point when;
    int fd;
    uint64_t life;
    uint32_t stream;
    bool operator>(const Due& other) const { return when > other.when; }
  };

  Descriptor& At(int fd) {
    if (descriptors_.size() <= static_cast<size_t>(fd))
      descriptors_.resize(static_cast<size_t>(fd) * 2);
    return descriptors_[static_cast<size_t>(fd)];
  }

  void Follow(int fd) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = fd;
    if (epoll_ctl(poll_, EPOLL_CTL_ADD, fd, &event) != 0) Die("epoll");
  }

  int Timeout() const {
    if (due_.empty()) return -1;
    const auto left = duration_cast<milliseconds>(due_.top().when - Clock::now()).count() + 1;
    return static_cast<int>(std::clamp<int64_t>(left, 0, 1000));
  }

  void Ready(int fd) {
    if (!At(fd).listens) return Receive(fd);
    const int accepted = accept4(fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (accepted < 0 && errno != EAGAIN && errno != ECONNABORTED) Die("cannot accept");
    if (accepted < 0) return;
    Descriptor made;
    made.tablet = At(fd).tablet;
    made.life = ++lives_;
    At(accepted) = std::move(made);
    Follow(accepted);
  }

  void Receive(int fd) {
    Descriptor& from = At(fd);
    std::array<char, 16384> buffer;
    const ssize_t got = recv(fd, buffer.data(), buffer.size(), 0);
    if (got < 0 && errno == EAGAIN) return;
    if (got <= 0) {
      from = Descriptor();
      close(fd);
      return;
    }
    from.unread.append(buffer.data(), static_cast<size_t>(got));
    std::string_view left = from.unread;
    std::string out;
    if (!from.greeted && left.size() >= kPreface.size()) {
      from.greeted = true;
      left.remove_prefix(kPreface.size());
      PutFrame(out, kSettings, 0, 0, {});
    }
    while (from.greeted && left.size() >= kFrameHead) {
      const size_t size = Number(left.substr(0, 3));
      if (left.size() < kFrameHead + size) break;
      Answer(out, fd, left.substr(0, kFrameHead), left.substr(kFrameHead, size));
      left.remove_prefix(kFrameHead + size);
    }
    from.unread.erase(0, from.unread.size() - left.size());
    if (from.unread.empty()) from.unread = std::string();
    if (!out.empty()) Send(fd, out);
  }

  void Answer(std::string& out, int fd, std::string_view head, std::string_view payload) {
    const auto kind = static_cast<uint8_t>(head[3]);
    const auto flags = static_cast<uint8_t>(head[4]);
    const uint32_t stream = Number(head.substr(5));
    if (kind == kSettings && (flags & kAck) == 0) return PutFrame(out, kSettings, kAck, 0, {});
    if (kind == kPing && (flags & kAck) == 0) return PutFrame(out, kPing, kAck, 0, payload);
    if (kind != kData || payload.empty()) return;
    PutFrame(out, kHeaders, kEndHeaders, stream, kHead);
    if (payload.size() > kEmptyMessage)  // there are no tables
      return PutFrame(out, kHeaders, kEndHeaders | kEndStream, stream, kTrailers);
    const Descriptor& to = At(fd);
    PutFrame(out, kData, 0, stream, messages_[to.tablet]);
    // Spread over the interval, as those of a fleet that was not started in one moment.
    const std::chrono::duration<double> part =
        std::uniform_real_distribution<double>()(random_) * interval_;
    due_.push({Clock::now() + duration_cast<Clock::duration>(part), fd, to.life, stream});
  }

  // How many messages were due.
  int Tell() {
    const Clock::time_point now = Clock::now();
    int told = 0;
    for (; !due_.empty() && due_.top().when <= now; ++told) {
      Due next = due_.top();
      due_.pop();
      const Descriptor& to = At(next.fd);
      if (to.life != next.life) continue;
      std::string out;
      PutFrame(out, kData, 0, next.stream, messages_[to.tablet]);
      Send(next.fd, out);
      next.when += interval_;
      due_.push(next);
    }
    return told;
  }

  // Answers are small: a socket that does not take one has a gate that reads nothing any more.
  static void Send(int fd, std::string_view bytes) {
    const ssize_t sent = send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent != static_cast<ssize_t>(bytes.size())) shutdown(fd, SHUT_RDWR);
  }

  const uint16_t port_;
  const milliseconds interval_;
  const int poll_;
  std::vector<Descriptor> descriptors_ = std::vector<Descriptor>(64);  // by number
  std::vector<std::string> messages_;  // of each tablet, as gRPC frames it
  uint64_t lives_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
  std::mt19937_64 random_{std::random_device()()};
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fprintf(stderr, "fleet_tablets PORT SECONDS <addresses-and-messages\n");
    return 2;
  }
  Tablets tablets(static_cast<uint16_t>(std::atoi(argv[1])),
                  milliseconds(static_cast<int64_t>(std::atof(argv[2]) * 1000)));
  std::string address;
  std::string health;
  while (std::cin >> address >> health) tablets.Listen(address, FromHex(health));
  std::printf("ready\n");
  std::fflush(stdout);
  tablets.Run();
}
