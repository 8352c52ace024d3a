// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

// Numbers of the MySQL client/server protocol, as the manual of MySQL ("Client/Server Protocol")
// and MariaDB's knowledge base list them.
namespace tessera::mysqlwire {

constexpr size_t kHeaderSize = 4;
constexpr size_t kMaxFrame =
    0xffffff;  // longest payload of one frame; a full one is followed by another
constexpr size_t kNonceSize = 20;

constexpr std::string_view kNativePassword = "mysql_native_password";
constexpr std::string_view kCachingSha2Password = "caching_sha2_password";
constexpr std::string_view kClearPassword = "mysql_clear_password";
constexpr std::string_view kEd25519 = "client_ed25519";
constexpr std::string_view kDialog = "dialog";
// What the dialog plugin is told instead of a nonce: ask for a password (4), nothing follows (1).
constexpr std::string_view kDialogPrompt = "\x05Password: ";

// What both sides of a connection can. The low half stands in every login; the high half is
// MariaDB's own ("extended"), and is there only when the bit of kClientLongPassword is not: that is
// how MariaDB's servers and clients know each other.
enum Capability : uint64_t {
  kClientLongPassword = 1u << 0,
  kClientFoundRows = 1u << 1,
  kClientLongFlag = 1u << 2,
  kClientConnectWithDb = 1u << 3,
  kClientCompress = 1u << 5,
  kClientLocalFiles = 1u << 7,
  kClientIgnoreSpace = 1u << 8,
  kClientProtocol41 = 1u << 9,
  kClientInteractive = 1u << 10,
  kClientSsl = 1u << 11,
  kClientTransactions = 1u << 13,
  kClientSecureConnection = 1u << 15,
  kClientMultiStatements = 1u << 16,
  kClientMultiResults = 1u << 17,
  kClientPsMultiResults = 1u << 18,
  kClientPluginAuth = 1u << 19,
  kClientConnectAttrs = 1u << 20,
  kClientPluginAuthLenencData = 1u << 21,
  kClientSessionTrack = 1u << 23,
  kClientDeprecateEof = 1u << 24,
  kClientOptionalMetadata = 1u << 25,  // each list of columns says whether it is left out
  kClientZstdCompression = 1u << 26,
  kClientQueryAttributes = 1u << 27,  // queries and executions may bring named values of their own
  kMariadbBulk = uint64_t{1} << 34,   // COM_STMT_BULK_EXECUTE
  kMariadbExtendedMetadata = uint64_t{1} << 35,  // columns tell names of types
  kMariadbCacheMetadata = uint64_t{1} << 36,     // columns are left out that the client has
};

enum class Command : uint8_t {
  kQuit = 0x01,
  kInitDb = 0x02,
  kQuery = 0x03,
  kFieldList = 0x04,
  kStatistics = 0x09,
  kProcessInfo = 0x0a,
  kProcessKill = 0x0c,
  kDebug = 0x0d,
  kPing = 0x0e,
  kChangeUser = 0x11,
  kStmtPrepare = 0x16,
  kStmtExecute = 0x17,
  kStmtSendLongData = 0x18,
  kStmtClose = 0x19,
  kStmtReset = 0x1a,
  kSetOption = 0x1b,
  kStmtFetch = 0x1c,
  kResetConnection = 0x1f,
  kStmtBulkExecute = 0xfa,  // MariaDB's
};

// In place of a statement's id: the last that was prepared. MariaDB's clients prepare and execute
// without waiting in between.
constexpr uint32_t kLastStatement = 0xffff'ffff;

enum StatusFlag : uint16_t {
  kStatusInTransaction = 0x0001,
  kStatusAutocommit = 0x0002,
  kStatusMoreResults = 0x0008,
  kStatusCursorExists = 0x0040,
  kStatusLastRowSent = 0x0080,
  kStatusSessionStateChanged = 0x4000,
};

// First bytes of a response.
constexpr uint8_t kOkHeader = 0x00;
constexpr uint8_t kMoreDataHeader = 0x01;
constexpr uint8_t kLocalInfileHeader = 0xfb;
constexpr uint8_t kEofHeader = 0xfe;
constexpr uint8_t kErrHeader = 0xff;
constexpr uint8_t kNullCell = 0xfb;  // in place of a text cell

enum class ColumnType : uint8_t {
  kDecimal = 0,
  kTiny = 1,
  kShort = 2,
  kLong = 3,
  kFloat = 4,
  kDouble = 5,
  kNull = 6,
  kTimestamp = 7,
  kLongLong = 8,
  kInt24 = 9,
  kDate = 10,
  kTime = 11,
  kDateTime = 12,
  kYear = 13,
  kNewDate = 14,
  kVarChar = 15,
  kBit = 16,
  kTimestamp2 = 17,
  kDateTime2 = 18,
  kTime2 = 19,
  kVector = 242,
  kJson = 245,
  kNewDecimal = 246,
  kEnum = 247,
  kSet = 248,
  kTinyBlob = 249,
  kMediumBlob = 250,
  kLongBlob = 251,
  kBlob = 252,
  kVarString = 253,
  kString = 254,
  kGeometry = 255,
};

enum ColumnFlag : uint16_t {
  kColumnNotNull = 1,
  kColumnPrimaryKey = 2,
  kColumnUniqueKey = 4,
  kColumnMultipleKey = 8,
  kColumnBlob = 16,
  kColumnUnsigned = 32,
  kColumnZerofill = 64,
  kColumnBinary = 128,
  kColumnEnum = 256,
  kColumnAutoIncrement = 512,
  kColumnTimestamp = 1024,
  kColumnSet = 2048,
};

constexpr uint16_t kCollationBinary = 63;

}  // namespace tessera::mysqlwire
