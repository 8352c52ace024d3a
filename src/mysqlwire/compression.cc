// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "mysqlwire/compression.h"

#include <algorithm>
#include <optional>

#include <zlib.h>
#include <zstd.h>

#include "mysqlwire/protocol.h"

namespace tessera::mysqlwire {

namespace {

constexpr size_t kLeastWorth = 50;          // shorter ones are sent as they are, as MySQL does
constexpr size_t kPlainPerFrame = 1 << 20;  // of ours; a peer may send up to kMaxFrame
constexpr int kMostWindowLog = 24;          // no frame holds more than 16 MB

Error MalformedFrame(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "compressed protocol: {}", what).WithMysql(1157, "08S01");
}

// The compressors of a thread. A frame is made without a wait, so that connections can share them.
class Compressors {
 public:
  static Compressors& OfThread() {
    static thread_local Compressors compressors;
    return compressors;
  }
  ~Compressors() {
    if (has_deflate_) deflateEnd(&deflate_);
    ZSTD_freeCCtx(zstd_);
  }

  // Bytes written, or nothing when they do not fit.
  std::optional<size_t> Zlib(std::string_view bytes, std::span<char> out) {
    if (!has_deflate_) CHECK(deflateInit(&deflate_, Z_DEFAULT_COMPRESSION) == Z_OK);
    has_deflate_ = true;
    CHECK(deflateReset(&deflate_) == Z_OK);
    deflate_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    deflate_.avail_in = static_cast<uInt>(bytes.size());
    deflate_.next_out = reinterpret_cast<Bytef*>(out.data());
    deflate_.avail_out = static_cast<uInt>(out.size());
    if (deflate(&deflate_, Z_FINISH) != Z_STREAM_END) return std::nullopt;
    return out.size() - deflate_.avail_out;
  }
  std::optional<size_t> Zstd(std::string_view bytes, std::span<char> out, int level) {
    if (zstd_ == nullptr) zstd_ = ZSTD_createCCtx();
    CHECK(zstd_ != nullptr);
    const size_t size =
        ZSTD_compressCCtx(zstd_, out.data(), out.size(), bytes.data(), bytes.size(), level);
    if (ZSTD_isError(size)) return std::nullopt;
    return size;
  }

 private:
  z_stream deflate_{};
  bool has_deflate_ = false;
  ZSTD_CCtx* zstd_ = nullptr;
};

}  // namespace

// --- FrameCompressor ---

FrameCompressor::FrameCompressor(CompressionMethod method, int level)
    : method_(method), level_(std::clamp(level, 1, kMostZstdLevel)) {}

void FrameCompressor::Append(std::string_view bytes, ByteBuffer& out) {
  while (!bytes.empty()) {
    const std::string_view piece = bytes.substr(0, kPlainPerFrame);
    AppendFrame(piece, out);
    bytes.remove_prefix(piece.size());
  }
}

void FrameCompressor::AppendFrame(std::string_view bytes, ByteBuffer& out) {
  constexpr size_t kHeader = 7;
  const size_t start = out.size();
  std::optional<size_t> size;
  if (bytes.size() >= kLeastWorth) {
    // Room for less than the bytes themselves: what does not fit is not worth it.
    const std::span<char> room(out.Extend(kHeader + bytes.size()) + kHeader, bytes.size() - 1);
    Compressors& compressors = Compressors::OfThread();
    size = method_ == CompressionMethod::kZlib ? compressors.Zlib(bytes, room)
                                               : compressors.Zstd(bytes, room, level_);
    out.Truncate(start);
  }
  const size_t body = size.value_or(bytes.size());
  out.U24(static_cast<uint32_t>(body));
  out.U8(sequence_++);
  out.U24(static_cast<uint32_t>(size ? bytes.size() : 0));
  if (size) {
    out.Extend(body);  // stands there already
  } else {
    out.Append(bytes);
  }
}

// --- FrameExpander ---

// One compressed body under way, by either library.
class FrameExpander::Decoder {
 public:
  explicit Decoder(CompressionMethod method) {
    if (method == CompressionMethod::kZstd) {
      zstd_ = ZSTD_createDStream();
      CHECK(zstd_ != nullptr);
      ZSTD_DCtx_setParameter(zstd_, ZSTD_d_windowLogMax, kMostWindowLog);
    } else {
      CHECK(inflateInit(&inflate_) == Z_OK);
    }
  }
  ~Decoder() {
    if (zstd_ != nullptr) {
      ZSTD_freeDStream(zstd_);
    } else {
      inflateEnd(&inflate_);
    }
  }
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;

  struct Step {
    size_t taken = 0;
    size_t given = 0;
  };
  // Nothing when the bytes are not what they should be.
  std::optional<Step> Run(std::string_view in, std::span<char> out) {
    return zstd_ != nullptr ? RunZstd(in, out) : RunZlib(in, out);
  }
  // The body has told that it is whole.
  bool ended() const { return ended_; }

 private:
  std::optional<Step> RunZlib(std::string_view in, std::span<char> out) {
    Bytef nowhere = 0;
    inflate_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    inflate_.avail_in = static_cast<uInt>(in.size());
    inflate_.next_out = out.empty() ? &nowhere : reinterpret_cast<Bytef*>(out.data());
    inflate_.avail_out = static_cast<uInt>(out.size());
    const int outcome = inflate(&inflate_, Z_NO_FLUSH);
    if (outcome != Z_OK && outcome != Z_STREAM_END && outcome != Z_BUF_ERROR) return std::nullopt;
    ended_ = outcome == Z_STREAM_END;
    return Step{in.size() - inflate_.avail_in, out.size() - inflate_.avail_out};
  }
  std::optional<Step> RunZstd(std::string_view in, std::span<char> out) {
    ZSTD_inBuffer input{in.data(), in.size(), 0};
    ZSTD_outBuffer output{out.data(), out.size(), 0};
    const size_t outcome = ZSTD_decompressStream(zstd_, &output, &input);
    if (ZSTD_isError(outcome)) return std::nullopt;
    ended_ = outcome == 0;
    return Step{input.pos, output.pos};
  }

  z_stream inflate_{};
  ZSTD_DStream* zstd_ = nullptr;
  bool ended_ = false;
};

FrameExpander::FrameExpander(CompressionMethod method) : method_(method) {}
FrameExpander::~FrameExpander() = default;

Result<> FrameExpander::BeginFrame() {
  ByteReader header(std::string_view(header_.data(), header_.size()));
  body_left_ = header.U24();
  const uint8_t number = header.U8();
  const uint32_t plain = header.U24();
  if (number != sequence_ && number != 0)
    return Errorf(
               Code::kInvalidArgument,
               "compressed packet number {} came where {} was due: the connection is out of step",
               number, sequence_)
        .WithMysql(1156, "08S01");
  sequence_ = static_cast<uint8_t>(number + 1);
  header_size_ = 0;
  plain_left_ = plain != 0 ? plain : body_left_;
  if (plain != 0) decoder_ = std::make_unique<Decoder>(method_);
  in_frame_ = plain != 0 || body_left_ != 0;
  return Ok{};
}

// At most what is left of the frame under way. No progress means that more input is needed.
Result<size_t> FrameExpander::ExpandBody(std::string_view& in, std::span<char> out) {
  const std::string_view body = in.substr(0, body_left_);
  out = out.first(std::min(out.size(), plain_left_));
  if (decoder_ == nullptr) {
    const size_t count = std::min(body.size(), out.size());
    std::copy_n(body.data(), count, out.data());
    in.remove_prefix(count);
    body_left_ -= count;
    plain_left_ -= count;
    in_frame_ = body_left_ != 0;
    return count;
  }
  const std::optional<Decoder::Step> step = decoder_->Run(body, out);
  if (!step) return MalformedFrame("a body cannot be expanded");
  in.remove_prefix(step->taken);
  body_left_ -= step->taken;
  plain_left_ -= step->given;
  if (decoder_->ended()) {
    if (body_left_ != 0 || plain_left_ != 0)
      return MalformedFrame("a body ends before the length its header claims");
    decoder_.reset();
    in_frame_ = false;
    return step->given;
  }
  const bool stuck = step->taken == 0 && step->given == 0;
  if (stuck && (body_left_ == 0 || !body.empty()))
    return MalformedFrame("a body does not fit the length its header claims");
  return step->given;
}

Result<size_t> FrameExpander::Expand(std::string_view& in, std::span<char> out) {
  size_t total = 0;
  while (total < out.size()) {
    if (!in_frame_) {
      const size_t count = std::min(in.size(), kFrameHeader - header_size_);
      std::copy_n(in.data(), count, header_.data() + header_size_);
      in.remove_prefix(count);
      header_size_ += count;
      if (header_size_ < kFrameHeader) break;
      TRY_OK(BeginFrame());
      continue;
    }
    const size_t before = in.size();
    TRY(const size_t count, ExpandBody(in, out.subspan(total)));
    total += count;
    if (count == 0 && in.size() == before && in_frame_) break;
  }
  return total;
}

}  // namespace tessera::mysqlwire
