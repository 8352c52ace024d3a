// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "flags/flag_set.h"
#include "rpc/server.h"

namespace tessera::rpc {

// The flags of every program that serves gRPC. Names and defaults are Vitess's.
struct ServerFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  explicit ServerFlags(int default_port) : port("grpc-port", default_port, kPortHelp) {}

  static constexpr std::string_view kPortHelp = "Port for gRPC clients; 0 opens none.";
  Flag<int> port;
  Flag<std::string> bind_address{"grpc-bind-address", "",
                                 "Address gRPC clients connect to; empty is 127.0.0.1."};
  Flag<int> max_message{"grpc-max-message-size", 16777216, "Bytes of the largest message."};
  Flag<std::chrono::nanoseconds> keepalive{"grpc-server-keepalive-time", std::chrono::seconds(10),
                                           "Ping gRPC clients that were silent for so long."};
  Flag<std::string> cert{"grpc-cert", "", "Certificate for gRPC clients; turns TLS on."};
  Flag<std::string> key{"grpc-key", "", "Its key."};
  Flag<std::string> ca{"grpc-ca", "", "Authority that gRPC clients must have a certificate of."};
  Flag<std::string> crl{"grpc-crl", "", "Revoked certificates of gRPC clients."};
  Flag<std::string> server_ca{"grpc-server-ca", "",
                              "Certificates to send after our own, for the whole chain."};
  Flag<bool> optional_tls{"grpc-enable-optional-tls", false, "Take gRPC calls in clear text, too."};

  void Register(flags::FlagSet& set);
  std::string host() const { return bind_address->empty() ? "127.0.0.1" : *bind_address; }
  // The largest message in bytes, for channels too.
  size_t max_message_bytes() const;
  // Sizes, keepalive and TLS. Reads the TLS files; errors name the file.
  Result<ServerOptions> ToOptions() const;
};

}  // namespace tessera::rpc
