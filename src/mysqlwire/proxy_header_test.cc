// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/proxy_header.h"

#include <gtest/gtest.h>

namespace tessera::mysqlwire {
namespace {

constexpr std::string_view kSignature("\r\n\r\n\0\r\nQUIT\n", 12);

std::string Binary(std::string_view command_and_family, std::string_view body) {
  std::string bytes(kSignature);
  bytes += command_and_family;
  bytes.push_back(static_cast<char>(body.size() >> 8));
  bytes.push_back(static_cast<char>(body.size()));
  bytes += body;
  return bytes;
}

// The source as a reader comes to it, who reads only what is missing, out of a longer stream.
std::string Source(const std::string& header) {
  const std::string stream = header + std::string(5000, 'x');
  size_t at = 0;
  for (;;) {
    const auto missing = ProxyBytesMissing(std::string_view(stream).substr(0, at));
    if (!missing.ok()) return "error";
    if (*missing == 0) break;
    at += *missing;
  }
  EXPECT_EQ(at, header.size());
  const auto parsed = ParseProxyHeader(std::string_view(stream).substr(0, at));
  return parsed.ok() ? parsed->source : "error";
}

TEST(ProxyHeader, LinesOfVersionOne) {
  EXPECT_EQ(Source("PROXY TCP4 10.1.2.3 10.0.0.1 51432 3306\r\n"), "10.1.2.3:51432");
  EXPECT_EQ(Source("PROXY TCP6 2001:db8::7 ::1 51432 3306\r\n"), "[2001:db8::7]:51432");
  EXPECT_EQ(Source("PROXY UNKNOWN\r\n"), "");
  EXPECT_EQ(Source("PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n"), "");
  for (const char* bad :
       {"PROXY TCP4 10.1.2.300 10.0.0.1 1 2\r\n", "PROXY TCP4 10.1.2 10.0.0.1 1 2\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 70000 2\r\n", "PROXY TCP4 10.1.2.3 10.0.0.1 1\r\n",
        "PROXY TCP4 10.1.2.3 10.0.0.1 1 2 3\r\n", "PROXY TCP6 10.1.2.3 10.0.0.1 1 2\r\n",
        "PROXY TCP4 ::1 ::1 1 2\r\n", "PROXY UDP4 10.1.2.3 10.0.0.1 1 2\r\n",
        "PROXY TCP6 ::1'; ::1 1 2\r\n"})
    EXPECT_EQ(Source(bad), "error") << bad;
}

TEST(ProxyHeader, BinaryHeadersOfVersionTwo) {
  EXPECT_EQ(Source(Binary("\x21\x11",
                          std::string_view("\x0a\x01\x02\x03\x0a\0\0\x01\xc8\xe8\x0c\xea", 12))),
            "10.1.2.3:51432");
  std::string v6(36, '\0');
  v6[0] = 0x20;
  v6[1] = 0x01;
  v6[15] = 7;
  v6[33] = 80;
  EXPECT_EQ(Source(Binary("\x21\x21", v6)), "[2001::7]:80");
  // What follows the addresses is skipped.
  EXPECT_EQ(Source(Binary("\x21\x21", v6 + std::string(40, '\x04'))), "[2001::7]:80");
  std::string path(216, '\0');
  path.replace(0, 5, "/sock");
  EXPECT_EQ(Source(Binary("\x21\x31", path)), "unix:/sock");
  EXPECT_EQ(Source(Binary(std::string_view("\x20\x00", 2), "")), "");     // LOCAL
  EXPECT_EQ(Source(Binary(std::string_view("\x21\x00", 2), "abc")), "");  // unspecified
  EXPECT_EQ(Source(Binary("\x21\x11", "short")), "error");
  EXPECT_EQ(Source(Binary("\x11\x11", std::string(12, 'a'))), "error");  // version 1 in version 2
  EXPECT_EQ(Source(Binary("\x22\x11", std::string(12, 'a'))), "error");
  EXPECT_EQ(Source(Binary("\x21\x51", std::string(216, 'a'))), "error");
  EXPECT_EQ(Source(Binary("\x21\x11", std::string(4090, 'a'))), "error");
}

TEST(ProxyHeader, OthersAreFoundOutAtTheFirstBytes) {
  for (const char* bytes : {"P R", "GET / HTTP/1.1", "\r\n\r\nx", "PROXX", "\x16\x03\x01"})
    EXPECT_FALSE(ProxyBytesMissing(bytes).ok()) << bytes;
  EXPECT_FALSE(ProxyBytesMissing("PROXY TCP4 " + std::string(200, '1')).ok());
  EXPECT_FALSE(ParseProxyHeader("PROXY TCP4 1.1").ok());
}

}  // namespace
}  // namespace tessera::mysqlwire
