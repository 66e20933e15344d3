#include "security/passwords.hpp"

#include <argon2.h>
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "security/digest.hpp"
#include "values/lower_case.hpp"
#include "values/recipient.hpp"

namespace carillon::security {
namespace {

constexpr std::size_t salt_bytes = 16, hash_bytes = 32;  // RFC 9106, section 4
constexpr std::size_t pattern_chars_max = 4;             // "abcabcabcabc" is one pattern over and over
constexpr std::size_t own_word_share = 2;                // a password that is for the half our name or the address
constexpr std::size_t known_word_chars_min = 4;
constexpr std::string_view product = "carillon";

std::size_t code_points(std::string_view utf8) {
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80; }));
}

bool repeats_a_pattern(std::string_view text) {
  for (std::size_t length = 1; length <= pattern_chars_max; ++length) {
    if (text.size() > length && text.substr(length) == text.substr(0, text.size() - length)) return true;
  }
  return false;
}

// "123456789012", "abcdefghijkl", and backwards: each character is the next of the one before it, 9 and 0 being
// neighbours.
bool runs_on(std::string_view text) {
  for (const int step : {1, -1}) {
    bool runs = true;
    for (std::size_t i = 1; i < text.size() && runs; ++i) {
      const bool over_zero = step == 1 ? text[i - 1] == '9' && text[i] == '0' : text[i - 1] == '0' && text[i] == '9';
      runs = text[i] - text[i - 1] == step || over_zero;
    }
    if (runs) return true;
  }
  return false;
}

bool is_mostly(std::string_view text, std::string_view word) {
  return word.size() >= known_word_chars_min && text.find(word) != std::string_view::npos &&
         word.size() * own_word_share >= text.size();
}

bool is_guessable(std::string_view password, std::string_view email) {
  const std::string text = lower_case(password), address = lower_case(email);
  return repeats_a_pattern(text) || runs_on(text) || is_mostly(text, product) || is_mostly(text, address) ||
         is_mostly(text, std::string_view(address).substr(0, address.find('@')));
}

}  // namespace

std::optional<Failure> password_refusal(std::string_view password, std::string_view email) {
  if (!is_valid_utf8(password) || has_control_characters(password))
    return Failure{"PASSWORD_INVALID",
                   "A password is made of letters, digits, signs and spaces; this one holds others."};
  const std::size_t length = code_points(password);
  if (length < password_chars_min)
    return Failure{"PASSWORD_TOO_SHORT",
                   fmt::format("Use at least {} characters; a few words are easy to remember.", password_chars_min)};
  if (length > password_chars_max)
    return Failure{"PASSWORD_TOO_LONG", fmt::format("Use at most {} characters.", password_chars_max)};
  if (is_guessable(password, email))
    return Failure{"PASSWORD_GUESSABLE",
                   "This would be guessed soon: it is your address, our name or a pattern over and over. Use a few "
                   "words that do not belong together."};
  return std::nullopt;
}

// A place among those who hash; false when there was none in time.
class Passwords::Turn {
 public:
  explicit Turn(Passwords& passwords) : passwords_(passwords) {
    std::unique_lock lock(passwords_.mutex_);
    const auto is_free = [this] { return passwords_.running_ < passwords_.limits_.hashes_at_once_max; };
    if (!is_free()) {
      if (passwords_.waiting_ >= passwords_.limits_.waiting_max) return;
      ++passwords_.waiting_;
      passwords_.freed_.wait_for(lock, passwords_.limits_.wait_max, is_free);
      --passwords_.waiting_;
      if (!is_free()) return;
    }
    ++passwords_.running_;
    mine_ = true;
  }
  ~Turn() {
    if (!mine_) return;
    const std::lock_guard lock(passwords_.mutex_);
    --passwords_.running_;
    passwords_.freed_.notify_one();
  }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  explicit operator bool() const { return mine_; }
  static Failure refusal() { return {"PASSWORDS_BUSY", "Too many people log in just now. Try again in a moment."}; }

 private:
  Passwords& passwords_;
  bool mine_ = false;
};

Passwords::Passwords(PasswordCost cost, PasswordLimits limits)
    : cost_(cost), limits_(limits), nobodys_(hash_in_turn(random_bytes(hash_bytes)).value()) {}

Result<std::string> Passwords::hash_in_turn(std::string_view password) const {
  const std::string salt = random_bytes(salt_bytes);
  std::string encoded(argon2_encodedlen(cost_.passes, cost_.memory_kib, cost_.lanes, salt_bytes, hash_bytes, Argon2_id),
                      '\0');
  const int outcome =
      argon2id_hash_encoded(cost_.passes, cost_.memory_kib, cost_.lanes, password.data(), password.size(), salt.data(),
                            salt.size(), hash_bytes, encoded.data(), encoded.size());
  if (outcome != ARGON2_OK) throw std::runtime_error(std::string("Argon2id: ") + argon2_error_message(outcome));
  encoded.resize(std::min(encoded.find('\0'), encoded.size()));
  return encoded;
}

Result<std::string> Passwords::hash(std::string_view password) {
  const Turn turn(*this);
  if (!turn) return Turn::refusal();
  return hash_in_turn(password);
}

Result<bool> Passwords::is_right(std::string_view password, std::string_view encoded) {
  const Turn turn(*this);
  if (!turn) return Turn::refusal();
  const std::string against(encoded.empty() ? nobodys_ : encoded);
  const int outcome = argon2id_verify(against.c_str(), password.data(), password.size());
  if (outcome != ARGON2_OK && outcome != ARGON2_VERIFY_MISMATCH)
    throw std::runtime_error(std::string("Argon2id: ") + argon2_error_message(outcome));
  return outcome == ARGON2_OK && !encoded.empty();
}

bool Passwords::is_outdated(std::string_view encoded) const {
  return !encoded.starts_with(
      fmt::format("$argon2id$v=19$m={},t={},p={}$", cost_.memory_kib, cost_.passes, cost_.lanes));
}

}  // namespace carillon::security
