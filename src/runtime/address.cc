// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include <charconv>

#include "runtime/stream.h"

namespace tessera::runtime {

Address Address::Tcp(std::string host, uint16_t port) {
  Address address;
  address.host = std::move(host);
  address.port = port;
  return address;
}

Address Address::Unix(std::string path) {
  Address address;
  address.unix_path = std::move(path);
  return address;
}

Result<Address> Address::Parse(std::string_view text) {
  if (text.starts_with("unix:")) return Unix(std::string(text.substr(5)));
  if (text.starts_with("/")) return Unix(std::string(text));
  const size_t colon = text.rfind(':');
  if (colon == std::string_view::npos)
    return Errorf(Code::kInvalidArgument, "address '{}' has no port: write host:port or unix:/path",
                  text);
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  const std::string_view digits = text.substr(colon + 1);
  uint16_t port = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (error != std::errc() || end != digits.data() + digits.size())
    return Errorf(Code::kInvalidArgument, "address '{}': '{}' is not a port (0-65535)", text,
                  digits);
  return Tcp(std::string(host), port);
}

std::string Address::ToString() const {
  if (is_unix()) return "unix:" + unix_path;
  const bool v6 = host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(v6 ? "[{}]:{}" : "{}:{}"), host, port);
}

Task<Result<>> Stream::WriteAll(const Context& ctx, std::string_view bytes) {
  const std::string_view parts[] = {bytes};
  co_return co_await Write(ctx, parts);
}

}  // namespace tessera::runtime
