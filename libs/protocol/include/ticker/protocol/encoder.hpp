#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <ticker/market/instrument_state.hpp>
#include <ticker/market/update.hpp>
#include <ticker/protocol/message.hpp>

namespace ticker::protocol {

enum class FrameKind : std::uint8_t { kSnapshot, kDelta, kTrades };

// How messages are written. Everything is appended to the caller's buffer, which is kept and
// reused: no allocation but for that buffer's growth, no lock, no exception. Stateless: one encoder
// serves all threads.
//
// A frame of data is head, fragments with separator() between them, tail. Fragments depend on
// nothing but their arguments, so they are encoded once and copied into the frames of many clients.
// The head holds the version, which a pass knows only at its end: gather the fragments first, write
// the head last, send head, fragments and tail as slices.
class Encoder {
 public:
  // Head and tail together are at most this long, plus 6 times the bytes of the lane (its escaped
  // form).
  static constexpr std::size_t kMaxEnvelopeBytes = 96;

  virtual ~Encoder() = default;

  // The instrument's symbol and those of `fields` that exist. `as_new`: replaces what the client
  // holds.
  virtual void append_entry(std::string& out, const market::InstrumentState& state,
                            market::FieldSet fields, bool as_new) const = 0;
  virtual void append_removed(std::string& out, std::string_view symbol) const = 0;
  virtual void append_trade(std::string& out, std::string_view symbol,
                            const market::Trade& trade) const = 0;

  // `version` nullopt: more frames of this pass follow. `lane` is not used for trades.
  virtual void append_head(std::string& out, FrameKind kind, std::string_view lane,
                           std::optional<market::Version> version) const = 0;
  virtual std::string_view separator() const = 0;
  virtual std::string_view tail() const = 0;

  // Every other message, whole.
  virtual void append_message(std::string& out, const Message& message) const = 0;
};

// JSON text, subprotocol `ticker.v1.json`.
const Encoder& json_encoder();

}  // namespace ticker::protocol
