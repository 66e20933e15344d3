// What became of a message, for people. Pure.
#pragma once
#include <string>
#include <string_view>

#include "health-aggregator/core/health_findings.hpp"
#include "health-aggregator/core/message_state.hpp"

namespace carillon::health {

// The state a person asks for: of a message that was sent what its receipts say, else the send state.
events::Status shown_status(const MessageView& message);
// "Delivered", "Blocked: suppressed", "Waiting".
std::string status_words(events::Status status);
Tone status_tone(events::Status status);
// One sentence: "Delivered by twilio after sns refused it."
std::string status_sentence(const MessageView& message);
// One step of the timeline: "postmark was called and refused it".
std::string step_words(const events::MessageEvent& event);
// Upper-case words as they are read: "MAILBOX_FULL" is "mailbox full".
std::string reason_words(std::string_view reason);

}  // namespace carillon::health
