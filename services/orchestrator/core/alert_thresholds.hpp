// When tenant alerts fire: every threshold, here and nowhere else.
#pragma once
#include <chrono>
#include <cstdint>

namespace carillon::orchestrator {

inline constexpr double psi_threshold = 0.20;  // above it, not at it, the data has drifted
inline constexpr const char* psi_threshold_text = "0.20";
inline constexpr std::int32_t je_imbalance_threshold = 0;       // above it
inline constexpr std::int32_t consistent_labels_threshold = 3;  // from it on a vendor is ready

// After an alert was sent, the tenant gets no other of its type for so long.
inline constexpr std::chrono::minutes alert_debounce{15};

}  // namespace carillon::orchestrator
