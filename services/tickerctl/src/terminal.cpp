#include "terminal.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdio>

namespace ticker::tickerctl {

bool Terminal::present() { return isatty(STDOUT_FILENO) == 1; }

Terminal::Terminal() : input_is_terminal_(tcgetattr(STDIN_FILENO, &saved_) == 0) {
  if (input_is_terminal_) {
    termios quiet = saved_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO | ICANON);
    // A stopped program would leave the shell on our screen.
    quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
    tcsetattr(STDIN_FILENO, TCSANOW, &quiet);
  }
  write("\x1b[?1049h\x1b[?25l\x1b[?7l");
}

Terminal::~Terminal() {
  write("\x1b[?7h\x1b[?25h\x1b[?1049l");
  if (input_is_terminal_) {
    // What was typed meanwhile was not meant for the shell.
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved_);
  }
}

WatchTable::Size Terminal::size() const {
  winsize window{};
  if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_col == 0 || window.ws_row == 0) {
    return {};
  }
  return {window.ws_col, window.ws_row};
}

bool Terminal::write(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

}  // namespace ticker::tickerctl
