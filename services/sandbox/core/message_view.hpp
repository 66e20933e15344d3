// A stored message with everything in it read: what pages and GET /messages show. Pure.
#pragma once
#include <string>
#include <vector>

#include "sandbox/core/attachments.hpp"
#include "sandbox/core/inbox.hpp"
#include "sandbox/core/mime.hpp"

namespace carillon::sandbox {

struct MessageView {
  std::uint64_t id = 0;
  ProviderName provider{};
  std::int64_t received_at_us = 0;
  std::string to, from, subject, text, html;
  std::string message_id;
  int attempt = 0;
  std::string template_key;
  MailHeaders headers;  // of the mail, or the fields of the call that are no content
};

MessageView view_of(const StoredMessage& message);  // without attachments, which cost more: attachments_of()

// With attachments (name, type, size, SHA-256) and receipts.
std::string to_json(const MessageView& view, const std::vector<FileView>& attachments,
                    const std::vector<ReceiptNote>& receipts);

}  // namespace carillon::sandbox
