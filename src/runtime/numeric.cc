// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/numeric.h"

#include <array>

#include <arpa/inet.h>
#include <fmt/core.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

namespace tessera::runtime {

Result<std::vector<std::string>> NumericAddresses(const Address& address) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(address.host.c_str(), nullptr, &hints, &found);
  if (code != 0) {
    return Errorf(Code::kUnavailable, "the name of {} is not known: {}", address.ToString(),
                  gai_strerror(code));
  }
  std::vector<std::string> out;
  for (const addrinfo* item = found; item != nullptr; item = item->ai_next) {
    char host[NI_MAXHOST];
    const int named =
        getnameinfo(item->ai_addr, item->ai_addrlen, host, sizeof host, nullptr, 0, NI_NUMERICHOST);
    if (named == 0) out.push_back(Address::Tcp(host, address.port).ToString());
  }
  freeaddrinfo(found);
  return out;
}

std::string OwnAddress(int fd) {
  sockaddr_in own{};
  socklen_t size = sizeof own;
  if (getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) != 0) return {};
  if (own.sin_family != AF_INET || own.sin_port == 0) return {};
  std::array<char, INET_ADDRSTRLEN> text{};
  inet_ntop(AF_INET, &own.sin_addr, text.data(), text.size());
  return fmt::format("{}:{}", text.data(), ntohs(own.sin_port));
}

}  // namespace tessera::runtime
