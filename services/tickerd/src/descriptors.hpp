#pragma once

#include <cstddef>

namespace ticker::tickerd {

// Raises this process's limit of open descriptors to what the system allows it; returns that.
std::size_t raise_descriptor_limit();

// The connections that this many descriptors make room for, after what the service itself opens; where there are few, half
// of them.
std::size_t connections_within(std::size_t descriptors);

}  // namespace ticker::tickerd
