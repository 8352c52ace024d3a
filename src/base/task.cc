// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "base/task.h"

#include <new>

// Under AddressSanitizer a recycled frame would hide a use after free, so frames go straight to the
// heap there.
#if defined(__SANITIZE_ADDRESS__)
#define TESSERA_RECYCLE_FRAMES 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define TESSERA_RECYCLE_FRAMES 0
#endif
#endif
#ifndef TESSERA_RECYCLE_FRAMES
#define TESSERA_RECYCLE_FRAMES 1
#endif

namespace tessera::internal {

namespace {

constexpr size_t kGrain = 64;
constexpr size_t kClasses = 32;  // frames up to 2 KiB
constexpr int kKeptPerClass = 256;

struct FreeFrames {
  struct Node {
    Node* next;
  };
  Node* head[kClasses] = {};
  int count[kClasses] = {};

  ~FreeFrames() {
    for (Node*& list : head) {
      while (list != nullptr) ::operator delete(std::exchange(list, list->next));
    }
  }
};

[[maybe_unused]] thread_local FreeFrames free_frames;

[[maybe_unused]] size_t ClassOf(size_t size) { return (size + kGrain - 1) / kGrain - 1; }

}  // namespace

void* AllocateFrame(size_t size) {
#if TESSERA_RECYCLE_FRAMES
  const size_t index = ClassOf(size);
  if (index < kClasses) {
    FreeFrames& frames = free_frames;
    if (FreeFrames::Node* node = frames.head[index]) {
      frames.head[index] = node->next;
      --frames.count[index];
      return node;
    }
    return ::operator new((index + 1) * kGrain);
  }
#endif
  return ::operator new(size);
}

void FreeFrame(void* frame, [[maybe_unused]] size_t size) {
#if TESSERA_RECYCLE_FRAMES
  const size_t index = ClassOf(size);
  if (index < kClasses) {
    FreeFrames& frames = free_frames;
    if (frames.count[index] < kKeptPerClass) {
      frames.head[index] = new (frame) FreeFrames::Node{frames.head[index]};
      ++frames.count[index];
      return;
    }
  }
#endif
  ::operator delete(frame);
}

}  // namespace tessera::internal
