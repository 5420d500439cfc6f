#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace ticker::metrics {

// Every metric of the service. A new one gets an enumerator here, a row in family.cpp, and a line
// in deploy/README.md (a test compares).
enum class Family : std::uint8_t {
  kFeedMessages,
  kFeedBytes,
  kFeedReconnects,
  kFeedHandovers,
  kFeedHandoverGap,
  kFeedState,
  kFeedLastMessage,
  kFeedRejected,
  kFeedSkipped,
  kFeedClockSkew,
  kFeedTradeGaps,
  kBestLeftOut,
  kRecordingMessages,
  kRecordingBytes,
  kRecordingDropped,
  kRecordingWrittenBytes,
  kRecordingWriteErrors,
  kRecordingLastWrite,
  kLatency,
  kConnections,
  kConnectionsOpened,
  kConnectionsClosed,
  kConnectionsRefused,
  kTokens,
  kSubscriptions,
  kFramesSent,
  kUpdatesSent,
  kUpdatesMerged,
  kTradeGaps,
  kSentBytes,
  kBlockedConnections,
  kHeldBytes,
  kFlush,
  kReplays,
  kReplaysRefused,
  kReplaysIdle,
  kReplaysTooLong,
  kReplayedChanges,
  kWritePath,
  kShardInboxBytes,
  kShardResyncs,
  kRemovalsForgotten,
  kRequests,
  kRequestErrors,
  kHttpRequests,
  kBuildInfo,
  kProcessCpu,
  kProcessResidentMemory,
  kProcessVirtualMemory,
  kProcessOpenFds,
  kProcessMaxFds,
  kProcessStartTime,
  kCount,
};

inline constexpr std::size_t kFamilyCount = static_cast<std::size_t>(Family::kCount);

enum class FamilyType : std::uint8_t { kCounter, kGauge, kHistogram };

struct FamilyInfo {
  std::string_view name;
  FamilyType type;
  std::string_view help;
  std::vector<std::string_view> labels;  // names, in the order in which Writer takes their values
};

const FamilyInfo& family_info(Family family);

}  // namespace ticker::metrics
