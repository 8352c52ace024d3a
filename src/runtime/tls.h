// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"

namespace tessera::runtime {

// What a client demands of a server's certificate.
enum class TlsVerify : uint8_t {
  kNothing,    // encrypt only: anybody may pose as the server
  kAuthority,  // it was signed by an authority we trust
  kIdentity,   // and it is for the name we connect to
};

// What a server demands of its clients' certificates. One that is given is always verified.
enum class TlsClients : uint8_t { kNoCertificate, kMayHaveCertificate, kMustHaveCertificate };

enum class TlsVersion : uint8_t { k12, k13 };

// Files (all PEM) and demands of one side. Empty strings are "none".
struct TlsConfig {
  std::string certificate_file;  // ours, and those between it and the authority
  std::string key_file;          // without a passphrase
  std::string chain_file;        // further certificates to send after ours
  std::string ca_file;           // whom we trust; a client without one trusts the system's
  std::string crl_file;          // certificates its issuer has taken back
  TlsVersion min_version = TlsVersion::k12;
  // Protocols to agree on, the best first. A client fails when the server chooses none of them; a
  // server takes clients that name no protocol, and refuses those that name only others.
  std::vector<std::string> alpn;
  TlsVerify verify = TlsVerify::kIdentity;          // clients only
  std::string server_name;                          // clients: instead of the name connected to
  TlsClients clients = TlsClients::kNoCertificate;  // servers only
};

// A TlsConfig with its files read. Never changes, so that all loops share one; whoever wants new
// files makes a new one.
class TlsContext {
 public:
  // kInvalidArgument names the file and what is wrong with it. Reads files: call it at start or
  // from RunBlocking.
  static Result<std::shared_ptr<const TlsContext>> ForClient(TlsConfig config);
  static Result<std::shared_ptr<const TlsContext>> ForServer(TlsConfig config);
  ~TlsContext();
  TlsContext(const TlsContext&) = delete;
  TlsContext& operator=(const TlsContext&) = delete;

  const TlsConfig& config() const { return config_; }

 private:
  friend class TlsStream;
  struct Handle;
  explicit TlsContext(TlsConfig config);
  static Result<std::shared_ptr<const TlsContext>> Make(TlsConfig config, bool server);

  const TlsConfig config_;
  std::unique_ptr<Handle> handle_;
};

// A certificate that a server showed. Times are seconds since 1970.
struct TlsCertificate {
  std::string subject;
  std::string issuer;
  int64_t not_before = 0;
  int64_t not_after = 0;
};

// What the two sides agreed on, and who the peer is. The names are empty when it showed no
// certificate.
struct TlsSession {
  std::string version;  // "TLSv1.3"
  std::string cipher;
  std::string alpn;                     // empty when none was agreed on
  std::string peer_common_name;         // of the subject of the peer's certificate
  std::vector<std::string> peer_names;  // DNS names and addresses it is for
  // Clients: what the server sent, its own first and then those between it and the authority.
  std::vector<TlsCertificate> peer_chain;
};

// A stream that has become secret. It is a Stream like any other, but for two things: a write that
// was cut short leaves it useless, and after a short TryWrite the next write must begin with the
// bytes that were not taken. A peer's end without TLS's own goodbye is an error of Read
// (kUnavailable), since somebody may have cut the connection.
struct TlsConnection {
  std::unique_ptr<Stream> stream;
  TlsSession session;
};

// Makes `stream` secret, as its client. Bytes may have gone over it before: `received` are those
// that were read too many. `name` is the host that was asked for; the certificate must be for it.
// ctx bounds the handshake. kUnauthenticated when one side does not take the other's certificate;
// the stream is closed on every error.
Task<Result<TlsConnection>> TlsConnect(const Context& ctx, std::unique_ptr<Stream> stream,
                                       std::shared_ptr<const TlsContext> tls, std::string name,
                                       std::string received = {});

// The same as its server.
Task<Result<TlsConnection>> TlsAccept(const Context& ctx, std::unique_ptr<Stream> stream,
                                      std::shared_ptr<const TlsContext> tls,
                                      std::string received = {});

}  // namespace tessera::runtime
