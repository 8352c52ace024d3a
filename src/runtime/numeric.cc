// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/numeric.h"

#include <netdb.h>
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

}  // namespace tessera::runtime
