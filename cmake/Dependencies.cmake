# The packages that we use, found once. Asio and RapidJSON come without imported targets; they are made here, as SYSTEM.

find_package(Threads REQUIRED)
find_package(ZLIB REQUIRED)
find_package(OpenSSL REQUIRED)
if(BUILD_TESTING)
  find_package(GTest REQUIRED)
endif()
find_package(spdlog REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED)
find_package(CLI11 REQUIRED)
find_package(websocketpp REQUIRED)

function(ticker_header_package name header)
  find_path(TICKER_${name}_INCLUDE "${header}" REQUIRED)
  add_library(ticker_${name} INTERFACE)
  # /usr/include is searched anyway; naming it as a system folder breaks the include_next of the C++ library.
  if(NOT TICKER_${name}_INCLUDE STREQUAL "/usr/include")
    target_include_directories(ticker_${name} SYSTEM INTERFACE "${TICKER_${name}_INCLUDE}")
  endif()
  add_library(ticker::${name} ALIAS ticker_${name})
endfunction()

ticker_header_package(asio asio.hpp)
target_compile_definitions(ticker_asio INTERFACE ASIO_STANDALONE)
target_link_libraries(ticker_asio INTERFACE Threads::Threads)
if(TICKER_SANITIZE MATCHES "thread" AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  # g++ warns that ThreadSanitizer does not see Asio's fences; what is passed between threads goes through its mutex too.
  target_compile_options(ticker_asio INTERFACE -Wno-tsan)
endif()
ticker_header_package(rapidjson rapidjson/rapidjson.h)
