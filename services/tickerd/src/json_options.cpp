#include "json_options.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <ticker/market/field.hpp>

namespace ticker::tickerd {
namespace {

// Requires: the word is in the table, as the configuration's check made sure.
template <typename Table>
auto meaning(const Table& table, std::string_view word) {
  for (const auto& [name, value] : table) {
    if (name == word) {
      return value;
    }
  }
  return table[0].second;
}

std::vector<feed::JsonMessage::Match> matches(const std::vector<config::JsonMatch>& texts) {
  std::vector<feed::JsonMessage::Match> matches;
  for (const auto& text : texts) {
    matches.push_back({text.pointer, text.value});
  }
  return matches;
}

feed::JsonMessage message(const config::JsonMessage& described) {
  feed::JsonMessage message;
  message.match = matches(described.match);
  message.each = described.each;
  message.where = matches(described.where);
  message.means = meaning(feed::kMeansWords, described.means);
  message.symbol = described.symbol;
  message.symbol_form = described.symbol_form;
  for (const auto& field : described.fields) {
    if (const auto known = market::field_from_name(field.field)) {
      message.fields.push_back({*known, field.at, field.shift});
    }
  }
  if (const auto& trade = described.trade) {
    message.trade = {trade->price, trade->size, trade->side, trade->buy, trade->sell, trade->id};
  }
  message.time = described.time;
  message.time_unit = meaning(feed::kTimeUnitWords, described.time_unit);
  message.zero_is_null = described.zero_is_null;
  message.text = described.text;
  message.answer = described.answer;
  return message;
}

}  // namespace

feed::JsonMapping json_mapping(const config::JsonVenue& venue) {
  feed::JsonMapping mapping{venue.native_form, {}};
  for (const auto& described : venue.messages) {
    mapping.messages.push_back(message(described));
  }
  return mapping;
}

feed::JsonSocket json_socket(const config::JsonVenue& venue) {
  return {venue.login,
          venue.subscribe,
          venue.symbols_per_request,
          venue.symbols_per_connection,
          venue.requests_per_s,
          venue.heartbeat_interval,
          venue.heartbeat,
          venue.heartbeat_answer};
}

}  // namespace ticker::tickerd
