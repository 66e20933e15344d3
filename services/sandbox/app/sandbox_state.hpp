// All state of a sandbox; lives on its loop's thread.
#pragma once
#include <cstdint>
#include <set>
#include <string>

#include "sandbox/core/faults.hpp"
#include "sandbox/core/inbox.hpp"
#include "time/clock.hpp"

namespace carillon::sandbox {

class Receipts;

struct SandboxState {
  const Clock& clock;
  Faults faults;
  Inbox inbox;
  std::string id_prefix;  // 16 random hex digits of this run
  std::uint64_t last_id = 0;
  std::set<std::string> ses_identities;  // asked to be verified; bounded where they are added

  Receipts* receipts = nullptr;  // set by itself; nullptr: none are sent

  // 32 hex digits, never the same twice.
  std::string next_id();
};

}  // namespace carillon::sandbox
