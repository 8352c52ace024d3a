// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>

#include "mysqlwire/compression.h"
#include "runtime/stream.h"

namespace tessera::mysqlconn {

// The compressed form of a connection, over the stream it goes on. As with TLS, after a
// short TryWrite the next write must begin with the bytes that were not taken, and a write that was
// cut short leaves it useless.
class CompressedStream final : public runtime::Stream {
 public:
  // `received`: bytes that were read from `under` too many. `level` is zstd's.
  CompressedStream(std::unique_ptr<runtime::Stream> under, mysqlwire::CompressionMethod method,
                   int level, std::string received);

  // What is written from here on answers what was read last: its frames are numbered from there.
  void BeginAnswer() { compressor_.SetSequence(expander_.sequence()); }

  // For a client's side: what is written from here on begins a command.
  void BeginCommand() { compressor_.SetSequence(0); }
  runtime::Stream& under() { return *under_; }

  Task<Result<size_t>> Read(const Context& ctx, std::span<char> into) override;
  Task<Result<>> Write(const Context& ctx, std::span<const std::string_view> parts) override;
  Result<size_t> TryWrite(std::span<const std::string_view> parts) override;
  void Shutdown() override { under_->Shutdown(); }
  std::string peer() const override { return under_->peer(); }

 private:
  void Compress(std::string_view bytes);
  Result<> TryFlush();
  Task<Result<>> Flush(const Context& ctx);

  const std::unique_ptr<runtime::Stream> under_;
  mysqlwire::FrameCompressor compressor_;
  mysqlwire::FrameExpander expander_;
  std::string in_;
  std::string_view unread_;  // of in_
  mysqlwire::ByteBuffer out_;
  size_t sent_ = 0;  // bytes of out_
  size_t owed_ = 0;  // bytes TryWrite took but did not count
};

}  // namespace tessera::mysqlconn
