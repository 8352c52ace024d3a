// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"
#include "http/router.h"

namespace tessera::vtctlweb {

// Where the built pages are: `given` when it names a folder, else
// ../share/tessera/web of the running program's. Empty when they are not there.
std::string FindSite(std::string_view given);

// The built files of the pages, in memory. A path under /assets/ is one of them, for as long as
// anyone likes (its name changes with its bytes); every other path is the application's own, which
// shows the page that belongs to it.
class Site {
 public:
  // A site without files: it says how they are built.
  Site() = default;
  // Reads a folder, before serving starts. kNotFound when there is no index.html.
  static Result<Site> Load(const std::string& folder);

  http::Response Get(std::string_view path) const;

 private:
  struct File {
    std::string bytes;
    std::string type;
  };
  std::map<std::string, File, std::less<>> files_;  // by path: "/index.html"
};

}  // namespace tessera::vtctlweb
