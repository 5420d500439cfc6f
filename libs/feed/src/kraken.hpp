#pragma once

#include <memory>

#include <ticker/feed/adapter.hpp>

namespace ticker::feed {

std::unique_ptr<Adapter> make_kraken_v1(const Adapter::Options& options);
std::unique_ptr<Adapter> make_kraken_v2(const Adapter::Options& options);

}  // namespace ticker::feed
