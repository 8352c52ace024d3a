// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#include "vindex/internal/collation_weights.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "vindex/internal/unicode_weights.h"

namespace tessera::vindex {
namespace {

constexpr uint32_t kNoEntry = UINT32_MAX;

// The weights one or more code points contribute, and the combining class they are ordered by.
struct Element {
  std::array<uint32_t, 2> own{};  // one weight, or the implicit one
  std::span<const uint32_t> weights;
  uint32_t combining_class = 0;
};

uint32_t FindEntry(uint32_t point) {
  size_t low = 0;
  size_t high = kWeightRunsSize / 2;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    (kWeightRuns[2 * middle] <= point ? low : high) = middle;
  }
  const size_t index = kWeightRuns[2 * low + 1] + (point - kWeightRuns[2 * low]);
  const size_t end = 2 * low + 2 < kWeightRunsSize ? kWeightRuns[2 * low + 3] : kWeightEntriesSize;
  return index < end ? kWeightEntries[index] : kNoEntry;
}

uint32_t CombiningClass(uint32_t point) {
  const uint32_t entry = FindEntry(point);
  if (entry == kNoEntry || (entry & kHasClass) == 0) return 0;
  size_t low = 0;
  size_t high = kCombiningClassesSize / 2;
  while (high - low > 1) {
    const size_t middle = (low + high) / 2;
    (kCombiningClasses[2 * middle] <= point ? low : high) = middle;
  }
  return kCombiningClasses[2 * low + 1];
}

// The property Ideographic of Unicode 15.0, which chooses the base of implicit weights.
bool IsIdeograph(uint32_t c) {
  struct Range {
    uint32_t first;
    uint32_t last;
  };
  static constexpr Range kRanges[] = {
      {0x3006, 0x3007},   {0x3021, 0x3029},   {0x3038, 0x303A},   {0x3400, 0x4DBF},
      {0x4E00, 0x9FFF},   {0xF900, 0xFA6D},   {0xFA70, 0xFAD9},   {0x16FE4, 0x16FE4},
      {0x17000, 0x187F7}, {0x18800, 0x18CD5}, {0x18D00, 0x18D08}, {0x1B170, 0x1B2FB},
      {0x20000, 0x2A6DF}, {0x2A700, 0x2B739}, {0x2B740, 0x2B81D}, {0x2B820, 0x2CEA1},
      {0x2CEB0, 0x2EBE0}, {0x2F800, 0x2FA1D}, {0x30000, 0x3134A}, {0x31350, 0x323AF}};
  return std::any_of(std::begin(kRanges), std::end(kRanges),
                     [c](const Range& range) { return c >= range.first && c <= range.last; });
}

uint32_t ImplicitWeight(uint32_t point) {
  if (!IsIdeograph(point)) return point + 0x50000;
  const bool core = (point >= 0x4E00 && point <= 0x9FFF) || (point >= 0xF900 && point <= 0xFAFF);
  return point + (core ? 0x10000 : 0x20000);
}

std::span<const uint32_t> FromPool(uint32_t reference) {
  return {kWeightPool + (reference >> 5), reference & 31};
}

void AppendWeight(uint32_t weight, std::string& out) {
  if (weight == 0) return;
  if (weight > 0x7FFF) {
    out.push_back(static_cast<char>(weight >> 16 | 0x80));
    out.push_back(static_cast<char>(weight >> 8));
    out.push_back(static_cast<char>(weight));
  } else {
    out.push_back(static_cast<char>(weight >> 8));
    out.push_back(static_cast<char>(weight));
  }
}

// Decodes strict UTF-8, Hangul syllables into their jamo.
bool Decode(std::string_view text, std::vector<uint32_t>& points) {
  for (size_t i = 0; i < text.size();) {
    const auto lead = static_cast<unsigned char>(text[i]);
    const size_t length = lead < 0x80                   ? 1
                          : lead >= 0xC2 && lead < 0xE0 ? 2
                          : lead >= 0xE0 && lead < 0xF0 ? 3
                          : lead >= 0xF0 && lead < 0xF5 ? 4
                                                        : 0;
    if (length == 0 || text.size() - i < length) return false;
    uint32_t point = length == 1 ? lead : lead & (0x7FU >> length);
    for (size_t k = 1; k < length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0) != 0x80) return false;
      point = point << 6 | (next & 0x3F);
    }
    if ((length == 3 && (point < 0x800 || (point >= 0xD800 && point < 0xE000))) ||
        (length == 4 && (point < 0x10000 || point > 0x10FFFF))) {
      return false;
    }
    i += length;
    if (point >= 0xAC00 && point <= 0xD7A3) {
      const uint32_t index = point - 0xAC00;
      points.push_back(0x1100 + index / 588);
      points.push_back(0x1161 + index % 588 / 28);
      if (index % 28 != 0) points.push_back(0x11A7 + index % 28);
    } else {
      points.push_back(point);
    }
  }
  return true;
}

// The contraction of exactly these two or three code points: its place in the pool, or kNoEntry.
// `begins` tells whether a longer one starts with them.
uint32_t FindContraction(std::span<const uint32_t> points, bool& begins) {
  const std::array<uint32_t, 3> key{points[0], points.size() > 1 ? points[1] : 0,
                                    points.size() > 2 ? points[2] : 0};
  size_t low = 0;
  size_t high = kContractionsSize / 4;
  while (low < high) {
    const size_t middle = (low + high) / 2;
    const uint32_t* row = kContractions + 4 * middle;
    if (std::lexicographical_compare(row, row + 3, key.begin(), key.end())) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  begins = false;
  uint32_t found = kNoEntry;
  for (; low < kContractionsSize / 4; ++low) {
    const uint32_t* row = kContractions + 4 * low;
    if (!std::equal(points.begin(), points.end(), row)) break;
    const bool exact = points.size() == 3 || row[points.size()] == 0;
    if (exact) {
      found = row[3];
    } else {
      begins = true;
      break;
    }
  }
  return found;
}

// Turns code points into elements: contractions first, then single entries, then implicit weights.
class Collator {
 public:
  explicit Collator(const std::vector<uint32_t>& points) : points_(points) {}

  std::string Run() {
    for (size_t i = 0; i < points_.size();) i = Append(i);
    SortMarks();
    std::string out;
    for (const Element& element : elements_) {
      if (element.weights.empty()) {
        AppendWeight(element.own[0], out);
      } else {
        for (const uint32_t weight : element.weights) AppendWeight(weight, out);
      }
    }
    return out;
  }

 private:
  size_t Append(size_t i) {
    const uint32_t entry = FindEntry(points_[i]);
    if (entry != kNoEntry && (entry & kStartsContraction) != 0) {
      const size_t next = AppendContraction(i);
      if (next != i) return next;
    }
    AppendSingle(points_[i], entry);
    return i + 1;
  }

  void AppendSingle(uint32_t point, uint32_t entry) {
    Element element;
    if (entry == kNoEntry) {
      element.own[0] = ImplicitWeight(point);
    } else {
      if ((entry & kExpansion) != 0) {
        element.weights = FromPool(entry & kEntryMask);
      } else {
        element.own[0] = entry & kEntryMask;
      }
      if ((entry & kHasClass) != 0) element.combining_class = CombiningClass(point);
    }
    elements_.push_back(element);
  }

  // Appends the longest contraction that starts at i and the marks it reaches over; returns i when
  // there is none.
  size_t AppendContraction(size_t i) {
    std::vector<uint32_t> matched{points_[i]};
    uint32_t reference = kNoEntry;
    size_t length = 1;  // code points of the best match so far
    bool begins = true;
    while (begins && i + matched.size() < points_.size() && matched.size() < 3) {
      matched.push_back(points_[i + matched.size()]);
      const uint32_t found = FindContraction(matched, begins);
      if (found == kNoEntry) continue;
      reference = found;
      length = matched.size();
    }
    matched.resize(length);
    size_t end = i + length;
    std::vector<uint32_t> skipped;
    if (length < 3) end = ReachOverMarks(end, matched, reference, skipped);
    if (reference == kNoEntry) return i;
    Element element;
    element.weights = FromPool(reference);
    elements_.push_back(element);
    for (const uint32_t mark : skipped) AppendSingle(mark, FindEntry(mark));
    return end;
  }

  // Extends the match by marks further on, as long as combining classes ascend; marks passed over
  // go to skipped.
  size_t ReachOverMarks(size_t end, std::vector<uint32_t>& matched, uint32_t& reference,
                        std::vector<uint32_t>& skipped) const {
    std::vector<uint32_t> passed;
    uint32_t last_class = 0;
    size_t best_end = end;
    for (size_t p = end; p < points_.size() && matched.size() < 3; ++p) {
      const uint32_t mark_class = CombiningClass(points_[p]);
      if (mark_class == 0 || mark_class <= last_class) break;
      last_class = mark_class;
      matched.push_back(points_[p]);
      bool begins = false;
      const uint32_t found = FindContraction(matched, begins);
      if (found != kNoEntry) {
        reference = found;
        best_end = p + 1;
        skipped = passed;
      } else {
        matched.pop_back();
        passed.push_back(points_[p]);
      }
    }
    return best_end;
  }

  // Canonical order: marks that follow each other are sorted by combining class.
  void SortMarks() {
    const auto is_mark = [](const Element& element) { return element.combining_class != 0; };
    for (auto from = elements_.begin(); from != elements_.end();) {
      from = std::find_if(from, elements_.end(), is_mark);
      const auto to = std::find_if_not(from, elements_.end(), is_mark);
      for (auto it = from; it != to; ++it) {
        const auto later = [it](const Element& other) {
          return other.combining_class > it->combining_class;
        };
        std::rotate(std::find_if(from, it, later), it, it + 1);
      }
      from = to;
    }
  }

  const std::vector<uint32_t>& points_;
  std::vector<Element> elements_;
};

}  // namespace

Result<std::string> PrimaryWeights(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  const bool ascii = std::all_of(text.begin(), text.end(),
                                 [](char c) { return static_cast<signed char>(c) >= 0; });
  if (ascii) {
    // Contractions need a character past ASCII, and the table begins with the entries of ASCII.
    std::string out;
    out.reserve(2 * text.size());
    for (const char c : text)
      AppendWeight(kWeightEntries[static_cast<unsigned char>(c)] & kEntryMask, out);
    return out;
  }
  std::vector<uint32_t> points;
  points.reserve(text.size());
  if (!Decode(text, points)) {
    return Errorf(Code::kInvalidArgument,
                  "a value is not valid UTF-8 and cannot be hashed by its letters")
        .WithHint("use a binary vindex such as xxhash for columns that hold other bytes");
  }
  return Collator(points).Run();
}

}  // namespace tessera::vindex
