// Chain heads out of the service's own log (AUDIT_CHAIN_HEAD): the copy that whoever can write to the database can't
// reach. Pure.
#pragma once
#include <optional>
#include <string_view>

#include "health-aggregator/core/audit_chain.hpp"
#include "values/result.hpp"

namespace carillon::health {

// nullopt: the line is none of a head. Failure HEAD_FORGED when it is one, and its signature is not by this key.
Result<std::optional<ChainHead>> read_logged_head(std::string_view line, ChainSigner& signer);

}  // namespace carillon::health
