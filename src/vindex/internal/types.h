// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>

#include "base/result.h"
#include "vindex/vindex.h"

// The makers that the registry lists. Each checks the values of the parameters it knows.
namespace tessera::vindex {

using Made = Result<std::unique_ptr<Vindex>>;

Made MakeBinary(const Params& params);
Made MakeBinaryMd5(const Params& params);
Made MakeCfc(const Params& params);
Made MakeHash(const Params& params);
Made MakeMultiCol(const Params& params);
Made MakeNull(const Params& params);
Made MakeNumeric(const Params& params);
Made MakeNumericStaticMap(const Params& params);
Made MakeRegionExperimental(const Params& params);
Made MakeRegionJson(const Params& params);
Made MakeReverseBits(const Params& params);
Made MakeUnicodeLooseMd5(const Params& params);
Made MakeUnicodeLooseXxhash(const Params& params);
Made MakeXxhash(const Params& params);

// The value of a parameter, or empty.
std::string_view Param(const Params& params, std::string_view name);

// Reads a file named by a parameter; kInvalidArgument names vindex, parameter and file.
Result<std::string> ReadParamFile(std::string_view type, std::string_view param,
                                  const std::string& path);

}  // namespace tessera::vindex
