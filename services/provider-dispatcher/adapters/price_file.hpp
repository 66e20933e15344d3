// Where the price list comes from: a file of the operator's, or the one embedded in the program (prices/prices.json).
#pragma once
#include <string>

#include "provider-dispatcher/core/prices.hpp"

namespace carillon::dispatcher {

inline constexpr const char* price_file_setting = "CARILLON_PRICE_FILE";

// "": the embedded one. Failure code INVALID_PRICE_FILE when it can't be read, is larger than price_file_bytes_max or
// is not as PriceList::parse wants it.
Result<PriceList> load_price_file(const std::string& path);

}  // namespace carillon::dispatcher
