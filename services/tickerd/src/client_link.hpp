#pragma once

#include <optional>
#include <string>
#include <utility>

#include <ticker/hub/hub.hpp>
#include <ticker/net/connection.hpp>

#include "admission.hpp"
#include "token_gate.hpp"

namespace ticker::tickerd {

class Shard;

inline constexpr const char* kSubjectIsFull = "the token's owner has as many connections as it may";

// Joins one WebSocket of net to one session of the hub: net's connection seen as the hub wants it, and its events passed on.
// The shard's thread; owned by the net connection.
class ClientLink final : public net::ConnectionHandler, public hub::Connection {
 public:
  // `ticket`, if it needed one of its own, is given back when the connection has ended.
  // `seat`: if it has shown a token with a subject.
  ClientLink(Shard& shard, const AddressKey& from, hub::Hub::Client client, std::optional<Admission::Ticket> ticket,
             std::optional<TokenGate::Seat> seat)
      : shard_(shard), from_(from), ticket_(std::move(ticket)), seat_(std::move(seat)), client_(std::move(client)) {}

  void on_open(net::Connection& connection) override;
  void on_message(char* data, std::size_t size) override;
  void on_control(net::ControlKind kind, std::string_view payload) override;
  void on_writable() override;
  void on_close(const net::CloseInfo& info) override;

  hub::WriteResult write(const hub::Slice* slices, std::size_t count) override;
  void expect_write() const override;
  hub::Authentication authenticate(std::string_view token) override;
  void ping() override { connection_->ping({}); }
  void pause_reading() override { connection_->pause_reading(); }
  void resume_reading() override { connection_->resume_reading(); }
  void close(std::uint16_t code, std::string_view reason) override { connection_->close(code, reason); }
  std::size_t held_bytes() const override { return connection_->held_bytes(); }
  std::uint64_t accepted_bytes() const override { return connection_->sent_bytes(); }
  std::uint64_t received_bytes() const override { return connection_->received_bytes(); }

 private:
  net::Connection* connection_ = nullptr;  // from on_open to on_close; first, as each frame asks for it
  hub::Session* session_ = nullptr;
  Shard& shard_;
  const AddressKey from_;
  std::optional<Admission::Ticket> ticket_;
  std::optional<TokenGate::Seat> seat_;
  hub::Hub::Client client_;  // until on_open
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
