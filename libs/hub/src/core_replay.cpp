// Clients that another hub serves for a while.
#include <algorithm>
#include <utility>

#include "core.hpp"

namespace ticker::hub {

using protocol::Channel;
using protocol::ErrorCode;
using protocol::Subscribe;

namespace {

Subscribe request_of(Channel channel, const protocol::Pattern& text) {
  Subscribe request;
  request.channel = channel;
  request.symbols = {text.text()};
  return request;
}

}  // namespace

void Hub::Core::ask_replayer(Session& session, const protocol::RequestId& id,
                             const protocol::Request& request) {
  Replayer* const replayer = session.connection.replayer();
  if (replayer == nullptr || !(session.lent || replayer->offers_replay())) {
    return refuse(session, id, ErrorCode::kUnknownOp, "no recordings are replayed here");
  }
  const auto* const control = std::get_if<protocol::ReplayControl>(&request);
  const bool brings_values = control == nullptr ||
                             control->action == protocol::ReplayControl::Action::kSeek ||
                             control->action == protocol::ReplayControl::Action::kStop;
  if (brings_values && !within_snapshots(session, id)) {
    return;
  }
  std::optional<protocol::Message> reply;
  if (const auto* starts = std::get_if<protocol::Replay>(&request)) {
    if (session.lent) {
      return refuse(session, id, ErrorCode::kTooManyReplays,
                    "this connection has a replay: stop it first");
    }
    reply = replayer->start(*starts, session.access);
  } else {
    if (!session.lent) {
      return refuse(session, id, ErrorCode::kNotReplaying, "nothing is replayed");
    }
    reply = replayer->control(*control);
  }
  if (reply) {
    send_reply(session, *reply);
  } else {
    session.asked = true;
  }
}

// What its subscriptions bring counts in real time, whatever the recording's clock does.
void Hub::Core::pass_on(Session& session, const protocol::Request& request,
                        std::string_view text) {
  const auto* asked = std::get_if<Subscribe>(&request);
  const bool brings_values = asked != nullptr && asked->channel == Channel::kTicker;
  if (!brings_values || within_snapshots(session, asked->id)) {
    session.connection.replayer()->pass_on(text, request);
  }
}

void Hub::Core::send_reply(Session& session, const protocol::Message& reply) {
  if (const auto* error = std::get_if<protocol::RequestError>(&reply)) {
    refuse(session, error->id, error->code, error->message);
  } else {
    send(session, reply);
  }
}

void Hub::Core::answer(Session& session, const protocol::Message& reply, Timestamp now) {
  enter(now);
  session.asked = false;
  if (!session.ending) {
    send_reply(session, reply);
  }
  take_held(session);
  flush();
  update_reading(session);
}

std::vector<Subscribe> Hub::Core::lend(Session& session) {
  std::vector<Subscribe> entries;
  if (session.ticker != nullptr) {
    for (const Entry& entry : session.ticker->list().entries) {
      const Lane& lane = *session.lanes[entry.lane];
      Subscribe& request = entries.emplace_back(request_of(Channel::kTicker, entry.text));
      request.lane = session.ticker->list().lanes[entry.lane];
      request.fields = lane.asked.fields;
      request.interval_ms = static_cast<std::uint32_t>(lane.asked.interval.count());
      request.max_kbit_per_s = lane.settings.max_kbit_per_s;
    }
  }
  if (session.trades) {
    for (const Entry& entry : session.trades->selection->list().entries) {
      entries.push_back(request_of(Channel::kTrades, entry.text));
    }
  }
  if (session.status) {
    for (const protocol::Pattern& text : session.status->entries) {
      entries.push_back(request_of(Channel::kStatus, text));
    }
  }
  drop_subscriptions(session);
  session.lent = true;
  session.epoch_due = false;
  return entries;
}

void Hub::Core::take_back(Session& session, const std::vector<Subscribe>& entries, Timestamp now) {
  enter(now);
  session.lent = session.asked = false;
  EntryList tickers;
  EntryList trades;
  StatusStream status;
  for (const Subscribe& entry : entries) {
    const protocol::Pattern text(entry.symbols.front());
    switch (entry.channel) {
      case Channel::kTicker:
        tickers.entries.push_back({text, tickers.lane(entry.lane)});
        break;
      case Channel::kTrades:
        trades.entries.push_back({text, trades.lane({})});
        break;
      case Channel::kStatus:
        status.entries.push_back(text);
        break;
    }
  }
  set_ticker(session, std::move(tickers), false);
  for (const Subscribe& entry : entries) {
    if (entry.channel == Channel::kTicker) {
      restore_settings(session, entry);
    }
  }
  set_trades(session, std::move(trades));
  if (session.trades) {
    trade_server_.start(*session.trades, session.trades->selection->part(0).ids);
  }
  if (!status.entries.empty()) {
    stats_.subscriptions.add(static_cast<std::int64_t>(status.entries.size()));
    session.status = std::make_unique<StatusStream>(std::move(status));
  }
  start_anew(session);
  count_interval(session);
  flush();
  update_reading(session);
}

void Hub::Core::restore_settings(Session& session, const Subscribe& entry) {
  const auto& names = session.ticker->list().lanes;
  const auto index = std::find(names.begin(), names.end(), entry.lane) - names.begin();
  Lane& lane = *session.lanes[static_cast<std::size_t>(index)];
  lane.asked = {entry.fields, std::chrono::milliseconds(*entry.interval_ms)};
  lane.settings.max_kbit_per_s = *entry.max_kbit_per_s;
  limit(lane);
}

WriteResult Hub::Core::relay(Session& session, Slice slice, Timestamp now) {
  enter(now);
  if (session.ending) {
    return WriteResult::kClosed;
  }
  if (session.blocked) {
    return WriteResult::kBlocked;
  }
  const WriteResult result = write(session, slice);
  update_reading(session);
  return result;
}

}  // namespace ticker::hub
