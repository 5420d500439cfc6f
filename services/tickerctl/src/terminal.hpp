#pragma once

#include <string_view>

#include <termios.h>

#include "watch_table.hpp"

namespace ticker::tickerctl {

// The terminal on standard output, taken for a full-screen picture: other screen, no cursor, nothing echoed, Ctrl-Z off.
// Destruction gives it back as it was.
class Terminal {
 public:
  // Standard output is one.
  static bool present();

  Terminal();
  ~Terminal();
  Terminal(const Terminal&) = delete;
  Terminal& operator=(const Terminal&) = delete;

  WatchTable::Size size() const;
  // False: it is gone.
  bool write(std::string_view text);

 private:
  termios saved_{};
  bool input_is_terminal_ = false;
};

}  // namespace ticker::tickerctl
