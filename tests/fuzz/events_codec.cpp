// Any bytes given to the codec: it answers or refuses, never crashes, and what it accepted it writes so that it reads
// the same again. The first byte picks the event.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "events/cloud_events.hpp"
#include "events/events.hpp"

namespace {

using namespace carillon::events;

template <class T>
void read_write_read(std::string_view text) {
  const carillon::Result<T> first = from_json<T>(text);
  if (!first) return;
  const carillon::Result<T> second = from_json<T>(to_json(*first));
  if (!second || !(*second == *first)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  switch (data[0] % 10) {
    case 0:
      read_write_read<SendRequest>(text);
      break;
    case 1:
      read_write_read<SealedContent>(text);
      break;
    case 2:
      read_write_read<Dispatch>(text);
      break;
    case 3:
      read_write_read<MessageEvent>(text);
      break;
    case 4:
      read_write_read<AuditEvent>(text);
      break;
    case 5:
      read_write_read<ClientState>(text);
      break;
    case 6:
      read_write_read<ProviderState>(text);
      break;
    case 7:
      read_write_read<Feedback>(text);
      break;
    case 8: {
      const carillon::Result<JsonObject> object = parse_object(text);
      if (object && !(parse_object(object->text).value() == *object)) std::abort();
      break;
    }
    default: {
      const carillon::Result<CloudEvent> event =
          read_cloud_event({{"content-type", "application/cloudevents+json"}}, text);
      if (event && !event->has_attributes) std::abort();
    }
  }
  return 0;
}
