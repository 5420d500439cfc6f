#include "resolver.hpp"

#include <netdb.h>
#include <netinet/in.h>

#include <cstring>
#include <mutex>
#include <thread>
#include <utility>

namespace ticker::net {
namespace {

Resolved look_up(const std::string& host, std::uint16_t port, int flags) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  Resolved resolved;
  const int failure = getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found);
  if (failure != 0) {
    resolved.error = gai_strerror(failure);
    return resolved;
  }
  for (const addrinfo* entry = found; entry != nullptr; entry = entry->ai_next) {
    sockaddr_storage address{};
    std::memcpy(&address, entry->ai_addr, entry->ai_addrlen);
    resolved.addresses.push_back(address);
  }
  freeaddrinfo(found);
  return resolved;
}

}  // namespace

// Shared with the thread that asks. The mutex says whether the loop may still be posted to; it is
// held for that post only.
struct Resolver::Question {
  std::mutex mutex;
  EventLoop* loop = nullptr;           // guarded by mutex; null once nobody wants to know
  std::function<void(Resolved)> done;  // loop thread only
};

Resolver::Resolver(EventLoop& loop, const std::string& host, std::uint16_t port,
                   std::function<void(Resolved)> done)
    : question_(std::make_shared<Question>()) {
  question_->loop = &loop;
  question_->done = std::move(done);
  const auto answer = [](const std::shared_ptr<Question>& question, Resolved resolved) {
    const std::lock_guard<std::mutex> lock(question->mutex);
    if (question->loop != nullptr) {
      question->loop->post([question, resolved = std::move(resolved)] {
        if (const auto callback = std::exchange(question->done, nullptr)) {
          callback(resolved);
        }
      });
    }
  };
  Resolved numeric = look_up(host, port, AI_NUMERICHOST);
  if (!numeric.addresses.empty()) {
    answer(question_, std::move(numeric));
    return;
  }
  std::thread([question = question_, host, port, answer] {
    answer(question, look_up(host, port, AI_ADDRCONFIG));
  }).detach();
}

Resolver::~Resolver() {
  question_->done = nullptr;
  const std::lock_guard<std::mutex> lock(question_->mutex);
  question_->loop = nullptr;
}

socklen_t address_size(const sockaddr_storage& address) {
  return address.ss_family == AF_INET6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in);
}

}  // namespace ticker::net
