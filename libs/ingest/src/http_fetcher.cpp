#include "http_fetcher.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>

namespace ticker::ingest {
namespace {

constexpr long kMostRedirects = 3;
// Of one host; what is more waits, within its own timeout.
constexpr long kMostConnections = 4;
constexpr std::size_t kLongestHeader = 1024;

// `line` is `name: value`, whatever the case.
bool take_header(std::string_view line, std::string_view name, std::string& value) {
  const auto lower = [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  };
  if (line.size() <= name.size() || line.size() > kLongestHeader || line[name.size()] != ':' ||
      !std::equal(name.begin(), name.end(), line.begin(),
                  [&](char a, char b) { return a == lower(b); })) {
    return false;
  }
  line.remove_prefix(name.size() + 1);
  line.remove_prefix(std::min(line.find_first_not_of(' '), line.size()));
  value = line.substr(0, line.find_last_not_of("\r\n ") + 1);
  return true;
}

// One exchange. Fetcher's thread only.
class Transfer {
 public:
  Transfer(HttpFetcher::Ticket ticket, HttpFetcher::Request request)
      : ticket_(ticket), request_(std::move(request)), easy_(curl_easy_init()) {
    set(CURLOPT_URL, request_.url.c_str());
    for (const auto& header : request_.headers) {
      headers_ = curl_slist_append(headers_, header.c_str());
    }
    set(CURLOPT_HTTPHEADER, headers_);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_REDIR_PROTOCOLS_STR, "https");
    set(CURLOPT_FOLLOWLOCATION, request_.follow_redirects ? 1L : 0L);
    set(CURLOPT_MAXREDIRS, kMostRedirects);
    if (!request_.ca_file.empty()) {
      set(CURLOPT_CAINFO, request_.ca_file.c_str());
      set(CURLOPT_CAPATH, nullptr);
    }
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request_.timeout.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);       // who cancels does not wait for a name to be resolved
    set(CURLOPT_ACCEPT_ENCODING, "");  // whatever libcurl can undo
    set(CURLOPT_USERAGENT, "ticker");
    set(CURLOPT_WRITEFUNCTION, &Transfer::on_body);
    set(CURLOPT_WRITEDATA, this);
    set(CURLOPT_HEADERFUNCTION, &Transfer::on_header);
    set(CURLOPT_HEADERDATA, this);
    set(CURLOPT_PRIVATE, this);
  }
  ~Transfer() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(headers_);
  }
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  HttpFetcher::Ticket ticket() const { return ticket_; }
  CURL* easy() const { return easy_; }

  HttpFetcher::Reply finish(CURLcode result) {
    auto reply = reply_of(result);
    constexpr int kOk = 200;
    if (!reply.fault.empty() || reply.status != kOk) {
      reply.body.clear();
      if (request_.otherwise) {
        request_.otherwise();
      }
    } else if (request_.read) {
      request_.read(reply.body);
    }
    return reply;
  }

 private:
  HttpFetcher::Reply reply_of(CURLcode result) {
    if (result != CURLE_OK) {
      reply_.fault = is_too_long_
                         ? "an answer of more than " + std::to_string(request_.max_bytes) + " bytes"
                         : curl_easy_strerror(result);
      reply_.concerns_request = is_of_request(result);
      return std::move(reply_);
    }
    long status = 0;
    curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
    curl_off_t retry_after = 0;
    curl_easy_getinfo(easy_, CURLINFO_RETRY_AFTER, &retry_after);
    reply_.status = static_cast<int>(status);
    reply_.retry_after = std::chrono::seconds(std::max<curl_off_t>(retry_after, 0));
    return std::move(reply_);
  }

  // Whether the server was there, and only what it makes of this request is of no use.
  bool is_of_request(CURLcode result) const {
    curl_off_t sent_after_us = 0;
    curl_easy_getinfo(easy_, CURLINFO_PRETRANSFER_TIME_T, &sent_after_us);
    return is_too_long_ || result == CURLE_UNSUPPORTED_PROTOCOL ||
           result == CURLE_TOO_MANY_REDIRECTS || result == CURLE_BAD_CONTENT_ENCODING ||
           (result == CURLE_OPERATION_TIMEDOUT && sent_after_us > 0);
  }

  template <typename T>
  void set(CURLoption option, T value) {
    curl_easy_setopt(easy_, option, value);
  }

  static std::size_t on_body(char* data, std::size_t, std::size_t size, void* self) {
    auto& transfer = *static_cast<Transfer*>(self);
    if (size > transfer.request_.max_bytes - transfer.reply_.body.size()) {
      transfer.is_too_long_ = true;
      return 0;
    }
    transfer.reply_.body.append(data, size);
    return size;
  }

  static std::size_t on_header(char* data, std::size_t, std::size_t size, void* self) {
    auto& reply = static_cast<Transfer*>(self)->reply_;
    const std::string_view line(data, size);
    if (line.starts_with("HTTP/")) {
      // Of an answer before this one, which was a redirect.
      reply.etag.clear();
      reply.last_modified.clear();
    }
    if (!take_header(line, "etag", reply.etag)) {
      take_header(line, "last-modified", reply.last_modified);
    }
    return size;
  }

  const HttpFetcher::Ticket ticket_;
  const HttpFetcher::Request request_;
  CURL* const easy_;
  curl_slist* headers_ = nullptr;
  HttpFetcher::Reply reply_;
  bool is_too_long_ = false;
};

}  // namespace

class HttpFetcher::Impl : public std::enable_shared_from_this<Impl> {
 public:
  explicit Impl(net::EventLoop& loop) : loop_(loop) {
    static const CURLcode initialised = curl_global_init(CURL_GLOBAL_DEFAULT);
    static_cast<void>(initialised);
    multi_ = curl_multi_init();
    curl_multi_setopt(multi_, CURLMOPT_MAX_HOST_CONNECTIONS, kMostConnections);
  }
  ~Impl() { curl_multi_cleanup(multi_); }

  Ticket fetch(Request request, std::function<void(Reply)> done) {
    const auto ticket = ++last_ticket_;
    done_.emplace(ticket, std::move(done));
    {
      const std::lock_guard lock(mutex_);
      wanted_.emplace_back(ticket, std::move(request));
    }
    if (!thread_.joinable()) {
      // It holds us: a disk may hold it up for longer than anybody waits.
      thread_ = std::thread([self = shared_from_this()] { self->run(); });
    }
    curl_multi_wakeup(multi_);
    return ticket;
  }

  void cancel(Ticket ticket) {
    if (done_.erase(ticket) == 0) {
      return;
    }
    {
      const std::lock_guard lock(mutex_);
      cancelled_.push_back(ticket);
    }
    curl_multi_wakeup(multi_);
  }

  void stop() {
    done_.clear();
    std::unique_lock lock(mutex_);
    stopping_ = true;
    curl_multi_wakeup(multi_);
    if (!thread_.joinable()) {
      return;
    }
    const bool has_ended = end_.wait_for(lock, HttpFetcher::kPatience, [this] { return ended_; });
    lock.unlock();
    if (has_ended) {
      thread_.join();
    } else {
      thread_.detach();
    }
  }

 private:
  void run() {
    constexpr int kMostWaitMs = 1000;
    while (take_commands()) {
      int running = 0;
      curl_multi_perform(multi_, &running);
      int left = 0;
      while (const CURLMsg* const message = curl_multi_info_read(multi_, &left)) {
        if (message->msg == CURLMSG_DONE) {
          finish(message->easy_handle, message->data.result);
        }
      }
      curl_multi_poll(multi_, nullptr, 0, kMostWaitMs, nullptr);
    }
    for (const auto& [ticket, transfer] : transfers_) {
      curl_multi_remove_handle(multi_, transfer->easy());
    }
    transfers_.clear();
    const std::lock_guard lock(mutex_);
    ended_ = true;
    end_.notify_one();
  }

  // False: the end.
  bool take_commands() {
    std::vector<std::pair<Ticket, Request>> wanted;
    std::vector<Ticket> cancelled;
    {
      const std::lock_guard lock(mutex_);
      wanted.swap(wanted_);
      cancelled.swap(cancelled_);
      if (stopping_) {
        return false;
      }
    }
    for (auto& [ticket, request] : wanted) {
      auto transfer = std::make_unique<Transfer>(ticket, std::move(request));
      curl_multi_add_handle(multi_, transfer->easy());
      transfers_.emplace(ticket, std::move(transfer));
    }
    for (const auto ticket : cancelled) {
      if (const auto found = transfers_.find(ticket); found != transfers_.end()) {
        curl_multi_remove_handle(multi_, found->second->easy());
        transfers_.erase(found);
      }
    }
    return true;
  }

  void finish(CURL* easy, CURLcode result) {
    void* self = nullptr;
    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &self);
    auto& transfer = *static_cast<Transfer*>(self);
    const auto ticket = transfer.ticket();
    auto reply = transfer.finish(result);
    curl_multi_remove_handle(multi_, easy);
    transfers_.erase(ticket);
    const std::lock_guard lock(mutex_);
    if (stopping_) {
      return;  // the loop may be gone
    }
    loop_.post([weak = weak_from_this(), ticket, reply = std::move(reply)]() mutable {
      if (const auto impl = weak.lock()) {
        impl->tell(ticket, std::move(reply));
      }
    });
  }

  void tell(Ticket ticket, Reply reply) {
    if (auto done = done_.extract(ticket); !done.empty()) {
      done.mapped()(std::move(reply));
    }
  }

  // fixed after construction
  net::EventLoop& loop_;
  CURLM* multi_;

  // loop thread only
  Ticket last_ticket_ = 0;
  std::map<Ticket, std::function<void(Reply)>> done_;

  // guarded by mutex_, which is held for no more than these and posting to the loop
  std::mutex mutex_;
  std::vector<std::pair<Ticket, Request>> wanted_;
  std::vector<Ticket> cancelled_;
  bool stopping_ = false;
  bool ended_ = false;
  std::condition_variable end_;

  // fetcher's thread only
  std::map<Ticket, std::unique_ptr<Transfer>> transfers_;

  std::thread thread_;
};

HttpFetcher::HttpFetcher(net::EventLoop& loop) : impl_(std::make_shared<Impl>(loop)) {}
HttpFetcher::~HttpFetcher() { impl_->stop(); }

HttpFetcher::Ticket HttpFetcher::fetch(Request request, std::function<void(Reply)> done) {
  return impl_->fetch(std::move(request), std::move(done));
}
void HttpFetcher::cancel(Ticket ticket) { impl_->cancel(ticket); }

}  // namespace ticker::ingest
