# Copyright 2026 The Tessera Authors
# SPDX-License-Identifier: Apache-2.0
#
# tessera_library(NAME [DEPS lib...] [THIRD_PARTY target...] [PRIVATE_THIRD_PARTY target...] [TEST_DEPS target...]
#                 [ALONE file...])
#   One folder, one library, one namespace. Takes every *.cc of the folder; *_test.cc become the one binary NAME_test,
#   *_bench.cc the one binary NAME_bench, each *_fuzz.cc a program of its own (preset `fuzz`).
#   ALONE names sources whose file-local names clash with another file's, so that they stay out of unity builds.
#   DEPS are libraries of ours and must equal the library's line in docs/layers.txt (tools/lint/layers.py checks).
# tessera_binary(NAME [DEPS lib...])
#   A program from src/bin/NAME.cc.
# tessera_install(NAME lib...)
#   Lets others use libraries: `cmake --install build/release --component NAME --prefix P` writes them, their headers
#   and a CMake package tessera-NAME with targets tessera::lib.

option(TESSERA_WERROR "Warnings are errors" ON)
option(TESSERA_FUZZ "Build the libFuzzer targets" OFF)
option(TESSERA_BENCH "Build the micro-benchmarks" ON)
# Several sources of a library in one compilation: most of a small file's cost is starting the compiler and reading
# headers. Off in the gcc preset, so that every file is also compiled by itself. See docs/decisions/0002.
option(TESSERA_UNITY "Compile a library's sources together" ON)
set(TESSERA_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize takes them")

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER ${CCACHE})
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD AND CMAKE_CXX_COMPILER_ID MATCHES "Clang|GNU")
  add_link_options(-fuse-ld=mold)
endif()

# What every target of ours is compiled with. Who uses an installed library gets none of the warnings.
add_library(tessera_flags INTERFACE)
target_include_directories(tessera_flags INTERFACE "$<BUILD_INTERFACE:${CMAKE_SOURCE_DIR}/src>"
                           "$<INSTALL_INTERFACE:include/tessera>")
target_compile_features(tessera_flags INTERFACE cxx_std_20)
set(flags -Wall -Wextra -Wpedantic -fno-omit-frame-pointer)
if(TESSERA_WERROR)
  list(APPEND flags -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # clang reports libstdc++ 12's own use of get_temporary_buffer in std::stable_sort as ours.
  list(APPEND flags -Wthread-safety -Wno-deprecated-declarations)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ 12 warns of these in coroutine frames and inlined library code that are right (GCC PR 105562, 105593).
  list(APPEND flags -fcoroutines -Wno-maybe-uninitialized -Wno-stringop-overflow -Wno-array-bounds
       -Wno-stringop-overread -Wno-restrict -Wno-dangling-pointer -Wno-missing-field-initializers)
endif()
target_compile_options(tessera_flags INTERFACE "$<BUILD_INTERFACE:${flags}>")
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  # Lets ccache keep what was built with a precompiled header.
  add_compile_options("$<$<COMPILE_LANGUAGE:CXX>:SHELL:-Xclang -fno-pch-timestamp>")
endif()
if(TESSERA_SANITIZE)
  add_compile_options(-fsanitize=${TESSERA_SANITIZE} -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${TESSERA_SANITIZE})
endif()
if(TESSERA_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
  add_custom_target(fuzzers)  # every fuzz target with the libraries it needs, and no more
endif()

# Two precompiled headers, made once and reused: one for sources, one for unit tests. Worth a factor of three in compile time.
option(TESSERA_PCH "Precompile the common standard headers" ON)
function(tessera_pch NAME)
  file(WRITE "${CMAKE_BINARY_DIR}/${NAME}.cc.in" "")
  configure_file("${CMAKE_BINARY_DIR}/${NAME}.cc.in" "${CMAKE_BINARY_DIR}/${NAME}.cc" COPYONLY)
  add_library(${NAME} OBJECT "${CMAKE_BINARY_DIR}/${NAME}.cc")
  target_link_libraries(${NAME} PRIVATE tessera_flags fmt::fmt Threads::Threads ${ARGN})
  target_precompile_headers(${NAME} PRIVATE "${CMAKE_SOURCE_DIR}/cmake/${NAME}.h")
endfunction()
function(tessera_use_pch TARGET PCH)
  if(TESSERA_PCH)
    target_precompile_headers(${TARGET} REUSE_FROM ${PCH})
  endif()
endfunction()

function(tessera_library NAME)
  cmake_parse_arguments(ARG "" "" "DEPS;THIRD_PARTY;PRIVATE_THIRD_PARTY;TEST_DEPS;ALONE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS "*.cc" "internal/*.cc")
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(benches ${sources})
  list(FILTER benches INCLUDE REGEX "_bench\\.cc$")
  set(fuzzers ${sources})
  list(FILTER fuzzers INCLUDE REGEX "_fuzz\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_(test|bench|fuzz)\\.cc$")

  if(sources)
    add_library(${NAME} STATIC ${sources})
    tessera_use_pch(${NAME} pch_std)
    set_target_properties(${NAME} PROPERTIES UNITY_BUILD ${TESSERA_UNITY} UNITY_BUILD_BATCH_SIZE 12)
    set_source_files_properties(${ARG_ALONE} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    set(scope PUBLIC)
    target_link_libraries(${NAME} PRIVATE ${ARG_PRIVATE_THIRD_PARTY})
  else()
    add_library(${NAME} INTERFACE)
    set(scope INTERFACE)
  endif()
  target_link_libraries(${NAME} ${scope} tessera_flags ${ARG_DEPS} ${ARG_THIRD_PARTY})

  if(tests AND NOT TESSERA_FUZZ)
    add_executable(${NAME}_test ${tests})
    tessera_use_pch(${NAME}_test pch_test)
    target_link_libraries(${NAME}_test PRIVATE ${NAME} ${ARG_TEST_DEPS} GTest::gmock GTest::gtest_main)
    add_test(NAME ${NAME}_test COMMAND ${NAME}_test WORKING_DIRECTORY "${CMAKE_SOURCE_DIR}")
    set_tests_properties(${NAME}_test PROPERTIES LABELS unit TIMEOUT 300)
  endif()
  if(benches AND TESSERA_BENCH AND NOT TESSERA_FUZZ)
    find_package(benchmark REQUIRED)
    add_executable(${NAME}_bench ${benches})
    target_link_libraries(${NAME}_bench PRIVATE ${NAME} ${ARG_TEST_DEPS} benchmark::benchmark_main)
  endif()
  if(TESSERA_FUZZ)
    foreach(fuzzer IN LISTS fuzzers)
      get_filename_component(fuzzer_name "${fuzzer}" NAME_WE)
      add_executable(${fuzzer_name} "${fuzzer}")
      target_link_libraries(${fuzzer_name} PRIVATE ${NAME} ${ARG_TEST_DEPS})
      target_link_options(${fuzzer_name} PRIVATE -fsanitize=fuzzer)
      add_dependencies(fuzzers ${fuzzer_name})
    endforeach()
  endif()
endfunction()

function(tessera_binary NAME)
  cmake_parse_arguments(ARG "" "" "DEPS" ${ARGN})
  # A program may bear its library's name; its target then cannot.
  set(target ${NAME})
  if(EXISTS "${CMAKE_SOURCE_DIR}/src/${NAME}/CMakeLists.txt")
    set(target ${NAME}_program)
  endif()
  add_executable(${target} "${NAME}.cc")
  target_link_libraries(${target} PRIVATE tessera_flags ${ARG_DEPS})
  set_target_properties(${target} PROPERTIES OUTPUT_NAME ${NAME} RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")
endfunction()

function(tessera_install NAME)
  include(GNUInstallDirs)
  set(package "${CMAKE_INSTALL_LIBDIR}/cmake/tessera-${NAME}")
  install(TARGETS tessera_flags ${ARGN} EXPORT tessera-${NAME} ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${NAME})
  install(EXPORT tessera-${NAME} NAMESPACE tessera:: FILE targets.cmake DESTINATION "${package}" COMPONENT ${NAME})
  install(FILES "${CMAKE_SOURCE_DIR}/cmake/tessera-${NAME}-config.cmake" DESTINATION "${package}" COMPONENT ${NAME})
  foreach(library IN LISTS ARGN)
    install(DIRECTORY "${CMAKE_SOURCE_DIR}/src/${library}" DESTINATION include/tessera COMPONENT ${NAME}
            FILES_MATCHING PATTERN "*.h" PATTERN "*.inc")
  endforeach()
endfunction()
