#pragma once

#include <cstddef>

namespace ticker::testing {

// Makes this thread's next sendmsg() calls take `bytes` bytes together and then fail once with
// EAGAIN, as a full socket does; after that the kernel is itself again. The program that links this
// has its own sendmsg().
void refuse_after(std::size_t bytes);

// As refuse_after(0), until allow_sending(): a peer that takes nothing. The socket still says that
// it is writable.
void refuse_sending();
void allow_sending();

}  // namespace ticker::testing
