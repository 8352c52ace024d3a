// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "runtime/testing/certificates.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/check.h"

namespace tessera::runtime::testing {

namespace {

constexpr long kDay = 24 * 60 * 60;

struct Free {
  void operator()(X509* x) const { X509_free(x); }
  void operator()(EVP_PKEY* x) const { EVP_PKEY_free(x); }
  void operator()(X509_CRL* x) const { X509_CRL_free(x); }
  void operator()(FILE* x) const { CHECK(fclose(x) == 0); }
};
template <class T>
using Own = std::unique_ptr<T, Free>;

Own<FILE> Open(const std::string& path, const char* mode) {
  Own<FILE> file(fopen(path.c_str(), mode));
  CHECK(file != nullptr);
  return file;
}

void AddExtension(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX ctx;
  X509V3_set_ctx_nodb(&ctx);
  X509V3_set_ctx(&ctx, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &ctx, kind, value.c_str());
  CHECK(extension != nullptr && X509_add_ext(certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

Own<X509> NewCertificate(EVP_PKEY* key, const std::string& common_name, long from, long to) {
  static int serial = 1000;
  Own<X509> certificate(X509_new());
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), from);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), to);
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.c_str());
  CHECK(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0) == 1);
  CHECK(X509_set_pubkey(certificate.get(), key) == 1);
  return certificate;
}

std::string AlternativeNames(const CertificateWishes& wishes) {
  std::string text;
  for (const std::string& name : wishes.names) text += ",DNS:" + name;
  for (const std::string& address : wishes.addresses) text += ",IP:" + address;
  return text.empty() ? text : text.substr(1);
}

}  // namespace

struct TestAuthority::Keys {
  Own<EVP_PKEY> key{EVP_EC_gen("P-256")};
  Own<X509> certificate;
};

TestAuthority::TestAuthority(const std::string& name) : keys_(std::make_unique<Keys>()) {
  std::string path = (std::filesystem::temp_directory_path() / "tessera-ca-XXXXXX").string();
  CHECK(mkdtemp(path.data()) != nullptr);
  folder_ = path;
  keys_->certificate = NewCertificate(keys_->key.get(), name, -kDay, 30 * kDay);
  X509* certificate = keys_->certificate.get();
  X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
  AddExtension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
  AddExtension(certificate, certificate, NID_key_usage, "critical,keyCertSign,cRLSign");
  CHECK(X509_sign(certificate, keys_->key.get(), EVP_sha256()) > 0);
  ca_file_ = NewPath("-ca.pem");
  CHECK(PEM_write_X509(Open(ca_file_, "w").get(), certificate) == 1);
}

TestAuthority::~TestAuthority() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TestAuthority::NewPath(const char* ending) {
  return folder_ + "/" + std::to_string(++files_) + ending;
}

CertificateWishes::CertificateWishes() : names{"localhost"}, addresses{"127.0.0.1"} {}

TestCertificate TestAuthority::Issue(const CertificateWishes& wishes) {
  const Own<EVP_PKEY> key(EVP_EC_gen("P-256"));
  const Own<X509> certificate = NewCertificate(
      key.get(), wishes.common_name, wishes.valid_from_days * kDay, wishes.valid_to_days * kDay);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  const std::string names = AlternativeNames(wishes);
  if (!names.empty())
    AddExtension(certificate.get(), keys_->certificate.get(), NID_subject_alt_name, names);
  CHECK(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) > 0);
  const TestCertificate made{NewPath("-cert.pem"), NewPath("-key.pem")};
  CHECK(PEM_write_X509(Open(made.certificate_file, "w").get(), certificate.get()) == 1);
  CHECK(PEM_write_PrivateKey(Open(made.key_file, "w").get(), key.get(), nullptr, nullptr, 0,
                             nullptr, nullptr) == 1);
  return made;
}

std::string TestAuthority::Revoke(const TestCertificate& certificate) {
  const Own<X509> taken_back(
      PEM_read_X509(Open(certificate.certificate_file, "r").get(), nullptr, nullptr, nullptr));
  CHECK(taken_back != nullptr);
  const Own<X509_CRL> crl(X509_CRL_new());
  X509_CRL_set_version(crl.get(), 1);
  X509_CRL_set_issuer_name(crl.get(), X509_get_subject_name(keys_->certificate.get()));
  ASN1_TIME* now = X509_gmtime_adj(nullptr, 0);
  ASN1_TIME* next = X509_gmtime_adj(nullptr, kDay);
  X509_CRL_set1_lastUpdate(crl.get(), now);
  X509_CRL_set1_nextUpdate(crl.get(), next);
  X509_REVOKED* entry = X509_REVOKED_new();
  X509_REVOKED_set_serialNumber(entry, X509_get_serialNumber(taken_back.get()));
  X509_REVOKED_set_revocationDate(entry, now);
  X509_CRL_add0_revoked(crl.get(), entry);
  ASN1_TIME_free(now);
  ASN1_TIME_free(next);
  CHECK(X509_CRL_sign(crl.get(), keys_->key.get(), EVP_sha256()) > 0);
  const std::string path = NewPath("-crl.pem");
  CHECK(PEM_write_X509_CRL(Open(path, "w").get(), crl.get()) == 1);
  return path;
}

std::string TestAuthority::WriteFile(const std::string& text) {
  const std::string path = NewPath(".pem");
  CHECK(fwrite(text.data(), 1, text.size(), Open(path, "w").get()) == text.size());
  return path;
}

}  // namespace tessera::runtime::testing
