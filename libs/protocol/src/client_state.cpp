#include <ticker/protocol/client_state.hpp>

#include <utility>

#include <ticker/protocol/pattern.hpp>

namespace ticker::protocol {
namespace {

using market::Field;
using market::FieldSet;

void merge(Entry& held, const Entry& news) {
  held.fields.add(news.fields);
  for (const Field field : news.values.null()) {
    held.values.set_null(field);
  }
  for (const Field field : news.values.present() - news.values.null()) {
    if (field == Field::kLastSide) {
      held.values.set_side(news.values.side());
    } else if (market::kVenueFields.has(field)) {
      const auto side = news.values.venue(field);
      held.venues[side] = news.venues[side];
      held.values.set_venue(field, side);
    } else {
      held.values.set(field, news.values.decimal(field));
    }
  }
  if (news.fields.has(Field::kStale)) {
    held.stale = news.stale;
  }
  if (news.fields.has(Field::kExchangeTimeUs)) {
    held.exchange_time = news.exchange_time;
  }
  if (news.fields.has(Field::kReceiveTimeUs)) {
    held.receive_time = news.receive_time;
  }
  if (news.fields.has(Field::kTicks)) {
    held.ticks = news.ticks;
  }
}

}  // namespace

void ClientState::apply(const Push& push) {
  if (const auto* frame = std::get_if<EntryFrame>(&push)) {
    apply(*frame);
  } else if (const auto* trades = std::get_if<TradesFrame>(&push)) {
    trades_version_ = trades->version ? trades->version : trades_version_;
  } else {
    const auto& message = std::get<Message>(push);
    if (const auto* hello = std::get_if<Hello>(&message)) {
      enter_epoch(hello->epoch);
    } else if (const auto* epoch = std::get_if<Epoch>(&message)) {
      // Its own epoch, too: something was removed that nobody remembers.
      entries_.clear();
      lanes_.clear();
      enter_epoch(epoch->epoch);
    } else if (const auto* status = std::get_if<Status>(&message)) {
      feeds_.insert_or_assign(status->feed, *status);
    }
  }
}

void ClientState::apply(const EntryFrame& frame) {
  for (const Entry& entry : frame.data) {
    if (entry.removed) {
      entries_.erase(entry.symbol);
      continue;
    }
    const auto held = entries_.find(entry.symbol);
    if (held == entries_.end() || entry.as_new || frame.kind == FrameKind::kSnapshot) {
      entries_.insert_or_assign(entry.symbol, entry).first->second.as_new = false;
    } else {
      merge(held->second, entry);
    }
  }
  if (frame.version) {
    lanes_.insert_or_assign(frame.lane, *frame.version);
  }
}

void ClientState::forget(const std::vector<std::string>& symbols) {
  for (const std::string& text : symbols) {
    const Pattern pattern(text);
    std::erase_if(entries_, [&](const auto& held) { return pattern.matches(held.first); });
  }
}

const Entry* ClientState::find(std::string_view symbol) const {
  const auto found = entries_.find(symbol);
  return found == entries_.end() ? nullptr : &found->second;
}

std::optional<market::Version> ClientState::lane_version(std::string_view lane) const {
  const auto found = lanes_.find(lane);
  return found == lanes_.end() ? std::nullopt : std::optional(found->second);
}

// A reconnection that comes to the same epoch keeps what is held.
void ClientState::enter_epoch(const std::string& epoch) {
  if (epoch == epoch_) {
    return;
  }
  epoch_ = epoch;
  entries_.clear();
  lanes_.clear();
  trades_version_.reset();
}

}  // namespace ticker::protocol
