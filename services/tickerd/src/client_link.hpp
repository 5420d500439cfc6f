#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include <ticker/hub/hub.hpp>
#include <ticker/hub/replayer.hpp>
#include <ticker/net/connection.hpp>

#include "admission.hpp"
#include "token_gate.hpp"

namespace ticker::tickerd {

class Replay;
class Shard;

inline constexpr const char* kSubjectIsFull = "the token's owner has as many connections as it may";

// Joins one WebSocket of net to one session of the hub: net's connection seen as the hub wants it, and its events passed on.
// The shard's thread; owned by the net connection.
class ClientLink final : public net::ConnectionHandler, public hub::Connection, private hub::Replayer {
 public:
  // `ticket`, if it needed one of its own, is given back when the connection has ended.
  // `seat`: if it has shown a token with a subject.
  ClientLink(Shard& shard, const AddressKey& from, hub::Hub::Client client, std::optional<Admission::Ticket> ticket,
             std::optional<TokenGate::Seat> seat);
  ~ClientLink() override;

  void on_open(net::Connection& connection) override;
  void on_message(char* data, std::size_t size) override;
  void on_control(net::ControlKind kind, std::string_view payload) override;
  void on_writable() override;
  void on_close(const net::CloseInfo& info) override;

  hub::WriteResult write(const hub::Slice* slices, std::size_t count) override;
  void expect_write() const override;
  hub::Authentication authenticate(std::string_view token) override;
  void ping() override { connection_->ping({}); }
  void pause_reading() override { hold_reading(reading_held_ | kByHub); }
  void resume_reading() override { hold_reading(reading_held_ & ~kByHub); }
  hub::Replayer* replayer() override { return this; }
  void close(std::uint16_t code, std::string_view reason) override { connection_->close(code, reason); }
  std::size_t held_bytes() const override { return connection_->held_bytes(); }
  std::uint64_t accepted_bytes() const override { return connection_->sent_bytes(); }
  std::uint64_t received_bytes() const override { return connection_->received_bytes(); }

  // --- its replay ---
  hub::Session* session() const { return session_; }
  std::uint64_t number() const { return client_.number; }
  // Its hub can't take a request now.
  void hold_for_replay(bool hold) { hold_reading(hold ? reading_held_ | kByReplay : reading_held_ & ~kByReplay); }
  void end_replay() { replay_.reset(); }

 private:
  // Who wants the socket not to be read.
  static constexpr unsigned kByHub = 1;
  static constexpr unsigned kByReplay = 2;
  void hold_reading(unsigned by);

  bool offers_replay() const override;
  std::optional<protocol::Message> start(const protocol::Replay& request,
                                         const std::shared_ptr<const hub::Access>& access) override;
  std::optional<protocol::Message> control(const protocol::ReplayControl& request) override;
  void pass_on(std::string_view text, const protocol::Request& request) override;
  void set_access(std::shared_ptr<const hub::Access> access) override;
  Timestamp time() const override;

  net::Connection* connection_ = nullptr;  // from on_open to on_close; first, as each frame asks for it
  hub::Session* session_ = nullptr;
  Shard& shard_;
  const AddressKey from_;
  std::optional<Admission::Ticket> ticket_;
  std::optional<TokenGate::Seat> seat_;
  hub::Hub::Client client_;  // until on_open, but for its number
  unsigned reading_held_ = 0;
  std::shared_ptr<Replay> replay_;  // from its request on, until it has ended
};

// Accepts a WebSocket only to end it with a code: a browser does not show a refused handshake's status to the page.
class RefusedLink final : public net::ConnectionHandler {
 public:
  RefusedLink(std::uint16_t code, std::string reason) : code_(code), reason_(std::move(reason)) {}
  void on_open(net::Connection& connection) override { connection.close(code_, reason_); }
  void on_message(char*, std::size_t) override {}
  void on_close(const net::CloseInfo&) override {}

 private:
  std::uint16_t code_;
  std::string reason_;
};

}  // namespace ticker::tickerd
