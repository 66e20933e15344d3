#include "http/detail/trace_context.hpp"

#include <algorithm>
#include <cstdint>
#include <random>

namespace carillon::http::detail {
namespace {

constexpr std::size_t trace_digits = 32;
constexpr std::size_t span_digits = 16;
constexpr std::size_t traceparent_chars = 2 + 1 + trace_digits + 1 + span_digits + 1 + 2;

bool is_hex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_nonzero_hex(std::string_view text) {
  return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos;
}

std::uint64_t seed() {
  std::random_device device;
  return (static_cast<std::uint64_t>(device()) << 32U) ^ device();
}

std::uint64_t random_bits() {  // SplitMix64 (Steele, Lea, Flood 2014)
  thread_local std::uint64_t state = seed();
  std::uint64_t z = state += 0x9E3779B97F4A7C15U;
  z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
  z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
  return z ^ (z >> 31U);
}

void append_hex(std::string& out, std::uint64_t bits) {
  constexpr std::string_view digits = "0123456789abcdef";
  for (int shift = 60; shift >= 0; shift -= 4) out.push_back(digits[(bits >> static_cast<unsigned>(shift)) & 15U]);
}

bool is_traceparent(std::string_view text) {
  if (text.size() < traceparent_chars || !is_hex(text.substr(0, 2)) || text.starts_with("ff")) return false;
  // Version 00 has nothing behind the flags; later versions may, after a '-'.
  if (text.size() > traceparent_chars && (text.starts_with("00") || text[traceparent_chars] != '-')) return false;
  return text[2] == '-' && is_nonzero_hex(text.substr(3, trace_digits)) && text[35] == '-' &&
         is_nonzero_hex(text.substr(36, span_digits)) && text[52] == '-' && is_hex(text.substr(53, 2));
}

}  // namespace

void set_trace(Request& request, std::string_view incoming) {
  std::string_view flags = "01";
  if (is_traceparent(incoming)) {
    request.trace_id = incoming.substr(3, trace_digits);
    flags = incoming.substr(53, 2);
  } else {
    request.trace_id.clear();
    request.trace_id.reserve(trace_digits);
    append_hex(request.trace_id, random_bits());
    append_hex(request.trace_id, random_bits() | 1U);  // never all zeros
  }
  std::string& out = request.traceparent;
  out.clear();
  out.reserve(traceparent_chars);
  out += "00-";
  out += request.trace_id;
  out.push_back('-');
  append_hex(out, random_bits() | 1U);
  out.push_back('-');
  out += flags;
}

}  // namespace carillon::http::detail
