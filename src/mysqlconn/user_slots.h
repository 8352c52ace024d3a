// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <utility>

namespace tessera::mysqlconn {

// How many connections each user has, over all loops. Thread-safe; outlives its slots.
class UserSlots {
 public:
  // One connection of a user, counted while it lives.
  class Slot {
   public:
    Slot() = default;
    Slot(Slot&& other) noexcept
        : slots_(std::exchange(other.slots_, nullptr)), user_(std::move(other.user_)) {}
    Slot& operator=(Slot&& other) noexcept {
      std::swap(slots_, other.slots_);
      std::swap(user_, other.user_);
      return *this;
    }
    ~Slot() {
      if (slots_ != nullptr) slots_->Release(user_);
    }
    bool taken() const { return slots_ != nullptr; }

   private:
    friend class UserSlots;
    Slot(UserSlots* slots, std::string user) : slots_(slots), user_(std::move(user)) {}
    UserSlots* slots_ = nullptr;
    std::string user_;
  };

  // Not taken when the user has `most` already.
  Slot Take(const std::string& user, size_t most) {
    const std::lock_guard lock(mutex_);
    size_t& count = counts_[user];
    if (count >= most) return Slot();
    ++count;
    return Slot(this, user);
  }

 private:
  void Release(const std::string& user) {
    const std::lock_guard lock(mutex_);
    const auto found = counts_.find(user);
    if (--found->second == 0) counts_.erase(found);
  }

  std::mutex mutex_;
  std::map<std::string, size_t> counts_;
};

}  // namespace tessera::mysqlconn
