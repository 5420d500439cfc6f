#pragma once

#include <memory>

#include <ticker/market/batch.hpp>

namespace ticker::ingest {

// Who wants every change: tickerd hands batches on to its shards. Called on the ingest thread.
class BatchSink {
 public:
  virtual ~BatchSink() = default;
  // Each batch follows on the one before it, and on the state that serialise() gave before. Also
  // comes from within Ingest::serialise().
  virtual void publish(std::shared_ptr<const market::Batch> batch) = 0;
};

}  // namespace ticker::ingest
