// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/context.h"
#include "base/executor.h"
#include "base/result.h"
#include "base/task.h"
#include "runtime/stream.h"
#include "runtime/task_group.h"

struct nghttp2_session;

namespace tessera::http {

// Why a stream or a connection was ended before its time (RFC 9113, 7). Unknown numbers are passed
// through.
enum class Http2Code : uint32_t {
  kNoError = 0,
  kProtocolError = 1,
  kInternalError = 2,
  kFlowControlError = 3,
  kStreamClosed = 5,
  kRefusedStream = 7,
  kCancel = 8,
  kEnhanceYourCalm = 11,
  kInadequateSecurity = 12,
  kHttp11Required = 13,
};

// One header to send. Bytes are copied unless they are said to live forever.
struct HeaderField {
  enum Kind : uint8_t {
    kCopied,    // name and value are copied
    kLiteral,   // both live forever
    kVariable,  // a literal name, a value that changes from call to call: copied, kept out of the
                // compression table
  };
  HeaderField(std::string_view field_name, std::string_view field_value, Kind field_kind = kCopied)
      : name(field_name), value(field_value), kind(field_kind) {}
  std::string_view name;  // lower case
  std::string_view value;
  Kind kind;
};

// What the user of a stream hears. Called on the loop, from inside the session: note it and make
// somebody ready.
class StreamEvents {
 public:
  // A header of the head or, after OnHeadersEnd, of the trailers.
  virtual void OnHeader(std::string_view name, std::string_view value) = 0;
  virtual void OnHeadersEnd() = 0;
  // The bytes are gone after the call. Give the window back with Http2Stream::Consumed, now or
  // later.
  virtual void OnData(std::string_view bytes) = 0;
  // The peer sends no more.
  virtual void OnEnd() = 0;
  // What is queued has fallen below kQueueLowWater.
  virtual void OnWritable() {}
  // The last event: the stream is gone. `connection` says why the whole connection ended, if it
  // did.
  virtual void OnClose(Http2Code code, const Error* connection) = 0;

 protected:
  ~StreamEvents() = default;
};

class Http2Session;

// One stream of a session. Valid until OnClose, Reset or Detach.
class Http2Stream {
 public:
  static constexpr size_t kQueueLowWater = size_t{64} << 10;

  // A server's answer, once. With `end` nothing follows.
  void SendHeaders(std::span<const HeaderField> fields, bool end);
  // Queues `prefix` (at most 8 bytes) and `body`. It is for the caller to wait while queued() is
  // high.
  void Send(std::string_view prefix, std::string body);
  // Nothing follows what is queued.
  void SendEnd();
  // In OnClose: the body of a stream that sent one message and its end, so that it can be sent
  // elsewhere.
  std::optional<std::string> TakeBack();
  // Nothing but these follows what is queued.
  void SendTrailers(std::span<const HeaderField> fields);
  // Ends the stream at once; what is queued is dropped; no event follows.
  void Reset(Http2Code code);
  // No event follows; what is queued is still sent.
  void Detach() { events_ = nullptr; }
  // Lets the peer send that many bytes more.
  void Consumed(size_t bytes);

  size_t queued() const { return queued_; }
  Http2Session& session() const { return *session_; }

 private:
  friend class Http2Session;
  struct Chunk {
    char prefix[8];
    uint8_t prefix_size;
    std::string body;
    size_t size() const { return prefix_size + body.size(); }
  };
  enum class End : uint8_t { kOpen, kEnd, kTrailers };

  void Wake();

  Http2Session* session_ = nullptr;
  StreamEvents* events_ = nullptr;
  int32_t id_ = 0;
  End end_ = End::kOpen;
  bool deferred_ = false;  // nghttp2 waits for us to resume the stream's data
  bool reset_ = false;
  size_t header_bytes_ = 0;
  size_t queued_ = 0;
  std::vector<Chunk> chunks_;
  bool chunks_dropped_ = false;
  size_t first_chunk_ = 0;
  size_t first_offset_ = 0;
  std::vector<std::pair<std::string, std::string>> trailers_;
  Http2Stream* next_ = nullptr;
  Http2Stream** link_ = nullptr;
};

// Takes the streams clients open.
class StreamAcceptor {
 public:
  // Gives whoever is to hear the stream's events.
  virtual StreamEvents* OnStream(Http2Stream& stream) = 0;
  // What came in one read has been dispatched: start the work it brought.
  virtual void OnBatchEnd() = 0;

 protected:
  ~StreamAcceptor() = default;
};

struct Http2Options {
  uint32_t stream_window = 1u << 20;
  uint32_t connection_window = 16u << 20;
  uint32_t max_streams = 10'000;               // a client may have open; servers only
  size_t max_header_bytes = size_t{64} << 10;  // of one header block; longer ones end their stream
  Duration keepalive_time = {};                // ping a peer silent for this long; zero never does
  Duration keepalive_timeout = std::chrono::seconds(10);
  bool ping_when_idle = true;  // also while no stream is open
};

// One side of an HTTP/2 connection. What streams send is collected and written once a turn; bytes
// come in large reads. Belongs to one loop; must not be destroyed before Run has ended.
class Http2Session : TurnHook, Timer {
 public:
  // A server when there is an acceptor, else a client.
  Http2Session(std::unique_ptr<runtime::Stream> connection, const Http2Options& options,
               StreamAcceptor* acceptor);
  ~Http2Session() override;
  Http2Session(const Http2Session&) = delete;
  Http2Session& operator=(const Http2Session&) = delete;

  // Carries the connection until either side ends it or ctx does; `received` are bytes read before.
  // At its end every open stream has had OnClose. The error is why the connection broke.
  Task<Result<>> Run(const Context& ctx, std::string_view received);

  // Starts a request of a client (between the start of Run and its end, while takes_requests()).
  Http2Stream& Request(std::span<const HeaderField> fields, StreamEvents& events);
  // False once the connection ended or the server asked us to go away.
  bool takes_requests() const { return !closed_ && !going_away_; }
  // The peer has spoken HTTP/2. The hook, if there is one, is called when it first does.
  bool established() const { return established_; }
  void OnEstablished(std::function<void()> hook) { on_established_ = std::move(hook); }
  // A client's wish to end: the connection closes when its last stream has. A server's: the same,
  // after telling the client (GOAWAY) and serving what it sent before it heard.
  void Drain();
  // Ends the connection now; Run ends with this error.
  void Close(Error error);

  size_t open_streams() const { return open_streams_; }
  std::string peer() const { return connection_->peer(); }

 private:
  friend class Http2Stream;
  struct Callbacks;

  void OnTurnEnd() override;
  void OnTimer() override;
  void ScheduleFlush();
  // Lets nghttp2 put frames into out_, up to a limit.
  void Produce();
  void Flush();
  Task<Result<>> WriteRest();
  void CloseIfFinished();
  // Close, at an end both sides agreed on.
  void Finish();
  void Receive(std::string_view bytes);
  void SubmitSettings();
  Http2Stream& NewStream(StreamEvents* events);
  void FreeStream(Http2Stream& stream);
  Http2Stream* Find(int32_t id);
  void ArmKeepalive(Duration after);

  std::unique_ptr<runtime::Stream> connection_;
  const Http2Options options_;
  StreamAcceptor* acceptor_;
  nghttp2_session* session_ = nullptr;
  std::string out_;
  runtime::TaskGroup* tasks_ = nullptr;
  bool flush_queued_ = false;
  bool writing_ = false;  // WriteRest is under way
  bool closed_ = false;
  bool going_away_ = false;
  bool established_ = false;
  std::function<void()> on_established_;
  bool heard_ = false;  // anything since the last keepalive tick
  bool pinged_ = false;
  bool orderly_ = false;
  std::optional<Error> error_;
  Http2Stream* open_ = nullptr;
  size_t open_streams_ = 0;
  std::vector<std::unique_ptr<Http2Stream>> streams_;
  Http2Stream* free_ = nullptr;
  Http2Stream* found_ = nullptr;  // the stream found last: events come in runs
};

}  // namespace tessera::http
