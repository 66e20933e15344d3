// How long one call to a provider may take and how much of its answer is read.
#pragma once
#include <chrono>
#include <cstddef>

namespace carillon::dispatcher {

struct CallLimits {
  std::chrono::milliseconds connect_timeout{3'000};  // name, connect and TLS
  std::chrono::milliseconds timeout{10'000};         // the whole call
  std::size_t answer_bytes_max = 64 * 1024;          // the providers' answers have a few hundred bytes
};

}  // namespace carillon::dispatcher
