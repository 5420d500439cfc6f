#include "request_reader.hpp"

#include <array>
#include <charconv>
#include <utility>

#include <rapidjson/error/en.h>
#include <rapidjson/memorystream.h>
#include <rapidjson/reader.h>

#include "json_writer.hpp"

namespace ticker::protocol {
namespace {

// RapidJSON recurses once a level.
constexpr int kMaxDepth = 32;

enum class Member : std::uint8_t {
  kOp,
  kId,
  kChannel,
  kSymbols,
  kLane,
  kFields,
  kIntervalMs,
  kMaxKbitPerS,
  kSince,
  kWait,
  kAll,
  kToken,
  kRecording,
  kAction,
  kFromUs,
  kToUs,
  kSpeed,
  kEpoch,
  kVersion,  // of `since`
  kUnknown,
};
constexpr std::array<std::string_view, 19> kMemberNames = {
    "op",     "id",          "channel",        "symbols", "lane",  "fields",
    "interval_ms", "max_kbit_per_s", "since", "wait",    "all",     "token",
    "recording", "action", "from_us", "to_us", "speed", "epoch", "version"};
constexpr std::size_t kTopMembers = 17;

constexpr std::string_view kText = "must be a text";
constexpr std::string_view kTexts = "must be a list of texts";
constexpr std::string_view kWhole =
    "must be a whole number, without sign, point or exponent, below 2^64";
constexpr std::string_view kBool = "must be true or false";
constexpr std::string_view kSinceObject = "must be an object of epoch and version";
constexpr std::string_view kIdType = "must be a number or a text";
constexpr std::string_view kSpeedType = "must be a number or \"max\"";

constexpr std::array<std::string_view, 19> kDemands = {
    kText, kIdType, kText, kTexts, kText,  kTexts, kWhole,     kWhole, kSinceObject, kBool,
    kBool, kText,   kText, kText,  kWhole, kWhole, kSpeedType, kText,  kWhole};

Member member_from_name(std::string_view name, std::size_t from, std::size_t to) {
  for (std::size_t i = from; i < to; ++i) {
    if (kMemberNames[i] == name) {
      return static_cast<Member>(i);
    }
  }
  return Member::kUnknown;
}

std::size_t characters(std::string_view utf8) {
  std::size_t count = 0;
  for (const char c : utf8) {
    count += (static_cast<unsigned char>(c) & 0xC0U) != 0x80U ? 1 : 0;
  }
  return count;
}

// Takes the events of RapidJSON's reader. Members that it does not know are passed over, whatever
// they hold.
class Handler : public rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Handler> {
 public:
  Handler(std::string_view bytes, const rapidjson::MemoryStream& stream, RequestMembers& out)
      : bytes_(bytes), stream_(stream), out_(out) {}

  bool Null() { return scalar(Kind::kNull, {}); }
  bool Bool(bool value) { return scalar(value ? Kind::kTrue : Kind::kFalse, {}); }
  bool RawNumber(const char* text, rapidjson::SizeType size, bool) {
    return scalar(Kind::kNumber, {text, size});
  }
  bool String(const char* text, rapidjson::SizeType size, bool) {
    return scalar(Kind::kString, {text, size});
  }

  bool Key(const char* text, rapidjson::SizeType size, bool) {
    const std::string_view name(text, size);
    if (depth_ == 1) {
      begin_member(member_from_name(name, 0, kTopMembers));
    } else if (depth_ == 2 && open_ == Member::kSince) {
      begin_member(member_from_name(name, kTopMembers, kMemberNames.size()));
    }
    return true;
  }
  bool StartObject() { return open(Member::kSince); }
  bool EndObject(rapidjson::SizeType) {
    if (depth_ == 2 && open_ == Member::kSince && out_.fault.empty() &&
        (!has(Member::kEpoch) || !has(Member::kVersion))) {
      out_.fault = "since must have an epoch and a version";
    }
    return close();
  }
  bool StartArray() {
    return open(current_ == Member::kFields ? Member::kFields : Member::kSymbols);
  }
  bool EndArray(rapidjson::SizeType) { return close(); }

 private:
  enum class Kind : std::uint8_t { kNull, kTrue, kFalse, kNumber, kString };

  bool has(Member member) const { return (seen_ >> static_cast<unsigned>(member) & 1U) != 0; }

  void begin_member(Member member) {
    if (member != Member::kUnknown && has(member)) {
      fault(member, "is given twice");
    }
    seen_ |= 1U << static_cast<unsigned>(member);
    current_ = member;
    value_from_ = stream_.Tell();
  }

  void fault(Member member, std::string_view words) {
    if (out_.fault.empty()) {
      out_.fault.append(kMemberNames[static_cast<std::size_t>(member)]).append(" ").append(words);
    }
  }
  void wrong_type(Member member) { fault(member, kDemands[static_cast<std::size_t>(member)]); }

  // An array or object begins, which `fits` may be.
  bool open(Member fits) {
    if (++depth_ > kMaxDepth) {
      out_.fault = "the request is nested too deeply";
      return false;
    }
    if (depth_ == 1 && fits != Member::kSince) {
      not_an_object();
    } else if (depth_ == 2 && current_ != Member::kUnknown) {
      if (current_ == fits) {
        begin_container();
      } else {
        wrong_type(current_);
      }
    } else if (depth_ == 3 && open_ != Member::kUnknown && current_ != Member::kUnknown) {
      wrong_type(current_);
    }
    return true;
  }
  void begin_container() {
    open_ = current_;
    if (open_ == Member::kSymbols) {
      out_.symbols.emplace();
    } else if (open_ == Member::kFields) {
      out_.fields.emplace();
    } else {
      out_.since.emplace();
    }
  }
  bool close() {
    if (--depth_ == 1) {
      open_ = Member::kUnknown;
      current_ = Member::kUnknown;
    }
    return true;
  }

  bool scalar(Kind kind, std::string_view text) {
    if (depth_ == 0) {
      not_an_object();
    } else if (current_ == Member::kUnknown || depth_ > 2) {
      return true;
    } else if (depth_ == 1) {
      member(kind, text);
    } else if (open_ == Member::kSince) {
      since_member(kind, text);
    } else if (open_ != Member::kUnknown) {
      list_item(kind, text);
    }
    return true;
  }

  void not_an_object() { out_.fault = "a request is a JSON object"; }

  void list_item(Kind kind, std::string_view text) {
    if (kind != Kind::kString) {
      return wrong_type(open_);
    }
    (open_ == Member::kSymbols ? *out_.symbols : *out_.fields).emplace_back(text);
  }

  void since_member(Kind kind, std::string_view text) {
    if (current_ == Member::kEpoch) {
      take_text(kind, text, out_.since->epoch);
    } else {
      take_number(kind, text, out_.since->version);
    }
  }

  void member(Kind kind, std::string_view text) {
    switch (current_) {
      case Member::kId:
        return take_id(kind, text);
      case Member::kOp:
        return take_text(kind, text, out_.op.emplace());
      case Member::kChannel:
        return take_text(kind, text, out_.channel.emplace());
      case Member::kLane:
        return take_text(kind, text, out_.lane.emplace());
      case Member::kToken:
        return take_text(kind, text, out_.token.emplace());
      case Member::kIntervalMs:
        return take_number(kind, text, out_.interval_ms.emplace());
      case Member::kMaxKbitPerS:
        return take_number(kind, text, out_.max_kbit_per_s.emplace());
      case Member::kRecording:
        return take_text(kind, text, out_.recording.emplace());
      case Member::kAction:
        return take_text(kind, text, out_.action.emplace());
      case Member::kFromUs:
        return take_number(kind, text, out_.from_us.emplace());
      case Member::kToUs:
        return take_number(kind, text, out_.to_us.emplace());
      case Member::kSpeed:
        return take_speed(kind, text);
      case Member::kWait:
        return take_bool(kind, out_.wait.emplace());
      case Member::kAll:
        return take_bool(kind, out_.all.emplace());
      default:
        return wrong_type(current_);
    }
  }

  void take_text(Kind kind, std::string_view text, std::string& out) {
    if (kind != Kind::kString) {
      return wrong_type(current_);
    }
    out = text;
  }
  void take_number(Kind kind, std::string_view text, std::uint64_t& out) {
    const auto number = kind == Kind::kNumber ? whole_number(text) : std::nullopt;
    if (!number) {
      return wrong_type(current_);
    }
    out = *number;
  }
  void take_speed(Kind kind, std::string_view text) {
    if (kind != Kind::kNumber && (kind != Kind::kString || text != kMaxSpeed)) {
      return wrong_type(Member::kSpeed);
    }
    out_.speed = text;
  }
  void take_bool(Kind kind, bool& out) {
    if (kind != Kind::kTrue && kind != Kind::kFalse) {
      return wrong_type(current_);
    }
    out = kind == Kind::kTrue;
  }
  // Kept as the text that it is in the request: 1.50 and "\u0041" come back so.
  void take_id(Kind kind, std::string_view text) {
    if (kind != Kind::kString && kind != Kind::kNumber) {
      return wrong_type(Member::kId);
    }
    if (characters(text) > kMaxIdCharacters) {
      return fault(Member::kId, "is longer than 64 characters");
    }
    std::string_view raw = bytes_.substr(value_from_, stream_.Tell() - value_from_);
    raw.remove_prefix(std::min(raw.find_first_not_of(" \t\r\n:"), raw.size()));
    out_.id.json = raw;
  }

  const std::string_view bytes_;
  const rapidjson::MemoryStream& stream_;
  RequestMembers& out_;

  int depth_ = 0;
  Member current_ = Member::kUnknown;  // whose value comes next, at the top or within `since`
  Member open_ = Member::kUnknown;     // the known array or object that we are in
  std::uint32_t seen_ = 0;
  std::size_t value_from_ = 0;
};

}  // namespace

RequestMembers read_request(std::string_view bytes) {
  RequestMembers members;
  // RapidJSON takes a NUL for the end of the text.
  if (bytes.find('\0') != std::string_view::npos) {
    members.fault = "the request is not JSON: it holds a NUL byte";
    return members;
  }
  rapidjson::MemoryStream stream(bytes.data(), bytes.size());
  Handler handler(bytes, stream, members);
  rapidjson::Reader reader;
  constexpr unsigned kFlags =
      rapidjson::kParseValidateEncodingFlag | rapidjson::kParseNumbersAsStringsFlag;
  const rapidjson::ParseResult result = reader.Parse<kFlags>(stream, handler);
  if (result.IsError() && result.Code() != rapidjson::kParseErrorTermination) {
    members.fault = std::string("the request is not JSON: ") +
                    rapidjson::GetParseError_En(result.Code()) + " At byte " +
                    std::to_string(result.Offset()) + ".";
  }
  return members;
}

std::string shown(std::string_view text) {
  constexpr std::size_t kMaxShown = 48;
  std::size_t size = std::min(text.size(), kMaxShown);
  while (size > 0 && size < text.size() &&
         (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U) {
    --size;
  }
  std::string out = "\"";
  out.append(text.substr(0, size)).append(size < text.size() ? "…\"" : "\"");
  return out;
}

std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || fault != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  return number;
}

}  // namespace ticker::protocol
