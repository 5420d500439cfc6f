#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

#include <ticker/base/clock.hpp>

namespace ticker::tickerd {

// Work that one thread hands to another, which is only woken for it if it would not look by itself soon: waking a
// thread for each of thousands of batches a second costs more than what there is to do with them.
class Inbox {
 public:
  using Work = std::function<void()>;

  // How long work may lie here for the sake of a wake-up that is to come anyway.
  static constexpr std::chrono::milliseconds kPatience{5};

  Inbox() = default;
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;
  ~Inbox() { discard(head_.load()); }

  // --- the thread that hands over ---
  // True: the other one is to be woken, and then runs what is here.
  [[nodiscard]] bool push(Work work, Timestamp now) {
    Node* const node = new Node{std::move(work), head_.load()};
    while (!head_.compare_exchange_weak(node->before, node)) {
    }
    // It stores when it will look, then looks whether anything is here; this is the other way about. So that one of the two
    // sees the other.
    Timestamp at = looks_at_.load();
    return at > now + kPatience && looks_at_.compare_exchange_strong(at, kSoon);
  }

  // --- the thread that it is for ---
  // Runs what is here, in the order in which it came. When it is to be run again without being woken, as work keeps coming
  // and may wait for `patience`; kNever: not at all.
  Timestamp run(Timestamp now, std::chrono::milliseconds patience) {
    Node* ordered = nullptr;
    for (Node* node = head_.exchange(nullptr); node != nullptr;) {
      Node* const before = std::exchange(node->before, ordered);
      ordered = std::exchange(node, before);
    }
    Timestamp next = kNever;
    if (ordered != nullptr && patience.count() > 0) {
      const auto before = std::exchange(ran_at_, now);
      next = before != kNoTime && now - before < 2 * patience ? now + patience : kNever;
    }
    while (ordered != nullptr) {
      const std::unique_ptr<Node> node(std::exchange(ordered, ordered->before));
      node->work();
    }
    return next;
  }
  // It will call run() at that time without being woken; kNever: not at all. True: something is here already, and nobody
  // may wake it for that.
  [[nodiscard]] bool will_look(Timestamp at) {
    looks_at_.store(at);
    return head_.load() != nullptr;
  }

  static constexpr Timestamp kNever = Timestamp::max();

 private:
  static constexpr Timestamp kSoon = Timestamp::min();
  struct Node {
    Work work;
    Node* before;  // the one that came before it, while they wait; afterwards the next
  };
  static void discard(Node* node) {
    while (node != nullptr) {
      delete std::exchange(node, node->before);
    }
  }

  std::atomic<Node*> head_{nullptr};  // the newest
  std::atomic<Timestamp> looks_at_{kNever};
  Timestamp ran_at_ = kNoTime;  // that there was something; of the thread that it is for
};

}  // namespace ticker::tickerd
