// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

// Certificates for tests, made when they are needed. A failure aborts: there is nothing to test.
namespace tessera::runtime::testing {

// A certificate with its key, as files.
struct TestCertificate {
  std::string certificate_file;
  std::string key_file;
};

// Its constructor stands in the .cc: g++ 12 cannot keep lists of names in a coroutine's frame.
struct CertificateWishes {
  CertificateWishes();

  std::string common_name = "test";
  std::vector<std::string> names;      // DNS names it is for: localhost
  std::vector<std::string> addresses;  // 127.0.0.1
  int valid_from_days = -1;            // from now
  int valid_to_days = 1;
};

// An authority of its own, in a temporary folder that goes with it.
class TestAuthority {
 public:
  explicit TestAuthority(const std::string& name);
  ~TestAuthority();
  TestAuthority(const TestAuthority&) = delete;
  TestAuthority& operator=(const TestAuthority&) = delete;

  const std::string& ca_file() const { return ca_file_; }
  TestCertificate Issue() { return Issue(CertificateWishes()); }
  TestCertificate Issue(const CertificateWishes& wishes);
  // The file of a list that takes the certificate back.
  std::string Revoke(const TestCertificate& certificate);
  // A file of that text.
  std::string WriteFile(const std::string& text);

 private:
  std::string NewPath(const char* ending);

  struct Keys;
  std::unique_ptr<Keys> keys_;
  std::string folder_;
  std::string ca_file_;
  int files_ = 0;
};

}  // namespace tessera::runtime::testing
