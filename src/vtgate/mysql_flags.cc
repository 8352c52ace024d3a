// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtgate/mysql_flags.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "mysqlconn/clientcert_auth.h"
#include "mysqlconn/ldap_auth.h"
#include "mysqlconn/static_auth.h"
#include "runtime/loop.h"

namespace tessera::vtgate {

using mysqlconn::AuthMethod;
using mysqlconn::AuthServer;
using mysqlconn::StaticAuthServer;
using runtime::TlsContext;

namespace {

Result<runtime::TlsVersion> ParseTlsVersion(const std::string& text) {
  if (text.empty() || text == "TLSv1.2") return runtime::TlsVersion::k12;
  if (text == "TLSv1.3") return runtime::TlsVersion::k13;
  return Errorf(Code::kInvalidArgument,
                "--mysql-server-tls-min-version={} is not known: TLSv1.2 or TLSv1.3", text)
      .WithHint("Older versions of TLS are broken and not spoken");
}

Result<std::unique_ptr<AuthServer>> MakeClientCertAuth(const MysqlFlags& flags) {
  const std::string& name = *flags.clientcert_method;
  const std::optional<AuthMethod> method = mysqlconn::FindAuthMethod(name);
  if (method != AuthMethod::kClearText && method != AuthMethod::kDialog)
    return Errorf(Code::kInvalidArgument,
                  "--mysql-clientcert-auth-method={} is not known: mysql_clear_password or dialog",
                  name);
  if (flags.ssl_ca->empty() || flags.ssl_cert->empty())
    return Error(Code::kInvalidArgument,
                 "--mysql-auth-server-impl=clientcert needs TLS and an authority of clients")
        .WithHint("Give --mysql-server-ssl-cert, -key and -ca");
  return std::make_unique<mysqlconn::ClientCertAuthServer>(*method);
}

Result<std::unique_ptr<AuthServer>> MakeLdapAuth(const MysqlFlags& flags) {
  const std::optional<AuthMethod> method = mysqlconn::FindAuthMethod(*flags.ldap_method);
  if (method != AuthMethod::kClearText && method != AuthMethod::kDialog)
    return Errorf(Code::kInvalidArgument,
                  "--mysql-ldap-auth-method={} is not known: mysql_clear_password or dialog",
                  *flags.ldap_method);
  if (flags.ldap_file->empty() == flags.ldap_string->empty())
    return Error(Code::kInvalidArgument,
                 "--mysql-auth-server-impl=ldap needs to know the directory")
        .WithHint("Give --mysql-ldap-auth-config-file or --mysql-ldap-auth-config-string");
  Result<std::unique_ptr<mysqlconn::LdapAuthServer>> users =
      mysqlconn::LdapAuthServer::Make(*flags.ldap_file, *flags.ldap_string, *method);
  if (!users.ok()) return std::move(users).error();
  return std::unique_ptr<AuthServer>(std::move(users).value());
}

}  // namespace

void MysqlFlags::Register(flags::FlagSet& set) {
  set.Add(port, bind, socket, version);
  set.Add(auth_impl, clientcert_method, auth_file, auth_string, auth_method, rsa_key, auth_reload,
          clear_text);
  set.Add(ldap_file, ldap_string, ldap_method);
  set.Add(ssl_cert, ssl_key, ssl_ca, ssl_crl, ssl_server_ca, tls_min_version, require_secure);
  set.Add(proxy_protocol, reuse_port, keepalive, max_connections, max_user_connections);
  set.Add(process_managers);
  set.Add(compression, connect_timeout, read_timeout, write_timeout, slow_connect);
}

Result<mysqlconn::ServerOptions> MysqlFlags::ToOptions() const {
  if (*require_secure && ssl_cert->empty() && *port >= 0)
    return Error(Code::kInvalidArgument,
                 "--mysql-server-require-secure-transport would refuse every client of the port, "
                 "for there is no TLS")
        .WithHint("Give --mysql-server-ssl-cert and --mysql-server-ssl-key");
  mysqlconn::ServerOptions options;
  options.version = *version;
  options.allow_clear_text_without_tls = *clear_text;
  options.require_secure_transport = *require_secure;
  options.process_managers = *process_managers;
  options.proxy_protocol = *proxy_protocol;
  options.offer_compression = *compression;
  options.max_connections = static_cast<size_t>(std::max(0, *max_connections));
  options.max_user_connections = static_cast<size_t>(std::max(0, *max_user_connections));
  if (*connect_timeout <= Duration(0))
    return Error(Code::kInvalidArgument, "--mysql-server-connect-timeout must be above 0");
  options.login_timeout = *connect_timeout;
  options.read_timeout = *read_timeout;
  options.write_timeout = *write_timeout;
  return options;
}

Result<std::shared_ptr<const TlsContext>> MysqlFlags::LoadTls() const {
  if (ssl_cert->empty() && ssl_key->empty()) {
    // Whoever asks for clients' certificates does not mean to serve in clear text.
    if (!ssl_ca->empty())
      return Errorf(Code::kInvalidArgument,
                    "MySQL clients are to be verified with '{}', but there is no certificate to "
                    "speak TLS with",
                    *ssl_ca)
          .WithHint("Give --mysql-server-ssl-cert and --mysql-server-ssl-key");
    return std::shared_ptr<const TlsContext>();
  }
  runtime::TlsConfig config;
  config.certificate_file = *ssl_cert;
  config.key_file = *ssl_key;
  config.chain_file = *ssl_server_ca;
  config.ca_file = *ssl_ca;
  config.crl_file = *ssl_crl;
  TRY(config.min_version, ParseTlsVersion(*tls_min_version));
  if (!ssl_ca->empty()) config.clients = runtime::TlsClients::kMustHaveCertificate;
  return TlsContext::ForServer(std::move(config)).Wrap("MySQL clients");
}

Result<std::shared_ptr<const mysqlwire::RsaKey>> MysqlFlags::MakePasswordKey() const {
  if (!wanted()) return std::shared_ptr<const mysqlwire::RsaKey>();
  if (rsa_key->empty()) return mysqlwire::RsaKey::Generate();
  return mysqlwire::RsaKey::FromFile(*rsa_key).Wrap("--mysql-server-rsa-private-key");
}

Result<std::unique_ptr<AuthServer>> MysqlFlags::MakeAuth() const {
  // Without MySQL clients there is nobody to log in.
  if (!wanted() || *auth_impl == "none") return std::make_unique<mysqlconn::NoAuthServer>();
  if (*auth_impl == "clientcert") return MakeClientCertAuth(*this);
  if (*auth_impl == "ldap") return MakeLdapAuth(*this);
  if (*auth_impl != "static")
    return Errorf(Code::kInvalidArgument,
                  "--mysql-auth-server-impl={} is not known: static, ldap, clientcert or none",
                  *auth_impl);
  if (auth_file->empty() && auth_string->empty())
    return Error(Code::kInvalidArgument, "no users are named")
        .WithHint("Give --mysql-auth-server-static-file, or --mysql-auth-server-impl=none");
  const std::optional<AuthMethod> method = mysqlconn::FindAuthMethod(*auth_method);
  if (method != AuthMethod::kNativePassword && method != AuthMethod::kCachingSha2)
    return Errorf(Code::kInvalidArgument,
                  "--mysql-default-auth-method={} cannot be: mysql_native_password or "
                  "caching_sha2_password",
                  *auth_method);
  Result<std::unique_ptr<StaticAuthServer>> users =
      auth_file->empty() ? StaticAuthServer::FromString(*auth_string, *method)
                         : StaticAuthServer::FromFile(*auth_file, *method);
  if (!users.ok()) return std::move(users).error();
  return std::unique_ptr<AuthServer>(std::move(users).value());
}

Result<std::vector<std::unique_ptr<runtime::Listener>>> MysqlFlags::Listen() const {
  std::vector<runtime::Address> addresses;
  if (*port >= 0) addresses.push_back(runtime::Address::Tcp(*bind, static_cast<uint16_t>(*port)));
  if (!socket->empty()) addresses.push_back(runtime::Address::Unix(*socket));
  runtime::ListenOptions options;
  options.reuse_port = *reuse_port;
  options.keepalive = *keepalive;
  std::vector<std::unique_ptr<runtime::Listener>> out;
  for (const runtime::Address& address : addresses) {
    TRY(auto listener, runtime::Loop::Current().ListenWith(address, options));
    out.push_back(std::move(listener));
  }
  return out;
}

}  // namespace tessera::vtgate
