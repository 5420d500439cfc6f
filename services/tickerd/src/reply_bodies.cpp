#include "reply_bodies.hpp"

#include <utility>

namespace ticker::tickerd {

struct ReplyBodies::Held {
  Held(ReplyBodies& owner, Body text) : bodies(owner), body(std::move(text)) { bodies.bytes_ += body->size(); }
  ~Held() {
    bodies.bytes_ -= body->size();
    bodies.held_.erase(body.get());
  }
  Held(const Held&) = delete;
  Held& operator=(const Held&) = delete;

  ReplyBodies& bodies;
  const Body body;
};

ReplyBodies::Body ReplyBodies::hold(const Body& body) {
  const auto found = held_.find(body.get());
  std::shared_ptr<Held> held = found == held_.end() ? nullptr : found->second.lock();
  if (!held) {
    if (bytes_ > 0 && bytes_ + body->size() > most_) {
      return nullptr;
    }
    held = std::make_shared<Held>(*this, body);
    held_.emplace(body.get(), held);
  }
  const std::string* text = held->body.get();
  return {std::move(held), text};
}

}  // namespace ticker::tickerd
