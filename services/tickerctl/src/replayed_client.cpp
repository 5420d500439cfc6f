#include "replayed_client.hpp"

#include <chrono>
#include <utility>

namespace ticker::tickerctl {

using market::MarketState;

ReplayedClient::ReplayedClient(ingest::PlayedMarket& market, Options options, OnFrame on_frame)
    : market_(market), options_(std::move(options)), on_frame_(std::move(on_frame)) {
  hub::Sockets& sockets = *this;
  hub_ = std::make_unique<hub::Hub>(MarketState(options_.epoch), sockets, hub::HubOptions());
}

ReplayedClient::~ReplayedClient() {
  if (session_ != nullptr) {
    constexpr std::uint16_t kNormal = 1000;
    hub_->on_closed(session_, kNormal);
  }
}

bool ReplayedClient::run() {
  now_ = market_.next().value_or(kNoTime);
  take_batch();
  session_ = hub_->open(*this, {options_.connection, options_.subscribe, nullptr}, now_);
  for (auto next = market_.next(); next && !is_closed_; next = market_.next()) {
    advance_to(*next);
    market_.play();
    if (market_.is_urgent() || hub_->wants_changes_at_once() || hub_->awaits_change()) {
      take_batch();
    }
  }
  take_batch();
  const auto interval = options_.subscribe.interval_ms
                            ? std::chrono::milliseconds(*options_.subscribe.interval_ms)
                            : hub_->options().default_interval;
  advance_to(now_ + interval);
  return !is_closed_;
}

void ReplayedClient::advance_to(Timestamp time) {
  for (auto due = hub_->next_deadline(); due && *due <= time; due = hub_->next_deadline()) {
    take_batch();
    now_ = std::max(now_, *due);
    hub_->advance(now_);
    answer_ping();
  }
  now_ = time;
}

void ReplayedClient::take_batch() {
  const auto batch = market_.take_batch();
  if (!batch.empty()) {
    [[maybe_unused]] const auto applied = hub_->apply(batch, now_);
    answer_ping();
  }
}

void ReplayedClient::answer_ping() {
  if (std::exchange(is_pinged_, false)) {
    hub_->on_control(session_, now_);
  }
}

hub::WriteResult ReplayedClient::write(const hub::Slice* slices, std::size_t count) {
  if (is_closed_) {
    return hub::WriteResult::kClosed;
  }
  frame_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    frame_.append(slices[i].data, slices[i].size);
  }
  accepted_ += frame_.size();
  on_frame_(frame_, now_);
  return hub::WriteResult::kDone;
}

}  // namespace ticker::tickerctl
