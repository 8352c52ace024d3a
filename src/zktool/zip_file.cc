// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "zktool/zip_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>

#include <fmt/core.h>
#include <zip.h>

#include "topo/paths.h"

namespace tessera::zktool {

namespace {

constexpr uint64_t kMostBytes = uint64_t{1} << 20;

// Closes without writing anything.
struct Discard {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
using Archive = std::unique_ptr<zip_t, Discard>;

struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

Error Bad(std::string_view what) {
  return Errorf(Code::kInvalidArgument, "this archive cannot be used: {}", what);
}

Result<ZipEntry> ReadEntry(zip_t* archive, uint64_t index, const zip_stat_t& stat) {
  ZipEntry entry;
  entry.name = stat.name;
  const Result<> usable = topo::CheckPrefix(entry.name);
  if (!usable.ok()) return Bad(usable.error().message());
  if (stat.size > kMostBytes)
    return Bad(
        fmt::format("{} has {} bytes, a node at most {}", entry.name, stat.size, kMostBytes));
  const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive, index, 0));
  if (file == nullptr) return Bad(zip_strerror(archive));
  entry.contents.resize(stat.size);
  const int64_t read = zip_fread(file.get(), entry.contents.data(), stat.size);
  if (read < 0 || static_cast<uint64_t>(read) != stat.size)
    return Bad(fmt::format("{} ends early or is damaged", entry.name));
  return entry;
}

}  // namespace

Result<> WriteZip(const std::string& path, const std::vector<ZipEntry>& entries) {
  int code = 0;
  Archive archive(zip_open(path.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code));
  if (archive == nullptr)
    return Errorf(Code::kUnavailable, "{} cannot be written (zip error {})", path, code);
  for (const ZipEntry& entry : entries) {
    zip_source_t* const source =
        zip_source_buffer(archive.get(), entry.contents.data(), entry.contents.size(), 0);
    if (source == nullptr ||
        zip_file_add(archive.get(), entry.name.c_str(), source, ZIP_FL_ENC_UTF_8) < 0) {
      zip_source_free(source);
      return Errorf(Code::kUnavailable, "{}: {} cannot be added: {}", path, entry.name,
                    zip_strerror(archive.get()));
    }
  }
  if (zip_close(archive.get()) != 0)
    return Errorf(Code::kUnavailable, "{}: {}", path, zip_strerror(archive.get()));
  static_cast<void>(archive.release());  // closed
  return Ok{};
}

Result<std::vector<ZipEntry>> ReadZipBytes(std::string bytes) {
  if (bytes.empty()) return Bad("it is empty");
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* const source = zip_source_buffer_create(bytes.data(), bytes.size(), 0, &error);
  if (source == nullptr) return Bad(zip_error_strerror(&error));
  const Archive archive(zip_open_from_source(source, ZIP_RDONLY | ZIP_CHECKCONS, &error));
  if (archive == nullptr) {
    zip_source_free(source);
    return Bad(zip_error_strerror(&error));
  }
  std::vector<ZipEntry> entries;
  const int64_t count = zip_get_num_entries(archive.get(), 0);
  for (int64_t i = 0; i < count; ++i) {
    zip_stat_t stat;
    if (zip_stat_index(archive.get(), i, 0, &stat) != 0 || (stat.valid & ZIP_STAT_NAME) == 0 ||
        (stat.valid & ZIP_STAT_SIZE) == 0)
      return Bad(zip_strerror(archive.get()));
    if (std::string_view(stat.name).ends_with('/')) continue;
    TRY(ZipEntry entry, ReadEntry(archive.get(), i, stat));
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<ZipEntry>> ReadZip(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return Errorf(Code::kInvalidArgument, "{}: {}", path, std::strerror(errno));
  std::string bytes((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  return ReadZipBytes(std::move(bytes)).Wrap(path);
}

}  // namespace tessera::zktool
