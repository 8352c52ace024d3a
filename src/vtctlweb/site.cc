// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vtctlweb/site.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

namespace tessera::vtctlweb {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view kNotBuilt =
    "<!doctype html><html lang=en><meta charset=utf-8><title>vtctld</title>"
    "<h1>The pages are not here</h1>"
    "<p>vtctld runs, and answers <code>vtctldclient</code>. Its pages were not built with it: "
    "install <code>npm</code> and build again, or name a folder of built pages with "
    "<code>--web-dir</code>.</p></html>";

constexpr uintmax_t kLargestFile = 16u << 20;

std::string TypeOf(const fs::path& file) {
  const std::string extension = file.extension().string();
  if (extension == ".html") return "text/html; charset=utf-8";
  if (extension == ".js") return "text/javascript; charset=utf-8";
  if (extension == ".css") return "text/css; charset=utf-8";
  if (extension == ".svg") return "image/svg+xml";
  if (extension == ".json" || extension == ".map") return "application/json";
  return "application/octet-stream";
}

Result<std::string> ReadFile(const fs::path& file) {
  std::error_code failed;
  const uintmax_t size = fs::file_size(file, failed);
  if (failed || size > kLargestFile)
    return Errorf(Code::kFailedPrecondition, "{} is no file of a page", file.string());
  std::ifstream in(file, std::ios::binary);
  std::string bytes((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  if (!in.good() && !in.eof())
    return Errorf(Code::kUnavailable, "{} cannot be read", file.string());
  return bytes;
}

}  // namespace

std::string FindSite(std::string_view given) {
  if (!given.empty()) return std::string(given);
  std::error_code failed;
  const fs::path program = fs::read_symlink("/proc/self/exe", failed);
  if (failed) return "";
  const fs::path folder = program.parent_path().parent_path() / "share" / "tessera" / "web";
  return fs::is_regular_file(folder / "index.html", failed) ? folder.string() : "";
}

Result<Site> Site::Load(const std::string& folder) {
  Site site;
  std::error_code failed;
  for (auto at = fs::recursive_directory_iterator(folder, failed);
       !failed && at != fs::recursive_directory_iterator(); at.increment(failed)) {
    if (!at->is_regular_file(failed)) continue;
    TRY(std::string bytes, ReadFile(at->path()));
    const std::string path = "/" + at->path().lexically_relative(folder).generic_string();
    site.files_[path] = {std::move(bytes), TypeOf(at->path())};
  }
  if (failed)
    return Errorf(Code::kNotFound, "the folder of the pages, {}, cannot be read: {}", folder,
                  failed.message());
  if (!site.files_.contains("/index.html")) {
    return Errorf(Code::kNotFound, "{} holds no index.html", folder)
        .WithHint("--web-dir names the folder that npm run build wrote");
  }
  return site;
}

http::Response Site::Get(std::string_view path) const {
  const bool asset = path.starts_with("/assets/");
  const auto file = files_.find(asset ? path : std::string_view("/index.html"));
  if (file == files_.end()) {
    if (asset) return http::Response::Status(404, "no such file\n");
    http::Response response = http::Response::Html(std::string(kNotBuilt));
    response.status = 503;
    return response;
  }
  http::Response response;
  response.content_type = file->second.type;
  response.body = file->second.bytes;
  response.headers.emplace_back("Cache-Control",
                                asset ? "private, max-age=31536000, immutable" : "no-cache");
  return response;
}

}  // namespace tessera::vtctlweb
