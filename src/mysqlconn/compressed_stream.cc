// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlconn/compressed_stream.h"

#include <algorithm>
#include <utility>

#include "base/waiter.h"

namespace tessera::mysqlconn {

namespace {

constexpr size_t kReadPiece = 16 << 10;
// Compressed at a stretch; between stretches others have their turn.
constexpr size_t kStretch = 256 << 10;
constexpr size_t kKept = 64 << 10;

}  // namespace

CompressedStream::CompressedStream(std::unique_ptr<runtime::Stream> under,
                                   mysqlwire::CompressionMethod method, int level,
                                   std::string received)
    : under_(std::move(under)),
      compressor_(method, level),
      expander_(method),
      in_(std::move(received)),
      unread_(in_) {}

Task<Result<size_t>> CompressedStream::Read(const Context& ctx, std::span<char> into) {
  for (;;) {
    CO_TRY(const size_t count, expander_.Expand(unread_, into));
    if (count > 0 || into.empty()) co_return count;
    in_.resize(kReadPiece);
    CO_TRY(const size_t got, co_await under_->Read(ctx, in_));
    unread_ = std::string_view(in_).substr(0, got);
    if (got > 0) continue;
    if (expander_.at_rest()) co_return size_t{0};
    co_return Errorf(Code::kUnavailable, "connection to {} ended within a compressed packet",
                     peer());
  }
}

void CompressedStream::Compress(std::string_view bytes) {
  compressor_.Append(bytes, out_);
  // A client goes on counting where we stop.
  expander_.SetSequence(compressor_.sequence());
}

Result<> CompressedStream::TryFlush() {
  const std::string_view rest = out_.view().substr(sent_);
  if (rest.empty()) return Ok{};
  TRY(const size_t count, under_->TryWrite(std::span<const std::string_view>(&rest, 1)));
  sent_ += count;
  if (sent_ == out_.size()) {
    out_.Release(kKept);
    sent_ = 0;
  }
  return Ok{};
}

Task<Result<>> CompressedStream::Flush(const Context& ctx) {
  if (out_.empty()) co_return Ok{};
  CO_TRY_OK(co_await under_->WriteAll(ctx, out_.view().substr(sent_)));
  out_.Release(kKept);
  sent_ = 0;
  co_return Ok{};
}

// One stretch at most: the rest is for Write, which lets others have their turn.
Result<size_t> CompressedStream::TryWrite(std::span<const std::string_view> parts) {
  TRY_OK(TryFlush());
  size_t total = 0;
  for (const std::string_view part : parts) total += part.size();
  if (total == 0 || !out_.empty()) return size_t{0};
  size_t taken = std::exchange(owed_, 0);
  size_t skip = taken;
  for (std::string_view part : parts) {
    const size_t done = std::min(skip, part.size());
    skip -= done;
    part = part.substr(done, kStretch);
    if (part.empty()) continue;
    Compress(part);
    taken += part.size();
    break;
  }
  TRY_OK(TryFlush());
  if (out_.empty() || taken < total) return taken;
  // All is compressed, some of it not written. Who asks must come again for that to go out, so one
  // byte is left to come for.
  owed_ = 1;
  return total - owed_;
}

Task<Result<>> CompressedStream::Write(const Context& ctx,
                                       std::span<const std::string_view> parts) {
  size_t skip = std::exchange(owed_, 0);
  for (std::string_view part : parts) {
    const size_t done = std::min(skip, part.size());
    part.remove_prefix(done);
    skip -= done;
    while (!part.empty()) {
      CO_TRY_OK(co_await Flush(ctx));
      Compress(part.substr(0, kStretch));
      part.remove_prefix(std::min(kStretch, part.size()));
      if (!part.empty()) co_await Yield();
    }
  }
  co_return co_await Flush(ctx);
}

}  // namespace tessera::mysqlconn
