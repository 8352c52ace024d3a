// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/errno_codes.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstring>
#include <optional>
#include <span>

namespace tessera::mysqlwire {

namespace {

constexpr std::array<uint16_t, 13> kResourceExhausted = {1021, 1037, 1038, 1040, 1041, 1114, 1129,
                                                         1135, 1151, 1153, 1203, 1206, 1226};
constexpr std::array<uint16_t, 5> kUnavailable = {1053, 2002, 2003, 2006, 3168};
constexpr std::array<uint16_t, 10> kNotFound = {1029, 1032, 1054, 1094, 1109,
                                                1122, 1141, 1146, 1147, 1176};
constexpr std::array<uint16_t, 4> kPermissionDenied = {1044, 1045, 1095, 1211};
constexpr std::array<uint16_t, 27> kFailedPrecondition = {
    1046, 1082, 1091, 1099, 1100, 1104, 1148, 1162, 1165, 1169, 1173, 1179, 1207, 1215,
    1216, 1217, 1223, 1230, 1241, 1242, 1264, 1288, 1289, 1291, 1451, 1452, 1817};
constexpr std::array<uint16_t, 4> kAlreadyExists = {1050, 1062, 1086, 1125};
constexpr std::array<uint16_t, 4> kAborted = {1078, 1080, 1152, 1213};
constexpr auto kInvalidArgument = std::to_array<uint16_t>(
    {1047, 1048, 1049, 1051, 1052, 1055, 1056, 1057, 1058, 1059, 1060, 1061, 1063, 1064, 1065,
     1066, 1067, 1068, 1069, 1070, 1071, 1072, 1073, 1074, 1075, 1083, 1084, 1085, 1089, 1090,
     1093, 1096, 1097, 1101, 1102, 1103, 1106, 1107, 1108, 1110, 1111, 1113, 1115, 1116, 1117,
     1118, 1120, 1121, 1128, 1136, 1138, 1139, 1140, 1144, 1149, 1166, 1167, 1170, 1171, 1172,
     1193, 1204, 1210, 1221, 1222, 1225, 1228, 1229, 1231, 1232, 1233, 1234, 1238, 1239, 1240,
     1245, 1247, 1248, 1250, 1253, 1267, 1270, 1271, 1272, 1273, 1280, 1281, 1283, 1292, 1293,
     1294, 1298, 1300, 1366, 1367, 1406, 1525, 1582, 1690});

bool Has(std::span<const uint16_t> sorted, uint16_t number) {
  return std::binary_search(sorted.begin(), sorted.end(), number);
}

MysqlError Make(uint16_t number, const char* sqlstate) {
  MysqlError error;
  error.number = number;
  std::memcpy(error.sqlstate, sqlstate, 5);
  return error;
}

// "(errno N) (sqlstate SSSSS)" somewhere in the text.
std::optional<MysqlError> FromText(std::string_view text) {
  constexpr std::string_view kErrno = "(errno ";
  constexpr std::string_view kSqlstate = ") (sqlstate ";
  for (size_t at = text.find(kErrno); at != std::string_view::npos;
       at = text.find(kErrno, at + 1)) {
    std::string_view rest = text.substr(at + kErrno.size());
    size_t digits = 0;
    while (digits < rest.size() && std::isdigit(static_cast<unsigned char>(rest[digits]))) ++digits;
    const std::string_view number_text = rest.substr(0, digits);
    rest.remove_prefix(digits);
    if (!rest.starts_with(kSqlstate)) continue;
    rest.remove_prefix(kSqlstate.size());
    const auto is_alnum = [](unsigned char c) { return std::isalnum(c) != 0; };
    if (rest.size() < 6 || rest[5] != ')' || !std::all_of(rest.begin(), rest.begin() + 5, is_alnum))
      continue;
    uint16_t number = 0;
    const auto parsed =
        std::from_chars(number_text.data(), number_text.data() + number_text.size(), number);
    if (parsed.ec != std::errc()) return Make(1105, "HY000");
    return Make(number, std::string(rest.substr(0, 5)).c_str());
  }
  return std::nullopt;
}

// "grpc: received message larger than max (N vs. M)", and its sending twin.
bool IsMessageTooLarge(std::string_view text) {
  const size_t at = text.find("message larger than max (");
  if (at == std::string_view::npos) return false;
  const std::string_view before = text.substr(0, at);
  return before.ends_with("grpc: received ") || before.ends_with("grpc: trying to send ");
}

}  // namespace

Code CodeOfErrno(uint16_t number, std::string_view message) {
  switch (number) {
    case 1235:
      return Code::kUnimplemented;
    case 1205:
      return Code::kDeadlineExceeded;
    case 1290:
      return Code::kClusterEvent;
    case 2013:
      return Code::kCancelled;
    case 1227:
      return message.find("failover in progress") != std::string_view::npos
                 ? Code::kFailedPrecondition
                 : Code::kPermissionDenied;
    default:
      break;
  }
  if (Has(kInvalidArgument, number)) return Code::kInvalidArgument;
  if (Has(kAlreadyExists, number)) return Code::kAlreadyExists;
  if (Has(kNotFound, number)) return Code::kNotFound;
  if (Has(kAborted, number)) return Code::kAborted;
  if (Has(kFailedPrecondition, number)) return Code::kFailedPrecondition;
  if (Has(kResourceExhausted, number)) return Code::kResourceExhausted;
  if (Has(kUnavailable, number)) return Code::kUnavailable;
  if (Has(kPermissionDenied, number)) return Code::kPermissionDenied;
  return Code::kUnknown;
}

MysqlError ToMysqlError(const Error& error) {
  if (error.mysql_errno() != 0) {
    const std::string sqlstate(error.sqlstate());
    return Make(error.mysql_errno(), sqlstate.size() == 5 ? sqlstate.c_str() : "HY000");
  }
  if (const std::optional<MysqlError> named = FromText(error.message())) return *named;
  switch (error.code()) {
    case Code::kCancelled:
    case Code::kDeadlineExceeded:
    case Code::kAborted:
      return Make(1317, "70100");
    case Code::kPermissionDenied:
    case Code::kUnauthenticated:
      return Make(1045, "28000");
    case Code::kResourceExhausted:
      if (IsMessageTooLarge(error.message())) return Make(1153, "08S01");
      if (error.message().find("Transaction throttled") != std::string::npos)
        return Make(1041, "HY000");
      return Make(1203, "42000");
    case Code::kUnimplemented:
      return Make(1235, "42000");
    case Code::kInternal:
      return Make(1815, "HY000");
    default:
      return Make(1105, "HY000");
  }
}

}  // namespace tessera::mysqlwire
