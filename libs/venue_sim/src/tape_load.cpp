#include <ticker/recording/reader.hpp>
#include <ticker/venue_sim/protocol.hpp>
#include <ticker/venue_sim/tape.hpp>

namespace ticker::venue_sim {

Result<Tape> Tape::load(const std::string& path, std::string_view venue, Options options) {
  auto protocol = make_protocol(venue);
  if (!protocol) {
    return protocol.error();
  }
  auto reader = recording::Reader::open(path);
  if (!reader) {
    return reader.error();
  }
  Tape tape;
  bool is_of_venue = false;
  recording::Reader::Message message;
  while (true) {
    switch (reader->next(message)) {
      case recording::Reader::ReadResult::kEnd:
        if (!is_of_venue) {
          return Error{path + ": holds no message of " + std::string(venue)};
        }
        return tape;
      case recording::Reader::ReadResult::kDamaged:
        return Error{path + ": damaged at byte " + std::to_string(reader->damage().offset) + ": " +
                     reader->damage().what};
      case recording::Reader::ReadResult::kMessage:
        break;
    }
    if (message.kind != recording::Kind::kReceived) {
      continue;
    }
    if (tape.bytes() + message.size > options.max_bytes) {
      return Error{path + ": holds more than " + std::to_string(options.max_bytes) +
                   " bytes of messages (--max-bytes)"};
    }
    if (tape.size() > 0 && message.receive_ns < tape.entries_.back().recv_ns) {
      return Error{path + ": message " + std::to_string(tape.size() + 1) +
                   " was received before the one before it"};
    }
    const std::string_view text(message.data, message.size);
    const auto topics = protocol.value()->topics(text);
    is_of_venue = is_of_venue || !topics.empty();
    tape.add(message.receive_ns, text, topics);
  }
}

}  // namespace ticker::venue_sim
