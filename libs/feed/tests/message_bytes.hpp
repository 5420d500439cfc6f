#pragma once

#include <algorithm>
#include <cstddef>
#include <memory>
#include <string_view>

namespace ticker::feed {

// A message as adapters get it, in memory that ends with the byte behind it, which is theirs too: a
// sanitizer sees every byte read or written beyond. (A string or a vector that has grown has more.)
class MessageBytes {
 public:
  explicit MessageBytes(std::string_view text)
      : size_(text.size()), bytes_(std::make_unique<char[]>(size_ + 1)) {
    std::copy(text.begin(), text.end(), bytes_.get());
    bytes_[size_] = '\n';
  }

  char* data() { return bytes_.get(); }
  std::size_t size() const { return size_; }

 private:
  std::size_t size_;
  std::unique_ptr<char[]> bytes_;
};

}  // namespace ticker::feed
