// carillon message show|watch|cancel ID
#include <iostream>
#include <thread>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/message_view.hpp"
#include "carillon/cli/output.hpp"

namespace carillon::cli {
namespace {

constexpr std::chrono::minutes watch_limit{30};  // longer than all rounds of an e-mail

struct MessageOptions {
  std::string id;
  bool json = false;
};

void show(const MessageOptions& options) {
  Api api;
  const auto message = api.get("/api/notifications/" + options.id);
  std::cout << (options.json ? to_line(message) + "\n" : message_text(message));
}

void watch(const MessageOptions& options) {
  Api api;
  std::size_t shown = 0;
  const auto end = std::chrono::steady_clock::now() + watch_limit;
  while (std::chrono::steady_clock::now() < end) {
    const auto message = api.get_unless("/api/notifications/" + options.id, 404);
    if (message.IsObject() && message.HasMember("history")) {
      const auto history = message["history"].GetArray();
      for (; shown < history.Size(); ++shown) {
        const auto& entry = history[static_cast<rapidjson::SizeType>(shown)];
        std::cout << (options.json ? to_line(entry) + "\n" : history_line(entry)) << std::flush;
      }
      if (is_final(text_of(message, "status"))) return;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{250});
  }
  throw CommandFailed{REFUSED, "no final status after 30 min"};
}

void cancel(const MessageOptions& options) {
  Api api;
  const auto answer = api.post("/api/cancellations/" + options.id, "");
  std::cout << (options.json ? to_line(answer) : "cancelled: it will not be sent") << '\n';
}

}  // namespace

void add_message(CLI::App& app) {
  auto options = std::make_shared<MessageOptions>();
  auto* message = app.add_subcommand("message", "Look at a message: carillon message show ID")->require_subcommand(1);
  for (const auto& [name, help, run] : {std::tuple{"show", "its state and history", &show},
                                        {"watch", "follow it until its outcome", &watch},
                                        {"cancel", "end it before it is sent, while it waits", &cancel}}) {
    auto* command = message->add_subcommand(name, help);
    command->add_option("id", options->id, "message id")->required();
    command->add_flag("--json", options->json, "one JSON object a line");
    command->callback([options, run = run] { run(*options); });
  }
  add_held(*message);
}

}  // namespace carillon::cli
