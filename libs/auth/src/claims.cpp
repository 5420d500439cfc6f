#include "claims.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "owned.hpp"

namespace ticker::auth {
namespace {

using std::chrono::milliseconds;

constexpr double kLatestSeconds = 253'402'300'799;  // the end of year 9999
constexpr std::size_t kMostTexts = 256;
constexpr std::size_t kMostSubject = 256;
constexpr double kMostIntervalMs = 3'600'000;
constexpr double kMostConnections = 1'000'000;

// Reads members one after another; the first thing wrong stays.
class Reader {
 public:
  explicit Reader(json_t* json) : json_(json) {}

  // A number within 0 and `most`; nullopt: not there, or wrong.
  std::optional<double> number(const char* name, double most) {
    json_t* const value = json_object_get(json_, name);
    if (value == nullptr) {
      return std::nullopt;
    }
    const double number = json_number_value(value);
    if (!json_is_number(value) || !(number >= 0) || number > most) {
      wrong(name, "a number in its range");
      return std::nullopt;
    }
    return number;
  }
  std::optional<Timestamp> time(const char* name) {
    const auto seconds = number(name, kLatestSeconds);
    constexpr double kMicroseconds = 1e6;
    return seconds ? std::optional(from_us(static_cast<std::int64_t>(*seconds * kMicroseconds)))
                   : std::nullopt;
  }
  std::string text(const char* name, std::size_t most) {
    json_t* const value = json_object_get(json_, name);
    if (value == nullptr) {
      return {};
    }
    if (!json_is_string(value) || json_string_length(value) > most) {
      wrong(name, "a text of at most " + std::to_string(most) + " bytes");
      return {};
    }
    return {json_string_value(value), json_string_length(value)};
  }
  std::optional<std::vector<std::string>> texts(const char* name) {
    json_t* const value = json_object_get(json_, name);
    if (value == nullptr) {
      return std::nullopt;
    }
    std::vector<std::string> texts;
    std::size_t index = 0;
    json_t* item = nullptr;
    json_array_foreach(value, index, item) {
      if (json_is_string(item)) {
        texts.emplace_back(json_string_value(item), json_string_length(item));
      }
    }
    if (!json_is_array(value) || texts.size() != json_array_size(value) ||
        texts.size() > kMostTexts) {
      wrong(name, "a list of at most " + std::to_string(kMostTexts) + " texts");
    }
    return texts;
  }
  void wrong(const char* name, const std::string& expected) {
    if (fault_.empty()) {
      fault_ = "the token's claim " + std::string(name) + " must be " + expected;
    }
  }
  const std::string& fault() const { return fault_; }

 private:
  json_t* json_;
  std::string fault_;
};

bool is_for(json_t* audience, const std::string& wanted) {
  const auto names = [&wanted](json_t* value) {
    return json_is_string(value) &&
           wanted == std::string(json_string_value(value), json_string_length(value));
  };
  std::size_t index = 0;
  json_t* item = nullptr;
  json_array_foreach(audience, index, item) {
    if (names(item)) {
      return true;
    }
  }
  return names(audience);
}

std::string in_seconds(std::chrono::microseconds time) {
  return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

std::optional<Refused> times_fault(Reader& reader, milliseconds skew, Timestamp now,
                                   Claims& claims) {
  const auto expires = reader.time("exp");
  if (!expires && reader.fault().empty()) {
    reader.wrong("exp", "there: a token without an end is not accepted");
  }
  claims.expires_at = expires.value_or(kNoTime) + skew;
  if (expires && now >= claims.expires_at) {
    return Refused{Refusal::kExpired, "the token expired " + in_seconds(now - *expires) + " ago"};
  }
  for (const char* name : {"nbf", "iat"}) {
    if (const auto begins = reader.time(name); begins && now + skew < *begins) {
      return Refused{Refusal::kNotYet, "the token is from the future: " + std::string(name) +
                                           " is in " + in_seconds(*begins - now) +
                                           " (is a clock wrong?)"};
    }
  }
  return std::nullopt;
}

}  // namespace

std::variant<Claims, Refused> read_claims(std::string_view payload,
                                          const Verifier::Options& options, Timestamp now) {
  json_error_t error;
  const Json json(json_loadb(payload.data(), payload.size(), JSON_REJECT_DUPLICATES, &error));
  if (!json_is_object(json.get())) {
    return Refused{Refusal::kMalformed, "the token's claims are no JSON object"};
  }
  Reader reader(json.get());
  Claims claims;
  if (auto refused = times_fault(reader, options.skew, now, claims)) {
    return *std::move(refused);
  }
  json_t* const issuer = json_object_get(json.get(), "iss");
  if (!options.issuer.empty() &&
      !is_for(json_is_string(issuer) ? issuer : nullptr, options.issuer)) {
    return Refused{Refusal::kIssuer, "the token is from an issuer that is not accepted here"};
  }
  json_t* const audience = json_object_get(json.get(), "aud");
  if ((audience != nullptr || !options.audience.empty()) && !is_for(audience, options.audience)) {
    return Refused{Refusal::kAudience, "the token is for another audience"};
  }
  claims.subject = reader.text("sub", kMostSubject);
  claims.symbols = reader.texts("symbols");
  claims.fields = reader.texts("fields");
  claims.min_interval = milliseconds(
      static_cast<std::int64_t>(reader.number("min_interval_ms", kMostIntervalMs).value_or(0)));
  const auto connections = reader.number("connections", kMostConnections);
  claims.connections = static_cast<std::uint32_t>(connections.value_or(0));
  if (connections && (claims.connections == 0 || claims.subject.empty())) {
    reader.wrong("connections", "1 at least, and beside a subject (sub) whose they are");
  }
  if (!reader.fault().empty()) {
    return Refused{Refusal::kClaims, reader.fault()};
  }
  return claims;
}

}  // namespace ticker::auth
