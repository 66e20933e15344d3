// What the body of one webhook call holds, whoever sent it.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "provider-dispatcher/core/receipt.hpp"
#include "values/result.hpp"

namespace carillon::dispatcher {

struct ReadReceipts {
  std::vector<Receipt> receipts;
  int nothing_new = 0;  // events that change no message: queued, sent, opened, deferred, ...
  int foreign = 0;      // events of messages that are not ours: another sender shares the account
  int malformed = 0;    // events that can't be read, beside others that can
};

// What goes into the message log of a provider's words: at most so much, without addresses, numbers and keys, and
// without the recipient and what stands before the '@' of it, however it is written there.
std::string receipt_detail(std::string_view text, std::string_view recipient);
inline constexpr std::size_t receipt_word_chars_max = 200;  // codes and ids of the provider
std::string receipt_word(std::string_view text);            // cut to that, without control characters, valid UTF-8
// A provider's word as one of ours: "SoftBounce" -> "SOFT_BOUNCE".
inline constexpr std::size_t receipt_reason_chars_max = 48;
std::string receipt_reason(std::string_view word);

}  // namespace carillon::dispatcher
