// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
//
// pch_std.h and what nearly all unit tests include.
#pragma once

#include "pch_std.h"

#include <gtest/gtest.h>
