// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The login half of ServerConnection.
#include <optional>

#include "mysqlconn/server_connection.h"
#include "mysqlwire/auth.h"
#include "mysqlwire/ed25519.h"
#include "mysqlwire/protocol.h"

namespace tessera::mysqlconn {

namespace {

constexpr size_t kLoginRead = 512;  // a crowd of clients that do not finish holds this each
// A plugin of the client's own, one of ours, the key, the password: no honest login takes more
// turns.
constexpr int kMaxTurns = 5;

bool TakesPassword(AuthMethod method) {
  return method == AuthMethod::kClearText || method == AuthMethod::kDialog;
}

Error NeedsTls(const mysqlwire::ServerLogin& login) {
  return Errorf(Code::kUnauthenticated,
                "Access denied for user '{}': the password may not cross this connection in clear",
                login.user())
      .WithMysql(1045, "28000")
      .WithHint("Connect over TLS or the Unix socket");
}

// What a plugin is told when it is switched to; nothing is the greeting's nonce.
std::string ChallengeFor(AuthMethod method) {
  if (method == AuthMethod::kDialog) return std::string(mysqlwire::kDialogPrompt);
  if (method != AuthMethod::kEd25519) return {};
  static_assert(mysqlwire::kEd25519NonceSize <= 2 * mysqlwire::kNonceSize);
  return (mysqlwire::MakeNonce() + mysqlwire::MakeNonce()).substr(0, mysqlwire::kEd25519NonceSize);
}

// "10.0.0.7" of "10.0.0.7:51432", as MySQL names hosts in its errors.
std::string_view HostOf(std::string_view peer) {
  peer = peer.substr(0, peer.rfind(':'));
  if (peer.starts_with('[') && peer.ends_with(']')) peer = peer.substr(1, peer.size() - 2);
  return peer;
}

Error InsecureTransport() {
  return Error(Code::kUnauthenticated, MysqlError{3159, "HY000"},
               "Connections using insecure transport are prohibited while "
               "--mysql-server-require-secure-transport is on")
      .WithHint("Connect over TLS or the Unix socket");
}

}  // namespace

Task<Result<std::string_view>> ServerConnection::ReadLoginPacket(const Context& ctx) {
  const bool read_ahead =
      login_ != nullptr;  // COM_CHANGE_USER: the reader coroutine has the stream
  in_.SetSequence(output_.packets().sequence());  // the client goes on counting where we stopped
  for (;;) {
    CO_TRY(const std::optional<std::string_view> packet, in_.Next());
    if (packet) {
      if (packet->size() > kMaxLoginPacket)
        co_return Error(Code::kInvalidArgument, MysqlError{1835, "HY000"},
                        "malformed login packet: too long");
      output_.packets().SetSequence(in_.sequence());
      if (compressed_ != nullptr) compressed_->BeginAnswer();
      co_return *packet;
    }
    if (read_ahead) {
      if (gone_) co_return Error(Code::kCancelled, "the client has gone away");
      CO_TRY_OK(co_await arrived_.Wait(ctx));
      continue;
    }
    const std::span<char> room = in_.Room(kLoginRead);
    CO_TRY(const size_t count, co_await stream_->Read(ctx, room));
    if (count == 0) co_return Error(Code::kCancelled, "the client left during the login");
    in_.Received(count);
  }
}

// The client has asked for TLS; its login comes again inside.
Task<Result<std::string_view>> ServerConnection::BeginTls(
    const Context& ctx, mysqlwire::ServerLogin& login,
    std::shared_ptr<const runtime::TlsContext> tls) {
  CO_TRY(runtime::TlsConnection secret,
         co_await runtime::TlsAccept(ctx, std::move(stream_), std::move(tls), in_.TakeBuffered()));
  stream_ = std::move(secret.stream);
  output_.SetStream(*stream_);
  login.TlsStarted();
  session_.secure = true;
  session_.tls_version = std::move(secret.session.version);
  session_.tls_cipher = std::move(secret.session.cipher);
  session_.certificate_name = std::move(secret.session.peer_common_name);
  certificate_names_ = std::move(secret.session.peer_names);
  co_return co_await ReadLoginPacket(ctx);
}

Task<Result<>> ServerConnection::Login(const Context& ctx) {
  std::shared_ptr<const runtime::TlsContext> tls = shared_.tls.Get();
  mysqlwire::ServerLoginOptions options;
  options.version = shared_.version.ForGreeting();
  options.connection_id = session_.id;
  options.nonce = mysqlwire::MakeNonce();
  options.default_plugin = AuthMethodName(shared_.auth.DefaultMethod());
  options.collation = static_cast<uint8_t>(shared_.options.collation);
  options.offer_tls = tls != nullptr;
  options.offer_compression = shared_.options.offer_compression;
  options.mariadb = options.version.find("MariaDB") != std::string::npos;
  auto login = std::make_unique<mysqlwire::ServerLogin>(std::move(options));
  login->Greet(output_.packets());
  CO_TRY_OK(co_await output_.Flush(ctx));
  CO_TRY(std::string_view packet, co_await ReadLoginPacket(ctx));
  CO_TRY(mysqlwire::ServerLogin::Step step, login->OnPacket(packet));
  if (step == mysqlwire::ServerLogin::Step::kStartTls) {
    CO_TRY(packet, co_await BeginTls(ctx, *login, std::move(tls)));
    CO_TRY(step, login->OnPacket(packet));
  }
  if (shared_.options.require_secure_transport && !session_.secure) co_return InsecureTransport();
  CO_TRY_OK(co_await Authenticate(ctx, *login));
  FillSession(*login);
  CO_TRY_OK(co_await shared_.handler.Connected(ctx, session_));
  login->Accept(output_.packets());
  writer_.Begin(false);
  writer_.Finish(writer_.WriteOk(OkInfo()));
  login_ = std::move(login);
  CO_TRY_OK(co_await output_.Flush(ctx));
  BeginCompression(*login_);
  in_.SetMaxPacket(shared_.options.max_packet);
  co_return Ok{};
}

// After the OK that ends the login, when the client wants it. A client that can do both means zlib.
void ServerConnection::BeginCompression(const mysqlwire::ServerLogin& login) {
  using mysqlwire::CompressionMethod;
  constexpr uint32_t kAny = mysqlwire::kClientCompress | mysqlwire::kClientZstdCompression;
  if (!(login.capabilities() & kAny)) return;
  const auto method = login.capabilities() & mysqlwire::kClientCompress ? CompressionMethod::kZlib
                                                                        : CompressionMethod::kZstd;
  constexpr int kUsualLevel = 3;
  const int level = login.zstd_level() != 0 ? login.zstd_level() : kUsualLevel;
  auto compressed =
      std::make_unique<CompressedStream>(std::move(stream_), method, level, in_.TakeBuffered());
  compressed_ = compressed.get();
  stream_ = std::move(compressed);
  output_.SetStream(*stream_);
}

void ServerConnection::Report(Instant began, const Result<>& logged_in) const {
  if (!shared_.options.on_login) return;
  LoginReport report;
  report.peer = session_.peer;
  if (logged_in.ok()) report.user = session_.identity.user;
  report.took = Executor::Current().Now() - began;
  if (!logged_in.ok()) report.refused = &logged_in.error();
  shared_.options.on_login(report);
}

// One of the connections the user may have; the one it had before COM_CHANGE_USER goes.
Result<> ServerConnection::TakeSlot() {
  const size_t most = shared_.options.max_user_connections;
  if (most == 0) return Ok{};
  slot_ = UserSlots::Slot();
  slot_ = shared_.user_slots.Take(session_.identity.user, most);
  if (slot_.taken()) return Ok{};
  return Errorf(Code::kResourceExhausted,
                "User '{}' has exceeded the 'max_user_connections' resource (current value: {})",
                session_.identity.user, most)
      .WithMysql(1226, "42000");
}

bool ServerConnection::MayCrossInClear() const {
  return session_.secure || shared_.options.allow_clear_text_without_tls;
}

// In MySQL's words. The same for users that there are and others.
Error ServerConnection::AccessDenied(const mysqlwire::ServerLogin& login) const {
  const std::string_view host = local_ ? std::string_view("localhost") : HostOf(session_.peer);
  return Errorf(Code::kUnauthenticated, "Access denied for user '{}'@'{}' (using password: {})",
                login.user(), host, gave_password_ ? "YES" : "NO")
      .WithMysql(1045, "28000");
}

// Sends what was written and takes the client's answer.
Task<Result<mysqlwire::ServerLogin::Step>> ServerConnection::Turn(const Context& ctx,
                                                                  mysqlwire::ServerLogin& login) {
  CO_TRY_OK(co_await output_.Flush(ctx));
  CO_TRY(const std::string_view packet, co_await ReadLoginPacket(ctx));
  co_return login.OnPacket(packet);
}

// Has the client answer by a method that its user can be judged by: its own when it only kept its
// answer back until it is asked by name.
Result<> ServerConnection::Ask(mysqlwire::ServerLogin& login, bool unasked) {
  AuthMethod method = shared_.auth.MethodFor(login.user());
  if (unasked) method = FindAuthMethod(login.plugin()).value_or(method);
  if (TakesPassword(method) && !MayCrossInClear()) return NeedsTls(login);
  // Clients of before plugins do not understand the question.
  if (!(login.capabilities() & mysqlwire::kClientPluginAuth)) return AccessDenied(login);
  login.SwitchTo(AuthMethodName(method), output_.packets(), ChallengeFor(method));
  return Ok{};
}

Task<Result<LoginVerdict>> ServerConnection::Judge(const Context& ctx,
                                                   const mysqlwire::ServerLogin& login,
                                                   AuthMethod method) {
  LoginAttempt attempt;
  attempt.user = login.user();
  attempt.peer = session_.peer;
  attempt.local = local_;
  attempt.method = login.is_password() ? AuthMethod::kClearText : method;
  attempt.nonce = login.nonce();
  attempt.response = login.response();
  attempt.certificate_name = session_.certificate_name;
  attempt.certificate_names = certificate_names_;
  std::string password;
  if (login.is_encrypted()) {
    Result<std::string> opened = shared_.password_key->Decrypt(login.response(), login.nonce());
    if (!opened.ok()) co_return LoginVerdict();
    password = std::move(opened).value();
    attempt.response = password;
  }
  co_return co_await shared_.auth.Verify(ctx, attempt);
}

// Turns of question and answer until the auth server is content. How many there are depends on what
// the client sends, never on whether there is such a user.
Task<Result<>> ServerConnection::Authenticate(const Context& ctx, mysqlwire::ServerLogin& login) {
  using Step = mysqlwire::ServerLogin::Step;
  AuthServer& auth = shared_.auth;
  gave_password_ = false;
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    gave_password_ = gave_password_ || !login.response().empty();
    const std::optional<AuthMethod> method = FindAuthMethod(login.plugin());
    const bool known = method && auth.Supports(*method, login.user());
    // An Ed25519 signature of the greeting's nonce is none; other clients may have kept their
    // answer back because the greeting offered something else.
    const bool unasked = known && turn == 0 &&
                         (*method == AuthMethod::kEd25519 ||
                          (login.response().empty() && *method != auth.DefaultMethod()));
    if (!known || unasked) {
      CO_TRY_OK(Ask(login, unasked));
    } else {
      if (TakesPassword(*method) && !MayCrossInClear()) co_return NeedsTls(login);
      CO_TRY(LoginVerdict verdict, co_await Judge(ctx, login, *method));
      if (verdict.accepted) {
        session_.identity = std::move(verdict.identity);
        co_return TakeSlot();
      }
      if (*method != AuthMethod::kCachingSha2 || login.is_password() || login.response().empty())
        co_return AccessDenied(login);
      // The scramble may be right and only say nothing about the sort of hash we hold.
      if (!session_.secure && shared_.password_key == nullptr) co_return NeedsTls(login);
      login.AskForPassword(output_.packets(), !session_.secure);
    }
    CO_TRY(Step step, co_await Turn(ctx, login));
    if (step == Step::kSendKey) {
      login.SendKey(shared_.password_key->public_pem(), output_.packets());
      CO_TRY(step, co_await Turn(ctx, login));
    }
  }
  co_return AccessDenied(login);
}

void ServerConnection::FillSession(const mysqlwire::ServerLogin& login) {
  session_.database = login.database();
  session_.capabilities = login.capabilities();
  session_.collation = login.collation() != 0 ? login.collation() : shared_.options.collation;
  session_.attributes = login.attributes();
  session_.multi_statements = (login.capabilities() & mysqlwire::kClientMultiStatements) != 0;
  session_.found_rows = (login.capabilities() & mysqlwire::kClientFoundRows) != 0;
}

}  // namespace tessera::mysqlconn
