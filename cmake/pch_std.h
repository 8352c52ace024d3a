// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// The precompiled half of every source file of ours: what nearly all of them include, and nothing of our own. Sources
// still include what they use (TESSERA_PCH=OFF builds without this file).
#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/core.h>
