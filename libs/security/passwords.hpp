// Passwords: what is accepted as one, and Argon2id.
//
// Lengths count code points and follow NIST SP 800-63B-4, section 3.1.1.2: at least 64 must be allowed, nothing else
// about the letters is asked for, and what is expected as a password is refused. It asks for 15 at least where nothing
// but a password protects an account; ours is 12 with limits on tries (LOGIN_ACCOUNT_RATE_LIMIT). Nothing is cut off or
// changed: what was set is what has to be entered.
//
// The cost is the first of OWASP's "Password Storage Cheat Sheet" for Argon2id with one lane: 19 MiB, 2 passes. A hash
// says what it was made with, so a later change of the cost leaves old passwords valid.
#pragma once
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "values/result.hpp"

namespace carillon::security {

inline constexpr std::size_t password_chars_min = 12;
inline constexpr std::size_t password_chars_max = 1'024;

// nullopt: may be set as the password of `email`'s account. Otherwise PASSWORD_TOO_SHORT, PASSWORD_TOO_LONG,
// PASSWORD_INVALID (no UTF-8, control characters) or PASSWORD_GUESSABLE (the address itself, our name, one pattern over
// and over), with a sentence for the person who chose it. Pure; never repeats the password.
std::optional<Failure> password_refusal(std::string_view password, std::string_view email);

struct PasswordCost {
  std::uint32_t memory_kib = 19 * 1'024;
  std::uint32_t passes = 2;
  std::uint32_t lanes = 1;
};

struct PasswordLimits {
  int hashes_at_once_max = 2;  // bounds memory (19 MiB each) and processors
  int waiting_max = 1;  // threads that wait for one of those; the rest is refused at once, so that workers stay free
  std::chrono::milliseconds wait_max{2'000};
};

// Hashes and compares, a bounded number at once. Thread-safe. Blocks for some 20 ms of processor time and wait_max at
// most; Failure PASSWORDS_BUSY when too many are at it. Throws std::runtime_error when there is no memory for it.
class Passwords {
 public:
  explicit Passwords(PasswordCost cost = {}, PasswordLimits limits = {});

  // "$argon2id$v=19$m=19456,t=2,p=1$..." (PHC string), with 128 random bits of salt.
  Result<std::string> hash(std::string_view password);
  // `encoded` is what hash() gave once. An empty one is that of an account which has no password, or of none at all:
  // false, and it costs the same as any other.
  Result<bool> is_right(std::string_view password, std::string_view encoded);
  // Made with another cost than today's: hash it anew at the next login.
  bool is_outdated(std::string_view encoded) const;

 private:
  class Turn;
  Result<std::string> hash_in_turn(std::string_view password) const;

  const PasswordCost cost_;
  const PasswordLimits limits_;
  std::string nobodys_;  // the hash of a random password
  std::mutex mutex_;
  std::condition_variable freed_;
  int running_ = 0, waiting_ = 0;  // guarded by mutex_
};

}  // namespace carillon::security
