"""The layer table of ARCHITECTURE.md as data: who may use whom, and which package has its home where."""

# lib: (layer, libs of ours that it may include and link, packages whose home it is)
LIBS = {
    "base": (0, [], ["spdlog"]),
    "net": (1, [], ["asio", "websocketpp", "openssl", "liburing"]),
    "market": (1, ["base"], []),
    "config": (1, ["base"], ["yaml-cpp"]),
    "metrics": (1, ["base"], ["prometheus"]),
    "recording": (2, ["base", "metrics"], ["zlib", "zstd"]),
    "auth": (2, ["base"], ["jose", "openssl"]),
    "protocol": (2, ["base", "market"], ["rapidjson"]),
    "feed": (2, ["base", "market"], []),
    "hub": (3, ["base", "market", "protocol", "metrics"], []),
    "ingest": (3, ["base", "market", "feed", "net", "recording", "metrics"], ["curl"]),
    # It plays the venue's side: it reads what feed's adapters send and cuts up what they would read.
    "venue_sim": (3, ["base", "feed", "recording", "net"], ["rapidjson"]),
    # An npm package; no C++ but in its tests, whose peer is a real hub.
    "web_client": (4, ["base", "market", "protocol", "hub"], []),
}

# For tests only; any lib's tests may link it.
TESTING = "testing"
TESTING_USES = ["base", "market", "net"]

# Services may use every lib (not testing), no other service, and this package.
SERVICE_PACKAGES = ["cli11"]

# What tests and benchmarks may use beside what their lib may …
TEST_PACKAGES = ["gtest", "benchmark"]
# … and those of one lib, as what it is held against.
HELD_AGAINST = {"feed": ["rapidjson"]}

# package: (beginnings of its headers, its CMake targets)
PACKAGES = {
    "spdlog": (["spdlog/", "fmt/"], ["spdlog::spdlog"]),
    "asio": (["asio/", "asio.hpp"], ["ticker::asio"]),
    "websocketpp": (["websocketpp/"], ["websocketpp::websocketpp"]),
    "openssl": (["openssl/"], ["OpenSSL::SSL", "OpenSSL::Crypto"]),
    "liburing": (["liburing.h"], ["ticker::liburing"]),
    "yaml-cpp": (["yaml-cpp/"], ["yaml-cpp"]),
    "prometheus": (["prometheus/"], ["prometheus-cpp::core"]),
    "zlib": (["zlib.h"], ["ZLIB::ZLIB"]),
    "zstd": (["zstd.h"], ["ticker::zstd"]),
    "jose": (["cjose/", "jansson.h"], ["ticker::jose"]),
    "rapidjson": (["rapidjson/"], ["ticker::rapidjson"]),
    "curl": (["curl/"], ["CURL::libcurl"]),
    "cli11": (["CLI/"], ["CLI11::CLI11"]),
    "gtest": (["gtest/", "gmock/"], ["GTest::gtest", "GTest::gtest_main", "GTest::gmock", "GTest::gmock_main"]),
    "benchmark": (["benchmark/"], ["benchmark::benchmark", "benchmark::benchmark_main"]),
}

# Targets that belong to nobody.
FREE_TARGETS = ["Threads::Threads"]

# The system's own headers; those of C++ have neither dot nor slash.
SYSTEM_FOLDERS = ["sys/", "netinet/", "arpa/", "linux/", "net/if.h"]
SYSTEM_HEADERS = """dirent.h dlfcn.h errno.h fcntl.h ifaddrs.h netdb.h poll.h pthread.h sched.h signal.h spawn.h stdlib.h
                    string.h termios.h time.h unistd.h""".split()
