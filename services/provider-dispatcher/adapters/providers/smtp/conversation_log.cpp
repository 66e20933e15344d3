#include "provider-dispatcher/adapters/providers/smtp/conversation_log.hpp"

#include <algorithm>
#include <cctype>

namespace carillon::dispatcher::smtp {
namespace {

template <class Each>
void each_line(std::string_view lines, Each each) {
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size());
    std::string_view line = lines.substr(0, end);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (!line.empty()) each(line);
    lines.remove_prefix(std::min(end + 1, lines.size()));
  }
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

void ConversationLog::begin() {
  conversation = Conversation{};
  afterthought_ = false;
}

void ConversationLog::sent(std::string_view lines) {
  each_line(lines, [this](std::string_view line) { command(line); });
}

void ConversationLog::received(std::string_view lines) {
  each_line(lines, [this](std::string_view line) { reply(line); });
}

void ConversationLog::command(std::string_view line) {
  std::string word(line.substr(0, line.find(' ')));
  std::transform(word.begin(), word.end(), word.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  if (word == "EHLO" || word == "HELO" || word == "STARTTLS") conversation.stage = Stage::HELLO;
  if (word == "AUTH") conversation.stage = Stage::AUTH;
  if (word == "MAIL") conversation.stage = Stage::MAIL;
  if (word == "RCPT") conversation.stage = Stage::RCPT;
  if (word == "DATA") conversation.stage = Stage::DATA;
  // libcurl says QUIT before it gives up a connection: the reply before that is the one that counts.
  afterthought_ = word == "QUIT" || word == "RSET";
  if (afterthought_) return;
  conversation.reply_code = 0;
  conversation.reply_text.clear();
}

void ConversationLog::reply(std::string_view line) {
  if (line.size() < 3 || !std::all_of(line.begin(), line.begin() + 3, is_digit)) return;
  if (line.size() > 3 && line[3] == '-') return;  // more lines follow
  if (afterthought_) return;
  const int code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
  // "354 go ahead" is no verdict: what follows is the message, and the next reply is about it.
  if (conversation.stage == Stage::DATA && code == 354) {
    conversation.stage = Stage::MESSAGE;
    return;
  }
  conversation.reply_code = code;
  conversation.reply_text = line.size() > 4 ? std::string(line.substr(4)) : std::string();
}

}  // namespace carillon::dispatcher::smtp
