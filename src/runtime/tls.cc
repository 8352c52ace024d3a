// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/tls.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <optional>
#include <utility>

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

namespace tessera::runtime {

namespace {

// Ciphertext is read in pieces of this size: a little more than the largest record.
constexpr size_t kReadSize = size_t{17} << 10;
constexpr size_t kRecordSize = size_t{16} << 10;
// Plaintext that is encrypted before the underlying stream is asked to take it.
constexpr size_t kWriteBatch = size_t{128} << 10;

struct Free {
  void operator()(SSL* x) const { SSL_free(x); }
  void operator()(SSL_CTX* x) const { SSL_CTX_free(x); }
  void operator()(X509* x) const { X509_free(x); }
  void operator()(FILE* x) const { fclose(x); }
  void operator()(GENERAL_NAMES* x) const { GENERAL_NAMES_free(x); }
};
template <class T>
using Own = std::unique_ptr<T, Free>;

// The oldest error of OpenSSL's queue, which is emptied.
unsigned long TakeError() {
  const unsigned long error = ERR_get_error();
  ERR_clear_error();
  return error;
}

std::string ReasonOf(unsigned long error) {
  const char* reason = ERR_reason_error_string(error);
  return reason != nullptr ? reason : "unknown reason";
}

// "a, b".
std::string Joined(const std::vector<std::string>& items) {
  std::string text;
  for (const std::string& item : items) text += (text.empty() ? "" : ", ") + item;
  return text;
}

// --- what a certificate says ---

std::string CommonName(const X509* certificate) {
  char text[256];
  const int size = X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName,
                                             text, sizeof text);
  return size > 0 ? std::string(text, static_cast<size_t>(size)) : std::string();
}

std::string NameText(const X509_NAME* name) {
  char text[256];
  X509_NAME_oneline(name, text, sizeof text);
  return text;
}

std::string AddressText(const ASN1_OCTET_STRING* address) {
  const unsigned char* bytes = ASN1_STRING_get0_data(address);
  if (ASN1_STRING_length(address) == 4)
    return fmt::format("{}.{}.{}.{}", bytes[0], bytes[1], bytes[2], bytes[3]);
  std::string text;
  for (int i = 0; i + 1 < ASN1_STRING_length(address); i += 2)
    text += fmt::format(fmt::runtime(i == 0 ? "{:x}" : ":{:x}"), bytes[i] << 8 | bytes[i + 1]);
  return text;
}

std::vector<std::string> AlternativeNames(const X509* certificate) {
  std::vector<std::string> names;
  const Own<GENERAL_NAMES> found(static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int i = 0; found != nullptr && i < sk_GENERAL_NAME_num(found.get()); ++i) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(found.get(), i);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         static_cast<size_t>(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      names.push_back(AddressText(name->d.iPAddress));
    }
  }
  return names;
}

int64_t UnixTime(const ASN1_TIME* time) {
  tm parts{};
  return ASN1_TIME_to_tm(time, &parts) == 1 ? static_cast<int64_t>(timegm(&parts)) : 0;
}

std::vector<TlsCertificate> ChainOf(const SSL* ssl) {
  std::vector<TlsCertificate> out;
  const STACK_OF(X509)* const chain = SSL_get_peer_cert_chain(ssl);
  for (int i = 0; chain != nullptr && i < sk_X509_num(chain); ++i) {
    const X509* const one = sk_X509_value(chain, i);
    out.push_back({NameText(X509_get_subject_name(one)), NameText(X509_get_issuer_name(one)),
                   UnixTime(X509_get0_notBefore(one)), UnixTime(X509_get0_notAfter(one))});
  }
  return out;
}

std::string TimeText(const ASN1_TIME* time) {
  tm parts{};
  if (ASN1_TIME_to_tm(time, &parts) != 1) return "an unknown time";
  char text[64];
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &parts);
  return text;
}

// Why a certificate was not taken, in words.
std::string Refusal(int reason, const X509* certificate, const std::string& wanted) {
  if (certificate == nullptr) return X509_verify_cert_error_string(reason);
  switch (reason) {
    case X509_V_ERR_CERT_HAS_EXPIRED:
      return fmt::format("it expired at {}", TimeText(X509_get0_notAfter(certificate)));
    case X509_V_ERR_CERT_NOT_YET_VALID:
      return fmt::format("it is valid only from {}", TimeText(X509_get0_notBefore(certificate)));
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
      return fmt::format("it is for {}, not for {}", Joined(AlternativeNames(certificate)), wanted);
    case X509_V_ERR_CERT_REVOKED:
      return "its issuer has taken it back (certificate revoked)";
    default:
      return fmt::format("{} (its issuer is {})", X509_verify_cert_error_string(reason),
                         NameText(X509_get_issuer_name(certificate)));
  }
}

// --- reading files ---

Result<> CheckReadable(std::string_view what, const std::string& path) {
  const Own<FILE> file(fopen(path.c_str(), "r"));
  if (file != nullptr) return Ok{};
  return Errorf(Code::kInvalidArgument, "TLS {} file '{}': {}", what, path, std::strerror(errno));
}

Error FileError(std::string_view what, const std::string& path) {
  const unsigned long error = TakeError();
  if (ERR_GET_LIB(error) == ERR_LIB_X509 && ERR_GET_REASON(error) == X509_R_KEY_VALUES_MISMATCH)
    return Errorf(Code::kInvalidArgument, "TLS {} file '{}': the key is not the certificate's",
                  what, path);
  return Errorf(Code::kInvalidArgument, "TLS {} file '{}': {}", what, path, ReasonOf(error))
      .WithHint("It must be PEM text; keys without a passphrase");
}

// Without it OpenSSL would ask for a passphrase on the terminal.
int NoPassphrase(char*, int, int, void*) { return -1; }

Result<> UseOwnCertificate(SSL_CTX* ctx, const TlsConfig& config) {
  TRY_OK(CheckReadable("certificate", config.certificate_file));
  if (SSL_CTX_use_certificate_chain_file(ctx, config.certificate_file.c_str()) != 1)
    return FileError("certificate", config.certificate_file);
  TRY_OK(CheckReadable("key", config.key_file));
  if (SSL_CTX_use_PrivateKey_file(ctx, config.key_file.c_str(), SSL_FILETYPE_PEM) != 1)
    return FileError("key", config.key_file);
  if (config.chain_file.empty()) return Ok{};
  TRY_OK(CheckReadable("chain", config.chain_file));
  const Own<FILE> file(fopen(config.chain_file.c_str(), "r"));
  int count = 0;
  for (; file != nullptr; ++count) {
    const Own<X509> certificate(PEM_read_X509(file.get(), nullptr, NoPassphrase, nullptr));
    if (certificate == nullptr) break;
    if (SSL_CTX_add1_chain_cert(ctx, certificate.get()) != 1) break;
  }
  if (count == 0) return FileError("chain", config.chain_file);
  ERR_clear_error();
  return Ok{};
}

// A list of revoked certificates speaks for its own issuer; other issuers need none.
int AllowMissingList(int ok, X509_STORE_CTX* ctx) {
  if (ok == 0 && X509_STORE_CTX_get_error(ctx) == X509_V_ERR_UNABLE_TO_GET_CRL) {
    X509_STORE_CTX_set_error(ctx, X509_V_OK);
    return 1;
  }
  return ok;
}

Result<> UseAuthorities(SSL_CTX* ctx, const TlsConfig& config, bool server) {
  if (config.ca_file.empty()) {
    if (!server && SSL_CTX_set_default_verify_paths(ctx) != 1)
      return Errorf(Code::kInvalidArgument, "TLS: cannot read the system's authorities: {}",
                    ReasonOf(TakeError()));
  } else {
    TRY_OK(CheckReadable("CA", config.ca_file));
    if (SSL_CTX_load_verify_file(ctx, config.ca_file.c_str()) != 1)
      return FileError("CA", config.ca_file);
    // Tells clients whose certificates are wanted.
    if (server) SSL_CTX_set_client_CA_list(ctx, SSL_load_client_CA_file(config.ca_file.c_str()));
  }
  if (config.crl_file.empty()) return Ok{};
  TRY_OK(CheckReadable("revocation list", config.crl_file));
  X509_STORE* store = SSL_CTX_get_cert_store(ctx);
  X509_LOOKUP* lookup = X509_STORE_add_lookup(store, X509_LOOKUP_file());
  if (X509_load_crl_file(lookup, config.crl_file.c_str(), X509_FILETYPE_PEM) < 1)
    return FileError("revocation list", config.crl_file);
  X509_STORE_set_flags(store, X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL);
  return Ok{};
}

Result<> CheckConfig(const TlsConfig& config, bool server) {
  const bool has_certificate = !config.certificate_file.empty();
  if (has_certificate != !config.key_file.empty())
    return Errorf(Code::kInvalidArgument,
                  "TLS: a certificate and a key go together; '{}' has no {}",
                  has_certificate ? config.certificate_file : config.key_file,
                  has_certificate ? "key file" : "certificate file");
  if (server && !has_certificate)
    return Error(Code::kInvalidArgument, "TLS: a server needs a certificate and a key file");
  if (server && config.clients != TlsClients::kNoCertificate && config.ca_file.empty())
    return Error(Code::kInvalidArgument,
                 "TLS: to verify clients' certificates the server needs a CA file");
  for (const std::string& protocol : config.alpn) {
    if (protocol.empty() || protocol.size() > 255)
      return Error(Code::kInvalidArgument, "TLS: a protocol's name has 1 to 255 bytes");
  }
  return Ok{};
}

// Protocol names as they travel: each behind its length.
std::string AlpnWire(const std::vector<std::string>& protocols) {
  std::string wire;
  for (const std::string& protocol : protocols) {
    wire.push_back(static_cast<char>(protocol.size()));
    wire += protocol;
  }
  return wire;
}

std::vector<std::string> AlpnList(std::string_view wire) {
  std::vector<std::string> protocols;
  while (!wire.empty()) {
    const auto size = static_cast<unsigned char>(wire.front());
    protocols.emplace_back(wire.substr(1, size));
    wire.remove_prefix(std::min<size_t>(wire.size(), size_t{1} + size));
  }
  return protocols;
}

bool IsAddress(const std::string& name) {
  ASN1_OCTET_STRING* address = a2i_IPADDRESS(name.c_str());
  ASN1_OCTET_STRING_free(address);
  return address != nullptr;
}

// Plaintext to write: parts, of which some bytes are done.
class Cursor {
 public:
  Cursor(std::span<const std::string_view> parts, size_t skip) : parts_(parts), offset_(skip) {
    Normalize();
  }
  bool done() const { return parts_.empty(); }
  size_t left() const {
    size_t total = 0;
    for (const std::string_view part : parts_) total += part.size();
    return total - (done() ? 0 : offset_);
  }
  // At most a record's worth of bytes; small parts are put together in `scratch`.
  std::string_view Next(std::string& scratch) {
    std::string_view first = parts_.front().substr(offset_, kRecordSize);
    if (first.size() == kRecordSize || parts_.size() == 1) {
      Advance(first.size());
      return first;
    }
    scratch.clear();
    while (!done() && scratch.size() < kRecordSize) {
      first = parts_.front().substr(offset_, kRecordSize - scratch.size());
      scratch += first;
      Advance(first.size());
    }
    return scratch;
  }

 private:
  void Advance(size_t count) {
    offset_ += count;
    Normalize();
  }
  void Normalize() {
    while (!parts_.empty() && offset_ >= parts_.front().size()) {
      offset_ -= parts_.front().size();
      parts_ = parts_.subspan(1);
    }
  }
  std::span<const std::string_view> parts_;
  size_t offset_;
};

}  // namespace

struct TlsContext::Handle {
  Own<SSL_CTX> ctx;
  std::string alpn;  // as it travels
};

// OpenSSL between two buffers: what came in and is not yet decrypted, what is encrypted and not yet
// written. The state machine itself never waits.
class TlsStream final : public Stream {
 public:
  TlsStream(std::unique_ptr<Stream> under, std::shared_ptr<const TlsContext> tls, bool server,
            std::string name, std::string received)
      : under_(std::move(under)),
        tls_(std::move(tls)),
        server_(server),
        name_(std::move(name)),
        in_(std::move(received)),
        in_size_(in_.size()),
        ssl_(SSL_new(tls_->handle_->ctx.get())) {
    CHECK(ssl_ != nullptr);
    SSL_set_app_data(ssl_.get(), this);
    BIO* bio = BIO_new(Method());
    BIO_set_data(bio, this);
    BIO_set_init(bio, 1);
    SSL_set_bio(ssl_.get(), bio, bio);
    if (server_)
      SSL_set_accept_state(ssl_.get());
    else
      SetUpClient();
  }
  ~TlsStream() override { Shutdown(); }

  Task<Result<>> Handshake(const Context& ctx);
  TlsSession Session() const;

  Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) override;
  Task<Result<>> Write(const Context& ctx, std::span<const std::string_view> parts) override;
  Result<size_t> TryWrite(std::span<const std::string_view> parts) override;
  void Shutdown() override;
  std::string peer() const override { return under_->peer(); }

  static void SetUpContext(SSL_CTX* ctx, bool server, const TlsConfig& config);

 private:
  static TlsStream& Of(const SSL* ssl) { return *static_cast<TlsStream*>(SSL_get_app_data(ssl)); }
  static const BIO_METHOD* Method();
  static int OnBioRead(BIO* bio, char* into, int size);
  static int OnBioWrite(BIO* bio, const char* bytes, int size);
  static long OnBioControl(BIO*, int command, long, void*) { return command == BIO_CTRL_FLUSH; }
  static int OnChooseProtocol(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                              const unsigned char* offered, unsigned size, void*);
  static int OnVerify(int ok, X509_STORE_CTX* ctx);

  void SetUpClient();
  Result<> CheckProtocol() const;
  // Makes an error of what OpenSSL has just refused.
  Error FailureOf(std::string_view what);
  std::optional<Error> AlertError(std::string_view what, int alert) const;
  Error EndedError(std::string_view what) const;
  Result<> CheckWritable() const;
  Result<> Encrypt(Cursor& cursor, size_t most);
  Task<Result<>> Flush(const Context& ctx);
  Result<> TryFlush();
  // Waits for more ciphertext; notes the end.
  Task<Result<>> Fill(const Context& ctx);

  const std::unique_ptr<Stream> under_;
  const std::shared_ptr<const TlsContext> tls_;
  const bool server_;
  const std::string name_;
  std::string in_;
  size_t in_at_ = 0;
  size_t in_size_;
  std::string out_;
  std::string sending_;  // what Flush is writing
  std::string scratch_;
  Own<SSL> ssl_;
  size_t owed_ = 0;  // bytes TryWrite took but did not count
  bool ended_ = false;
  bool writing_ = false;
  bool broken_ = false;  // a record is cut: nothing more can be written
  bool failed_ = false;  // OpenSSL has given up
  bool shut_ = false;
  std::optional<Error> read_error_;
  std::string refusal_;               // why OnVerify did not take the peer's certificate
  std::vector<std::string> offered_;  // protocols the client named
};

// --- OpenSSL's callbacks ---

const BIO_METHOD* TlsStream::Method() {
  static const BIO_METHOD* const method = [] {
    BIO_METHOD* made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "stream");
    CHECK(made != nullptr);
    BIO_meth_set_read(made, OnBioRead);
    BIO_meth_set_write(made, OnBioWrite);
    BIO_meth_set_ctrl(made, OnBioControl);
    return made;
  }();
  return method;
}

int TlsStream::OnBioRead(BIO* bio, char* into, int size) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  const size_t count = std::min(static_cast<size_t>(size), self.in_size_ - self.in_at_);
  if (count == 0) {
    BIO_set_retry_read(bio);
    return -1;
  }
  std::memcpy(into, self.in_.data() + self.in_at_, count);
  self.in_at_ += count;
  return static_cast<int>(count);
}

int TlsStream::OnBioWrite(BIO* bio, const char* bytes, int size) {
  auto& self = *static_cast<TlsStream*>(BIO_get_data(bio));
  BIO_clear_retry_flags(bio);
  self.out_.append(bytes, static_cast<size_t>(size));
  return size;
}

int TlsStream::OnChooseProtocol(SSL* ssl, const unsigned char** chosen, unsigned char* chosen_size,
                                const unsigned char* offered, unsigned size, void*) {
  TlsStream& self = Of(ssl);
  const std::string_view wire(reinterpret_cast<const char*>(offered), size);
  self.offered_ = AlpnList(wire);
  for (const std::string& ours : self.tls_->config().alpn) {
    if (std::find(self.offered_.begin(), self.offered_.end(), ours) == self.offered_.end())
      continue;
    *chosen = reinterpret_cast<const unsigned char*>(ours.data());
    *chosen_size = static_cast<unsigned char>(ours.size());
    return SSL_TLSEXT_ERR_OK;
  }
  return self.tls_->config().alpn.empty() ? SSL_TLSEXT_ERR_NOACK : SSL_TLSEXT_ERR_ALERT_FATAL;
}

int TlsStream::OnVerify(int ok, X509_STORE_CTX* ctx) {
  if (AllowMissingList(ok, ctx) == 1) return 1;
  const auto* ssl = static_cast<const SSL*>(
      X509_STORE_CTX_get_ex_data(ctx, SSL_get_ex_data_X509_STORE_CTX_idx()));
  TlsStream& self = Of(ssl);
  const X509* certificate = X509_STORE_CTX_get_current_cert(ctx);
  self.refusal_ =
      fmt::format("certificate '{}' is not accepted: {}",
                  certificate != nullptr ? NameText(X509_get_subject_name(certificate)) : "(none)",
                  Refusal(X509_STORE_CTX_get_error(ctx), certificate, self.name_));
  return 0;
}

void TlsStream::SetUpContext(SSL_CTX* ctx, bool server, const TlsConfig& config) {
  SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET);
  // Connections live long: resuming sessions would gain little and ties them to keys in memory.
  SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_num_tickets(ctx, 0);
  SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  SSL_CTX_set_default_passwd_cb(ctx, NoPassphrase);
  if (server) SSL_CTX_set_alpn_select_cb(ctx, OnChooseProtocol, nullptr);
  const bool verify =
      server ? config.clients != TlsClients::kNoCertificate : config.verify != TlsVerify::kNothing;
  int mode = verify ? SSL_VERIFY_PEER : SSL_VERIFY_NONE;
  if (server && config.clients == TlsClients::kMustHaveCertificate)
    mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
  SSL_CTX_set_verify(ctx, mode, OnVerify);
}

void TlsStream::SetUpClient() {
  SSL_set_connect_state(ssl_.get());
  const std::string& alpn = tls_->handle_->alpn;
  if (!alpn.empty())
    CHECK(SSL_set_alpn_protos(ssl_.get(), reinterpret_cast<const unsigned char*>(alpn.data()),
                              static_cast<unsigned>(alpn.size())) == 0);
  const bool address = IsAddress(name_);
  // An address may not be sent as a server's name (RFC 6066, 3).
  if (!address && !name_.empty()) SSL_set_tlsext_host_name(ssl_.get(), name_.c_str());
  if (tls_->config().verify != TlsVerify::kIdentity) return;
  X509_VERIFY_PARAM* param = SSL_get0_param(ssl_.get());
  X509_VERIFY_PARAM_set_hostflags(param, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  // set1_host with an empty name would check nothing.
  const std::string& wanted = name_.empty() ? std::string(1, '.') : name_;
  CHECK((address ? X509_VERIFY_PARAM_set1_ip_asc(param, wanted.c_str())
                 : X509_VERIFY_PARAM_set1_host(param, wanted.c_str(), wanted.size())) == 1);
}

// --- the handshake ---

Task<Result<>> TlsStream::Handshake(const Context& ctx) {
  const std::string what = fmt::format("TLS handshake with {}", peer());
  for (;;) {
    ERR_clear_error();
    const int outcome = SSL_do_handshake(ssl_.get());
    const int why = SSL_get_error(ssl_.get(), outcome);
    if (outcome == 1) break;
    if (why != SSL_ERROR_WANT_READ) {
      Error error = FailureOf(what);
      // The peer hears why by an alert; whether it arrives is no matter.
      [[maybe_unused]] const Result<> told = TryFlush();
      co_return error;
    }
    Result<> flushed = co_await Flush(ctx);
    if (!flushed.ok()) co_return std::move(flushed).Wrap(what);
    if (ended_) co_return EndedError(what);
    Result<> filled = co_await Fill(ctx);
    if (!filled.ok()) co_return std::move(filled).Wrap(what);
  }
  Result<> flushed = co_await Flush(ctx);
  if (!flushed.ok()) co_return std::move(flushed).Wrap(what);
  co_return CheckProtocol();
}

Result<> TlsStream::CheckProtocol() const {
  const TlsConfig& config = tls_->config();
  if (server_ || config.alpn.empty() || !Session().alpn.empty()) return Ok{};
  return Errorf(Code::kUnavailable,
                "TLS handshake with {}: the server chose no protocol; we speak {}", peer(),
                Joined(config.alpn))
      .WithHint("Is it another kind of server?");
}

TlsSession TlsStream::Session() const {
  TlsSession session;
  session.version = SSL_get_version(ssl_.get());
  session.cipher = SSL_get_cipher_name(ssl_.get());
  const unsigned char* protocol = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(ssl_.get(), &protocol, &size);
  session.alpn.assign(reinterpret_cast<const char*>(protocol), size);
  if (const X509* certificate = SSL_get0_peer_certificate(ssl_.get())) {
    session.peer_common_name = CommonName(certificate);
    session.peer_names = AlternativeNames(certificate);
  }
  if (!server_) session.peer_chain = ChainOf(ssl_.get());
  return session;
}

// --- errors ---

Error TlsStream::EndedError(std::string_view what) const {
  return Errorf(Code::kUnavailable, "{}: the peer closed the connection", what)
      .WithHint(server_ ? "The client may not trust our certificate"
                        : "The server may not speak TLS, or may want a client certificate");
}

Error TlsStream::FailureOf(std::string_view what) {
  failed_ = true;
  const unsigned long error = TakeError();
  const int reason = ERR_GET_REASON(error);
  if (ERR_GET_LIB(error) != ERR_LIB_SSL)
    return Errorf(Code::kUnavailable, "{}: {}", what, error != 0 ? ReasonOf(error) : "cut off");
  if (reason > SSL_AD_REASON_OFFSET) {
    std::optional<Error> alert = AlertError(what, reason - SSL_AD_REASON_OFFSET);
    if (alert) return std::move(*alert);
  }
  const TlsConfig& config = tls_->config();
  switch (reason) {
    case SSL_R_CERTIFICATE_VERIFY_FAILED:
      return Errorf(Code::kUnauthenticated, "{}: {}", what, refusal_)
          .WithHint(config.ca_file.empty()
                        ? "It must be signed by an authority of the system, or name its CA file"
                        : fmt::format("It must be signed by an authority in {}", config.ca_file));
    case SSL_R_PEER_DID_NOT_RETURN_A_CERTIFICATE:
      return Errorf(Code::kUnauthenticated, "{}: the client showed no certificate", what)
          .WithHint(
              fmt::format("It needs one that is signed by an authority in {}", config.ca_file));
    case SSL_R_NO_APPLICATION_PROTOCOL:
      return Errorf(Code::kUnavailable, "{}: the client speaks {}; we speak {}", what,
                    Joined(offered_), Joined(config.alpn));
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_UNEXPECTED_MESSAGE:
      return Errorf(Code::kUnavailable, "{}: the peer does not speak TLS ({})", what,
                    ReasonOf(error));
    default:
      return Errorf(Code::kUnavailable, "{}: {}", what, ReasonOf(error));
  }
}

// What the peer has told us before it went away (RFC 8446, 6.2); nothing for plain failures.
std::optional<Error> TlsStream::AlertError(std::string_view what, int alert) const {
  const TlsConfig& config = tls_->config();
  const std::string ours =
      config.certificate_file.empty() ? "none" : fmt::format("'{}'", config.certificate_file);
  switch (alert) {
    case SSL_AD_NO_APPLICATION_PROTOCOL:
      return Errorf(Code::kUnavailable, "{}: the peer speaks none of our protocols ({})", what,
                    Joined(config.alpn));
    case SSL_AD_PROTOCOL_VERSION:
      return Errorf(Code::kUnavailable, "{}: the peer speaks no version of TLS that we speak",
                    what);
    case SSL_AD_CERTIFICATE_REQUIRED:
      return Errorf(Code::kUnauthenticated, "{}: the server wants a client certificate", what)
          .WithHint("Set the certificate and key of this client");
    case SSL_AD_BAD_CERTIFICATE:
    case SSL_AD_UNSUPPORTED_CERTIFICATE:
    case SSL_AD_CERTIFICATE_REVOKED:
    case SSL_AD_CERTIFICATE_EXPIRED:
    case SSL_AD_CERTIFICATE_UNKNOWN:
    case SSL_AD_UNKNOWN_CA:
      return Errorf(Code::kUnauthenticated, "{}: the peer does not accept our certificate ({}): {}",
                    what, ours, SSL_alert_desc_string_long(alert));
    case SSL_AD_HANDSHAKE_FAILURE:
      return Errorf(Code::kUnavailable,
                    "{}: the peer finds no common ground (cipher, or certificate; ours is {})",
                    what, ours);
    default:
      return std::nullopt;
  }
}

// --- the stream ---

Task<Result<>> TlsStream::Fill(const Context& ctx) {
  if (in_.size() < kReadSize) in_.resize(kReadSize);
  in_at_ = in_size_ = 0;
  CO_TRY(const size_t count, co_await under_->Read(ctx, in_));
  in_size_ = count;
  ended_ = count == 0;
  co_return Ok{};
}

Task<Result<size_t>> TlsStream::Read(const Context& ctx, std::span<char> into) {
  for (;;) {
    if (shut_) co_return Errorf(Code::kUnavailable, "connection to {} was shut down", peer());
    if (read_error_) co_return *read_error_;
    size_t total = 0;
    int why = SSL_ERROR_NONE;
    while (total < into.size() && why == SSL_ERROR_NONE) {
      size_t count = 0;
      ERR_clear_error();
      const int outcome = SSL_read_ex(ssl_.get(), into.data() + total, into.size() - total, &count);
      if (outcome != 1) why = SSL_get_error(ssl_.get(), outcome);
      total += count;
    }
    if (why == SSL_ERROR_SSL || why == SSL_ERROR_SYSCALL)
      read_error_ = FailureOf(fmt::format("read from {}", peer()));
    // A fatal error has an alert for the peer. Its own end and ours are not tied to each other.
    if (!out_.empty()) [[maybe_unused]]
      const Result<> told = TryFlush();
    if (total > 0 || into.empty() || why == SSL_ERROR_ZERO_RETURN) co_return total;
    if (read_error_) continue;
    if (ended_)
      co_return Errorf(Code::kUnavailable,
                       "connection to {} was cut off: it ended without TLS's own end", peer());
    CO_TRY_OK(co_await Fill(ctx));
  }
}

Result<> TlsStream::CheckWritable() const {
  if (shut_) return Errorf(Code::kUnavailable, "connection to {} was shut down", peer());
  if (broken_ || failed_)
    return Errorf(Code::kUnavailable, "write to {}: an earlier failure has ended the connection",
                  peer());
  return Ok{};
}

// Encrypts up to about `most` bytes into out_.
Result<> TlsStream::Encrypt(Cursor& cursor, size_t most) {
  for (size_t total = 0; total < most && !cursor.done();) {
    const std::string_view piece = cursor.Next(scratch_);
    size_t count = 0;
    ERR_clear_error();
    if (SSL_write_ex(ssl_.get(), piece.data(), piece.size(), &count) != 1)
      return FailureOf(fmt::format("write to {}", peer()));
    CHECK(count == piece.size());  // out_ takes everything
    total += count;
  }
  return Ok{};
}

Task<Result<>> TlsStream::Flush(const Context& ctx) {
  while (!out_.empty()) {
    std::swap(sending_, out_);
    writing_ = true;
    const Result<> written = co_await under_->WriteAll(ctx, sending_);
    writing_ = false;
    sending_.clear();
    if (!written.ok()) {
      broken_ = true;
      co_return written;
    }
  }
  co_return Ok{};
}

// What the underlying stream takes at once; the rest stays in out_.
Result<> TlsStream::TryFlush() {
  if (writing_ || out_.empty() || broken_) return Ok{};
  const std::string_view all = out_;
  const Result<size_t> sent = under_->TryWrite(std::span<const std::string_view>(&all, 1));
  if (!sent.ok()) {
    broken_ = true;
    return sent.error();
  }
  out_.erase(0, *sent);
  return Ok{};
}

Task<Result<>> TlsStream::Write(const Context& ctx, std::span<const std::string_view> parts) {
  CO_TRY_OK(CheckWritable());
  Cursor cursor(parts, std::exchange(owed_, 0));
  do {
    CO_TRY_OK(Encrypt(cursor, kWriteBatch));
    CO_TRY_OK(co_await Flush(ctx));
  } while (!cursor.done());
  co_return Ok{};
}

Result<size_t> TlsStream::TryWrite(std::span<const std::string_view> parts) {
  TRY_OK(CheckWritable());
  size_t total = 0;
  for (const std::string_view part : parts) total += part.size();
  TRY_OK(TryFlush());
  if (total == 0 || !out_.empty()) return size_t{0};
  Cursor cursor(parts, owed_);
  size_t taken = std::exchange(owed_, 0);
  while (out_.empty() && !cursor.done()) {
    const size_t batch = std::min(kWriteBatch, total - taken);
    TRY_OK(Encrypt(cursor, batch));
    TRY_OK(TryFlush());
    taken = total - cursor.left();
  }
  if (out_.empty() || taken < total) return taken;
  // All is encrypted, some of it not written. Who asks must come again for that to go out, so one
  // byte is left to come for.
  owed_ = 1;
  return total - owed_;
}

void TlsStream::Shutdown() {
  if (shut_) return;
  shut_ = true;
  // A goodbye in the middle of a record, or of a handshake, would be noise.
  if (!writing_ && !broken_ && !failed_ && SSL_is_init_finished(ssl_.get()) == 1) {
    ERR_clear_error();
    SSL_shutdown(ssl_.get());
    [[maybe_unused]] const Result<> told = TryFlush();
  }
  under_->Shutdown();
}

// --- TlsContext ---

TlsContext::TlsContext(TlsConfig config)
    : config_(std::move(config)), handle_(std::make_unique<Handle>()) {}
TlsContext::~TlsContext() = default;

Result<std::shared_ptr<const TlsContext>> TlsContext::Make(TlsConfig config, bool server) {
  TRY_OK(CheckConfig(config, server));
  std::shared_ptr<TlsContext> made(new TlsContext(std::move(config)));
  const TlsConfig& kept = made->config_;
  made->handle_->alpn = AlpnWire(kept.alpn);
  made->handle_->ctx.reset(SSL_CTX_new(server ? TLS_server_method() : TLS_client_method()));
  SSL_CTX* ctx = made->handle_->ctx.get();
  CHECK(ctx != nullptr);
  TlsStream::SetUpContext(ctx, server, kept);
  SSL_CTX_set_min_proto_version(
      ctx, kept.min_version == TlsVersion::k13 ? TLS1_3_VERSION : TLS1_2_VERSION);
  if (!kept.certificate_file.empty()) {
    TRY_OK(UseOwnCertificate(ctx, kept));
  }
  TRY_OK(UseAuthorities(ctx, kept, server));
  return std::shared_ptr<const TlsContext>(std::move(made));
}

Result<std::shared_ptr<const TlsContext>> TlsContext::ForClient(TlsConfig config) {
  return Make(std::move(config), false);
}
Result<std::shared_ptr<const TlsContext>> TlsContext::ForServer(TlsConfig config) {
  return Make(std::move(config), true);
}

namespace {

Task<Result<TlsConnection>> Finish(const Context& ctx, std::unique_ptr<TlsStream> stream) {
  CO_TRY_OK(co_await stream->Handshake(ctx));
  TlsSession session = stream->Session();
  co_return TlsConnection{std::move(stream), std::move(session)};
}

}  // namespace

Task<Result<TlsConnection>> TlsConnect(const Context& ctx, std::unique_ptr<Stream> stream,
                                       std::shared_ptr<const TlsContext> tls, std::string name,
                                       std::string received) {
  if (!tls->config().server_name.empty()) name = tls->config().server_name;
  auto made = std::make_unique<TlsStream>(std::move(stream), std::move(tls), false, std::move(name),
                                          std::move(received));
  co_return co_await Finish(ctx, std::move(made));
}

Task<Result<TlsConnection>> TlsAccept(const Context& ctx, std::unique_ptr<Stream> stream,
                                      std::shared_ptr<const TlsContext> tls, std::string received) {
  auto made = std::make_unique<TlsStream>(std::move(stream), std::move(tls), true, std::string(),
                                          std::move(received));
  co_return co_await Finish(ctx, std::move(made));
}

}  // namespace tessera::runtime
