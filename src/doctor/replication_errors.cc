// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "doctor/replication_errors.h"

#include <algorithm>
#include <cctype>
#include <string>

namespace tessera::doctor {

namespace {

struct Known {
  std::string_view words;  // part of the text in lower case; empty: the number alone tells
  Cure cure;
};

constexpr std::string_view kDiverged =
    "the replica has other rows than its primary: restore it from a backup; find out who wrote to "
    "it (replicas are to be read-only)";
constexpr std::string_view kNewBackup =
    "restore the replica from a newer backup; keep binary logs longer than backups are apart "
    "(binlog_expire_logs_seconds)";

// The first whose words are there decides, so the narrower stand first.
constexpr Known kKnown[] = {
    {"access denied",
     {1045, "the primary refuses the replication user or its password",
      "make both agree: --db-repl-user and --db-repl-password of the replica's vttablet, and the "
      "account on the primary; then StartReplication"}},
    {"requires secure connection",
     {2061, "the primary takes that user's password only over TLS",
      "let replication use TLS, or give the user mysql_native_password; then StartReplication"}},
    {"is not allowed to connect",
     {1130, "the primary knows no replication user for that host",
      "create the account for the replica's host on the primary; then StartReplication"}},
    {"is blocked because of",
     {1129, "the primary has blocked the replica's host after broken connects",
      "FLUSH HOSTS on the primary, and find out what connects and hangs up"}},
    {"too many connections",
     {1040, "the primary has no connection left",
      "raise max_connections on the primary, or lower the pools of its vttablet"}},
    {"unknown mysql server host",
     {2005, "the primary's name is not known at the replica",
      "correct DNS or /etc/hosts at the replica, or the primary's --tablet-hostname"}},
    {"can't connect to",
     {2003, "the replica cannot connect to its primary's MySQL server",
      "start that server; else see its port, bind_address and the firewall between"}},
    {"ssl connection error",
     {2026, "TLS between replica and primary fails",
      "see the certificates of both servers: dates, authority, names"}},
    {"purged",
     {1236, "the primary has purged binary logs that the replica still needs", kNewBackup}},
    {"could not find first log file",
     {1236, "the primary does not have the binary log the replica asks for", kNewBackup}},
    {"equal mysql server ids",
     {1593, "replica and primary have the same server_id",
      "give each MySQL server its own server_id and start the replica again"}},
    {"duplicate entry", {1062, "a row that the primary inserts is there already", kDiverged}},
    {"can't find record", {1032, "a row that the primary changes is not there", kDiverged}},
    {"doesn't exist", {1146, "a table that the primary writes to is not there", kDiverged}},
    {"already exists", {1050, "a table that the primary makes is there already", kDiverged}},
    {"relay log read failure",
     {1594, "the replica's relay log is damaged",
      "StopReplication, RESET REPLICA (with GTIDs nothing is lost), StartReplication"}},
    {"lost connection",
     {2013, "the connection to the primary broke",
      "it is tried again by itself; when it keeps breaking, see the network and the primary's "
      "log"}},
    {"", {1236, "the primary cannot send the binary log the replica asks for", kNewBackup}},
};

constexpr Cure kUnknownError = {0, "replication failed",
                                "see the MySQL server's log; then StartReplication, or restore the "
                                "replica from a backup"};

// The number as a word of its own; "host:2003" is a port.
bool HasNumber(std::string_view text, int number) {
  const std::string digits = std::to_string(number);
  const auto word = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == ':' || c == '.' || c == '-';
  };
  for (size_t at = text.find(digits); at != std::string_view::npos;
       at = text.find(digits, at + 1)) {
    const size_t end = at + digits.size();
    const bool begins = at == 0 || !word(text[at - 1]);
    const bool ends =
        end == text.size() || std::isdigit(static_cast<unsigned char>(text[end])) == 0;
    if (begins && ends) return true;
  }
  return false;
}

}  // namespace

const Cure& CureOf(std::string_view error) {
  std::string lower(error);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const Known& known : kKnown)
    if (!known.words.empty() && lower.find(known.words) != std::string::npos) return known.cure;
  for (const Known& known : kKnown)
    if (HasNumber(lower, known.cure.number)) return known.cure;
  return kUnknownError;
}

}  // namespace tessera::doctor
