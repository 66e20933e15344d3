// What each provider's raw call says, put into a view. Parts that are missing stay empty. Pure.
#pragma once
#include "sandbox/core/message_view.hpp"

namespace carillon::sandbox {

void read_postmark(std::string_view raw, MessageView& view);
void read_ses(std::string_view raw, MessageView& view);
void read_sendgrid(std::string_view raw, MessageView& view);
void read_smtp(const StoredMessage& message, MessageView& view);

void read_twilio(std::string_view raw, MessageView& view);
void read_sns(const StoredMessage& message, MessageView& view);
void read_console(std::string_view raw, MessageView& view);
void read_slack(const StoredMessage& message, MessageView& view);

}  // namespace carillon::sandbox
