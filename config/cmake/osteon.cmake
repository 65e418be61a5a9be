# SPDX-License-Identifier: GPL-3.0-or-later
# The rules every folder is built by: one static library a folder, one test program a folder of tests.

add_library(osteon_flags INTERFACE)
target_include_directories(osteon_flags INTERFACE ${CMAKE_SOURCE_DIR} ${CMAKE_BINARY_DIR}/generated)
target_compile_options(osteon_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
target_link_libraries(osteon_flags INTERFACE fmt::fmt)
# A warning stops who works on it, not who installs it or who has a compiler that we never saw: those of Debian 12 (GCC 12,
# clang 14) are held to it, and GCC 14 of Debian 13 by tests/debian13.sh, which asks for it.
set(known_compiler OFF)
if(NOT CMAKE_BUILD_TYPE STREQUAL Release
    AND "${CMAKE_CXX_COMPILER_ID} ${CMAKE_CXX_COMPILER_VERSION}" MATCHES "^(GNU 12|Clang 14)\\.")
  set(known_compiler ON)
endif()
option(OSTEON_WERROR "Warnings are errors" ${known_compiler})
if(OSTEON_WERROR)
  target_compile_options(osteon_flags INTERFACE -Werror)
endif()
if(CMAKE_CXX_COMPILER_ID STREQUAL GNU AND CMAKE_CXX_COMPILER_VERSION VERSION_GREATER_EQUAL 13)
  # False of the std::variant in Result<T>, whose alternatives it follows no longer when it inlines.
  target_compile_options(osteon_flags INTERFACE -Wno-maybe-uninitialized)
endif()
if(OSTEON_SANITIZE)
  # GCC 12 reports false -Wmaybe-uninitialized inside the standard library when it is instrumented.
  target_compile_options(osteon_flags INTERFACE
    -fsanitize=${OSTEON_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)
  target_link_options(osteon_flags INTERFACE -fsanitize=${OSTEON_SANITIZE})
endif()

# What every test is told. Under a sanitizer all is slower, and a program that is not built here (Orthanc) must have the
# sanitizer's runtime loaded before it loads our plugin.
set(OSTEON_TIME_SCALE 1)
set(OSTEON_PRELOAD "")
set(OSTEON_SANITIZER_OPTIONS "")
if(OSTEON_SANITIZE)
  set(OSTEON_TIME_SCALE 6)
  set(OSTEON_SANITIZER_OPTIONS ${CMAKE_SOURCE_DIR}/config/cmake/sanitizer_options.cc)
  if(OSTEON_SANITIZE MATCHES address AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
    execute_process(COMMAND ${CMAKE_CXX_COMPILER} -print-file-name=libasan.so
      OUTPUT_VARIABLE asan_runtime OUTPUT_STRIP_TRAILING_WHITESPACE)
    # tests/support/asan_host.cc says why it is not enough by itself.
    set(OSTEON_PRELOAD ${asan_runtime}:${CMAKE_BINARY_DIR}/tests/support/libasan_host.so)
  endif()
endif()
set(OSTEON_TEST_ENVIRONMENT
  "OSTEON_SOURCE_DIR=${CMAKE_SOURCE_DIR};OSTEON_BUILD_DIR=${CMAKE_BINARY_DIR};OSTEON_TIME_SCALE=${OSTEON_TIME_SCALE};OSTEON_PRELOAD=${OSTEON_PRELOAD}")

# The tests worth running under ThreadSanitizer: those labelled so, and what they need.
add_custom_target(concurrent_tests)

# osteon_library(pipelines_dicom_sr SOURCES a.cc b.cc USES pipelines_model PRIVATE_LIBS dcmsr)
# USES are our own folders, seen by those who use this one; PRIVATE_LIBS are third parties and are not.
function(osteon_library name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_LIBS;SYSTEM_INCLUDES" ${ARGN})
  add_library(${name} STATIC ${arg_SOURCES})
  target_link_libraries(${name} PUBLIC ${arg_USES} PRIVATE osteon_flags ${arg_PRIVATE_LIBS})
  target_include_directories(${name} SYSTEM PRIVATE ${arg_SYSTEM_INCLUDES})
  set_property(DIRECTORY APPEND PROPERTY OSTEON_SOURCES ${arg_SOURCES})
endfunction()

# osteon_program(osteon SOURCES main.cc USES daemon_cli)
function(osteon_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;USES;PRIVATE_LIBS;SYSTEM_INCLUDES" ${ARGN})
  add_executable(${name} ${arg_SOURCES} ${OSTEON_SANITIZER_OPTIONS})
  target_link_libraries(${name} PRIVATE osteon_flags ${arg_USES} ${arg_PRIVATE_LIBS})
  target_include_directories(${name} SYSTEM PRIVATE ${arg_SYSTEM_INCLUDES})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
  set_property(DIRECTORY APPEND PROPERTY OSTEON_SOURCES ${arg_SOURCES})
endfunction()

# osteon_test(pipelines_base SOURCES result_test.cc USES pipelines_base [LABELS slow] [PRIVATE_LIBS ...])
# Makes <name>_test; ctest lists each of its cases as <name>/Suite.Case. Label "fast" unless said otherwise; one label, since
# gtest_discover_tests does not keep lists together. ctest runs each case in a process of its own, but for those that match
# TOGETHER: these share one, since they share what is slow to start, and are <name>/together with label TOGETHER_LABELS.
function(osteon_test name)
  cmake_parse_arguments(arg "" "TOGETHER" "SOURCES;USES;PRIVATE_LIBS;SYSTEM_INCLUDES;LABELS;TOGETHER_LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS fast)
  endif()
  if(arg_LABELS MATCHES concurrent)
    add_dependencies(concurrent_tests ${name}_test)
  endif()
  math(EXPR timeout "300 * ${OSTEON_TIME_SCALE}")
  add_executable(${name}_test ${arg_SOURCES} ${OSTEON_SANITIZER_OPTIONS})
  target_link_libraries(${name}_test PRIVATE osteon_flags ${arg_USES} ${arg_PRIVATE_LIBS}
    GTest::gmock GTest::gtest_main)
  target_include_directories(${name}_test SYSTEM PRIVATE ${arg_SYSTEM_INCLUDES})
  set(apart "")
  if(arg_TOGETHER)
    set(apart TEST_FILTER -${arg_TOGETHER})
    add_test(NAME ${name}/together COMMAND ${name}_test --gtest_filter=${arg_TOGETHER})
    set_tests_properties(${name}/together PROPERTIES LABELS "${arg_TOGETHER_LABELS}" TIMEOUT ${timeout}
      ENVIRONMENT "${OSTEON_TEST_ENVIRONMENT}")
  endif()
  gtest_discover_tests(${name}_test TEST_PREFIX ${name}/ DISCOVERY_TIMEOUT 60 ${apart}
    PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${timeout} ENVIRONMENT "${OSTEON_TEST_ENVIRONMENT}")
  set_property(DIRECTORY APPEND PROPERTY OSTEON_SOURCES ${arg_SOURCES})
endfunction()

# Last line of every folder's CMakeLists.txt: a source in no target would never be compiled or run.
function(osteon_check_folder)
  get_property(registered DIRECTORY PROPERTY OSTEON_SOURCES)
  file(GLOB found RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  if(registered)
    list(REMOVE_ITEM found ${registered})
  endif()
  if(found)
    message(FATAL_ERROR "${CMAKE_CURRENT_SOURCE_DIR}: in no target: ${found}")
  endif()
endfunction()

# osteon_python_test(house SOURCE house_test.py [LABELS e2e] [TIMEOUT 600])
# A unittest program for the system's Python, which has pydicom. Exit code 77 means skipped, with the reason printed.
function(osteon_python_test name)
  cmake_parse_arguments(arg "" "SOURCE;TIMEOUT" "LABELS" ${ARGN})
  if(NOT arg_LABELS)
    set(arg_LABELS fast)
  endif()
  if(NOT arg_TIMEOUT)
    set(arg_TIMEOUT 300)
  endif()
  math(EXPR arg_TIMEOUT "${arg_TIMEOUT} * ${OSTEON_TIME_SCALE}")
  add_test(NAME ${name} COMMAND /usr/bin/python3 -B ${CMAKE_CURRENT_SOURCE_DIR}/${arg_SOURCE})
  set_tests_properties(${name} PROPERTIES LABELS "${arg_LABELS}" TIMEOUT ${arg_TIMEOUT} SKIP_RETURN_CODE 77
    ENVIRONMENT "${OSTEON_TEST_ENVIRONMENT};PYTHONPATH=${CMAKE_SOURCE_DIR}/tests/support")
endfunction()
