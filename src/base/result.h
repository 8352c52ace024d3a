// Copyright 2026 The Tessera Authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <type_traits>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/error.h"

namespace tessera {

// The value of an operation that has none to give.
struct Ok {};

// A value or the Error that kept it from being made. Names follow std::expected.
template <class T = Ok>
class [[nodiscard]] Result {
 public:
  using value_type = T;

  Result() requires std::is_same_v<T, Ok> : state_(std::in_place_index<0>) {}  // NOLINT
  template <class U>
  requires(std::is_constructible_v<T, U&&> && !std::is_same_v<std::remove_cvref_t<U>, Result> &&
           !std::is_same_v<std::remove_cvref_t<U>, Error>) Result(U&& value)
      : state_(std::in_place_index<0>, std::forward<U>(value)) {}            // NOLINT
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}  // NOLINT

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return CHECK(ok()), *std::get_if<0>(&state_); }
  const T& value() const& { return CHECK(ok()), *std::get_if<0>(&state_); }
  T&& value() && { return CHECK(ok()), std::move(*std::get_if<0>(&state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  Error& error() & { return CHECK(!ok()), *std::get_if<1>(&state_); }
  const Error& error() const& { return CHECK(!ok()), *std::get_if<1>(&state_); }
  Error&& error() && { return CHECK(!ok()), std::move(*std::get_if<1>(&state_)); }

  // The same outcome; an error is prefixed with "what: ".
  Result Wrap(std::string_view what) && {
    if (ok()) return std::move(*this);
    return std::move(*std::get_if<1>(&state_)).Wrap(what);
  }

 private:
  std::variant<T, Error> state_;
};

}  // namespace tessera

#define TESSERA_CONCAT_INNER(a, b) a##b
#define TESSERA_CONCAT(a, b) TESSERA_CONCAT_INNER(a, b)
#define TESSERA_TRY(tmp, ret, decl, ...) \
  auto tmp = __VA_ARGS__;                \
  if (!tmp.ok()) [[unlikely]]            \
    ret std::move(tmp).error();          \
  decl = std::move(tmp).value()
#define TESSERA_TRY_OK(tmp, ret, ...)                 \
  if (auto tmp = __VA_ARGS__; !tmp.ok()) [[unlikely]] \
  ret std::move(tmp).error()
#define TESSERA_CO_TRY_OK(tmp, ret, ...) \
  auto tmp = __VA_ARGS__;                \
  if (!tmp.ok()) [[unlikely]]            \
  ret std::move(tmp).error()

// TRY(const int n, Parse(text)): declares n, or returns the error. CO_TRY is the same inside a
// coroutine (CO_TRY(auto row, co_await Next(ctx))). The _OK forms take expressions whose value does
// not matter. CO_TRY, TRY and CO_TRY_OK are several statements: give them braces under an if or a
// loop.
#define TRY(decl, ...) TESSERA_TRY(TESSERA_CONCAT(try_, __COUNTER__), return, decl, __VA_ARGS__)
#define CO_TRY(decl, ...) \
  TESSERA_TRY(TESSERA_CONCAT(try_, __COUNTER__), co_return, decl, __VA_ARGS__)
#define TRY_OK(...) TESSERA_TRY_OK(TESSERA_CONCAT(try_, __COUNTER__), return, __VA_ARGS__)
#define CO_TRY_OK(...) TESSERA_CO_TRY_OK(TESSERA_CONCAT(try_, __COUNTER__), co_return, __VA_ARGS__)
