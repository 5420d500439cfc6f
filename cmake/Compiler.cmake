# Warnings, sanitizers and the compiler cache, as one interface target that every target of ours links.

option(TICKER_WERROR "Treat warnings as errors" OFF)
set(TICKER_SANITIZE "" CACHE STRING "Sanitizers, as -fsanitize= takes them: address,undefined or thread")

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/bin")
# Line tables are what a sanitizer's report needs; full debug information doubles the size of every object.
set(CMAKE_CXX_FLAGS_DEBUG "-g1")

find_program(TICKER_CCACHE ccache)
if(TICKER_CCACHE)
  set(CMAKE_C_COMPILER_LAUNCHER "${TICKER_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${TICKER_CCACHE}")
endif()

add_library(ticker_options INTERFACE)
target_compile_options(ticker_options INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion
  -Wnon-virtual-dtor -Woverloaded-virtual $<$<NOT:$<CONFIG:Release>>:-Wnull-dereference> -Wimplicit-fallthrough)
# What g++ 12 concludes from inlining at -O3 is often wrong: copies that overlap inside std::string (GCC bug 105651), null
# behind every find() and stream iterator, buffers of no size. dev and tsan keep the warnings that need no such guess.
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  target_compile_options(ticker_options INTERFACE -Wno-restrict $<$<CONFIG:Release>:-Wno-stringop-overflow>)
endif()
if(TICKER_WERROR)
  target_compile_options(ticker_options INTERFACE -Werror)
endif()
if(TICKER_SANITIZE)
  target_compile_options(ticker_options INTERFACE "-fsanitize=${TICKER_SANITIZE}" -fno-omit-frame-pointer
    -fno-sanitize-recover=all)
  target_link_options(ticker_options INTERFACE "-fsanitize=${TICKER_SANITIZE}")
  if(TICKER_SANITIZE MATCHES "undefined")
    # The vptr check opens a pipe to see whether memory is readable; where a test uses up all descriptors it cries wolf.
    target_compile_options(ticker_options INTERFACE -fno-sanitize=vptr)
  endif()
endif()
