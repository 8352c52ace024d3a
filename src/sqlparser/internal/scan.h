// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <string_view>

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

// Copies sixteen bytes.
inline void CopySixteen(char* to, const char* from) {
  std::array<char, 16> bytes;  // one load and one store
  std::memcpy(bytes.data(), from, 16);
  std::memcpy(to, bytes.data(), 16);
}

// Copies sixteen bytes, A to Z as a to z.
inline void LowerSixteen(char* to, const char* from) {
#if defined(__SSE2__)
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(from));
  const __m128i upper = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('A' - 1)),
                                      _mm_cmplt_epi8(bytes, _mm_set1_epi8('Z' + 1)));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(to),
                   _mm_or_si128(bytes, _mm_and_si128(upper, _mm_set1_epi8(0x20))));
#else
  for (size_t i = 0; i < 16; ++i)
    to[i] = static_cast<char>(from[i] | (from[i] >= 'A' && from[i] <= 'Z' ? 0x20 : 0));
#endif
}

// Up to eight bytes from at as one number, without reading behind them; fewer differ from more.
inline uint64_t LoadPrefix(const char* at, size_t size) {
  uint64_t out = 0;
  if (size >= 8) {
    std::memcpy(&out, at, 8);
  } else if (size >= 4) {
    uint32_t head = 0;
    uint32_t tail = 0;
    std::memcpy(&head, at, 4);
    std::memcpy(&tail, at + size - 4, 4);
    out = head | static_cast<uint64_t>(tail) << 32;
  } else if (size > 0) {
    out = static_cast<uint64_t>(static_cast<uint8_t>(at[0])) |
          static_cast<uint64_t>(static_cast<uint8_t>(at[size / 2])) << 8 |
          static_cast<uint64_t>(static_cast<uint8_t>(at[size - 1])) << 16;
  }
  return out;
}

// A hash of a text; for tables, not for the wire.
inline uint64_t HashText(std::string_view text) {
  constexpr uint64_t kFirst = 0x9e3779b97f4a7c15u;
  constexpr uint64_t kSecond = 0xe7037ed1a0b428dbu;
  const auto mix = [](uint64_t a, uint64_t b) {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
  };
  uint64_t h = kFirst ^ text.size();
  const char* at = text.data();
  size_t left = text.size();
  for (; left > 16; left -= 16, at += 16)
    h = mix(LoadPrefix(at, 8) ^ h, LoadPrefix(at + 8, 8) ^ kSecond);
  if (left > 8) {
    h = mix(LoadPrefix(at, 8) ^ h, LoadPrefix(at + left - 8, 8) ^ kSecond);
  } else {
    h = mix(LoadPrefix(at, left) ^ h, kSecond);
  }
  return mix(h, kFirst);
}

// The first byte of [at, end) that a value may begin with (a digit or a quote), or end.
inline const char* FindValueStart(const char* at, const char* end) {
#if defined(__SSE2__)
  while (end - at >= 16) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(at));
    const __m128i digit = _mm_and_si128(_mm_cmpgt_epi8(bytes, _mm_set1_epi8('0' - 1)),
                                        _mm_cmplt_epi8(bytes, _mm_set1_epi8('9' + 1)));
    const __m128i quote = _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('\'')),
                                       _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')));
    const auto found = static_cast<uint32_t>(_mm_movemask_epi8(_mm_or_si128(digit, quote)));
    if (found != 0) return at + std::countr_zero(found);
    at += 16;
  }
#endif
  while (at < end && !IsByte(*at, kDigitByte) && *at != '\'' && *at != '"') ++at;
  return at;
}

// Whether a comment of the form /* */ may begin or end in the text.
inline bool HoldsCommentMark(std::string_view text) {
  for (size_t star = text.find('*'); star != std::string_view::npos;
       star = text.find('*', star + 1)) {
    if (star > 0 && text[star - 1] == '/') return true;
    if (star + 1 < text.size() && text[star + 1] == '/') return true;
  }
  return false;
}

}  // namespace tessera::sqlparser
