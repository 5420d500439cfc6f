#pragma once

#include <cstddef>
#include <optional>

namespace ticker::testing {

// Makes this thread's next send() and sendmsg() calls take `bytes` bytes together and then fail once
// with EAGAIN, as a full socket does; after that the kernel is itself again. The program that links
// this has its own send() and sendmsg().
void refuse_after(std::size_t bytes);

// As refuse_after(), until allow_sending(): a peer that takes so much and no more. The socket still
// says that it is writable.
void refuse_sending(std::size_t after_bytes = 0);
void allow_sending();

// For those who stand in for another system call: how much of the next send the kernel is to take;
// nothing: EAGAIN.
std::optional<std::size_t> next_send(std::size_t wanted);

}  // namespace ticker::testing
