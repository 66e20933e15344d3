// carillon bus publish TOPIC: puts one record, read from standard input, on a topic. For producers' first steps and
// tests.
#include <iostream>
#include <iterator>

#include "carillon/cli/api.hpp"
#include "carillon/cli/commands.hpp"
#include "carillon/cli/output.hpp"

namespace carillon::cli {
namespace {

struct PublishOptions {
  std::string topic, key;
  std::vector<std::string> headers;
};

void publish(const PublishOptions& options) {
  bus::Record record;
  record.key = options.key;
  for (const auto& header : options.headers) {
    const auto equals = header.find('=');
    if (equals == std::string::npos)
      throw CommandFailed{WRONG_USAGE, "--header takes NAME=VALUE, not '" + header + "'"};
    record.headers.emplace_back(header.substr(0, equals), header.substr(equals + 1));
  }
  record.value.assign(std::istreambuf_iterator<char>(std::cin), {});
  OwnerBus bus;
  pg::Connection connection(owner_connection());
  pg::Transaction tx(connection);
  bus::Outbox out;
  out.publish(*bus::find_topic(options.topic), std::move(record));
  bus->flush(out, tx);
  tx.commit();
  bus->wake(out);
}

}  // namespace

void add_bus(CLI::App& app) {
  auto options = std::make_shared<PublishOptions>();
  auto* command = app.add_subcommand("bus", "The bus: carillon bus publish notification.send-requests.v1 < event.json")
                      ->require_subcommand(1);
  auto* put = command->add_subcommand("publish", "one record from standard input");
  put->add_option("topic", options->topic)->required()->check([](const std::string& name) {
    return bus::find_topic(name) ? std::string() : "no topic '" + name + "'";
  });
  put->add_option("--key", options->key, "records of one key keep their order");
  put->add_option("--header", options->headers,
                  "NAME=VALUE, repeatable; e.g. content-type=application/cloudevents+json");
  put->callback([options] { publish(*options); });
}

}  // namespace carillon::cli
