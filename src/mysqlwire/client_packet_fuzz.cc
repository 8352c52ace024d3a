// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whatever a hostile client, or a hostile tablet's rows, may bring to our server.
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "base/arena.h"
#include "base/check.h"
#include "mysqlwire/binary_rows.h"
#include "mysqlwire/handshake.h"
#include "mysqlwire/rows.h"
#include "mysqlwire/server_login.h"

using namespace tessera::mysqlwire;

namespace {

void FeedLogin(std::string_view input) {
  ServerLoginOptions options;
  options.nonce = "12345678901234567890";
  options.default_plugin = "mysql_native_password";
  options.offer_tls = true;
  ServerLogin login(options);
  PacketWriter out;
  login.Greet(out);
  // Packets of the length that their first byte says.
  while (!input.empty()) {
    const size_t size = std::min<size_t>(static_cast<uint8_t>(input[0]), input.size() - 1);
    const auto step = login.OnPacket(input.substr(1, size));
    input.remove_prefix(1 + size);
    if (!step.ok()) return;
    if (*step == ServerLogin::Step::kStartTls) login.TlsStarted();
    if (*step == ServerLogin::Step::kSendKey) login.SendKey("key", out);
    if (*step != ServerLogin::Step::kVerify) continue;
    if (size % 2 == 0) {
      login.SwitchTo("mysql_clear_password", out);
    } else {
      login.AskForPassword(out, size % 3 == 0);
    }
  }
}

void FeedRow(std::string_view body) {
  for (size_t columns = 0; columns < 4; ++columns) {
    ByteBuffer text;
    if (!DecodeToTextRow(body, columns, text).ok()) continue;
    ByteBuffer again;
    CHECK(EncodeTextRow(text.view(), columns, again).ok());
  }
  const std::vector<tessera::sqltypes::Type> types = {tessera::sqltypes::Type::kDatetime,
                                                      tessera::sqltypes::Type::kInt64};
  ByteBuffer binary;
  (void)DecodeToBinaryRow(body, types, binary).ok();
}

void FeedBulk(std::string_view input, uint16_t count) {
  std::vector<BoundType> types;
  auto rows = BulkReader::Begin(input, count, types);
  tessera::Arena arena;
  std::vector<tessera::sqltypes::Value> row;
  while (rows.ok() && !rows->empty() && rows->Next(row, arena).ok()) CHECK(row.size() == count);
}

void FeedAttributes(std::string_view input, uint16_t count) {
  tessera::Arena arena;
  std::vector<QueryAttribute> attributes;
  const auto text = TakeQueryAttributes(input, attributes, arena);
  if (text.ok()) CHECK(text->size() <= input.size());
  std::vector<BoundType> types;
  const auto values = ParseParameters(input, count, types, {}, arena, &attributes);
  if (values.ok()) CHECK(values->size() == count);
  // Made longer by nothing.
  std::string packet("\x17\1\0\0\0", 5);
  packet += input;
  const auto plain = WithoutQueryAttributes(packet);
  if (plain.ok()) CHECK(plain->size() <= packet.size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 4) {
    case 0:
      FeedLogin(input);
      break;
    case 1:
      (void)ParseChangeUser(input, ~uint32_t{0}).ok();
      break;
    case 2: {
      if (data[0] & 0x80) {
        FeedBulk(input, static_cast<uint16_t>((data[0] & 0x7f) / 4 + 1));
        break;
      }
      std::vector<BoundType> types;
      tessera::Arena arena;
      (void)ParseParameters(input, data[0] / 4, types, {}, arena).ok();
      break;
    }
    default:
      if (data[0] & 0x80) {
        FeedAttributes(input, (data[0] & 0x7f) / 40);
      } else {
        FeedRow(input);
      }
      break;
  }
  return 0;
}
