// The dashboard as a part of the program: the assembler reads the file that the build made.
#include "assets.hpp"

asm(R"(
.pushsection .rodata
ticker_pack_begin:
.incbin ")" TICKER_PACK R"("
ticker_pack_end:
.byte 0
.popsection
)");

extern "C" {
extern const char ticker_pack_begin[];
extern const char ticker_pack_end[];
}

namespace ticker::tickerd {

std::string_view embedded_pack() {
  return {ticker_pack_begin, static_cast<std::size_t>(ticker_pack_end - ticker_pack_begin)};
}

}  // namespace ticker::tickerd
