// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "mysqlconn/compressed_stream.h"
#include "mysqlconn/cursor_rows.h"
#include "mysqlconn/packet_result_writer.h"
#include "mysqlconn/server.h"
#include "mysqlwire/binary_rows.h"
#include "mysqlwire/bytes.h"
#include "mysqlwire/packet.h"
#include "mysqlwire/server_login.h"
#include "runtime/sync.h"

namespace tessera::mysqlconn {

// Before the login nobody may have us wait for more.
constexpr size_t kMaxLoginPacket = 1 << 16;

// One client's connection: login, then commands one after the other. A second coroutine reads ahead
// all the time, so that a client that goes away ends the command it left behind.
class ServerConnection final : PacketInput {
 public:
  ServerConnection(const Context& ctx, Server& server, std::unique_ptr<runtime::Stream> stream,
                   bool local, uint32_t id);

  // Who the client is, when not who the stream says. Before Run.
  void SetPeer(std::string peer) { session_.peer = std::move(peer); }
  // From greeting to end.
  Task<> Run();

  void KillQuery();
  void KillConnection();
  bool logged_in() const { return login_ != nullptr; }
  const std::string& user() const { return session_.identity.user; }
  ClientInfo Info() const;
  // Ends now if idle, else after the command under way.
  void Drain();

 private:
  struct Statement {
    std::string sql;
    uint16_t parameter_count = 0;
    std::vector<mysqlwire::BoundType> types;  // of the last execute that sent them
    std::vector<std::pair<uint16_t, uint16_t>> parameter_columns;  // as PreparedInfo has them
    std::map<uint16_t, std::string> long_data;
    std::string columns;  // that a client knows which can do without them (DescribeColumns)
    std::unique_ptr<CursorRows> cursor;  // rows kept for COM_STMT_FETCH
  };

  // A coroutine that is inlined lies in the frame of the one that awaits it for as long as that one
  // lives: an idle connection would carry the frames of its login and of every command. Those that
  // are noinline have them while they run.

  // Login.
  [[gnu::noinline]] Task<Result<>> Login(const Context& ctx);
  Task<Result<std::string_view>> BeginTls(const Context& ctx, mysqlwire::ServerLogin& login,
                                          std::shared_ptr<const runtime::TlsContext> tls);
  Task<Result<mysqlwire::ServerLogin::Step>> Turn(const Context& ctx,
                                                  mysqlwire::ServerLogin& login);
  Result<> TakeSlot();
  void Report(Instant began, const Result<>& logged_in) const;
  Result<> Ask(mysqlwire::ServerLogin& login, bool unasked);
  Task<Result<LoginVerdict>> Judge(const Context& ctx, const mysqlwire::ServerLogin& login,
                                   AuthMethod method);
  bool MayCrossInClear() const;
  Error AccessDenied(const mysqlwire::ServerLogin& login) const;
  Task<Result<>> Authenticate(const Context& ctx, mysqlwire::ServerLogin& login);
  Task<Result<std::string_view>> ReadLoginPacket(const Context& ctx);
  void BeginCompression(const mysqlwire::ServerLogin& login);
  void FillSession(const mysqlwire::ServerLogin& login);
  [[gnu::noinline]] Task<> SendFinalError(const Error& error);

  // Commands.
  Task<> ReadAhead();
  Task<Result<std::string_view>> NextCommand();
  // The packet was taken apart: the buffer may move from here.
  void ReleaseInput();
  Task<Result<std::string_view>> NextPacket(const Context& ctx) override;
  Duration LongestSilence() const;
  Task<Result<>> WaitForInput(Duration limit);
  Task<> ServeCommands();
  [[gnu::noinline]] Task<Result<bool>> Dispatch(std::string_view packet);
  void NoteCommand(std::string_view packet);
  bool TakesAttributes() const;
  Result<std::string_view> QueryText(std::string_view payload);
  [[gnu::noinline]] Task<Result<bool>> Relay(std::string_view packet);
  Task<Result<>> ProcessKill(std::string_view payload);
  Task<Result<>> Refresh(std::string_view payload);
  Task<Result<>> Query(std::string_view sql);
  Task<Result<>> InitDatabase(std::string_view database);
  Task<Result<>> ListFields(std::string_view payload);
  Result<> SetOption(std::string_view payload);
  Task<Result<>> ResetConnection();
  Task<Result<>> ChangeUser(std::string_view packet);
  void WriteStatistics();

  // Prepared statements.
  Task<Result<>> Prepare(std::string_view sql);
  void WritePrepared(uint32_t id, const PreparedInfo& info);
  uint32_t StatementId(mysqlwire::ByteReader& in) const;
  // The statement that a command's first bytes name.
  Result<Statement*> TakeStatement(mysqlwire::ByteReader& in, uint32_t& id);
  Task<Result<>> Execute(std::string_view payload);
  Task<Result<>> ExecuteBulk(std::string_view payload);
  Task<Result<>> ExecuteWithCursor(uint32_t id, Statement& statement,
                                   std::span<const sqltypes::Value> parameters);
  static std::vector<BoundColumn> BoundColumns(const Statement& statement,
                                               std::span<const sqltypes::Value> parameters);
  Result<> Fetch(std::string_view payload);
  void SendLongData(std::string_view payload);
  void CloseStatement(std::string_view payload);
  Result<> ResetStatement(std::string_view payload);
  void CloseAllStatements();

  Context ctx_;        // of the connection
  Context query_ctx_;  // of the command under way; renewed after a cancel
  ServerShared& shared_;
  std::unique_ptr<runtime::Stream> stream_;  // nothing while TLS begins, or when that failed
  CompressedStream* compressed_ = nullptr;   // stream_, once that is one
  const bool local_;                         // over a Unix socket
  Session session_;
  UserSlots::Slot slot_;
  mysqlwire::PacketReader in_;
  PacketOutput output_;
  PacketResultWriter writer_;
  std::vector<std::string> certificate_names_;
  bool gave_password_ = false;                     // at the login under way
  std::unique_ptr<mysqlwire::ServerLogin> login_;  // kept for COM_CHANGE_USER
  runtime::WaitQueue arrived_;
  runtime::WaitQueue idle_;
  uint8_t command_ = 0;    // under way, or the last
  Instant since_;          // it began, or ended
  std::string_view text_;  // of the statement under way; lies in its packet or in statements_
  bool busy_ = false;      // a command is under way
  bool in_use_ = false;    // its packet is, so the input buffer must not move
  bool gone_ = false;      // the client has left, or must
  bool draining_ = false;
  uint32_t next_statement_ = kOwnStatement + 1;
  uint32_t last_statement_ = 0;  // prepared here, as mysqlwire::kLastStatement means it; 0: none
  std::map<uint32_t, Statement> statements_;
  Arena arena_;
};

}  // namespace tessera::mysqlconn
