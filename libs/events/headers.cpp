#include "events/headers.hpp"

namespace carillon::events {
namespace {

bool take_text(std::string_view& bytes, std::string_view& text) {
  std::size_t size = 0;
  if (!take_length(bytes, size) || size > bytes.size()) return false;
  text = bytes.substr(0, size);
  bytes.remove_prefix(size);
  return true;
}

}  // namespace

void append_length(std::string& out, std::size_t value) {
  while (value >= 0x80U) {
    out.push_back(static_cast<char>((value & 0x7fU) | 0x80U));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

bool take_length(std::string_view& bytes, std::size_t& value) {
  constexpr unsigned shift_max = 28;
  value = 0;
  for (unsigned shift = 0; shift <= shift_max && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::size_t>(byte & 0x7fU) << shift;
    if ((byte & 0x80U) == 0) return true;
  }
  return false;
}

void Headers::emplace_back(std::string_view name, std::string_view value) {
  append_length(packed_, name.size());
  packed_ += name;
  append_length(packed_, value.size());
  packed_ += value;
  ++size_;
}

void Headers::Iterator::read() {
  after_ = rest_;
  take_text(after_, current_.first);
  take_text(after_, current_.second);
}

bool Headers::unpack(std::string_view& bytes, std::size_t count, Headers& out) {
  const std::string_view all = bytes;
  std::string_view ignored;
  for (std::size_t i = 0; i < 2 * count; ++i) {
    if (!take_text(bytes, ignored)) return false;
  }
  out.packed_ = all.substr(0, all.size() - bytes.size());
  out.size_ = count;
  return true;
}

}  // namespace carillon::events
