// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "rpc/interop/grpc_peer.h"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <fstream>
#include <mutex>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include "rpc/testing/echo_service.h"

namespace tessera::rpc::interop {

namespace {

grpc::ByteBuffer ToBuffer(const std::string& bytes) {
  grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

std::string ToString(const grpc::ByteBuffer& buffer) {
  std::vector<grpc::Slice> slices;
  std::string bytes;
  if (!buffer.Dump(&slices).ok()) return bytes;
  for (const grpc::Slice& slice : slices)
    bytes.append(reinterpret_cast<const char*>(slice.begin()), slice.size());
  return bytes;
}

std::vector<std::pair<std::string, std::string>> ToPairs(
    const std::multimap<grpc::string_ref, grpc::string_ref>& map) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& [name, value] : map)
    pairs.emplace_back(std::string(name.data(), name.size()),
                       std::string(value.data(), value.size()));
  return pairs;
}

void Prepare(grpc::ClientContext& ctx, const GrpcClientOptions& options) {
  ctx.set_deadline(std::chrono::system_clock::now() +
                   std::chrono::milliseconds(options.deadline_millis));
  for (const auto& [name, value] : options.metadata) ctx.AddMetadata(name, value);
}

// Every operation waits for its end before the next one begins.
class GrpcCallImpl final : public GrpcCall {
 public:
  GrpcCallImpl(grpc::GenericStub& stub, const std::string& path, const GrpcClientOptions& options) {
    Prepare(ctx_, options);
    call_ = stub.PrepareCall(&ctx_, path, &queue_);
    call_->StartCall(this);
    alive_ = Step();
  }
  ~GrpcCallImpl() override {
    if (!finished_) {
      ctx_.TryCancel();
      Finish();
    }
    queue_.Shutdown();
    void* tag;
    bool ok;
    while (queue_.Next(&tag, &ok)) {
    }
  }

  bool Write(const std::string& message) override {
    if (!alive_) return false;
    call_->Write(ToBuffer(message), this);
    return Step();
  }
  void CloseWrites() override {
    if (!alive_) return;
    call_->WritesDone(this);
    Step();
  }
  std::optional<std::string> Read() override {
    if (!alive_) return std::nullopt;
    grpc::ByteBuffer buffer;
    call_->Read(&buffer, this);
    if (!Step()) return std::nullopt;
    return ToString(buffer);
  }
  void Cancel() override { ctx_.TryCancel(); }
  GrpcStatus Finish() override {
    finished_ = true;
    grpc::Status status;
    call_->Finish(&status, this);
    Step();
    return GrpcStatus{static_cast<int>(status.error_code()), status.error_message()};
  }
  std::vector<std::pair<std::string, std::string>> headers() override {
    return ToPairs(ctx_.GetServerInitialMetadata());
  }
  std::vector<std::pair<std::string, std::string>> trailers() override {
    return ToPairs(ctx_.GetServerTrailingMetadata());
  }

 private:
  bool Step() {
    void* tag = nullptr;
    bool ok = false;
    return queue_.Next(&tag, &ok) && ok;
  }

  grpc::ClientContext ctx_;
  grpc::CompletionQueue queue_;
  std::unique_ptr<grpc::GenericClientAsyncReaderWriter> call_;
  bool alive_ = false;
  bool finished_ = false;
};

}  // namespace

namespace {

std::string FileText(const std::string& path) {
  std::ifstream file(path);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

std::shared_ptr<grpc::ChannelCredentials> ClientCredentials(const GrpcTls& tls) {
  if (tls.ca.empty()) return grpc::InsecureChannelCredentials();
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = FileText(tls.ca);
  if (!tls.certificate.empty()) {
    options.pem_cert_chain = FileText(tls.certificate);
    options.pem_private_key = FileText(tls.key);
  }
  return grpc::SslCredentials(options);
}

std::shared_ptr<grpc::ServerCredentials> ServerCredentials(const GrpcTls& tls) {
  if (tls.ca.empty()) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = FileText(tls.ca);
  options.pem_key_cert_pairs.push_back({FileText(tls.key), FileText(tls.certificate)});
  return grpc::SslServerCredentials(options);
}

}  // namespace

struct GrpcClient::State {
  State(const std::string& target, const grpc::ChannelArguments& args, const GrpcTls& tls)
      : channel(grpc::CreateCustomChannel(target, ClientCredentials(tls), args)), stub(channel) {}
  std::shared_ptr<grpc::Channel> channel;
  grpc::GenericStub stub;
};

GrpcClient::GrpcClient(const std::string& target, bool small_windows, const GrpcTls& tls) {
  grpc::ChannelArguments args;
  args.SetMaxReceiveMessageSize(-1);
  args.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 256 << 10);
  args.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  if (small_windows) {
    args.SetInt(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'535);
    args.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  }
  state_ = std::make_unique<State>(target, args, tls);
}
GrpcClient::~GrpcClient() = default;

std::unique_ptr<GrpcCall> GrpcClient::Open(const std::string& path,
                                           const GrpcClientOptions& options) {
  return std::make_unique<GrpcCallImpl>(state_->stub, path, options);
}

GrpcStatus GrpcClient::Unary(const std::string& path, const std::string& request,
                             std::string* response, const GrpcClientOptions& options) {
  grpc::ClientContext ctx;
  Prepare(ctx, options);
  grpc::CompletionQueue queue;
  const grpc::ByteBuffer bytes = ToBuffer(request);
  auto call = state_->stub.PrepareUnaryCall(&ctx, path, bytes, &queue);
  call->StartCall();
  grpc::ByteBuffer answer;
  grpc::Status status;
  call->Finish(&answer, &status, nullptr);
  void* tag;
  bool ok;
  queue.Next(&tag, &ok);
  if (status.ok() && response != nullptr) *response = ToString(answer);
  return GrpcStatus{static_cast<int>(status.error_code()), status.error_message()};
}

namespace {

// One of the calls ManyUnary keeps in flight: each end starts the next.
class Caller {
 public:
  struct Shared {
    std::atomic<int64_t> left;
    std::atomic<size_t> right{0};
    std::mutex mutex;
    std::condition_variable ended;
    size_t running = 0;
  };
  Caller(grpc::GenericStub& stub, std::string path, std::string request, Shared& shared)
      : stub_(stub), path_(std::move(path)), request_(std::move(request)), shared_(shared) {}

  void Next() {
    if (shared_.left.fetch_sub(1) <= 0) {
      const std::lock_guard lock(shared_.mutex);
      if (--shared_.running == 0) shared_.ended.notify_all();
      return;
    }
    ctx_ = std::make_unique<grpc::ClientContext>();
    sent_ = ToBuffer(request_);
    stub_.UnaryCall(ctx_.get(), path_, grpc::StubOptions(), &sent_, &answer_,
                    [this](const grpc::Status& status) {
                      if (status.ok() && answer_.Length() > 0) shared_.right.fetch_add(1);
                      Next();
                    });
  }

 private:
  grpc::GenericStub& stub_;
  const std::string path_;
  const std::string request_;
  Shared& shared_;
  std::unique_ptr<grpc::ClientContext> ctx_;
  grpc::ByteBuffer sent_;
  grpc::ByteBuffer answer_;
};

}  // namespace

size_t GrpcClient::ManyUnary(const std::string& path, size_t count, size_t in_flight,
                             size_t request_size) {
  Caller::Shared shared;
  shared.left = static_cast<int64_t>(count);
  shared.running = in_flight;
  std::deque<Caller> callers;
  for (size_t i = 0; i < in_flight; ++i)
    callers.emplace_back(state_->stub, path, testing::Payload(i, request_size), shared);
  for (Caller& caller : callers) caller.Next();
  std::unique_lock lock(shared.mutex);
  shared.ended.wait(lock, [&shared] { return shared.running == 0; });
  return shared.right;
}

namespace {

// One call of the echo service, whatever its method.
class EchoReactor final : public grpc::ServerGenericBidiReactor {
 public:
  EchoReactor(grpc::GenericCallbackServerContext* ctx, size_t response_size)
      : method_(ctx->method()), response_size_(response_size) {
    if (method_ == testing::kMeta) {
      for (const auto& [name, value] : ctx->client_metadata()) {
        const std::string key(name.data(), name.size());
        if (key == "user-agent") continue;
        ctx->AddInitialMetadata("head-" + key, std::string(value.data(), value.size()));
        ctx->AddTrailingMetadata("tail-" + key, std::string(value.data(), value.size()));
      }
    }
    if (method_ != testing::kUnary && method_ != testing::kFail && method_ != testing::kCount &&
        method_ != testing::kSum && method_ != testing::kChat && method_ != testing::kHang &&
        method_ != testing::kMeta) {
      Finish(grpc::Status(grpc::StatusCode::UNIMPLEMENTED, "no such method"));
      return;
    }
    StartRead(&in_);
  }

  void OnReadDone(bool ok) override {
    if (!ok) {
      if (method_ == testing::kSum) {
        out_ = ToBuffer(std::to_string(count_) + " " + std::to_string(bytes_));
        StartWriteAndFinish(&out_, grpc::WriteOptions(), grpc::Status::OK);
      } else if (method_ == testing::kChat || method_ == testing::kHang) {
        if (method_ == testing::kChat) Finish(grpc::Status::OK);
      } else {
        Finish(grpc::Status(grpc::StatusCode::INTERNAL, "no message"));
      }
      return;
    }
    if (method_ == testing::kSum) {
      ++count_;
      bytes_ += in_.Length();
      StartRead(&in_);
    } else if (method_ == testing::kChat) {
      out_.Swap(&in_);
      StartWrite(&out_);
    } else if (method_ == testing::kUnary) {
      if (response_size_ > 0) {
        out_ = ToBuffer(std::string(response_size_, 'r'));
      } else {
        out_.Swap(&in_);
      }
      StartWriteAndFinish(&out_, grpc::WriteOptions(), grpc::Status::OK);
    } else if (method_ == testing::kMeta) {
      out_ = ToBuffer(method_);
      StartWriteAndFinish(&out_, grpc::WriteOptions(), grpc::Status::OK);
    } else if (method_ == testing::kFail) {
      const std::string text = ToString(in_);
      Finish(grpc::Status(static_cast<grpc::StatusCode>(std::stoi(text)),
                          text.substr(text.find(' ') + 1)));
    } else if (method_ == testing::kCount) {
      const auto [count, size] = testing::TwoNumbers(ToString(in_));
      count_ = count;
      bytes_ = size;
      WriteCounted();
    }
  }

  void OnWriteDone(bool ok) override {
    if (method_ == testing::kChat) {
      if (ok)
        StartRead(&in_);
      else
        Finish(grpc::Status::CANCELLED);
    } else if (method_ == testing::kCount) {
      if (ok)
        WriteCounted();
      else
        Finish(grpc::Status::CANCELLED);
    }
  }

  void OnCancel() override {
    if (method_ == testing::kHang) Finish(grpc::Status::CANCELLED);
  }
  void OnDone() override { delete this; }

 private:
  void WriteCounted() {
    if (next_ == count_) return Finish(grpc::Status::OK);
    out_ = ToBuffer(testing::Payload(next_++, bytes_));
    StartWrite(&out_);
  }

  const std::string method_;
  const size_t response_size_;
  grpc::ByteBuffer in_;
  grpc::ByteBuffer out_;
  size_t count_ = 0;
  size_t bytes_ = 0;
  size_t next_ = 0;
};

class EchoService final : public grpc::CallbackGenericService {
 public:
  explicit EchoService(size_t response_size) : response_size_(response_size) {}
  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* ctx) override {
    return new EchoReactor(ctx, response_size_);
  }

 private:
  size_t response_size_;
};

}  // namespace

struct GrpcServer::State {
  explicit State(size_t response_size) : service(response_size) {}
  EchoService service;
  int port = 0;
  std::unique_ptr<grpc::Server> server;
};

GrpcServer::GrpcServer(bool small_windows, size_t response_size, const GrpcTls& tls)
    : state_(std::make_unique<State>(response_size)) {
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", ServerCredentials(tls), &state_->port);
  builder.RegisterCallbackGenericService(&state_->service);
  builder.SetMaxReceiveMessageSize(-1);
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, 256 << 10);
  if (small_windows) {
    builder.AddChannelArgument(GRPC_ARG_HTTP2_STREAM_LOOKAHEAD_BYTES, 65'535);
    builder.AddChannelArgument(GRPC_ARG_HTTP2_BDP_PROBE, 0);
  }
  state_->server = builder.BuildAndStart();
}
GrpcServer::~GrpcServer() { Shutdown(0); }

int GrpcServer::port() const { return state_->port; }

void GrpcServer::Shutdown(int grace_millis) {
  if (state_->server == nullptr) return;
  state_->server->Shutdown(std::chrono::system_clock::now() +
                           std::chrono::milliseconds(grace_millis));
  state_->server->Wait();
  state_->server.reset();
}

}  // namespace tessera::rpc::interop
