#pragma once

namespace ticker::metrics {

class Writer;

// The process_* families, read from the kernel now. What it does not tell is left out.
void collect_process(Writer& writer);

}  // namespace ticker::metrics
