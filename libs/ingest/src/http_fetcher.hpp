#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <ticker/net/event_loop.hpp>

namespace ticker::ingest {

// Fetches over http:// and https:// (certificate and host name verified, always), on a thread of
// its own that the first fetch starts. Loop thread only.
class HttpFetcher {
 public:
  struct Request {
    std::string url;                   // may hold a secret, as headers may: never to be logged
    std::vector<std::string> headers;  // whole lines
    std::string ca_file;               // PEM; empty: the system's authorities
    bool follow_redirects = false;     // to https:// only; headers go there too
    std::chrono::milliseconds timeout{10'000};  // of all of it
    std::size_t max_bytes = 0;  // of the body, decompressed; a longer one is a fault
    // Not empty: is given the body of a 200 on the fetcher's thread, which may take its time, as
    // may whatever else this fetcher fetches; what it leaves of it is the reply's. `otherwise` is
    // called there in its place, where none came. A disk may hold either up past the fetcher's end:
    // they hold all that they use.
    std::function<void(std::string& body)> read;
    std::function<void()> otherwise;
  };
  struct Reply {
    std::string fault;              // why no answer came; it names no secret. Empty: one came
    bool concerns_request = false;  // the fault does: the server was there, and may answer others
    int status = 0;
    std::string body;                     // of a 200
    std::string etag;                     // as the server wrote it; empty: it gave none
    std::string last_modified;            // the same
    std::chrono::seconds retry_after{0};  // whichever way it was written; 0: not given
  };
  using Ticket = std::uint64_t;
  // How long the end waits for what takes its time.
  static constexpr std::chrono::milliseconds kPatience{1'000};

  // `loop` must outlive it.
  explicit HttpFetcher(net::EventLoop& loop);
  // Ends what is under way.
  ~HttpFetcher();
  HttpFetcher(const HttpFetcher&) = delete;
  HttpFetcher& operator=(const HttpFetcher&) = delete;

  // `done` comes on the loop, never inside the call.
  Ticket fetch(Request request, std::function<void(Reply)> done);
  // Its `done` does not come any more.
  void cancel(Ticket ticket);

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace ticker::ingest
