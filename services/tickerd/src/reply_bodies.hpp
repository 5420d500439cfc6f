#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>

namespace ticker::tickerd {

// The bodies of HTTP answers that clients are still reading. A client may read slowly, and each version of the market has a
// body of its own: without a bound, slow readers hold as many of them as they are. The shard's thread.
class ReplyBodies {
 public:
  using Body = std::shared_ptr<const std::string>;

  // `most`: bytes held at a time.
  explicit ReplyBodies(std::size_t most) : most_(most) {}

  // The same text, counted for as long as a copy of what is returned lives, and once however many read it. nullptr: no room;
  // one alone always has.
  Body hold(const Body& body);
  void set_most(std::size_t most) { most_ = most; }
  std::size_t bytes() const { return bytes_; }

 private:
  struct Held;

  std::size_t most_;
  std::size_t bytes_ = 0;
  std::unordered_map<const std::string*, std::weak_ptr<Held>> held_;  // by the text
};

}  // namespace ticker::tickerd
