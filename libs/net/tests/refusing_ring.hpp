#pragma once

namespace ticker::net {

// Makes this thread's next `times` calls of io_uring_submit() fail: EPERM as under a policy that came
// after the ring was made, EAGAIN as where memory is short. The orders of refusing_kernel.hpp hold
// for what goes through a ring too.
struct RefusedSubmissions {
  int times = 0;
  int error = 0;
};
inline thread_local RefusedSubmissions refused_submissions;

}  // namespace ticker::net
