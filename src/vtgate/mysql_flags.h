// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "flags/flag_set.h"
#include "mysqlconn/auth_server.h"
#include "mysqlconn/server.h"
#include "runtime/stream.h"

namespace tessera::vtgate {

// The flags of the door for MySQL clients: where it is, who may pass, over what. Names that Vitess
// has are Vitess's.
struct MysqlFlags {
  template <class T>
  using Flag = flags::Flag<T>;

  Flag<int> port{"mysql-server-port", -1, "Port for MySQL clients; below 0 none."};
  Flag<std::string> bind{"mysql-server-bind-address", "127.0.0.1",
                         "Address MySQL clients connect to."};
  Flag<std::string> socket{"mysql-server-socket-path", "", "Unix socket for MySQL clients."};
  Flag<std::string> version{
      "mysql-server-version", "",
      "Version that MySQL clients are shown; empty is that of the servers behind."};

  Flag<std::string> auth_impl{"mysql-auth-server-impl", "static",
                              "Who decides about logins: static, ldap, clientcert or none."};
  Flag<std::string> auth_file{"mysql-auth-server-static-file", "", "JSON file of users."};
  Flag<std::string> auth_string{"mysql-auth-server-static-string", "", "The same as text."};
  Flag<std::string> clientcert_method{
      "mysql-clientcert-auth-method", "mysql_clear_password",
      "What clients with certificates are asked by: mysql_clear_password or dialog."};
  Flag<std::string> ldap_file{"mysql-ldap-auth-config-file", "",
                              "JSON file that tells how users are looked up in a directory."};
  Flag<std::string> ldap_string{"mysql-ldap-auth-config-string", "", "The same as text."};
  Flag<std::string> ldap_method{
      "mysql-ldap-auth-method", "mysql_clear_password",
      "What users of a directory are asked by: mysql_clear_password or dialog."};
  Flag<std::string> auth_method{"mysql-default-auth-method", "mysql_native_password",
                                "How passwords are proved where clients and users leave a choice: "
                                "mysql_native_password or caching_sha2_password."};
  Flag<std::string> rsa_key{"mysql-server-rsa-private-key", "",
                            "RSA key for passwords of caching_sha2_password without TLS; empty "
                            "makes one at start."};
  Flag<std::chrono::nanoseconds> auth_reload{
      "mysql-auth-static-reload-interval", std::chrono::nanoseconds(0),
      "How often the users' file is read again; 0 is at SIGHUP only."};
  Flag<bool> clear_text{"mysql-allow-clear-text-without-tls", false,
                        "Let passwords in clear cross connections without TLS."};

  Flag<std::string> ssl_cert{"mysql-server-ssl-cert", "",
                             "Certificate for MySQL clients; turns TLS on."};
  Flag<std::string> ssl_key{"mysql-server-ssl-key", "", "Its key."};
  Flag<std::string> ssl_ca{"mysql-server-ssl-ca", "",
                           "Authority that TLS clients must have a certificate of."};
  Flag<std::string> ssl_crl{"mysql-server-ssl-crl", "", "Revoked certificates of clients."};
  Flag<std::string> ssl_server_ca{"mysql-server-ssl-server-ca", "",
                                  "Certificates to send after our own, for the whole chain."};
  Flag<std::string> tls_min_version{"mysql-server-tls-min-version", "TLSv1.2",
                                    "Oldest TLS taken: TLSv1.2 or TLSv1.3."};
  Flag<bool> require_secure{"mysql-server-require-secure-transport", false,
                            "Refuse clients that use neither TLS nor the Unix socket."};

  Flag<bool> proxy_protocol{"proxy-protocol", false,
                            "MySQL clients of the port come with HAProxy's PROXY header, and are "
                            "who it says."};
  Flag<bool> reuse_port{"reuse-port", false,
                        "Let other processes listen on the same ports (SO_REUSEPORT)."};
  Flag<std::chrono::nanoseconds> keepalive{"mysql-server-keepalive-period",
                                           std::chrono::nanoseconds(0),
                                           "Ask silent MySQL clients whether they live this often; "
                                           "0 leaves it to the system."};
  Flag<int> max_connections{"mysql-server-max-connections", 0,
                            "Most MySQL clients at once; 0 is no limit."};
  Flag<int> max_user_connections{"mysql-server-max-user-connections", 0,
                                 "Most of one user at once; 0 is no limit."};
  Flag<std::vector<std::string>> process_managers{
      "mysql-server-process-managers",
      {},
      "Users who see and may KILL the connections of others; * is everybody."};
  Flag<bool> compression{"mysql-server-compression", true,
                         "Offer clients compression (zlib, zstd)."};
  Flag<std::chrono::nanoseconds> connect_timeout{
      "mysql-server-connect-timeout", std::chrono::seconds(10), "Time a client has to log in."};
  Flag<std::chrono::nanoseconds> read_timeout{"mysql-server-read-timeout",
                                              std::chrono::nanoseconds(0),
                                              "Longest silence of a client; 0 is no limit."};
  Flag<std::chrono::nanoseconds> write_timeout{
      "mysql-server-write-timeout", std::chrono::seconds(60),
      "Longest wait for a client to take its answer; 0 is no limit."};
  Flag<std::chrono::nanoseconds> slow_connect{"mysql-slow-connect-warn-threshold",
                                              std::chrono::nanoseconds(0),
                                              "Warn of logins that take longer; 0 warns of none."};

  void Register(flags::FlagSet& set);
  // Is there a port or socket to listen on?
  bool wanted() const { return *port >= 0 || !socket->empty(); }

  // kInvalidArgument names the flag that cannot be.
  Result<mysqlconn::ServerOptions> ToOptions() const;
  // Nothing without a certificate. Reads files; errors name the file. For the start and for reloads
  // (from RunBlocking).
  Result<std::shared_ptr<const runtime::TlsContext>> LoadTls() const;
  // For ServerShared::password_key. Reads the file, or takes a tenth of a second.
  Result<std::shared_ptr<const mysqlwire::RsaKey>> MakePasswordKey() const;
  // Reads the users' file.
  Result<std::unique_ptr<mysqlconn::AuthServer>> MakeAuth() const;
  // On the loop that calls.
  Result<std::vector<std::unique_ptr<runtime::Listener>>> Listen() const;
};

}  // namespace tessera::vtgate
