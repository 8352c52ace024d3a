// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

// The lexer's innermost loops: how far a run of one sort of byte goes. Sixteen bytes at a time
// where the processor can, because a branch a byte, mispredicted at every word's end, costs more
// than all the rest of reading a statement.
namespace tessera::sqlparser {

// What a byte may be part of.
enum ByteClass : uint8_t { kBlankByte = 1, kNameByte = 2, kDigitByte = 4, kHexByte = 8 };

constexpr std::array<uint8_t, 256> MakeByteClasses() {
  std::array<uint8_t, 256> table{};
  for (const char c : {' ', '\t', '\n', '\r', '\v', '\f'})
    table[static_cast<uint8_t>(c)] = kBlankByte;
  for (int c = 'a'; c <= 'z'; ++c) table[c] = kNameByte | (c <= 'f' ? kHexByte : 0);
  for (int c = 'A'; c <= 'Z'; ++c) table[c] = kNameByte | (c <= 'F' ? kHexByte : 0);
  for (int c = '0'; c <= '9'; ++c) table[c] = kNameByte | kDigitByte | kHexByte;
  for (int c = 0x80; c <= 0xff; ++c) table[c] = kNameByte;
  table['_'] = kNameByte;
  table['$'] = kNameByte;
  return table;
}
inline constexpr std::array<uint8_t, 256> kByteClasses = MakeByteClasses();

// Whether c is of one of the classes.
inline bool IsByte(char c, int classes) {
  return (kByteClasses[static_cast<uint8_t>(c)] & classes) != 0;
}

#if defined(__SSE2__)
// A bit for each byte that may stand in a bare name.
inline uint32_t NameMask(__m128i bytes) {
  const __m128i lower = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
  // Signed compares: bytes from 0x80 up are negative, and name bytes too.
  const __m128i high = _mm_cmplt_epi8(bytes, _mm_setzero_si128());
  const __m128i letter = _mm_and_si128(_mm_cmpgt_epi8(lower, _mm_set1_epi8('a' - 1)),
                                       _mm_cmplt_epi8(lower, _mm_set1_epi8('z' + 1)));
  const __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                      _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
  const __m128i mark = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('_')),
                                    _mm_cmpeq_epi8(bytes, _mm_set1_epi8('$')));
  return static_cast<uint32_t>(
      _mm_movemask_epi8(_mm_or_si128(_mm_or_si128(high, letter), _mm_or_si128(digit, mark))));
}
#endif

// The first byte of [at, end) that may not stand in a bare name, or end.
inline const char* NameEnd(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= 16) {
    const uint32_t others =
        ~NameMask(_mm_loadu_si128(reinterpret_cast<const __m128i*>(at))) & 0xffff;
    if (others != 0) return at + std::countr_zero(others);
    at += 16;
  }
#endif
  while (at < end && IsByte(*at, kNameByte)) ++at;
  return at;
}

// The first byte of [at, end) that is one of two, or end.
inline const char* FindEither(const char* at, const char* end, char first, char second) {
#if defined(__SSE2__)
  const __m128i a = _mm_set1_epi8(first);
  const __m128i b = _mm_set1_epi8(second);
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const auto found = static_cast<uint32_t>(
        _mm_movemask_epi8(_mm_or_si128(_mm_cmpeq_epi8(bytes, a), _mm_cmpeq_epi8(bytes, b))));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#endif
  while (at < end && *at != first && *at != second) ++at;
  return at;
}

// Copies size bytes, of which most are few: sixteen at a time, beyond the end too. Both sides must
// have sixteen bytes of room behind them.
inline void CopyLoose(char* to, const char* from, size_t size) {
#if defined(__SSE2__)
  for (size_t i = 0; i < size; i += 16)
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + i),
                     _mm_loadu_si128(reinterpret_cast<const __m128i*>(from + i)));
#else
  std::memcpy(to, from, size);
#endif
}

}  // namespace tessera::sqlparser
