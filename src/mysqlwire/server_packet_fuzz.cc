// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whatever a hostile server may send to our client: greeting, login, answers, rows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "mysqlwire/client_login.h"
#include "mysqlwire/protocol.h"
#include "mysqlwire/response_reader.h"
#include "mysqlwire/rows.h"

using namespace tessera::mysqlwire;

namespace {

// A text row that was taken must come back from its encoded form byte for byte (unless a length was
// not written in its shortest form).
void CheckRow(std::string_view packet, size_t columns) {
  ByteBuffer encoded;
  if (!EncodeTextRow(packet, columns, encoded).ok()) return;
  ByteBuffer text;
  CHECK(DecodeToTextRow(encoded.view(), columns, text).ok());
  CHECK(text.size() <= packet.size());
}

void FeedLogin(PacketReader& reader, bool tls) {
  ClientLoginOptions options;
  options.user = "fuzz";
  options.password = "secret";
  options.tls = tls;
  ClientLogin login(options);
  PacketWriter out;
  for (auto packet = reader.Next(); packet.ok() && *packet; packet = reader.Next()) {
    const auto step = login.OnPacket(**packet, out);
    if (!step.ok() || *step == ClientLogin::Step::kDone) return;
    if (*step == ClientLogin::Step::kStartTls) login.TlsStarted(out);
  }
}

void FeedAnswers(PacketReader& reader, uint32_t capabilities) {
  ResponseReader response;
  response.Begin(capabilities, true);
  for (auto packet = reader.Next(); packet.ok() && *packet; packet = reader.Next()) {
    const auto event = response.OnPacket(**packet);
    if (!event.ok()) return;
    if (*event == ResponseReader::Event::kRow) CheckRow(**packet, response.column_count());
    if (!response.active()) response.Begin(capabilities, true);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const uint8_t mode = data[0];
  PacketReader reader(1 << 20);
  for (size_t at = 1; at < size;) {
    const std::span<char> room = reader.Room(64);
    const size_t count = std::min(room.size(), size - at);
    std::copy_n(reinterpret_cast<const char*>(data) + at, count, room.data());
    reader.Received(count);
    at += count;
    if (reader.capacity() > 4 * size + 4096) break;
  }
  if (mode & 1) {
    FeedLogin(reader, (mode & 2) != 0);
  } else {
    FeedAnswers(reader, (mode & 2) ? kClientDeprecateEof | kClientSessionTrack : 0);
  }
  return 0;
}
