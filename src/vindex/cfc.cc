// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0

// cfc: concatenated fixed-length codes. A value is cut at fixed offsets and its pieces are hashed
// one by one, so that rows sharing leading pieces stay together and LIKE 'prefix%' narrows to a key
// range.
#include <algorithm>

#include <nlohmann/json.hpp>

#include "vindex/internal/column_bytes.h"
#include "vindex/internal/hashes.h"
#include "vindex/internal/types.h"

namespace tessera::vindex {
namespace {

using keys::Destination;
using sqltypes::Value;

// The characters of a LIKE pattern before its first wildcard, escapes decoded as MySQL does.
std::string LiteralPrefix(std::string_view pattern) {
  std::string prefix;
  for (size_t i = 0; i < pattern.size(); ++i) {
    char c = pattern[i];
    if (c == '%' || c == '_') break;
    if (c == '\\' && i + 1 < pattern.size()) {
      c = pattern[++i];
      switch (c) {
        case '0':
          c = '\0';
          break;
        case 'b':
          c = '\b';
          break;
        case 'n':
          c = '\n';
          break;
        case 'r':
          c = '\r';
          break;
        case 't':
          c = '\t';
          break;
        case 'Z':
          c = '\x1a';
          break;
        default:
          break;
      }
    }
    prefix.push_back(c);
  }
  return prefix;
}

class Cfc final : public FunctionalVindex {
 public:
  using HashFunction = std::string (*)(std::string_view);

  Cfc(HashFunction hash, std::vector<size_t> offsets) : hash_(hash), offsets_(std::move(offsets)) {}

  int cost() const override { return 1; }
  bool is_unique() const override { return true; }

  Result<Destination> Map(std::span<const Value> row) const override {
    TRY(std::string bytes, ToBytes(row[0]));
    if (hash_ == nullptr) return Destination::OfId(std::move(bytes));
    if (bytes.size() < offsets_.back()) {
      return Errorf(Code::kInvalidArgument,
                    "vindex '{}': a value of {} bytes is shorter than its last offset, {}", name(),
                    bytes.size(), offsets_.back());
    }
    std::string id = HashPieces(bytes);
    if (bytes.size() > offsets_.back())
      AppendPiece(std::string_view(bytes).substr(offsets_.back()), id);
    return Destination::OfId(std::move(id));
  }

  bool maps_prefixes() const override { return true; }
  Result<Destination> MapLike(std::string_view pattern) const override {
    // The end of the prefix may be only part of a piece, whose hash would tell nothing: it is left
    // out.
    std::string prefix = LiteralPrefix(pattern);
    if (hash_ != nullptr) prefix = HashPieces(prefix);
    if (prefix.empty()) return Destination::AllShards();
    return Destination::OfRange(keys::PrefixRange(prefix));
  }

 private:
  void AppendPiece(std::string_view piece, std::string& id) const {
    const std::string hash = hash_(piece);
    id.append(hash, 0, std::min(piece.size(), hash.size()));
  }

  // The hashes of all pieces that lie wholly within bytes, without what follows the last offset.
  std::string HashPieces(std::string_view bytes) const {
    std::string id;
    size_t from = 0;
    for (const size_t offset : offsets_) {
      if (offset > bytes.size()) break;
      AppendPiece(bytes.substr(from, offset - from), id);
      from = offset;
    }
    return id;
  }

  HashFunction hash_;
  std::vector<size_t> offsets_;
};

Result<std::vector<size_t>> ParseOffsets(std::string_view text) {
  const auto bad = [text] {
    return Errorf(Code::kInvalidArgument,
                  "cfc: offsets '{}' are not a list of ascending positive numbers", text)
        .WithHint("write offsets as JSON, for example [2, 4]");
  };
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_array() || json.empty()) return bad();
  std::vector<size_t> offsets;
  for (const nlohmann::json& item : json) {
    if (!item.is_number_unsigned()) return bad();
    const auto offset = item.get<size_t>();
    if (offset <= (offsets.empty() ? 0 : offsets.back())) return bad();
    offsets.push_back(offset);
  }
  return offsets;
}

}  // namespace

Made MakeCfc(const Params& params) {
  const std::string_view hash = Param(params, "hash");
  if (hash.empty()) return std::make_unique<Cfc>(nullptr, std::vector<size_t>());
  if (hash != "md5" && hash != "xxhash64") {
    return Errorf(Code::kInvalidArgument, "cfc: unknown hash '{}'", hash)
        .WithHint("known are md5 and xxhash64");
  }
  TRY(std::vector<size_t> offsets, ParseOffsets(Param(params, "offsets")));
  return std::make_unique<Cfc>(hash == "md5" ? Md5 : Xxh64, std::move(offsets));
}

}  // namespace tessera::vindex
