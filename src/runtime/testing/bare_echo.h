// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"

// Calls and answers by bare epoll loops, a thread on either side: what the system calls of a call
// cost by themselves, for benchmarks to compare with.
namespace tessera::runtime::testing {

// CPU microseconds of this process so far, user and system.
inline double CpuMicros() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  const auto micros = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_usec);
  };
  return micros(usage.ru_utime) + micros(usage.ru_stime);
}

// Connected pairs: even ones are the clients', odd ones the servers'.
inline std::vector<int> ConnectedPairs(size_t count) {
  const int listener = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* const raw = reinterpret_cast<sockaddr*>(&address);
  CHECK(bind(listener, raw, size) == 0 && listen(listener, 128) == 0);
  CHECK(getsockname(listener, raw, &size) == 0);
  std::vector<int> sockets;
  for (size_t i = 0; i < count; ++i) {
    const int client = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    connect(client, raw, size);
    const int server = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK);
    CHECK(client >= 0 && server >= 0);
    const int on = 1;
    for (const int fd : {client, server}) {
      CHECK(setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) == 0);
      sockets.push_back(fd);
    }
  }
  close(listener);
  return sockets;
}

// One side of the bare form. Reads `expect` bytes of a socket and sends `answer` back, until
// `calls` were answered (the client) or all peers are gone (the server).
class BareLoop {
 public:
  BareLoop(std::vector<int> sockets, size_t expect, size_t answer)
      : sockets_(std::move(sockets)), expect_(expect), answer_(answer, 'a') {
    epoll_ = epoll_create1(0);
    for (const int fd : sockets_) {
      epoll_event event{};
      event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET;
      event.data.fd = fd;
      CHECK(epoll_ctl(epoll_, EPOLL_CTL_ADD, fd, &event) == 0);
    }
  }
  ~BareLoop() {
    for (const int fd : sockets_) close(fd);
    close(epoll_);
  }

  void Serve() {
    size_t open = sockets_.size();
    while (open > 0) {
      open -= Turn([this](int fd) { Send(fd); });
    }
  }
  void Call(size_t calls) {
    size_t begun = 0;
    size_t ended = 0;
    for (; begun < std::min(calls, sockets_.size()); ++begun) Send(sockets_[begun]);
    while (ended < calls) {
      Turn([this, &begun, &ended, calls](int fd) {
        ++ended;
        if (begun++ < calls) Send(fd);
      });
    }
  }

 private:
  void Send(int fd) {
    CHECK(send(fd, answer_.data(), answer_.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(answer_.size()));
  }
  // The number of peers that went.
  template <class OnMessage>
  size_t Turn(const OnMessage& on_message) {
    epoll_event events[128];
    const int count = epoll_wait(epoll_, events, 128, -1);
    size_t gone = 0;
    for (int i = 0; i < count; ++i) {
      if ((events[i].events & (EPOLLIN | EPOLLRDHUP)) == 0) continue;
      char buffer[4096];
      const ssize_t size = recv(events[i].data.fd, buffer, sizeof buffer, 0);
      if (size == 0) {
        // One end may be told of twice.
        CHECK(epoll_ctl(epoll_, EPOLL_CTL_DEL, events[i].data.fd, nullptr) == 0);
        ++gone;
      }
      if (size <= 0) continue;
      CHECK(size == static_cast<ssize_t>(expect_));  // loopback does not cut what is so small
      on_message(events[i].data.fd);
    }
    return gone;
  }

  std::vector<int> sockets_;
  const size_t expect_;
  const std::string answer_;
  int epoll_;
};

inline std::vector<int> Every(const std::vector<int>& sockets, size_t second) {
  std::vector<int> half;
  for (size_t i = second; i < sockets.size(); i += 2) half.push_back(sockets[i]);
  return half;
}

// CPU microseconds per call of both sides together, over so many connections with one call each.
inline double BareMicros(size_t request, size_t answer, size_t calls, size_t in_flight) {
  const std::vector<int> sockets = ConnectedPairs(in_flight);
  BareLoop server(Every(sockets, 1), request, answer);
  const double before = CpuMicros();
  std::thread thread([&server] { server.Serve(); });
  {
    BareLoop client(Every(sockets, 0), answer, request);
    client.Call(calls);
  }
  thread.join();
  return (CpuMicros() - before) / static_cast<double>(calls);
}

}  // namespace tessera::runtime::testing
