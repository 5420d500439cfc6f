#pragma once

namespace ticker::net {

// Makes io_uring_submit() fail with EPERM, as under a policy that came after the ring was made. The
// orders of refusing_kernel.hpp hold for what goes through a ring too.
inline thread_local bool refuse_submissions = false;

}  // namespace ticker::net
