#include <ticker/hub/hub.hpp>

#include <algorithm>
#include <utility>

#include <ticker/protocol/http_body.hpp>

#include "core.hpp"

namespace ticker::hub {

using market::InstrumentId;
using market::MarketState;

namespace {

// What a tag adds for those who don't see everything: what they hold is not what others are told
// of by the same version. FNV-1a.
std::string view_of(const std::string& key) {
  if (key.empty()) {
    return {};
  }
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : key) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  }
  return '-' + std::to_string(hash);
}

}  // namespace

Hub::Hub(MarketState state, Sockets& sockets, HubOptions options)
    : core_(std::make_unique<Core>(std::move(state), sockets, options)) {}
Hub::~Hub() = default;

Session* Hub::open(Connection& connection, Client client, Timestamp now) {
  return core_->open(connection, std::move(client), now);
}
void Hub::on_message(Session* session, std::string_view text, Timestamp now) {
  core_->on_message(*session, text, now);
}
void Hub::on_control(Session* session, Timestamp now) { core_->on_control(*session, now); }
void Hub::on_writable(Session* session, Timestamp now) { core_->on_writable(*session, now); }
void Hub::on_closed(Session* session, std::uint16_t code) { core_->on_closed(*session, code); }
void Hub::drain(Timestamp now, Timestamp deadline) { core_->drain(now, deadline); }
std::size_t Hub::connections() const { return core_->connections(); }

void Hub::answer(Session* session, const protocol::Message& reply, Timestamp now) {
  core_->answer(*session, reply, now);
}
std::vector<protocol::Subscribe> Hub::lend(Session* session) { return core_->lend(*session); }
WriteResult Hub::relay(Session* session, Slice message, Timestamp now) {
  return core_->relay(*session, message, now);
}
bool Hub::is_writable(const Session* session) const {
  return !session->blocked && !session->ending;
}
std::size_t Hub::frame_bytes(const Session* session) const { return session->frame_bytes; }
void Hub::take_back(Session* session, const std::vector<protocol::Subscribe>& entries,
                    Timestamp now) {
  core_->take_back(*session, entries, now);
}
std::int64_t Hub::take_matched_patterns() { return core_->take_matched_patterns(); }

void Hub::charge(Session* session, std::int64_t patterns) { core_->charge(*session, patterns); }

Session* Hub::adopt(Connection& connection, Client client,
                    const std::vector<protocol::Subscribe>& entries, Timestamp now) {
  return core_->adopt(connection, std::move(client), entries, now);
}

MarketState::ApplyResult Hub::apply(const market::Batch& batch, Timestamp now) {
  const auto result = core_->take(batch, now);
  if (result == MarketState::ApplyResult::kApplied) {
    core_->serve(now);
  }
  return result;
}
MarketState::ApplyResult Hub::take(const market::Batch& batch, Timestamp now) {
  return core_->take(batch, now);
}
void Hub::serve(Timestamp now) { core_->serve(now); }
void Hub::replace_state(MarketState state, Timestamp now) {
  core_->replace_state(std::move(state), now);
}
const MarketState& Hub::state() const { return core_->state(); }

void Hub::advance(Timestamp now) { core_->advance(now); }
std::optional<Timestamp> Hub::next_deadline() const { return core_->next_deadline(); }
bool Hub::awaits_change() const { return core_->awaits_change(); }
std::optional<std::chrono::milliseconds> Hub::least_interval() const {
  return core_->least_interval();
}

const HubOptions& Hub::options() const { return core_->options(); }
void Hub::set_limits(const ClientLimits& limits) { core_->set_limits(limits); }
void Hub::set_trades_ring(std::size_t trades) { core_->set_trades_ring(trades); }
void Hub::set_state_options(MarketState::Options options) { core_->set_state_options(options); }
HubStats& Hub::stats() { return core_->stats(); }
const HubStats& Hub::stats() const { return core_->stats(); }

Hub::Body Hub::read_tickers(const protocol::TickersQuery& query, const Access& access) {
  const MarketState& state = core_->state();
  const SymbolFilter& filter = access.symbols;
  const market::FieldSet fields = query.fields & (access.fields | market::Field::kStale);
  std::string key = filter.key();
  for (const std::string& symbol : query.symbols) {
    key += symbol;
    key += '\n';
  }
  key += std::to_string(fields.bits());
  const std::string tag =
      '"' + state.epoch() + '-' + std::to_string(state.version()) + view_of(access.key()) + '"';
  if (const Body* kept = core_->bodies().find(key, tag)) {
    return *kept;
  }
  std::vector<protocol::Pattern> texts;
  std::vector<protocol::Rejected> rejected;
  for (const std::string& symbol : query.symbols) {
    texts.emplace_back(symbol);
    if (texts.back().is_plain() && filter.find(state, symbol) == nullptr) {
      rejected.push_back({symbol, protocol::ErrorCode::kUnknownSymbol});
      texts.pop_back();
    }
  }
  if (query.symbols.empty()) {
    texts.emplace_back("*");
  }
  const protocol::Encoder& encoder = protocol::json_encoder();
  std::string text;
  protocol::append_tickers_head(text, state.epoch(), state.version());
  bool first = true;
  for (const InstrumentId id : filter.resolve(state, texts)) {
    if (!std::exchange(first, false)) {
      text += encoder.separator();
    }
    encoder.append_entry(text, *state.find(id), fields | market::Field::kStale, false);
  }
  protocol::append_tickers_tail(text, rejected);
  Body body{std::make_shared<const std::string>(std::move(text)), tag};
  core_->bodies().add(std::move(key), body);
  return body;
}

Hub::Body Hub::read_symbols(const SymbolFilter& filter) {
  const MarketState& state = core_->state();
  std::vector<const market::Instrument*> instruments;
  market::Version newest = 0;
  for (InstrumentId id = 0; id < state.end_id(); ++id) {
    const market::InstrumentState* instrument = state.find(id);
    if (instrument != nullptr && filter.allows(instrument->instrument.symbol)) {
      instruments.push_back(&instrument->instrument);
      newest = std::max(newest, instrument->created);
    }
  }
  // The list is another one only after something was added or removed.
  const auto& removals = state.removals();
  newest = std::max(newest, removals.empty() ? 0 : removals.back().removed);
  const std::string tag =
      '"' + state.epoch() + "-s" + std::to_string(newest) + view_of(filter.key()) + '"';
  std::string key = filter.key() + "symbols";  // those of tickers end in a digit
  if (const Body* kept = core_->bodies().find(key, tag)) {
    return *kept;
  }
  Body body{std::make_shared<const std::string>(protocol::symbols_body(instruments)), tag};
  core_->bodies().add(std::move(key), body);
  return body;
}

Hub::FeedCounts Hub::count_feed(std::string_view feed, const SymbolFilter& filter) const {
  const MarketState& state = core_->state();
  FeedCounts counts;
  for (InstrumentId id = 0; id < state.end_id(); ++id) {
    const market::InstrumentState* instrument = state.find(id);
    if (instrument != nullptr && instrument->instrument.feed == feed &&
        filter.allows(instrument->instrument.symbol)) {
      ++counts.symbols;
      counts.stale += instrument->stale ? 1 : 0;
    }
  }
  return counts;
}

}  // namespace ticker::hub
