#include "values/message_id.hpp"

#include <sys/random.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace carillon {
namespace {

constexpr std::size_t uuid_chars = 36;
constexpr std::uint64_t counter_max = 0xFFF;
constexpr std::uint64_t tail_mask = (std::uint64_t{1} << 62) - 1;
constexpr std::uint64_t variant_bits = std::uint64_t{0b10} << 62;
constexpr std::uint64_t millis_mask = (std::uint64_t{1} << 48) - 1;

struct UuidBits {
  std::uint64_t high;  // 48 bits of milliseconds, 4 of version, 12 of counter
  std::uint64_t low;   // 2 bits of variant, 62 random
};

constexpr bool is_dash_position(std::size_t at) {
  return at == 8 || at == 13 || at == 18 || at == 23;
}

// -1 for anything but a lower-case hexadecimal digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

std::string to_text(UuidBits bits) {
  constexpr std::string_view hex = "0123456789abcdef";
  std::string text(uuid_chars, '-');
  int nibble = 0;
  for (std::size_t at = 0; at < uuid_chars; ++at) {
    if (is_dash_position(at)) continue;
    const std::uint64_t half = nibble < 16 ? bits.high : bits.low;
    text[at] = hex[(half >> (60 - nibble % 16 * 4)) & 0xF];
    ++nibble;
  }
  return text;
}

std::optional<UuidBits> from_text(std::string_view text) {
  if (text.size() != uuid_chars) return std::nullopt;
  UuidBits bits{0, 0};
  int nibble = 0;
  for (std::size_t at = 0; at < uuid_chars; ++at) {
    if (is_dash_position(at)) {
      if (text[at] != '-') return std::nullopt;
      continue;
    }
    const int digit = hex_digit(text[at]);
    if (digit < 0) return std::nullopt;
    std::uint64_t& half = nibble < 16 ? bits.high : bits.low;
    half = half << 4 | static_cast<std::uint64_t>(digit);
    ++nibble;
  }
  return bits;
}

// Random bits from the kernel, fetched for 64 ids at a time: ids can't be guessed, and a system call per id is saved.
std::uint64_t random_bits() {
  thread_local std::array<std::uint64_t, 64> block;
  thread_local std::size_t next = block.size();
  if (next == block.size()) {
    ssize_t got = 0;
    do {
      got =
          ::getrandom(block.data(), sizeof block, 0);  // up to 256 bytes can't be cut short; a short read is filled up
    } while (got < 0 && errno == EINTR);
    if (got < static_cast<ssize_t>(sizeof(std::uint64_t))) {
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    const auto words = static_cast<std::size_t>(got) / sizeof(std::uint64_t);
    next = block.size() - words;
    for (std::size_t i = words; i-- > 0;) block[next + i] = block[i];
  }
  return block[next++];
}

// Milliseconds and counter of the next id. Each slot counts the ids of one millisecond; several, because batches with a
// slightly older `now` run beside newer ones. A millisecond that is used up borrows from the one after it.
std::uint64_t take_position(std::uint64_t millis) {
  constexpr std::size_t slot_count = 1024;
  constexpr std::uint64_t taken = std::uint64_t{1} << 48;  // tells the first millisecond of 1970 from an unused slot
  static std::array<std::atomic<std::uint64_t>, slot_count> slots{};
  for (;; millis = (millis + 1) & millis_mask) {
    std::atomic<std::uint64_t>& slot = slots[millis % slot_count];
    std::uint64_t last = slot.load(std::memory_order_relaxed);
    for (;;) {
      const bool same_millisecond = last >> 12 == (millis | taken);
      if (same_millisecond && (last & counter_max) == counter_max) break;
      const std::uint64_t position = same_millisecond ? last + 1 : (millis | taken) << 12;
      if (slot.compare_exchange_weak(last, position, std::memory_order_relaxed)) return position;
    }
  }
}

}  // namespace

std::string new_uuid(UtcTime now) {
  const auto since_epoch = std::chrono::floor<std::chrono::milliseconds>(now.time_since_epoch()).count();
  const std::uint64_t position = take_position(static_cast<std::uint64_t>(since_epoch) & millis_mask);
  const std::uint64_t millis = position >> 12 & millis_mask;
  return to_text({millis << 16 | 0x7000U | (position & counter_max), variant_bits | (random_bits() & tail_mask)});
}

std::string sibling_uuid(std::string_view first, std::uint32_t n) {
  std::optional<UuidBits> bits = from_text(first);
  if (!bits) throw std::invalid_argument("sibling_uuid: not a canonical UUID");
  bits->low = (bits->low & ~tail_mask) | ((bits->low + n) & tail_mask);
  return to_text(*bits);
}

bool is_uuid(std::string_view text) {
  return from_text(text).has_value();
}

std::optional<UtcTime> uuid_time(std::string_view uuid) {
  const std::optional<UuidBits> bits = from_text(uuid);
  if (!bits || (bits->high >> 12 & 0xF) != 7 || bits->low >> 62 != 0b10) return std::nullopt;
  return UtcTime{std::chrono::milliseconds{bits->high >> 16}};
}

}  // namespace carillon
