// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The login half of ServerConnection.
#include <optional>

#include "mysqlconn/server_connection.h"
#include "mysqlwire/auth.h"
#include "mysqlwire/protocol.h"

namespace tessera::mysqlconn {

namespace {

constexpr size_t kLoginRead = 2048;
constexpr size_t kMaxLoginPacket = 1 << 16;
// A plugin of the client's own, one of ours, the password: no honest login takes more turns.
constexpr int kMaxTurns = 4;

std::optional<AuthMethod> MethodOf(const mysqlwire::ServerLogin& login) {
  if (login.is_password()) return AuthMethod::kClearText;
  if (login.plugin() == mysqlwire::kNativePassword) return AuthMethod::kNativePassword;
  if (login.plugin() == mysqlwire::kCachingSha2Password) return AuthMethod::kCachingSha2;
  return std::nullopt;
}

Error AccessDenied(const mysqlwire::ServerLogin& login) {
  return Errorf(Code::kUnauthenticated, "Access denied for user '{}'", login.user())
      .WithMysql(1045, "28000");
}

Error NeedsTls(const mysqlwire::ServerLogin& login) {
  return Errorf(Code::kUnauthenticated,
                "Access denied for user '{}': the password may not cross this connection in clear",
                login.user())
      .WithMysql(1045, "28000")
      .WithHint("Connect over TLS or the Unix socket");
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
      co_return *packet;
    }
    if (read_ahead) {
      if (gone_) co_return Error(Code::kCancelled, "the client has gone away");
      CO_TRY_OK(co_await arrived_.Wait(ctx));
      continue;
    }
    if (in_.buffered() > kMaxLoginPacket)
      co_return Error(Code::kInvalidArgument, MysqlError{1835, "HY000"},
                      "malformed login packet: too long");
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
  co_return co_await ReadLoginPacket(ctx);
}

Task<Result<>> ServerConnection::Login(const Context& ctx) {
  std::shared_ptr<const runtime::TlsContext> tls = shared_.tls.Get();
  mysqlwire::ServerLoginOptions options;
  options.version = shared_.options.version;
  options.connection_id = session_.id;
  options.nonce = mysqlwire::MakeNonce();
  options.default_plugin = AuthMethodName(shared_.auth.DefaultMethod());
  options.collation = static_cast<uint8_t>(shared_.options.collation);
  options.offer_tls = tls != nullptr;
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
  co_return co_await output_.Flush(ctx);
}

// Turns of question and answer until the auth server is content.
Task<Result<>> ServerConnection::Authenticate(const Context& ctx, mysqlwire::ServerLogin& login) {
  AuthServer& auth = shared_.auth;
  const std::string_view offered = AuthMethodName(auth.DefaultMethod());
  const bool safe = session_.secure || shared_.options.allow_clear_text_without_tls;
  for (int turn = 0; turn < kMaxTurns; ++turn) {
    const std::optional<AuthMethod> method = MethodOf(login);
    const bool known = method && auth.Supports(*method, login.user());
    // A client whose plugin is not the one offered may have kept its answer back until it is asked
    // by name.
    const bool unasked = turn == 0 && login.response().empty() && login.plugin() != offered;
    if (!known || unasked) {
      const std::string plugin(known ? std::string_view(login.plugin()) : offered);
      if (plugin == mysqlwire::kClearPassword && !safe) co_return NeedsTls(login);
      login.SwitchTo(plugin, output_.packets());
    } else {
      if (method == AuthMethod::kClearText && !safe) co_return NeedsTls(login);
      LoginAttempt attempt;
      attempt.user = login.user();
      attempt.peer = session_.peer;
      attempt.local = local_;
      attempt.method = *method;
      attempt.nonce = login.nonce();
      attempt.response = login.response();
      CO_TRY(LoginVerdict verdict, co_await auth.Verify(ctx, attempt));
      if (verdict.outcome == LoginVerdict::kAccepted) {
        session_.identity = std::move(verdict.identity);
        co_return Ok{};
      }
      if (verdict.outcome == LoginVerdict::kRefused || *method != AuthMethod::kCachingSha2)
        co_return AccessDenied(login);
      if (safe) {
        login.AskForPassword(output_.packets());
      } else if (auth.Supports(AuthMethod::kNativePassword, login.user())) {
        login.SwitchTo(mysqlwire::kNativePassword, output_.packets());
      } else {
        co_return NeedsTls(login);
      }
    }
    CO_TRY_OK(co_await output_.Flush(ctx));
    CO_TRY(const std::string_view packet, co_await ReadLoginPacket(ctx));
    CO_TRY_OK(login.OnPacket(packet));
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
