// What the answers of several routes have in common.
#pragma once
#include "health-aggregator/adapters/json_writer.hpp"
#include "health-aggregator/core/message_state.hpp"
#include "http/message.hpp"
#include "values/result.hpp"

namespace carillon::health {

// A refused parameter: 400 with code, detail and the name of the field.
http::Response bad_request(const Failure& failure);

// One message of a list: its state, no history, the recipient masked.
void write_message(JsonWriter& json, const MessageView& message);
// One message with its history; the recipient in clear only when `clear_recipient`.
std::string message_json(const MessageView& message, bool clear_recipient);

}  // namespace carillon::health
