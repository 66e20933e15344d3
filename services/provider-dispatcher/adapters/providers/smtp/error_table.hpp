// What a conversation with an SMTP relay (RFC 5321) came to. Pure.
#pragma once
#include <string>

#include "provider-dispatcher/core/outcome.hpp"

namespace carillon::dispatcher::smtp {

// The command whose reply came last or is waited for.
enum class Stage { CONNECT, HELLO, AUTH, MAIL, RCPT, DATA, MESSAGE };

enum class Fault { NONE, CONNECT, TIMEOUT, TLS, LOST, BAD_REPLY };

struct Conversation {
  Stage stage = Stage::CONNECT;
  int reply_code = 0;            // of the last reply to `stage`; 0 = none came
  std::string reply_text;        // without the code
  bool all_handed_over = false;  // the whole message was given to the connection, so the relay may have taken it
  Fault fault = Fault::NONE;
};

Outcome read_conversation(const Conversation& conversation);

}  // namespace carillon::dispatcher::smtp
