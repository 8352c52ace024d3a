// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/context.h"
#include "base/result.h"
#include "base/task.h"
#include "topo_zk/zk_client.h"

// What the program zk does, one function a command. Each prints to standard output; the first error
// ends it.
namespace tessera::zktool {

using Client = std::shared_ptr<topo_zk::ZkClient>;
using Words = std::vector<std::string>;

struct ListOptions {
  bool details = false;      // -l
  bool directories = false;  // -d: the nodes themselves, not what is in them
  bool recursive = false;    // -R
  bool force = false;        // -f: nodes that are not there are no error
};
Task<Result<>> List(const Context& ctx, Client client, Words paths, ListOptions options);

struct CatOptions {
  bool names = false;   // -l: each node's name before its contents
  bool decode = false;  // -p
  bool force = false;
};
Task<Result<>> Cat(const Context& ctx, Client client, Words paths, CatOptions options);

Task<Result<>> Stat(const Context& ctx, Client client, Words paths, bool force);

// Waits until a node changes, appears or goes; with a slash at the path's end, until its children
// do. With `exit`, not at all when it is there.
Task<Result<>> Wait(const Context& ctx, Client client, std::string path, bool exit);

// Prints changes of nodes until the context ends.
Task<Result<>> Watch(const Context& ctx, Client client, Words paths);

// Copies a node or a local file (see LocalFile) to another. A directory as the last word, with a
// slash at its end, takes several, with their names.
Task<Result<>> Copy(const Context& ctx, Client client, Words words);

// Lets $EDITOR change a node; kAborted when it was changed meanwhile, and the text is kept in a
// file that the error names.
Task<Result<>> Edit(const Context& ctx, Client client, std::string path, bool force);

struct TouchOptions {
  bool parents = false;    // -p
  bool no_create = false;  // -c
};
Task<Result<>> Touch(const Context& ctx, Client client, Words paths, TouchOptions options);

struct RemoveOptions {
  bool recursive = false;
  bool force = false;
};
Task<Result<>> Remove(const Context& ctx, Client client, Words paths, RemoveOptions options);

Task<Result<>> ChangeMode(const Context& ctx, Client client, std::string mode, Words paths);

// Shows who we are to the server, and says whether it takes it.
Task<Result<>> AddAuth(const Context& ctx, Client client, std::string scheme, std::string auth);

// Writes nodes and what is below them into an archive; those that end with a session are left out.
Task<Result<>> Zip(const Context& ctx, Client client, Words paths, std::string archive);
// Makes or overwrites the nodes of an archive below a path.
Task<Result<>> Unzip(const Context& ctx, Client client, std::string archive, std::string path);

}  // namespace tessera::zktool
