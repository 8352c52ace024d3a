// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// Whatever a hostile server may send to our client: greeting, login, answers, rows.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/check.h"
#include "mysqlwire/answer.h"
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

void FeedAnswers(PacketReader& reader, uint64_t capabilities) {
  ResponseReader response;
  response.Begin(capabilities, true);
  for (auto packet = reader.Next(); packet.ok() && *packet; packet = reader.Next()) {
    const auto event = response.OnPacket(**packet);
    if (!event.ok()) return;
    if (*event == ResponseReader::Event::kRow) CheckRow(**packet, response.column_count());
    if (!response.active()) response.Begin(capabilities, true);
  }
}

// The relay's view of the same bytes: as one process of ours gets them from another, and rewritten
// for a client that agreed on something else. What it writes is read back as packets.
void FeedRelay(PacketReader& reader, uint8_t command, uint64_t server, uint64_t client) {
  AnswerRelay relay(server, client, {"theirs", "ours"});
  relay.Begin(command, false);
  std::string known;
  if (client & kMariadbCacheMetadata) relay.LeaveOutKnown(known);
  PacketWriter out;
  std::string run;
  for (auto packet = reader.Next(); packet.ok() && *packet; packet = reader.Next())
    AppendToRun(**packet, run);
  RunReader packets;
  for (size_t at = 0; at < run.size(); at += 7) packets.Append(std::string_view(run).substr(at, 7));
  for (auto packet = packets.Next(1 << 20); packet.ok() && *packet;
       packet = packets.Next(1 << 20)) {
    if (relay.tracker().done()) relay.Begin(command, true);
    if (relay.tracker().done() || !relay.OnPacket(**packet, out).ok()) break;
    if (relay.tracker().file_wanted()) relay.tracker().FileSent();
  }
  PacketReader written(1 << 24);
  const std::span<char> room = written.Room(out.buffer().size());
  std::copy_n(out.buffer().view().data(), out.buffer().size(), room.data());
  written.Received(out.buffer().size());
  for (auto packet = written.Next(); packet.ok() && *packet; packet = written.Next()) {
  }
  CHECK(written.buffered() == 0);
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
  if (mode & 4) {
    const uint32_t eof = (mode & 2) ? kClientDeprecateEof : 0;
    const uint64_t server = (mode & 1) ? kMariadbExtendedMetadata : uint64_t{0};
    const uint64_t client =
        (mode & 1) ? kMariadbExtendedMetadata | kMariadbCacheMetadata : uint64_t{0};
    FeedRelay(reader, mode >> 3, kClientProtocol41 | eof | server,
              kClientProtocol41 | (kClientDeprecateEof ^ eof) | client);
  } else if (mode & 1) {
    FeedLogin(reader, (mode & 2) != 0);
  } else {
    const uint64_t extended = (mode & 8) ? kMariadbExtendedMetadata : uint64_t{0};
    FeedAnswers(reader, extended | ((mode & 2) ? kClientDeprecateEof | kClientSessionTrack : 0));
  }
  return 0;
}
