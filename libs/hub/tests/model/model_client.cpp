#include "model_client.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace ticker::hub::model {
namespace {

using market::Field;
using market::FieldSet;
using protocol::Channel;
using protocol::FrameKind;

std::string quoted(std::string_view text) { return '"' + std::string(text) + '"'; }

std::string list(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (const auto& text : texts) {
    out += (out.size() > 1 ? "," : "") + quoted(text);
  }
  return out + "]";
}

std::string names_of(FieldSet fields) {
  std::vector<std::string> names;
  for (const Field field : fields) {
    names.emplace_back(market::field_name(field));
  }
  return list(names);
}

}  // namespace

void ModelClient::connected(bool resume) {
  // A reconnect within a reconnect starts from nothing: what was asked for again is half there.
  const bool keep = resume && !asking_again();
  const std::vector<Entry> wanted = keep ? std::exchange(entries_, {}) : std::vector<Entry>();
  if (!keep) {
    forget_all();
    epoch_.clear();
    lanes_.clear();
  }
  entries_.clear();
  outstanding_.clear();
  feeds_.clear();
  greeted_ = false;
  seqs_ = resume_seqs_;  // gaps told since then may be filled
  resumed_ = !wanted.empty();

  // A run of entries of one lane is one request, so that the order of the list stays. Where lanes
  // overlap, an instrument is named by several requests, and is held as each of them says only if
  // all say the oldest version that any lane is at.
  again_.clear();
  since_ = ~market::Version{0};
  for (const Entry& entry : wanted) {
    if (again_.empty() || again_.back().channel != entry.channel ||
        again_.back().lane != entry.lane) {
      again_.push_back({entry.channel, entry.lane, {}});
    }
    again_.back().texts.push_back(entry.text);
    const Lane* lane = entry.channel == Channel::kTicker ? &lanes_[entry.lane] : nullptr;
    if (lane != nullptr && since_) {
      since_ = lane->resume && !lane->incomplete ? std::optional(std::min(*since_, *lane->resume))
                                                 : std::nullopt;
    }
  }
  for (auto& [name, lane] : lanes_) {
    lane.last = 0;
    lane.passing = false;
    lane.answer.reset();
  }
}

bool ModelClient::asking_again() const {
  return !again_.empty() || std::any_of(outstanding_.begin(), outstanding_.end(),
                                        [](const Request& request) { return request.again; });
}

std::optional<std::string> ModelClient::next_again() {
  // One after the other: the answer to one may be a snapshot, after which less is held than the
  // next would say.
  const bool answered = std::none_of(outstanding_.begin(), outstanding_.end(),
                                     [](const Request& request) { return request.again; });
  if (again_.empty() || !answered || !greeted_) {
    return std::nullopt;
  }
  const Run run = again_.front();
  again_.pop_front();
  const bool ticker = run.channel == Channel::kTicker;
  std::string text = R"({"op":"subscribe","id":)" +
                     next_id(ticker ? std::optional(run.lane) : std::nullopt, true) +
                     R"(,"channel":)" + quoted(protocol::channel_name(run.channel)) +
                     R"(,"wait":true,"symbols":)" + list(run.texts);
  if (ticker) {
    const Lane& lane = lanes_[run.lane];
    text += R"(,"lane":)" + quoted(run.lane) + R"(,"interval_ms":)" +
            std::to_string(lane.interval_ms) + R"(,"fields":)" + names_of(lane.fields);
  }
  const auto since = ticker                            ? since_
                     : run.channel == Channel::kTrades ? trades_resume_
                                                       : std::nullopt;
  if (since && !epoch_.empty()) {
    text +=
        R"(,"since":{"epoch":)" + quoted(epoch_) + R"(,"version":)" + std::to_string(*since) + "}";
  }
  return text + "}";
}

std::string ModelClient::next_id(std::optional<std::string> lane, bool again) {
  outstanding_.push_back({std::to_string(++requests_), std::move(lane), again});
  return outstanding_.back().id;
}

std::string ModelClient::subscribe(protocol::Subscribe request) {
  const bool ticker = request.channel == Channel::kTicker;
  std::string text = R"({"op":"subscribe","id":)" +
                     next_id(ticker ? std::optional(request.lane) : std::nullopt, false) +
                     R"(,"channel":)" + quoted(protocol::channel_name(request.channel)) +
                     R"(,"symbols":)" + list(request.symbols) + R"(,"wait":)" +
                     (request.wait ? "true" : "false");
  if (ticker) {
    text += R"(,"lane":)" + quoted(request.lane);
  }
  if (request.fields) {
    text += R"(,"fields":)" + names_of(*request.fields);
  }
  if (request.interval_ms) {
    text += R"(,"interval_ms":)" + std::to_string(*request.interval_ms);
  }
  return text + "}";
}

std::string ModelClient::unsubscribe(protocol::Unsubscribe request) {
  std::string text = R"({"op":"unsubscribe","id":)" + next_id(std::nullopt, false);
  if (request.channel) {
    text += R"(,"channel":)" + quoted(protocol::channel_name(*request.channel));
  }
  switch (request.scope) {
    case protocol::Unsubscribe::Scope::kSymbols:
      text += R"(,"symbols":)" + list(request.symbols);
      break;
    case protocol::Unsubscribe::Scope::kLane:
      text += R"(,"lane":)" + quoted(request.lane);
      break;
    case protocol::Unsubscribe::Scope::kAll:
      text += R"(,"all":true)";
      break;
  }
  return text + "}";
}

std::string ModelClient::ping() {
  return R"({"op":"ping","id":)" + next_id(std::nullopt, false) + "}";
}

const ModelClient::Entry* ModelClient::entry_of(std::string_view symbol) const {
  for (auto entry = entries_.rbegin(); entry != entries_.rend(); ++entry) {
    if (entry->channel == Channel::kTicker && matches(entry->text, symbol)) {
      return &*entry;
    }
  }
  return nullptr;
}

std::string ModelClient::take(std::string_view frame) {
  const auto parsed = protocol::parse_push(frame);
  if (const auto* wrong = std::get_if<protocol::PushError>(&parsed)) {
    return "not a message: " + wrong->message;
  }
  const auto& push = std::get<protocol::Push>(parsed);
  const auto* message = std::get_if<protocol::Message>(&push);
  if (!greeted_ && (message == nullptr || !std::holds_alternative<protocol::Hello>(*message))) {
    return "hello did not come first";
  }
  if (message != nullptr) {
    return std::visit([this](const auto& known) { return on(known); }, *message);
  }
  if (frame.size() > frame_bytes_) {
    return "a frame of " + std::to_string(frame.size()) + " bytes";
  }
  const auto* entries = std::get_if<protocol::EntryFrame>(&push);
  return entries != nullptr ? take_entries(*entries)
                            : take_trades(std::get<protocol::TradesFrame>(push));
}

std::string ModelClient::answered(const protocol::RequestId& id) {
  if (outstanding_.empty() || outstanding_.front().id != id.json) {
    return "a reply to " + id.json + ", expected one to " +
           (outstanding_.empty() ? "nothing" : outstanding_.front().id);
  }
  outstanding_.pop_front();
  return {};
}

void ModelClient::forget_all() {
  held_.clear();
  feeds_.clear();
  since_.reset();
  trades_resume_.reset();
  seqs_.clear();
  resume_seqs_.clear();
  for (auto& [name, lane] : lanes_) {
    lane.resume.reset();
    lane.incomplete = true;
    lane.last = 0;
    lane.passing = false;
    lane.answer = FrameKind::kSnapshot;
  }
}

std::string ModelClient::on(const protocol::Hello& hello) {
  greeted_ = true;
  if (hello.epoch != epoch_) {
    forget_all();
    epoch_ = hello.epoch;
  }
  return {};
}

std::string ModelClient::on(const protocol::Epoch& epoch) {
  auto seqs = seqs_;
  auto resume_seqs = resume_seqs_;
  const auto trades_resume = trades_resume_;
  forget_all();
  if (epoch_ == epoch.epoch) {
    // Only instruments are forgotten; trades go on.
    seqs_ = std::move(seqs);
    resume_seqs_ = std::move(resume_seqs);
    trades_resume_ = trades_resume;
  }
  epoch_ = epoch.epoch;
  return {};
}

std::string ModelClient::on(const protocol::Subscribed& reply) {
  if (auto wrong = answered(reply.id); !wrong.empty()) {
    return wrong;
  }
  std::erase_if(entries_, [&](const Entry& entry) {
    return entry.channel == reply.channel &&
           std::find(reply.symbols.begin(), reply.symbols.end(), entry.text) != reply.symbols.end();
  });
  for (const std::string& text : reply.symbols) {
    entries_.push_back({reply.channel, text, reply.settings.lane});
  }
  const auto asked = [&](std::string_view symbol) {
    return std::any_of(reply.symbols.begin(), reply.symbols.end(),
                       [&](const std::string& text) { return matches(text, symbol); });
  };
  if (reply.channel == Channel::kTrades) {
    for (auto& [symbol, seq] : seqs_) {
      if (!reply.resumed && asked(symbol)) {
        seq.reset();
      }
    }
    return {};
  }
  if (reply.channel == Channel::kStatus) {
    return {};
  }
  Lane& lane = lanes_[reply.settings.lane];
  const FieldSet added = reply.settings.fields - lane.fields;
  lane.fields = reply.settings.fields;
  lane.interval_ms = reply.settings.interval_ms;
  lane.answer = reply.resumed ? FrameKind::kDelta : FrameKind::kSnapshot;
  if (!reply.resumed) {
    lane.incomplete = true;
    since_.reset();
    std::erase_if(held_, [&](const auto& held) { return asked(held.first); });
  } else if (!added.empty()) {
    lane.incomplete = true;
  }
  // Lanes whose every entry moved are no more.
  std::erase_if(lanes_, [&](const auto& known) {
    return !asking_again() && outstanding_.empty() &&
           std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
             return entry.channel == Channel::kTicker && entry.lane == known.first;
           });
  });
  return {};
}

std::string ModelClient::on(const protocol::Unsubscribed& reply) {
  if (auto wrong = answered(reply.id); !wrong.empty()) {
    return wrong;
  }
  std::erase_if(entries_, [&](const Entry& entry) {
    switch (reply.scope) {
      case protocol::Unsubscribe::Scope::kSymbols:
        return entry.channel == reply.channel &&
               std::find(reply.symbols.begin(), reply.symbols.end(), entry.text) !=
                   reply.symbols.end();
      case protocol::Unsubscribe::Scope::kLane:
        return entry.channel == Channel::kTicker && entry.lane == reply.lane;
      case protocol::Unsubscribe::Scope::kAll:
        return !reply.channel || entry.channel == *reply.channel;
    }
    return false;
  });
  // What fell back into another lane is held as of the lane that it left.
  bool incomplete = false;
  std::optional<market::Version> oldest;
  for (const auto& [name, lane] : lanes_) {
    incomplete = incomplete || lane.incomplete || !lane.resume;
    oldest = lane.resume ? std::min(oldest.value_or(*lane.resume), *lane.resume) : oldest;
  }
  std::erase_if(lanes_, [&](const auto& known) {
    return std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.channel == Channel::kTicker && entry.lane == known.first;
    });
  });
  for (auto& [name, lane] : lanes_) {
    lane.resume = incomplete ? std::nullopt : oldest;
    // Its fields may not all be held of what fell into it.
    lane.incomplete = true;
  }
  drop_unmatched();
  return {};
}

void ModelClient::drop_unmatched() {
  std::erase_if(held_, [&](const auto& held) { return entry_of(held.first) == nullptr; });
  for (auto* seqs : {&seqs_, &resume_seqs_}) {
    std::erase_if(*seqs, [&](const auto& known) {
      return std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
        return entry.channel == Channel::kTrades && matches(entry.text, known.first);
      });
    });
  }
  std::erase_if(feeds_, [&](const auto& known) {
    return std::none_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.channel == Channel::kStatus && matches(entry.text, known.first);
    });
  });
}

std::string ModelClient::take_entries(const protocol::EntryFrame& frame) {
  const auto found = lanes_.find(frame.lane);
  if (found == lanes_.end()) {
    return "a frame of lane '" + frame.lane + "', which there is not";
  }
  Lane& lane = found->second;
  if (lane.answer && *lane.answer != frame.kind) {
    return "the answer of lane '" + frame.lane + "' is of the wrong type";
  }
  if (frame.kind == FrameKind::kDelta && frame.data.empty() && frame.version && !lane.answer &&
      !lane.passing) {
    return "an empty delta that nobody asked for";
  }
  lane.answer.reset();
  lane.passing = !frame.version;
  for (const auto& entry : frame.data) {
    const Entry* mine = entry_of(entry.symbol);
    if (mine == nullptr || mine->lane != frame.lane) {
      return entry.symbol + " does not belong to lane '" + frame.lane + "'";
    }
    if (entry.removed) {
      held_.erase(entry.symbol);
      continue;
    }
    const auto held = held_.find(entry.symbol);
    const bool replace = frame.kind == FrameKind::kSnapshot || entry.as_new;
    // What a client that resumed saw end may, to a replica that is behind, still be there for a
    // while.
    if (!replace && held == held_.end() && !resumed_) {
      return "a change of " + entry.symbol + ", of which nothing is held";
    }
    Fields& fields = held_[entry.symbol];
    if (replace) {
      fields.clear();
    }
    for (const Field field : entry.fields) {
      if (field != Field::kStale && !lane.fields.has(field)) {
        return entry.symbol +
               " with a field that is not listed: " + std::string(market::field_name(field));
      }
      fields[field] = entry.text(field);
    }
  }
  if (!frame.version) {
    return {};
  }
  if (*frame.version < lane.last) {
    return "the version of lane '" + frame.lane + "' goes back to " +
           std::to_string(*frame.version);
  }
  lane.last = *frame.version;
  if (!asking_again()) {
    lane.resume = *frame.version;
    lane.incomplete = false;
  }
  return {};
}

std::string ModelClient::take_trades(const protocol::TradesFrame& frame) {
  for (const auto& entry : frame.data) {
    auto& seq = seqs_[entry.symbol];
    if (seq && entry.trade.seq != *seq + 1) {
      return "trade " + std::to_string(entry.trade.seq) + " of " + entry.symbol + " after " +
             std::to_string(*seq);
    }
    seq = entry.trade.seq;
    if (entry.trade.price.text() != std::to_string(entry.trade.seq)) {
      return "a trade of " + entry.symbol + " that nobody made";
    }
  }
  if (!asking_again()) {
    trades_resume_ = frame.version;
    resume_seqs_ = seqs_;
  }
  return {};
}

std::string ModelClient::on(const protocol::Gap& gap) {
  auto& seq = seqs_[gap.symbol];
  if (gap.source == protocol::Gap::Source::kVenue) {
    return seq && gap.from_seq != *seq + 1 ? "a venue's gap out of order: " + gap.symbol
                                           : std::string();
  }
  if (!gap.missed) {
    seq.reset();
    return {};
  }
  if (seq && gap.from_seq != *seq + 1) {
    return "a gap from " + std::to_string(gap.from_seq) + " of " + gap.symbol + " after " +
           std::to_string(*seq);
  }
  seq = gap.from_seq + *gap.missed - 1;
  return {};
}

std::string ModelClient::on(const protocol::Status& status) {
  if (status.reason == "removed") {
    feeds_.erase(status.feed);
  } else {
    feeds_[status.feed] = std::string(market::feed_state_name(status.state));
  }
  return {};
}

std::string ModelClient::compare(const market::MarketState& state) const {
  if (!outstanding_.empty()) {
    return "request " + outstanding_.front().id + " was never answered";
  }
  std::set<std::string> expected;
  for (market::InstrumentId id = 0; id < state.end_id(); ++id) {
    const auto* instrument = state.find(id);
    const Entry* entry = instrument == nullptr ? nullptr : entry_of(instrument->instrument.symbol);
    if (entry == nullptr) {
      continue;
    }
    const std::string& symbol = instrument->instrument.symbol;
    expected.insert(symbol);
    const auto held = held_.find(symbol);
    if (held == held_.end()) {
      return symbol + " is not held";
    }
    std::string text;
    protocol::json_encoder().append_head(text, FrameKind::kSnapshot, {}, 1);
    protocol::json_encoder().append_entry(text, *instrument, FieldSet::all(), false);
    text += protocol::json_encoder().tail();
    const auto frame =
        std::get<protocol::EntryFrame>(std::get<protocol::Push>(protocol::parse_push(text)));
    const protocol::Entry& truth = frame.data.front();
    FieldSet listed = lanes_.at(entry->lane).fields;
    if (listed != FieldSet::all()) {
      listed.remove(
          FieldSet::companions());  // they may be as old as the last change of a listed field
    }
    for (const Field field : listed | Field::kStale) {
      const auto mine = held->second.find(field);
      const std::string is = mine == held->second.end() ? "absent" : mine->second;
      const std::string must = truth.fields.has(field) ? truth.text(field) : "absent";
      if (is != must) {
        return symbol + " " + std::string(market::field_name(field)) + " is " + is + ", must be " +
               must;
      }
    }
  }
  for (const auto& [symbol, fields] : held_) {
    if (!expected.contains(symbol)) {
      return symbol + " is held and must not be";
    }
  }
  for (const auto& [symbol, seq] : seqs_) {
    const auto* instrument = state.find(symbol);
    if (seq && instrument != nullptr && *seq != instrument->trades) {
      return symbol + " ends with trade " + std::to_string(*seq) + ", must be " +
             std::to_string(instrument->trades);
    }
  }
  for (const auto& feed : state.feeds()) {
    const bool wanted = std::any_of(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.channel == Channel::kStatus && matches(entry.text, feed.feed);
    });
    const auto told = feeds_.find(feed.feed);
    if (wanted && (told == feeds_.end() || told->second != market::feed_state_name(feed.state))) {
      return "the state of feed " + feed.feed + " is not known";
    }
  }
  for (const auto& [feed, told] : feeds_) {
    const auto is = [&name = feed](const market::FeedStatus& status) { return status.feed == name; };
    if (std::none_of(state.feeds().begin(), state.feeds().end(), is)) {
      return "feed " + feed + " is gone, and the client was not told";
    }
  }
  return {};
}

}  // namespace ticker::hub::model
