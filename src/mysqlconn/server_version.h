// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <utility>

namespace tessera::mysqlconn {

// The version that clients are shown; may be replaced while they come. Thread-safe.
class ServerVersion {
 public:
  // What is shown as long as nothing is known of the servers behind.
  static constexpr const char* kDefault = "8.4.6-Tessera";

  // `fixed` was said by the operator, and stays; empty leaves it to Learn.
  explicit ServerVersion(std::string fixed = {})
      : fixed_(!fixed.empty()),
        text_(std::make_shared<const std::string>(fixed.empty() ? kDefault : std::move(fixed))) {}

  bool fixed() const { return fixed_; }
  std::shared_ptr<const std::string> Get() const {
    const std::lock_guard lock(mutex_);
    return text_;
  }
  // What a server behind says it is.
  void Learn(std::string version) {
    if (fixed_ || version.empty()) return;
    auto text = std::make_shared<const std::string>(std::move(version));
    const std::lock_guard lock(mutex_);
    text_ = std::move(text);
  }
  // As a greeting tells it. MariaDB 10 puts 5.5.5- in front there, and clients know it by that.
  std::string ForGreeting() const {
    const std::shared_ptr<const std::string> text = Get();
    const bool prefixed = text->starts_with("10.") && text->find("MariaDB") != std::string::npos;
    return (prefixed ? "5.5.5-" : "") + *text;
  }

 private:
  const bool fixed_;
  mutable std::mutex mutex_;
  std::shared_ptr<const std::string> text_;
};

}  // namespace tessera::mysqlconn
