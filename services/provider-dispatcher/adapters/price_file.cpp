#include "provider-dispatcher/adapters/price_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <stdexcept>

#include "dispatcher_prices_web.hpp"

namespace carillon::dispatcher {

namespace {

constexpr std::string_view embedded_name = "prices.json";

std::string_view embedded() {
  for (const http::StaticFile& file : dispatcher_prices::files) {
    if (file.path == embedded_name) return file.bytes;
  }
  throw std::logic_error("prices.json is not embedded");
}

}  // namespace

Result<PriceList> load_price_file(const std::string& path) {
  if (path.empty()) return PriceList::parse(embedded());
  std::ifstream file(path, std::ios::binary);
  std::string text(price_file_bytes_max + 1, '\0');
  if (!file || (file.read(text.data(), static_cast<std::streamsize>(text.size())), file.bad())) {
    return Failure{"INVALID_PRICE_FILE", "can't read " + path + ": " + std::strerror(errno)};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > price_file_bytes_max) return Failure{"INVALID_PRICE_FILE", path + " is larger than 64 KiB"};
  return PriceList::parse(text);
}

}  // namespace carillon::dispatcher
