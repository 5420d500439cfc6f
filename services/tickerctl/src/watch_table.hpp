#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <ticker/market/field.hpp>
#include <ticker/protocol/client_state.hpp>
#include <ticker/protocol/push.hpp>

namespace ticker::tickerctl {

// The picture of held state in a terminal: a heading, a line of column names, one row an instrument; what changed in the last
// moments stands out, what is stale is dim. Draws text with ANSI attributes, does no I/O. One thread.
class WatchTable {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  struct Size {
    std::size_t columns = 80;
    std::size_t rows = 24;
  };
  struct Heading {
    std::string text;
    bool live = false;
  };

  // How long a changed cell stands out.
  static constexpr std::chrono::milliseconds kFlash{700};

  explicit WatchTable(market::FieldSet fields) : fields_(fields) {}

  // Notes the cells that `frame` changes. Requires: it is not yet merged into `held`.
  void note(const protocol::EntryFrame& frame, const protocol::ClientState& held, TimePoint now);

  // The whole screen: `size.rows` lines at most, none wider than `size.columns`, separated by CR LF, each cleared to its end;
  // what is below is cleared. Columns that have no room are left out; so are rows, whose number is told.
  std::string draw(const protocol::ClientState& held, const Heading& heading, Size size, TimePoint now);

  // A cell stands out that will not for ever: the table has to be drawn again even if nothing comes.
  bool flashing(TimePoint now) const { return now < last_flash_end_; }

 private:
  enum class Direction : char { kNone, kUp, kDown };
  struct Flash {
    TimePoint end{};
    Direction direction = Direction::kNone;
  };
  using RowFlashes = std::array<Flash, market::kFieldCount>;

  void note_entry(const protocol::Entry& news, const protocol::Entry& held, TimePoint now);
  void measure(const protocol::ClientState& held);
  std::vector<market::Field> columns_that_fit(std::size_t width) const;
  std::string row(const protocol::Entry& entry, const std::vector<market::Field>& columns, TimePoint now) const;

  const market::FieldSet fields_;
  // By symbol; only of instruments held.
  std::map<std::string, RowFlashes, std::less<>> flashes_;
  TimePoint last_flash_end_{};
  // In characters; they only grow, so that the table does not jump.
  std::array<std::size_t, market::kFieldCount> widths_{};
  std::size_t symbol_width_ = 6;
};

}  // namespace ticker::tickerctl
