// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "webauth/users.h"

#include <algorithm>

#include <nlohmann/json.hpp>
#include <sodium.h>

#include "base/check.h"
#include "base/executor.h"
#include "runtime/loop.h"

namespace tessera::webauth {

namespace {

constexpr size_t kMostWaiting = 16;
constexpr size_t kMostAddresses = 10'000;
constexpr uint32_t kFreeFailures = 5;
constexpr Duration kLongestWait = std::chrono::seconds(60);
// What an unknown user's password is checked against: nobody's.
constexpr char kNobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$"
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const unsigned char* Raw(std::string_view bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string RandomKey() {
  CHECK(sodium_init() >= 0);
  std::string key(crypto_generichash_KEYBYTES, '\0');
  randombytes_buf(key.data(), key.size());
  return key;
}

Error Unauthenticated() {
  return Error(Code::kUnauthenticated, "a user's name and password are needed");
}

Error MustWait(Duration wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return Errorf(Code::kResourceExhausted, "too many wrong passwords: try again in {} s", seconds);
}

bool Matches(const std::string& hash, const std::string& password) {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace

Result<std::string> HashPassword(const std::string& password) {
  CHECK(sodium_init() >= 0);
  if (password.empty()) return Error(Code::kInvalidArgument, "the password is empty");
  char hash[crypto_pwhash_STRBYTES];
  if (crypto_pwhash_str(hash, password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                        crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0)
    return Error(Code::kResourceExhausted,
                 "there is no memory to hash a password: it takes 64 MiB");
  return std::string(hash);
}

Result<Credentials> ParseBasic(std::string_view authorization) {
  constexpr std::string_view kScheme = "basic ";
  constexpr size_t kLongest = 4096;
  const bool basic =
      authorization.size() > kScheme.size() && authorization.size() < kLongest &&
      std::equal(kScheme.begin(), kScheme.end(), authorization.begin(),
                 [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b - 'A' + 'a' : b); });
  if (!basic) return Unauthenticated();
  const std::string_view encoded = authorization.substr(kScheme.size());
  std::string text(encoded.size(), '\0');
  size_t size = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(text.data()), text.size(), encoded.data(),
                        encoded.size(), nullptr, &size, nullptr,
                        sodium_base64_VARIANT_ORIGINAL) != 0)
    return Unauthenticated();
  text.resize(size);
  const size_t colon = text.find(':');
  if (colon == std::string::npos || colon == 0) return Unauthenticated();
  return Credentials{text.substr(0, colon), text.substr(colon + 1)};
}

// --- Throttle ---

Duration Throttle::Wait(std::string_view address, Instant now) const {
  const auto found = failures_.find(address);
  if (found == failures_.end() || found->second.until <= now) return Duration::zero();
  return found->second.until - now;
}

void Throttle::Failed(std::string_view address, Instant now) {
  auto found = failures_.find(address);
  if (found == failures_.end()) {
    if (failures_.size() >= kMostAddresses) MakeRoom();
    found = failures_.emplace(std::string(address), Failures()).first;
  }
  Failures& failures = found->second;
  failures.last = now;
  if (++failures.count <= kFreeFailures) return;
  const uint32_t doublings = std::min<uint32_t>(failures.count - kFreeFailures - 1, 6);
  const Duration wait = std::chrono::seconds(int64_t{1} << doublings);
  failures.until = now + std::min(wait, kLongestWait);
}

void Throttle::Succeeded(std::string_view address) {
  const auto found = failures_.find(address);
  if (found != failures_.end()) failures_.erase(found);
}

void Throttle::MakeRoom() {
  const auto oldest =
      std::min_element(failures_.begin(), failures_.end(),
                       [](const auto& a, const auto& b) { return a.second.last < b.second.last; });
  failures_.erase(oldest);
}

// --- Users ---

Result<std::map<std::string, std::string>> Users::ParseFile(std::string_view json) {
  const nlohmann::json file = nlohmann::json::parse(json, nullptr, false);
  if (!file.is_object() || file.empty()) {
    return Error(Code::kInvalidArgument, "the users' file is no JSON object of names to hashes")
        .WithHint("vtctld --web-hash-password makes a hash of a password");
  }
  std::map<std::string, std::string> hashes;
  for (const auto& [user, hash] : file.items()) {
    if (user.empty() || user.find(':') != std::string::npos)
      return Errorf(Code::kInvalidArgument, "'{}' can be no user: a name has no colon", user);
    if (!hash.is_string() || !hash.get_ref<const std::string&>().starts_with("$argon2")) {
      return Errorf(Code::kInvalidArgument, "user {} has no password hash", user)
          .WithHint("vtctld --web-hash-password makes one");
    }
    hashes[user] = hash.get<std::string>();
  }
  return hashes;
}

Users::Users(std::map<std::string, std::string> hashes)
    : hashes_(std::move(hashes)), key_(RandomKey()) {}

void Users::Replace(std::map<std::string, std::string> hashes) {
  hashes_.swap(hashes);
  std::erase_if(remembered_, [this, &before = hashes](const auto& remembered) {
    const auto had = before.find(remembered.first);
    return had == before.end() || !HasHash(remembered.first, had->second);
  });
}

bool Users::HasHash(const std::string& user, const std::string& hash) const {
  const auto found = hashes_.find(user);
  return found != hashes_.end() && found->second == hash;
}

std::string Users::Digest(const Credentials& credentials) const {
  const std::string text = credentials.user + ":" + credentials.password;
  std::string digest(crypto_generichash_BYTES, '\0');
  crypto_generichash(reinterpret_cast<unsigned char*>(digest.data()), digest.size(), Raw(text),
                     text.size(), Raw(key_), key_.size());
  return digest;
}

bool Users::Remembered(const Credentials& credentials) const {
  const auto found = remembered_.find(credentials.user);
  if (found == remembered_.end()) return false;
  const std::string digest = Digest(credentials);
  return sodium_memcmp(digest.data(), found->second.data(), digest.size()) == 0;
}

Task<Result<bool>> Users::Verify(const Context& ctx, const Credentials& credentials) {
  const auto found = hashes_.find(credentials.user);
  const std::string hash = found != hashes_.end() ? found->second : std::string(kNobody);
  if (checking_.waiting() >= kMostWaiting)
    co_return Error(Code::kResourceExhausted, "too many passwords are being checked: try again");
  CO_TRY_OK(co_await checking_.Acquire(ctx));
  const auto compare = [&hash, &credentials] { return Matches(hash, credentials.password); };
  const bool matches = co_await runtime::RunBlocking(compare);
  checking_.Release();
  // The users may have been replaced while we were at it.
  co_return matches&& HasHash(credentials.user, hash);
}

Task<Result<std::string>> Users::Check(const Context& ctx, std::string_view address,
                                       std::string_view authorization) {
  CO_TRY(const Credentials credentials, ParseBasic(authorization));
  // Passwords that were right go first: who has one is not locked out by others behind one address.
  if (Remembered(credentials)) co_return credentials.user;
  Executor& executor = Executor::Current();
  const Duration wait = throttle_.Wait(address, executor.Now());
  if (wait > Duration::zero()) co_return MustWait(wait);
  CO_TRY(const bool right, co_await Verify(ctx, credentials));
  if (!right) {
    throttle_.Failed(address, executor.Now());
    co_return Unauthenticated();
  }
  throttle_.Succeeded(address);
  remembered_[credentials.user] = Digest(credentials);
  co_return credentials.user;
}

}  // namespace tessera::webauth
