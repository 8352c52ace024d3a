// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "base/result.h"
#include "flags/flag_set.h"
#include "rpc/channel.h"
#include "rpc/tls_files.h"

namespace tessera::tmclient {

// The flags of every program that calls tablet managers. Names are Vitess's.
struct Flags {
  flags::Flag<std::string> cert{"tablet-manager-grpc-cert", "",
                                "Certificate to show to tablet managers."};
  flags::Flag<std::string> key{"tablet-manager-grpc-key", "", "Its key."};
  flags::Flag<std::string> ca{"tablet-manager-grpc-ca", "",
                              "Authority of tablets' certificates; turns TLS to them on."};
  flags::Flag<std::string> crl{"tablet-manager-grpc-crl", "", "Revoked certificates of tablets."};
  flags::Flag<std::string> server_name{"tablet-manager-grpc-server-name", "",
                                       "Name tablets' certificates are for, if not their host."};

  void Register(flags::FlagSet& set) { set.Add(cert, key, ca, crl, server_name); }
  // Reads the TLS files; errors name the file.
  Result<rpc::ChannelOptions> ToOptions() const {
    rpc::ChannelOptions options;
    TRY(options.tls, rpc::LoadClientTls({*cert, *key, *ca, *crl, *server_name}));
    return options;
  }
};

}  // namespace tessera::tmclient
