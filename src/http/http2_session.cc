// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "http/http2_session.h"

#include <algorithm>
#include <array>
#include <cstring>

#include <nghttp2/nghttp2.h>

#include "base/check.h"
#include "base/waiter.h"

namespace tessera::http {

namespace {

// A connection that mostly waits, as ten thousand health streams do, keeps a small buffer; the
// first read that fills it gets the large one.
constexpr size_t kFirstReadSize = size_t{1} << 10;
constexpr size_t kReadSize = size_t{64} << 10;
// Frames collected before they are offered to the kernel; more stay as messages in their streams'
// queues.
constexpr size_t kOutLimit = size_t{256} << 10;
constexpr uint8_t kDrainPing[8] = {'d', 'r', 'a', 'i', 'n', 0, 0, 0};

uint8_t* Bytes(std::string_view text) {
  return const_cast<uint8_t*>(reinterpret_cast<const uint8_t*>(text.data()));
}
std::string_view View(const uint8_t* data, size_t size) {
  return std::string_view(reinterpret_cast<const char*>(data), size);
}

// HeaderFields as nghttp2 wants them; short lists need no allocation.
class Fields {
 public:
  explicit Fields(std::span<const HeaderField> fields) : size_(fields.size()) {
    nghttp2_nv* out = small_.data();
    if (size_ > small_.size()) {
      large_.resize(size_);
      out = large_.data();
    }
    data_ = out;
    for (const HeaderField& field : fields) {
      uint8_t flags = NGHTTP2_NV_FLAG_NONE;
      if (field.kind == HeaderField::kLiteral)
        flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE;
      else if (field.kind == HeaderField::kVariable)
        flags = NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_INDEX;
      *out++ = {Bytes(field.name), Bytes(field.value), field.name.size(), field.value.size(),
                flags};
    }
  }
  const nghttp2_nv* data() const { return data_; }
  size_t size() const { return size_; }

 private:
  std::array<nghttp2_nv, 16> small_;
  std::vector<nghttp2_nv> large_;
  const nghttp2_nv* data_;
  size_t size_;
};

// nghttp2's memory comes from the frame lists of tasks: a call makes and frees a dozen small pieces
// of a few sizes, for which malloc is the larger part of their cost. Each piece knows its size.
struct alignas(16) PieceHead {
  size_t size;
};

void* AllocatePiece(size_t size, void*) {
  auto* head = static_cast<PieceHead*>(tessera::internal::AllocateFrame(sizeof(PieceHead) + size));
  head->size = size;
  return head + 1;
}

void FreePiece(void* piece, void*) {
  if (piece == nullptr) return;
  PieceHead* head = static_cast<PieceHead*>(piece) - 1;
  tessera::internal::FreeFrame(head, sizeof(PieceHead) + head->size);
}

void* AllocateZeros(size_t count, size_t size, void*) {
  CHECK(size == 0 || count <= SIZE_MAX / size);
  void* piece = AllocatePiece(count * size, nullptr);
  std::memset(piece, 0, count * size);
  return piece;
}

void* ResizePiece(void* piece, size_t size, void*) {
  void* moved = AllocatePiece(size, nullptr);
  if (piece == nullptr) return moved;
  std::memcpy(moved, piece, std::min(size, (static_cast<PieceHead*>(piece) - 1)->size));
  FreePiece(piece, nullptr);
  return moved;
}

nghttp2_mem memory = {nullptr, AllocatePiece, FreePiece, AllocateZeros, ResizePiece};

}  // namespace

// nghttp2's callbacks. None of them may call nghttp2_session_send or _mem_recv, or free the
// session.
struct Http2Session::Callbacks {
  static Http2Session& Self(void* user) { return *static_cast<Http2Session*>(user); }

  static ssize_t OnSend(nghttp2_session*, const uint8_t* data, size_t size, int, void* user) {
    std::string& out = Self(user).out_;
    if (out.size() >= kOutLimit) return NGHTTP2_ERR_WOULDBLOCK;
    out.append(reinterpret_cast<const char*>(data), size);
    return static_cast<ssize_t>(size);
  }

  static ssize_t OnReadSource(nghttp2_session* session, int32_t id, uint8_t*, size_t size,
                              uint32_t* flags, nghttp2_data_source* source, void*) {
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    const size_t take = std::min(size, stream.queued_);
    if (take == stream.queued_) {
      if (stream.end_ == Http2Stream::End::kOpen && take == 0) {
        stream.deferred_ = true;
        return NGHTTP2_ERR_DEFERRED;
      }
      if (stream.end_ != Http2Stream::End::kOpen) *flags |= NGHTTP2_DATA_FLAG_EOF;
      if (stream.end_ == Http2Stream::End::kTrailers) {
        *flags |= NGHTTP2_DATA_FLAG_NO_END_STREAM;
        std::vector<HeaderField> fields;
        fields.reserve(stream.trailers_.size());
        for (const auto& [name, value] : stream.trailers_) fields.emplace_back(name, value);
        const Fields nvs(fields);
        if (nghttp2_submit_trailer(session, id, nvs.data(), nvs.size()) != 0)
          return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
      }
    }
    *flags |= NGHTTP2_DATA_FLAG_NO_COPY;
    return static_cast<ssize_t>(take);
  }

  static int OnSendData(nghttp2_session*, nghttp2_frame*, const uint8_t* head, size_t size,
                        nghttp2_data_source* source, void* user) {
    std::string& out = Self(user).out_;
    if (out.size() >= kOutLimit) return NGHTTP2_ERR_WOULDBLOCK;
    auto& stream = *static_cast<Http2Stream*>(source->ptr);
    out.append(reinterpret_cast<const char*>(head), 9);
    const size_t before = stream.queued_;
    stream.queued_ -= size;
    while (size > 0) {
      Http2Stream::Chunk& chunk = stream.chunks_[stream.first_chunk_];
      size_t& offset = stream.first_offset_;
      if (offset < chunk.prefix_size) {
        const size_t count = std::min(size, chunk.prefix_size - offset);
        out.append(chunk.prefix + offset, count);
        offset += count;
        size -= count;
        if (offset < chunk.prefix_size) break;  // the frame ends within it
      }
      const size_t count = std::min(size, chunk.size() - offset);
      out.append(chunk.body, offset - chunk.prefix_size, count);
      offset += count;
      size -= count;
      if (offset == chunk.size()) {
        offset = 0;
        // A stream of one message keeps it: the peer may refuse the stream unread (TakeBack).
        if (stream.chunks_.size() > 1 || stream.end_ == Http2Stream::End::kOpen)
          chunk.body = std::string();
        if (++stream.first_chunk_ == stream.chunks_.size() &&
            stream.end_ == Http2Stream::End::kOpen) {
          stream.chunks_.clear();
          stream.first_chunk_ = 0;
          stream.chunks_dropped_ = true;
        }
      }
    }
    if (before >= Http2Stream::kQueueLowWater && stream.queued_ < Http2Stream::kQueueLowWater &&
        stream.events_ != nullptr)
      stream.events_->OnWritable();
    return 0;
  }

  static int OnBeginHeaders(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2Session& self = Self(user);
    if (frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (frame->headers.cat == NGHTTP2_HCAT_REQUEST && self.acceptor_ != nullptr) {
      Http2Stream& stream = self.NewStream(nullptr);
      stream.id_ = frame->hd.stream_id;
      stream.events_ = self.acceptor_->OnStream(stream);
      nghttp2_session_set_stream_user_data(session, stream.id_, &stream);
    } else if (Http2Stream* stream = self.Find(frame->hd.stream_id)) {
      stream->header_bytes_ = 0;
    }
    return 0;
  }

  static int OnHeader(nghttp2_session*, const nghttp2_frame* frame, const uint8_t* name,
                      size_t name_size, const uint8_t* value, size_t value_size, uint8_t,
                      void* user) {
    Http2Session& self = Self(user);
    Http2Stream* stream = self.Find(frame->hd.stream_id);
    if (stream == nullptr || stream->events_ == nullptr) return 0;
    stream->header_bytes_ +=
        name_size + value_size + 32;  // as SETTINGS_MAX_HEADER_LIST_SIZE counts
    if (stream->header_bytes_ > self.options_.max_header_bytes) {
      StreamEvents* events = stream->events_;
      stream->Reset(Http2Code::kEnhanceYourCalm);
      events->OnClose(Http2Code::kEnhanceYourCalm, nullptr);
      return 0;
    }
    stream->events_->OnHeader(View(name, name_size), View(value, value_size));
    return 0;
  }

  static int OnFrame(nghttp2_session* session, const nghttp2_frame* frame, void* user) {
    Http2Session& self = Self(user);
    switch (frame->hd.type) {
      case NGHTTP2_HEADERS:
      case NGHTTP2_DATA: {
        Http2Stream* stream = self.Find(frame->hd.stream_id);
        if (stream == nullptr) return 0;
        if (frame->hd.type == NGHTTP2_HEADERS && stream->events_ != nullptr)
          stream->events_->OnHeadersEnd();
        if ((frame->hd.flags & NGHTTP2_FLAG_END_STREAM) != 0 && stream->events_ != nullptr)
          stream->events_->OnEnd();
        return 0;
      }
      case NGHTTP2_SETTINGS:
        if (!std::exchange(self.established_, true) && self.on_established_) self.on_established_();
        return 0;
      case NGHTTP2_GOAWAY:
        self.going_away_ = true;
        return 0;
      case NGHTTP2_PING:
        if ((frame->hd.flags & NGHTTP2_FLAG_ACK) != 0 &&
            std::memcmp(frame->ping.opaque_data, kDrainPing, sizeof kDrainPing) == 0)
          nghttp2_submit_goaway(session, NGHTTP2_FLAG_NONE,
                                nghttp2_session_get_last_proc_stream_id(session), NGHTTP2_NO_ERROR,
                                nullptr, 0);
        return 0;
      default:
        return 0;
    }
  }

  static int OnData(nghttp2_session* session, uint8_t, int32_t id, const uint8_t* data, size_t size,
                    void* user) {
    Http2Session& self = Self(user);
    // A slow reader of one stream must not stop the others: only the stream's own window waits for
    // it.
    nghttp2_session_consume_connection(session, size);
    Http2Stream* stream = self.Find(id);
    if (stream != nullptr && stream->events_ != nullptr) stream->events_->OnData(View(data, size));
    return 0;
  }

  static int OnFrameSent(nghttp2_session* session, const nghttp2_frame* frame, void*) {
    // A server that has answered before the client finished tells it to stop sending (RFC
    // 9113, 8.1).
    if (frame->hd.type != NGHTTP2_HEADERS || (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) == 0)
      return 0;
    if (nghttp2_session_get_stream_remote_close(session, frame->hd.stream_id) == 0)
      nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, frame->hd.stream_id, NGHTTP2_NO_ERROR);
    return 0;
  }

  static int OnStreamClose(nghttp2_session* session, int32_t id, uint32_t code, void* user) {
    Http2Session& self = Self(user);
    auto* stream = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session, id));
    if (stream == nullptr) return 0;
    if (StreamEvents* events = std::exchange(stream->events_, nullptr))
      events->OnClose(static_cast<Http2Code>(code), nullptr);
    self.FreeStream(*stream);
    return 0;
  }

  static nghttp2_session_callbacks* Make(bool server) {
    nghttp2_session_callbacks* callbacks = nullptr;
    CHECK(nghttp2_session_callbacks_new(&callbacks) == 0);
    nghttp2_session_callbacks_set_send_callback(callbacks, OnSend);
    nghttp2_session_callbacks_set_send_data_callback(callbacks, OnSendData);
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, OnBeginHeaders);
    nghttp2_session_callbacks_set_on_header_callback(callbacks, OnHeader);
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, OnFrame);
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, OnData);
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, OnStreamClose);
    if (server) nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, OnFrameSent);
    return callbacks;
  }
};

// --- Http2Stream ---

void Http2Stream::SendHeaders(std::span<const HeaderField> fields, bool end) {
  const Fields nvs(fields);
  nghttp2_data_provider provider;
  provider.source.ptr = this;
  provider.read_callback = Http2Session::Callbacks::OnReadSource;
  CHECK(nghttp2_submit_response(session_->session_, id_, nvs.data(), nvs.size(),
                                end ? nullptr : &provider) == 0);
  session_->ScheduleFlush();
}

void Http2Stream::Send(std::string_view prefix, std::string body) {
  Chunk& chunk = chunks_.emplace_back();
  CHECK(prefix.size() <= sizeof chunk.prefix);
  std::memcpy(chunk.prefix, prefix.data(), prefix.size());
  chunk.prefix_size = static_cast<uint8_t>(prefix.size());
  chunk.body = std::move(body);
  queued_ += chunk.size();
  Wake();
}

void Http2Stream::SendEnd() {
  end_ = End::kEnd;
  Wake();
}

void Http2Stream::SendTrailers(std::span<const HeaderField> fields) {
  end_ = End::kTrailers;
  trailers_.clear();
  for (const HeaderField& field : fields)
    trailers_.emplace_back(std::string(field.name), std::string(field.value));
  Wake();
}

std::optional<std::string> Http2Stream::TakeBack() {
  if (chunks_.size() != 1 || chunks_dropped_ || end_ != End::kEnd) return std::nullopt;
  return std::move(chunks_.front().body);
}

void Http2Stream::Wake() {
  if (deferred_) {
    deferred_ = false;
    nghttp2_session_resume_data(session_->session_, id_);
  }
  session_->ScheduleFlush();
}

void Http2Stream::Reset(Http2Code code) {
  events_ = nullptr;
  if (std::exchange(reset_, true)) return;
  nghttp2_submit_rst_stream(session_->session_, NGHTTP2_FLAG_NONE, id_,
                            static_cast<uint32_t>(code));
  session_->ScheduleFlush();
}

void Http2Stream::Consumed(size_t bytes) {
  nghttp2_session_consume_stream(session_->session_, id_, bytes);
  if (nghttp2_session_want_write(session_->session_) != 0) session_->ScheduleFlush();
}

// --- Http2Session ---

Http2Session::Http2Session(std::unique_ptr<runtime::Stream> connection, const Http2Options& options,
                           StreamAcceptor* acceptor)
    : connection_(std::move(connection)), options_(options), acceptor_(acceptor) {
  static nghttp2_session_callbacks* const kServer = Callbacks::Make(true);
  static nghttp2_session_callbacks* const kClient = Callbacks::Make(false);
  static nghttp2_option* const kOption = [] {
    nghttp2_option* option = nullptr;
    CHECK(nghttp2_option_new(&option) == 0);
    nghttp2_option_set_no_auto_window_update(option, 1);
    nghttp2_option_set_no_closed_streams(option, 1);
    nghttp2_option_set_max_send_header_block_length(option, size_t{1} << 20);
    // Deadlines and cancelled calls reset streams in the ordinary course of things; the default
    // allows 33 a second.
    nghttp2_option_set_stream_reset_rate_limit(option, 100'000, 20'000);
    return option;
  }();
  const int made = acceptor_ != nullptr
                       ? nghttp2_session_server_new3(&session_, kServer, this, kOption, &memory)
                       : nghttp2_session_client_new3(&session_, kClient, this, kOption, &memory);
  CHECK(made == 0);
  SubmitSettings();
}

Http2Session::~Http2Session() {
  CHECK(!flush_queued_ && tasks_ == nullptr);
  nghttp2_session_del(session_);
}

void Http2Session::SubmitSettings() {
  std::vector<nghttp2_settings_entry> settings;
  settings.push_back({NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options_.stream_window});
  settings.push_back(
      {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, static_cast<uint32_t>(options_.max_header_bytes)});
  if (acceptor_ != nullptr)
    settings.push_back({NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options_.max_streams});
  else
    settings.push_back({NGHTTP2_SETTINGS_ENABLE_PUSH, 0});
  CHECK(nghttp2_submit_settings(session_, NGHTTP2_FLAG_NONE, settings.data(), settings.size()) ==
        0);
  CHECK(nghttp2_session_set_local_window_size(
            session_, NGHTTP2_FLAG_NONE, 0, static_cast<int32_t>(options_.connection_window)) == 0);
}

Task<Result<>> Http2Session::Run(const Context& ctx, std::string_view received) {
  runtime::TaskGroup tasks(ctx);
  tasks_ = &tasks;
  if (options_.keepalive_time > Duration::zero()) ArmKeepalive(options_.keepalive_time);
  ScheduleFlush();
  if (!received.empty()) Receive(received);
  size_t size = kFirstReadSize;
  auto buffer = std::make_unique_for_overwrite<char[]>(size);
  while (!error_) {
    const std::span<char> into(buffer.get(), size);
    const Result<size_t> count = co_await connection_->Read(ctx, into);
    if (!count.ok()) {
      if (!error_) error_ = count.error();
      break;
    }
    if (*count == 0) {
      if (!error_)
        error_ = Errorf(Code::kUnavailable, "connection to {} was closed by the peer", peer());
      break;
    }
    Receive(std::string_view(buffer.get(), *count));
    if (*count < size || size == kReadSize) continue;
    size = kReadSize;
    buffer = std::make_unique_for_overwrite<char[]>(size);
  }
  closed_ = true;
  Timer::Cancel();
  connection_->Shutdown();
  while (open_ != nullptr) {
    Http2Stream& stream = *open_;
    if (StreamEvents* events = std::exchange(stream.events_, nullptr))
      events->OnClose(Http2Code::kInternalError, &*error_);
    FreeStream(stream);
  }
  if (acceptor_ != nullptr) acceptor_->OnBatchEnd();
  [[maybe_unused]] const Result<> written = co_await tasks.CancelAndJoin();  // WriteRest told Close
  tasks_ = nullptr;
  while (flush_queued_) co_await Yield();
  if (orderly_) co_return Ok{};
  co_return *error_;
}

void Http2Session::Receive(std::string_view bytes) {
  heard_ = true;
  const ssize_t used = nghttp2_session_mem_recv(session_, Bytes(bytes), bytes.size());
  if (used < 0) {
    Close(Errorf(Code::kUnavailable, "connection to {} does not speak HTTP/2: {}", peer(),
                 nghttp2_strerror(static_cast<int>(used))));
  }
  if (acceptor_ != nullptr) acceptor_->OnBatchEnd();
  if (nghttp2_session_want_write(session_) != 0)
    ScheduleFlush();
  else
    CloseIfFinished();
}

Http2Stream& Http2Session::Request(std::span<const HeaderField> fields, StreamEvents& events) {
  CHECK(acceptor_ == nullptr && takes_requests());
  Http2Stream& stream = NewStream(&events);
  const Fields nvs(fields);
  nghttp2_data_provider provider;
  provider.source.ptr = &stream;
  provider.read_callback = Callbacks::OnReadSource;
  stream.id_ =
      nghttp2_submit_request(session_, nullptr, nvs.data(), nvs.size(), &provider, &stream);
  CHECK(stream.id_ > 0);
  // After 2^30 calls the ids of a connection are used up: it takes no more, and its owner makes
  // another.
  if (stream.id_ > (1 << 30)) Drain();
  ScheduleFlush();
  return stream;
}

void Http2Session::Drain() {
  if (closed_ || going_away_) return;
  going_away_ = true;
  if (acceptor_ == nullptr) {
    if (open_streams_ == 0) Finish();
    return;
  }
  nghttp2_submit_shutdown_notice(session_);
  // What the client sent before it saw the notice is here when the answer to this ping is.
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, kDrainPing);
  ScheduleFlush();
}

void Http2Session::Close(Error error) {
  if (closed_ || error_) return;
  error_ = std::move(error);
  going_away_ = true;
  connection_->Shutdown();
}

void Http2Session::ScheduleFlush() {
  if (closed_ || flush_queued_) return;
  flush_queued_ = true;
  Executor::Current().AtTurnEnd(*this);
}

void Http2Session::OnTurnEnd() {
  flush_queued_ = false;
  if (!closed_ && !error_ && tasks_ != nullptr) Flush();
}

void Http2Session::Produce() {
  const int outcome = nghttp2_session_send(session_);
  if (outcome != 0)
    Close(
        Errorf(Code::kInternal, "HTTP/2 connection to {}: {}", peer(), nghttp2_strerror(outcome)));
}

void Http2Session::Flush() {
  if (writing_) return;
  for (;;) {
    Produce();
    if (out_.empty() || error_) break;
    const std::string_view part = out_;
    const Result<size_t> sent = connection_->TryWrite(std::span<const std::string_view>(&part, 1));
    if (!sent.ok()) return Close(sent.error());
    if (*sent < out_.size()) {
      out_.erase(0, *sent);
      writing_ = true;
      return tasks_->Start(WriteRest());
    }
    const bool more = out_.size() >= kOutLimit;
    out_.clear();
    if (!more) break;
  }
  CloseIfFinished();
}

// The kernel takes no more at once: goes on until all is written, then leaves the writing to turn
// ends again.
Task<Result<>> Http2Session::WriteRest() {
  std::string writing;
  while (!out_.empty()) {
    std::swap(writing, out_);
    out_.clear();
    const Result<> written = co_await connection_->WriteAll(tasks_->context(), writing);
    if (!written.ok()) {
      Close(written.error());
      break;
    }
    if (closed_ || error_) break;
    Produce();
  }
  writing_ = false;
  if (!closed_ && !error_) CloseIfFinished();
  co_return Ok{};
}

void Http2Session::CloseIfFinished() {
  if (writing_ || !out_.empty()) return;
  const bool drained = going_away_ && acceptor_ == nullptr && open_streams_ == 0;
  const bool over =
      nghttp2_session_want_read(session_) == 0 && nghttp2_session_want_write(session_) == 0;
  if (drained || over) Finish();
}

void Http2Session::Finish() {
  if (closed_ || error_) return;
  orderly_ = true;
  Close(Errorf(Code::kUnavailable, "connection to {} was closed", peer()));
}

Http2Stream& Http2Session::NewStream(StreamEvents* events) {
  Http2Stream* stream = free_;
  if (stream != nullptr) {
    free_ = stream->next_;
  } else {
    stream = streams_.emplace_back(std::make_unique<Http2Stream>()).get();
  }
  stream->session_ = this;
  stream->events_ = events;
  stream->next_ = open_;
  if (open_ != nullptr) open_->link_ = &stream->next_;
  stream->link_ = &open_;
  open_ = stream;
  ++open_streams_;
  return *stream;
}

void Http2Session::FreeStream(Http2Stream& stream) {
  if (found_ == &stream) found_ = nullptr;
  *stream.link_ = stream.next_;
  if (stream.next_ != nullptr) stream.next_->link_ = stream.link_;
  stream.events_ = nullptr;
  stream.id_ = 0;
  stream.end_ = Http2Stream::End::kOpen;
  stream.deferred_ = false;
  stream.reset_ = false;
  stream.header_bytes_ = 0;
  stream.queued_ = 0;
  stream.chunks_.clear();
  stream.chunks_dropped_ = false;
  stream.first_chunk_ = 0;
  stream.first_offset_ = 0;
  stream.trailers_.clear();
  stream.next_ = free_;
  free_ = &stream;
  --open_streams_;
}

Http2Stream* Http2Session::Find(int32_t id) {
  if (found_ == nullptr || found_->id_ != id)
    found_ = static_cast<Http2Stream*>(nghttp2_session_get_stream_user_data(session_, id));
  return found_;
}

void Http2Session::ArmKeepalive(Duration after) {
  Executor& executor = Executor::Current();
  executor.Arm(*this, executor.Now() + after);
}

// Ticks once per keepalive_time. A tick without a byte since the last one sends a ping; a tick
// after an unanswered ping ends the connection.
void Http2Session::OnTimer() {
  if (std::exchange(heard_, false)) {
    pinged_ = false;
    return ArmKeepalive(options_.keepalive_time);
  }
  if (pinged_) {
    return Close(Errorf(Code::kUnavailable,
                        "connection to {}: keepalive ping failed to receive ACK within timeout",
                        peer()));
  }
  if (open_streams_ == 0 && !options_.ping_when_idle) return ArmKeepalive(options_.keepalive_time);
  pinged_ = true;
  nghttp2_submit_ping(session_, NGHTTP2_FLAG_NONE, nullptr);
  ScheduleFlush();
  ArmKeepalive(options_.keepalive_timeout);
}

}  // namespace tessera::http
