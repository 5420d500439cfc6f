#pragma once

namespace ticker::hub {

// Membership in at most one IntrusiveList<T>, where T derives from ListHook<T>. Leaves its list
// when it is destroyed.
template <typename T>
class ListHook {
 public:
  ListHook() = default;
  ListHook(const ListHook&) = delete;
  ListHook& operator=(const ListHook&) = delete;
  ~ListHook() { unlink(); }

  bool linked() const { return next_ != nullptr; }
  void unlink() {
    if (linked()) {
      next_->previous_ = previous_;
      previous_->next_ = next_;
      next_ = previous_ = nullptr;
    }
  }

 private:
  template <typename>
  friend class IntrusiveList;
  ListHook* next_ = nullptr;
  ListHook* previous_ = nullptr;
};

// A list that takes no memory of its own; its elements leave it in O(1). Does not own them. Stays
// where it was made.
template <typename T>
class IntrusiveList {
 public:
  IntrusiveList() { end_.next_ = end_.previous_ = &end_; }
  IntrusiveList(const IntrusiveList&) = delete;
  IntrusiveList& operator=(const IntrusiveList&) = delete;
  ~IntrusiveList() {
    while (!empty()) {
      front().unlink();
    }
    end_.next_ = end_.previous_ = nullptr;
  }

  bool empty() const { return end_.next_ == &end_; }
  // Requires: not empty.
  T& front() { return static_cast<T&>(*end_.next_); }
  // Takes the element out of the list that it is in.
  void push_back(T& element) {
    ListHook<T>& hook = element;
    hook.unlink();
    hook.previous_ = end_.previous_;
    hook.next_ = &end_;
    end_.previous_->next_ = &hook;
    end_.previous_ = &hook;
  }
  // Calls fn(T&) for each; fn must not change the list.
  template <typename Fn>
  void for_each(Fn&& fn) {
    for (ListHook<T>* hook = end_.next_; hook != &end_; hook = hook->next_) {
      fn(static_cast<T&>(*hook));
    }
  }

 private:
  ListHook<T> end_;
};

}  // namespace ticker::hub
