// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/proxy_header.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

namespace tessera::mysqlwire {

namespace {

constexpr std::string_view kTextStart = "PROXY ";
constexpr std::string_view kBinaryStart("\r\n\r\n\0\r\nQUIT\n", 12);
constexpr size_t kTextLeast = 15;  // "PROXY UNKNOWN" and its end
constexpr size_t kTextMost = 107;
constexpr size_t kBinaryHead = 16;
// Addresses take 216 bytes at most. What follows them may be longer, but not without end.
constexpr size_t kBinaryMost = 4096;

Error BadProxyHeader(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "PROXY protocol: {}", what)
      .WithHint("With --proxy-protocol clients must come through a proxy that sends the header");
}

uint8_t ByteAt(std::string_view bytes, size_t at) { return static_cast<uint8_t>(bytes[at]); }
size_t Number16(std::string_view bytes, size_t at) {
  return size_t{ByteAt(bytes, at)} << 8 | ByteAt(bytes, at + 1);
}

// The next word of a line whose words are parted by one blank.
std::string_view TakeWord(std::string_view& line) {
  const size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(std::min(end + 1, line.size()));
  return word;
}

std::optional<unsigned> ParseNumber(std::string_view text, unsigned most) {
  if (text.empty() || text.size() > 5) return std::nullopt;
  unsigned value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<unsigned>(c - '0');
  }
  return value <= most ? std::optional(value) : std::nullopt;
}

bool IsV4Text(std::string_view text) {
  for (int part = 0; part < 4; ++part) {
    const size_t dot = part < 3 ? text.find('.') : text.size();
    if (dot == std::string_view::npos || !ParseNumber(text.substr(0, dot), 255)) return false;
    text.remove_prefix(std::min(dot + 1, text.size()));
  }
  return text.empty();
}

// Letters that an IPv6 address is made of. It is shown and compared, never dialled.
bool IsV6Text(std::string_view text) {
  constexpr std::string_view kLetters = "0123456789abcdefABCDEF:.";
  return text.size() >= 2 && text.size() <= 45 && text.find(':') != std::string_view::npos &&
         text.find_first_not_of(kLetters) == std::string_view::npos;
}

Result<ProxyHeader> ParseText(std::string_view bytes) {
  std::string_view line = bytes.substr(kTextStart.size());
  line.remove_suffix(2);
  const std::string_view family = TakeWord(line);
  ProxyHeader header;
  // What stands behind UNKNOWN is to be ignored.
  if (family == "UNKNOWN") return header;
  const bool v4 = family == "TCP4";
  if (!v4 && family != "TCP6") return BadProxyHeader("an unknown address family");
  const auto is_address = v4 ? IsV4Text : IsV6Text;
  const std::string_view source = TakeWord(line);
  const std::string_view destination = TakeWord(line);
  const std::optional<unsigned> port = ParseNumber(TakeWord(line), 65535);
  const bool whole = ParseNumber(TakeWord(line), 65535).has_value() && line.empty();
  if (!is_address(source) || !is_address(destination) || !port || !whole)
    return BadProxyHeader("a malformed line");
  header.source = v4 ? fmt::format("{}:{}", source, *port) : fmt::format("[{}]:{}", source, *port);
  return header;
}

// RFC 5952: small letters, the longest run of zero groups as "::".
std::string V6Text(std::string_view bytes) {
  std::array<size_t, 8> groups;
  for (size_t i = 0; i < groups.size(); ++i) groups[i] = Number16(bytes, 2 * i);
  size_t run_begin = 0;
  size_t run_size = 0;
  for (size_t i = 0; i < groups.size(); ++i) {
    size_t end = i;
    while (end < groups.size() && groups[end] == 0) ++end;
    if (end - i > run_size && end - i > 1) {
      run_begin = i;
      run_size = end - i;
    }
  }
  std::string text;
  for (size_t i = 0; i < groups.size(); ++i) {
    if (run_size > 0 && i == run_begin) {
      text += "::";
      i += run_size - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

Result<ProxyHeader> ParseBinary(std::string_view bytes) {
  const uint8_t command = ByteAt(bytes, 12) & 0xf;
  const uint8_t family = ByteAt(bytes, 13) >> 4;
  const std::string_view body = bytes.substr(kBinaryHead);
  ProxyHeader header;
  if (command == 0) return header;  // LOCAL
  if (command != 1) return BadProxyHeader("an unknown command");
  constexpr uint8_t kUnspecified = 0;
  constexpr uint8_t kV4 = 1;
  constexpr uint8_t kV6 = 2;
  constexpr uint8_t kUnix = 3;
  const size_t need = family == kV4 ? 12 : family == kV6 ? 36 : family == kUnix ? 216 : 0;
  if (family > kUnix || body.size() < need) return BadProxyHeader("malformed addresses");
  if (family == kUnspecified) return header;
  if (family == kV4) {
    header.source = fmt::format("{}.{}.{}.{}:{}", ByteAt(body, 0), ByteAt(body, 1), ByteAt(body, 2),
                                ByteAt(body, 3), Number16(body, 8));
  } else if (family == kV6) {
    header.source = fmt::format("[{}]:{}", V6Text(body.substr(0, 16)), Number16(body, 32));
  } else {
    const std::string_view path = body.substr(0, 108);
    header.source = fmt::format("unix:{}", path.substr(0, path.find('\0')));
  }
  return header;
}

}  // namespace

Result<size_t> ProxyBytesMissing(std::string_view bytes) {
  const auto begins_like = [bytes](std::string_view start) {
    return bytes.starts_with(start.substr(0, bytes.size()));
  };
  if (begins_like(kBinaryStart)) {
    if (bytes.size() < kBinaryHead) return std::max(kTextLeast, bytes.size() + 1) - bytes.size();
    if (ByteAt(bytes, 12) >> 4 != 2) return BadProxyHeader("an unknown version");
    const size_t size = kBinaryHead + Number16(bytes, 14);
    if (size > kBinaryMost) return BadProxyHeader("too long");
    return size - std::min(size, bytes.size());
  }
  if (!begins_like(kTextStart)) return BadProxyHeader("no header");
  if (bytes.size() < kTextLeast) return kTextLeast - bytes.size();
  if (bytes.ends_with("\r\n")) return size_t{0};
  if (bytes.size() >= kTextMost) return BadProxyHeader("too long");
  return size_t{bytes.back() == '\r' ? 1u : 2u};
}

Result<ProxyHeader> ParseProxyHeader(std::string_view bytes) {
  TRY(const size_t missing, ProxyBytesMissing(bytes));
  if (missing != 0) return BadProxyHeader("cut off");
  return bytes.starts_with(kTextStart) ? ParseText(bytes) : ParseBinary(bytes);
}

}  // namespace tessera::mysqlwire
