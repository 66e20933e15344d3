// Follows an SMTP conversation line by line, as libcurl shows it, and keeps where it stands. Keeps no command's
// arguments, so no password. One thread at a time.
#pragma once
#include <string_view>

#include "provider-dispatcher/adapters/providers/smtp/error_table.hpp"

namespace carillon::dispatcher::smtp {

class ConversationLog {
 public:
  void begin();
  void sent(std::string_view lines);      // commands
  void received(std::string_view lines);  // replies
  Conversation conversation;

 private:
  void command(std::string_view line);
  void reply(std::string_view line);
  bool afterthought_ = false;  // the reply to come is to QUIT or RSET
};

}  // namespace carillon::dispatcher::smtp
